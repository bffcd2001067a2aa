/// One timeline entry as the audit reads it, without any interpretation.
package struct TimelineFact: Sendable {
  package let ticket: TicketID
  package let version: Int32
  package let position: Int16
  package let kind: String
  package let actor: String
  package let at: Instant
  /// What happened, with its details; nil for a kind that this build does not know.
  package let event: TimelineEvent?

  /// - Parameter detail: a JSON object; members that the kind does not have are ignored.
  package init(
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
