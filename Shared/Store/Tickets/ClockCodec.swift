import DeskCore
import PostgreSQL

/// The encoding of a ticket's SLA clocks.
///
/// The targets of its first decision have their own columns. All else is in `clock_state`, which is NULL for a ticket whose clocks
/// have run since it was opened: the state of most waiting tickets, and of every newly written one.
enum ClockCodec {
  /// Returns the differences from clocks that have run since the ticket was opened; nil when there are none.
  static func state(of ticket: Ticket) -> PostgresJSON? {
    let clocks = ticket.clocks
    var fields: [JSONValue.Field] = []
    func add(_ name: String, _ value: Int64?, unless usual: Int64? = nil) {
      if let value, value != usual { fields.append(.init(name, .integer(value))) }
    }
    // A clock that ended unmet is stored like a met one, plus a marker.
    func add(_ name: String, _ ending: ServiceLevelClock.Ending?) {
      if let ending { fields.append(.init(name, .text(ending.reason.rawValue))) }
    }
    for (name, clock) in [("first", clocks.firstResponse), ("resolution", clocks.resolution)] {
      add("\(name)_used_us", clock.used.wholeMicroseconds, unless: 0)
      add("\(name)_since_us", clock.since?.microseconds, unless: ticket.openedAt.microseconds)
      add("\(name)_ended", clock.ending)
    }
    if clocks.nextResponse.isStarted {
      let next = clocks.nextResponse
      add("next_allowed_us", next.allowed?.wholeMicroseconds)
      add("next_used_us", next.used.wholeMicroseconds, unless: 0)
      add("next_since_us", next.since?.microseconds)
      add("next_due_us", next.dueAt?.microseconds)
      add("next_paused_us", next.pausedAt?.microseconds)
      add("next_met_us", next.stoppedAt?.microseconds)
      add("next_ended", next.ending)
      add("next_notified", Int64(next.notifiedPercent), unless: 0)
    }
    add("escalation_steps", Int64(clocks.escalationSteps), unless: 0)
    return fields.isEmpty ? nil : PostgresJSON(JSONValue.object(fields).json)
  }

  /// Whether the clocks are as a first decision writes them, so that `clock_state` need not be sent.
  static func isUntouched(_ ticket: Ticket) -> Bool {
    let clocks = ticket.clocks
    guard !clocks.nextResponse.isStarted, clocks.escalationSteps == 0 else { return false }
    return isUntouched(clocks.firstResponse, since: ticket.openedAt)
      && isUntouched(clocks.resolution, since: ticket.openedAt)
  }

  private static func isUntouched(_ clock: ServiceLevelClock, since opened: Instant) -> Bool {
    guard clock.pausedAt == nil, clock.stoppedAt == nil, clock.notifiedPercent == 0, clock.used == Duration.zero else {
      return false
    }
    guard let since = clock.since else { return true }
    return since == opened
  }

  /// The columns that `read` reads, in its order, of the table alias `t`. `clock_state` is read as text: a cast that fails here
  /// would fail the whole statement, and with it every other ticket that it reads.
  static let columns = """
    t.service_level, t.next_check_at, t.pauses_while_pending,
    t.first_allowed_us, t.first_due_at, t.first_paused_at, t.first_met_at, t.first_notified,
    t.clock_state->>'first_used_us', t.clock_state->>'first_since_us', t.clock_state->>'first_ended',
    t.resolution_allowed_us, t.resolution_due_at, t.resolution_paused_at, t.resolution_met_at, t.resolution_notified,
    t.clock_state->>'resolution_used_us', t.clock_state->>'resolution_since_us', t.clock_state->>'resolution_ended',
    t.clock_state->>'next_allowed_us', t.clock_state->>'next_used_us', t.clock_state->>'next_since_us',
    t.clock_state->>'next_due_us', t.clock_state->>'next_paused_us', t.clock_state->>'next_met_us',
    t.clock_state->>'next_notified', t.clock_state->>'next_ended', t.clock_state->>'escalation_steps'
    """

