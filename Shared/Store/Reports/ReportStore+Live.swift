import DeskCore
import PostgreSQL

/// The figures of all live tickets, counted in one scan.
public struct LiveFigures: Sendable, Hashable {
  /// The queues with live tickets, by name.
  public let queues: [QueueFigures]
  /// The states of live tickets; neither messages without a ticket row nor ended tickets are among them.
  public let states: [StateFigures]
  /// The SLA figures by queue and clock.
  public let serviceLevels: [ServiceLevelFigures]
}

extension ReportStore {
  /// Counts all live tickets. Reads the whole table, once: for people and slow gauges, not for the hot path.
  public func liveFigures() async throws -> LiveFigures {
    let groups = try await pool.query(ReportStore.liveCounts)
    let queues = Dictionary(grouping: groups.filter { $0.queue != nil }, by: \.queue)
      .compactMap { queue, groups in queue.map { ($0, groups) } }.sorted { $0.0 < $1.0 }
    let states = Dictionary(grouping: groups, by: \.state).sorted { $0.key < $1.key }
    return LiveFigures(
      queues: queues.map { LiveGroup.queueFigures($0, of: $1) },
      states: states.map { StateFigures(state: $0, tickets: $1.tickets) },
      serviceLevels: queues.flatMap { LiveGroup.serviceLevels($0, of: $1) })
  }

  /// Returns the states that `liveFigures()` does not count: messages that have no ticket row yet, and ended tickets. Reads all history.
  public func otherStateFigures() async throws -> [StateFigures] {
    try await pool.query(ReportStore.otherStates)
  }

  /// Groups by what is counted instead of counting with a filter for each figure: 1.0 µs of the database's processor for a ticket
  /// instead of 3.7. The time is `now()`, because a volatile function would be called for every column of every row.
  private static let liveCounts = PostgresStatement(
    "live_figures",
    """
    SELECT queue, state, waiting_queue IS NOT NULL, is_late, count(*), min(waiting_since),
           \(ServiceLevelFigures.clocks.map { SLATargetColumns.status(of: $0) }.joined(separator: ",\n"))
      FROM (
        SELECT t.queue, t.state, t.waiting_since, t.waiting_queue, \(QueueFigures.isLate(now: "now()")) AS is_late,
               \(SLATargetColumns.of("t", now: "now()"))
          FROM desk.ticket t) t
     GROUP BY 1, 2, 3, 4, 7, 8, 9
    """
  ) { row in
    let queue: QueueID? = try row.next()
    let state: String = try row.next()
    let (isWaiting, isLate): (Bool, Bool?) = try (row.next(), row.next())
    let (tickets, oldest): (Int64, Instant?) = try (row.next(), row.next())
    return try LiveGroup(
      queue: queue, state: state, isWaiting: isWaiting, isLate: isLate == true, tickets: tickets,
      oldestWaiting: isWaiting ? oldest : nil,
      clocks: ServiceLevelFigures.clocks.map { _ in
        guard let status = try SLAStatus(rawValue: row.next(Int32.self)) else { throw StoreError.unreadable("clock") }
        return status
      })
  }

  private static let otherStates = PostgresStatement(
    "other_state_figures",
    """
    SELECT 'received', count(*) FROM desk.inbox WHERE opens_ticket HAVING count(*) > 0
    UNION ALL SELECT state, count(*) FROM desk.closed_ticket GROUP BY state ORDER BY 1
    """
  ) { row in
    try StateFigures(state: row.next(), tickets: row.next())
  }
}

/// The live tickets that are alike in everything that is counted.
private struct LiveGroup: Sendable {
  let queue: QueueID?
  let state: String
  let isWaiting: Bool
  let isLate: Bool
  let tickets: Int64
  let oldestWaiting: Instant?
  /// In the order of `ServiceLevelFigures.clocks`.
  let clocks: [SLAStatus]

  static func queueFigures(_ queue: QueueID, of groups: [LiveGroup]) -> QueueFigures {
    QueueFigures(
      queue: queue, waiting: groups.filter(\.isWaiting).tickets,
      offered: groups.filter { $0.state == "offered" }.tickets,
      assigned: groups.filter { ["assigned", "pending"].contains($0.state) }.tickets,
      late: groups.filter(\.isLate).tickets, oldestWaiting: groups.compactMap(\.oldestWaiting).min())
  }

  static func serviceLevels(_ queue: QueueID, of groups: [LiveGroup]) -> [ServiceLevelFigures] {
    ServiceLevelFigures.clocks.enumerated().compactMap { place, clock in
      func count(_ status: SLAStatus) -> Int64 { groups.filter { $0.clocks[place] == status }.tickets }
      let promised = groups.tickets - count(.none)
      guard promised > 0 else { return nil }
      return ServiceLevelFigures(
        queue: queue, clock: clock.rawValue, promised: promised, met: count(.met), warned: count(.warned),
        breached: count(.breached), unanswered: count(.unanswered))
    }
  }
}

extension [LiveGroup] {
  /// How many tickets there are in all of them.
  fileprivate var tickets: Int64 { reduce(0) { $0 + $1.tickets } }
}
