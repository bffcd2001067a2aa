import DeskCore
import PostgreSQL

/// The encoding of a ticket's progress notices in the column `progress`: NULL for the initial state.
enum ProgressCodec {
  static func document(of state: ProgressState) -> PostgresJSON? {
    if state == ProgressState() { return nil }
    var fields: [JSONValue.Field] = []
    if let pending = state.pending {
      fields.append(
        .init(
          "pending",
          .object([
            .init("event", .text(pending.event.rawValue)), .init("occurrence", .integer(Int64(pending.occurrence))),
            .init("agent", pending.agent.map { .text($0.rawValue) } ?? .null),
            .init("since_us", .integer(pending.since.microseconds)),
            .init("due_us", .integer(pending.due.microseconds)),
          ])))
    }
    if let sent = state.lastSentAt { fields.append(.init("sent_us", .integer(sent.microseconds))) }
    if let agent = state.announcedAgent { fields.append(.init("announced_agent", .text(agent.rawValue))) }
    let counts = state.occurrences.sorted { $0.key.rawValue < $1.key.rawValue }
    if !counts.isEmpty {
      fields.append(.init("occurrences", .object(counts.map { .init($0.key.rawValue, .integer(Int64($0.value))) })))
    }
    return PostgresJSON(JSONValue.object(fields).json)
  }

  /// Reads the column as text: NULL, or a document, of which unknown keys and events are ignored.
  static func state(from text: String?) throws -> ProgressState {
    guard let text else { return ProgressState() }
    guard let document = JSONValue(json: text), case .object = document else { throw StoreError.unreadable("progress") }
    var occurrences: [ProgressEvent: Int] = [:]
    for event in ProgressEvent.allCases {
      if let count = count(document["occurrences"]?[event.rawValue]) { occurrences[event] = count }
    }
    return ProgressState(
      pending: document["pending"].flatMap(pending), lastSentAt: instant(document["sent_us"]),
      announcedAgent: document["announced_agent"]?.text.map { AgentID($0) }, occurrences: occurrences)
  }

  /// A notice of an event that this build does not know is dropped: it could not write its text.
  private static func pending(_ stored: JSONValue) -> ProgressState.Pending? {
    guard let event = stored["event"]?.text.flatMap(ProgressEvent.init(rawValue:)),
      let occurrence = count(stored["occurrence"]), let since = instant(stored["since_us"]),
      let due = instant(stored["due_us"])
    else { return nil }
    return ProgressState.Pending(
      event: event, occurrence: occurrence, agent: stored["agent"]?.text.map { AgentID($0) },
      since: since, due: due)
  }

  /// Numbers are bounded, so that what is calculated from them cannot overflow, whatever was stored.
  private static func count(_ value: JSONValue?) -> Int? {
    value?.integer.map { Int(min(max(0, $0), 1 << 30)) }
  }

  private static func instant(_ value: JSONValue?) -> Instant? {
    value?.integer.map { Instant(microseconds: min(max(0, $0), 1 << 60)) }
  }
}