  /// The same for a ticket whose clocks have not started.
  static let columnsWhenReceived = """
    NULL::text, NULL::timestamptz, true,
    NULL::bigint, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, 0::smallint, NULL::text, NULL::text, NULL::text,
    NULL::bigint, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, 0::smallint, NULL::text, NULL::text, NULL::text,
    NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text
    """

  /// Reads the clocks of a ticket that was opened at `openedAt`.
  static func read(_ row: inout PostgresRowReader, openedAt: Instant) throws -> ServiceLevelClocks {
    let serviceLevel = try row.next(String?.self)
    let nextCheckAt = try row.next(Instant?.self)
    let pausesWhilePending = try row.next(Bool.self)
    let usualStart = serviceLevel == nil ? nil : openedAt
    let firstResponse = try readClock(&row, usualStart: usualStart)
    let resolution = try readClock(&row, usualStart: usualStart)
    var nextResponse = try ServiceLevelClock(
      allowed: time(state(&row)), used: time(state(&row)) ?? .zero, since: moment(state(&row)),
      dueAt: moment(state(&row)), pausedAt: moment(state(&row)), metAt: moment(state(&row)),
      notifiedPercent: state(&row, as: Int16.self) ?? 0)
    nextResponse = try unmet(nextResponse, row.next())
    let escalationSteps = try state(&row, as: Int32.self) ?? 0
    return ServiceLevelClocks(
      serviceLevel: serviceLevel, firstResponse: firstResponse, nextResponse: nextResponse, resolution: resolution,
      pausesWhilePending: pausesWhilePending, escalationSteps: Int(escalationSteps), nextCheckAt: nextCheckAt)
  }

  private static func readClock(_ row: inout PostgresRowReader, usualStart: Instant?) throws -> ServiceLevelClock {
    let allowed = try time(row.next())
    let dueAt = try row.next(Instant?.self)
    let pausedAt = try row.next(Instant?.self)
    let metAt = try row.next(Instant?.self)
    let notifiedPercent = try row.next(Int16.self)
    let used = try time(state(&row)) ?? .zero
    let since = try moment(state(&row))
    let stands = pausedAt != nil || metAt != nil
    let clock = ServiceLevelClock(
      allowed: allowed, used: used, since: stands ? nil : since ?? usualStart, dueAt: dueAt, pausedAt: pausedAt,
      metAt: metAt, notifiedPercent: notifiedPercent)
    return try unmet(clock, row.next())
  }

  /// Returns a clock from its row, or ended unmet if the row says why.
  private static func unmet(_ clock: ServiceLevelClock, _ reason: String?) throws -> ServiceLevelClock {
    guard let reason, let stoppedAt = clock.metAt else { return clock }
    guard let known = ServiceLevelClock.Ending.Reason(rawValue: reason) else {
      throw StoreError.unreadable("clock_state")
    }
    return ServiceLevelClock(
      allowed: clock.allowed, used: clock.used, since: clock.since, dueAt: clock.dueAt, pausedAt: clock.pausedAt,
      metAt: nil, notifiedPercent: clock.notifiedPercent, ending: ServiceLevelClock.Ending(at: stoppedAt, known))
  }

  /// A whole number of `clock_state`.
  private static func state<Number: FixedWidthInteger>(
    _ row: inout PostgresRowReader, as type: Number.Type = Int64.self
  ) throws -> Number? {
    guard let digits = try row.next(String?.self) else { return nil }
    guard let number = Number(digits) else { throw StoreError.unreadable("clock_state") }
    return number
  }

  private static func time(_ microseconds: Int64?) -> Duration? { microseconds.map { .microseconds($0) } }

  private static func moment(_ microseconds: Int64?) -> Instant? { microseconds.map { Instant(microseconds: $0) } }
}
