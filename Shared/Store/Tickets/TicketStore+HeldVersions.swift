public import DeskCore
import PostgreSQL

/// A ticket that an agent has, and the version of it.
public struct HeldVersion: Sendable, Hashable {
  /// Who has the ticket.
  public let agent: AgentID
  /// The ticket.
  public let ticket: TicketID
  /// Grows with every change of the ticket.
  public let version: Int32

  /// A row of the answer.
  public init(agent: AgentID, ticket: TicketID, version: Int32) {
    self.agent = agent
    self.ticket = ticket
    self.version = version
  }
}

extension TicketStore {
  /// Returns which tickets these agents have, without those that are only offered to them. Reads no ticket's content: streams ask every
  /// second for everybody who is connected.
  public func heldVersions(of agents: [AgentID]) async throws -> [HeldVersion] {
    guard !agents.isEmpty else { return [] }
    return try await pool.query(TicketStore.versions, [agents])
  }

  private static let versions = PostgresStatement(
    "held_versions",
    "SELECT t.holder, t.id, t.version FROM desk.ticket t WHERE t.holder = ANY($1::text[]) AND t.offer_id IS NULL",
    planning: .once
  ) { row in
    try HeldVersion(agent: row.next(), ticket: row.next(), version: row.next())
  }
}
