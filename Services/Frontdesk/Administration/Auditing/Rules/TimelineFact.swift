import DeskCore

/// One timeline entry as the audit reads it, without any interpretation.
struct TimelineFact: Sendable {
  let ticket: TicketID
  let version: Int32
  let position: Int16
  let kind: String
  let actor: String
  let at: Instant
  /// What happened, with its details; nil for a kind that this build does not know.
  let event: TimelineEvent?

  /// - Parameter detail: a JSON object; members that the kind does not have are ignored.
  init(
    ticket: TicketID, version: Int32, position: Int16, kind: String, actor: String, at: Instant, detail: String
  ) {
    self.ticket = ticket
    self.version = version
    self.position = position
    self.kind = kind
    self.actor = actor
    self.at = at
    event = TimelineEvent(kind: kind, detail: detail)
  }

  /// The agent who acted; nil for customers and services.
  var actingAgent: AgentID? {
    if case .agent(let agent)? = TimelineEntry.Actor(actor) { agent } else { nil }
  }
}
