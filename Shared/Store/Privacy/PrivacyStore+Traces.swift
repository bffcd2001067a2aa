public import DeskCore
import PostgreSQL

/// The queues of a customer's tickets, and the agents of live ones.
public struct CustomerTrace: Sendable, Hashable {
  /// The queue; nil for tickets that were never routed.
  public let queue: QueueID?
  /// The agent who has a live one, had it last, or is offered it.
  public let agent: AgentID?

  /// Creates a trace.
  public init(queue: QueueID?, agent: AgentID?) {
    self.queue = queue
    self.agent = agent
  }
}

extension PrivacyStore {
  /// Returns the queues and agents of a customer's tickets, each pair once; including those that they were merged into.
  public func traces(of customer: String, on channel: ChannelID) async throws -> [CustomerTrace] {
    try await pool.query(PrivacyStore.customerTraces, [channel, customer])
  }

  private static let customerTraces = PostgresStatement(
    "customer_traces",
    """
    SELECT t.queue, a.agent FROM desk.open_ticket o JOIN desk.ticket t ON t.id = coalesce(o.merged_into, o.ticket_id)
     CROSS JOIN LATERAL unnest(ARRAY[t.agent, t.last_agent, t.offer_agent]) AS a(agent)
     WHERE o.channel = $1 AND (o.customer = $2 OR o.known_as = $2)
    UNION
    SELECT c.queue, NULL FROM desk.closed_ticket c WHERE c.channel = $1 AND c.customer = $2
    """
  ) { row in
    try CustomerTrace(queue: row.next(), agent: row.next())
  }
}
