public import DeskCore

/// The SLA figures of one clock in one queue, among live tickets. (Resolved ones stay live until their reopen window
/// has passed.) For the next response, the newest round of each ticket counts.
public struct ServiceLevelFigures: Sendable, Hashable {
  /// The queue.
  public let queue: QueueID
  /// The clock's name in timelines: `first_response`, `next_response` or `resolution`.
  public let clock: String
  /// Tickets with a target.
  public let promised: Int64
  /// Those that met the target.
  public let met: Int64
  /// Those with a warning and a target that is not yet due.
  public let warned: Int64
  /// Those that breached the target, whether the clock is still running or not.
  public let breached: Int64
  /// Those that were settled without the response, before the target was due: neither met nor breached.
  public let unanswered: Int64
}

extension ReportStore {
  /// Returns SLA figures by queue and clock. Reads the whole live table: for people and slow gauges, not for the hot path.
  public func serviceLevelFigures() async throws -> [ServiceLevelFigures] { try await liveFigures().serviceLevels }
}

extension ServiceLevelFigures {
  /// The clocks, in the order of their columns.
  static let clocks: [ServiceLevelClocks.Name] = [.firstResponse, .nextResponse, .resolution]
}

/// What a ticket counts as for one clock. They exclude each other.
enum SLAStatus: Int32 {
  /// No target.
  case none = 0
  case met = 1
  case warned = 2
  case breached = 3
  case unanswered = 4
  /// A target that is not due yet.
  case open = 5
}

/// The SLA state of one ticket, as columns of a query: for each clock whether there is a target that its calendar can reach
/// (`first`, `next`, `resolution`), when it stopped (`first_stopped_at`), whether that met it (`first_met`) or the ticket was settled
/// without it (`first_unanswered`), the percentage that was last reported (`first_notified`), and whether it is breached
/// (`first_breached`).
enum SLATargetColumns {
  /// - Parameters:
  ///   - row: a row with the columns of `desk.ticket`.
  ///   - now: until when a clock that has not stopped has run, in SQL; NULL if none is running.
  static func of(_ row: String, now: String) -> String {
    """
    \(clock("first", of: row, now)),
    \(next(of: row, now)),
    \(clock("resolution", of: row, now))
    """
  }

  /// A response that an article made unnecessary no longer has a target.
  private static func clock(_ name: String, of row: String, _ now: String) -> String {
    let clock = "\(row).\(name)"
    let ended = "\(row).clock_state->>'\(name)_ended'"
    return """
      \(clock)_due_at IS NOT NULL AND coalesce(\(ended), '') <> 'waived' AS \(name), \(clock)_met_at AS \(name)_stopped_at,
      \(clock)_met_at IS NOT NULL AND \(ended) IS NULL AS \(name)_met,
      coalesce(\(ended), '') = 'unanswered' AS \(name)_unanswered, \(clock)_notified,
      \(clock)_notified >= 100 OR coalesce(\(clock)_met_at, \(clock)_paused_at, \(now)) > \(clock)_due_at AS \(name)_breached
      """
  }

  private static func next(of row: String, _ now: String) -> String {
    let state = "\(row).clock_state"
    return """
      coalesce(\(state) ? 'next_due_us', false) AS next, desk.timestamp_from_us(\(state)->>'next_met_us') AS next_stopped_at,
      coalesce(\(state) ? 'next_met_us' AND NOT \(state) ? 'next_ended', false) AS next_met,
      coalesce(\(state)->>'next_ended', '') = 'unanswered' AS next_unanswered,
      coalesce(desk.parse_bigint(\(state)->>'next_notified'), 0) AS next_notified,
      CASE WHEN \(state) ? 'next_due_us' THEN
        coalesce(desk.parse_bigint(\(state)->>'next_notified'), 0) >= 100
        OR coalesce(desk.timestamp_from_us(\(state)->>'next_met_us'), desk.timestamp_from_us(\(state)->>'next_paused_us'), \(now))
           > desk.timestamp_from_us(\(state)->>'next_due_us') END AS next_breached
      """
  }

  /// An `SLAStatus`, in SQL, of a row with these columns.
  static func status(of clock: ServiceLevelClocks.Name) -> String {
    let name = columnName(of: clock)
    return """
      CASE WHEN NOT \(name) THEN \(SLAStatus.none.rawValue)
           WHEN \(name)_breached THEN \(SLAStatus.breached.rawValue)
           WHEN \(name)_met THEN \(SLAStatus.met.rawValue)
           WHEN \(name)_stopped_at IS NULL AND \(name)_notified > 0 THEN \(SLAStatus.warned.rawValue)
           WHEN \(name)_unanswered THEN \(SLAStatus.unanswered.rawValue) ELSE \(SLAStatus.open.rawValue) END
      """
  }

  private static func columnName(of clock: ServiceLevelClocks.Name) -> String {
    switch clock {
    case .firstResponse: "first"
    case .nextResponse: "next"
    case .resolution: "resolution"
    }
  }
}
