public import DeskCore
import PostgreSQL

extension MatchingStore {
  /// Records why an agent is away and until when; the presence itself is set separately.
  public func setBreak(of agent: AgentID, reason: String?, until: Instant?) async throws {
    try await pool.execute(MatchingStore.writeBreak, [agent, reason, until])
  }

  /// Returns the agents' current breaks.
  public func breaks() async throws -> [AgentID: AgentBreak] {
    Dictionary(try await pool.query(MatchingStore.readBreaks), uniquingKeysWith: { first, _ in first })
  }

  /// Returns an agent's state, and the break that the agent is on; nil when the agent is unknown.
  public func agentRow(_ agent: AgentID) async throws -> (row: AgentRow, pause: AgentBreak?)? {
    try await pool.query(MatchingStore.oneAgent, [agent]).first
  }

  private static let oneAgent = PostgresStatement(
    "agent_row",
    """
    SELECT \(agentColumns), CASE WHEN presence = 'away' THEN break_reason END, break_until
      FROM desk.agent_state WHERE agent = $1
    """, planning: .once
  ) { row in
    let agent = try readAgent(&row)
    let (reason, until) = try (row.next(String?.self), row.next(Instant?.self))
    return (row: agent, pause: reason.map { AgentBreak(reason: $0, until: until) })
  }

  private static let writeBreak = PostgresStatement<Void>(
    "write_break", "UPDATE desk.agent_state SET break_reason = $2, break_until = $3 WHERE agent = $1")

  private static let readBreaks = PostgresStatement(
    "read_breaks",
    "SELECT agent, break_reason, break_until FROM desk.agent_state WHERE presence = 'away' AND break_reason IS NOT NULL"
  ) { row in
    let agent = try row.next(AgentID.self)
    return (agent, try AgentBreak(reason: row.next(), until: row.next()))
  }
}

/// Why an agent is away, and until when.
public struct AgentBreak: Sendable, Hashable {
  /// The reason, such as `lunch`.
  public let reason: String
  /// When the agent expects to be back.
  public let until: Instant?

  /// Creates a break.
  public init(reason: String, until: Instant?) {
    self.reason = reason
    self.until = until
  }
}
