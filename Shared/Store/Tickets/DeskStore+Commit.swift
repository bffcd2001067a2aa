public import DeskCore
import PostgreSQL

extension DeskStore {
  /// Writes steps, each whole or not at all, in one statement.
  ///
  /// - Parameters:
  ///   - steps: at most `StoreBounds.stepsPerCommit`, no two of one ticket, no two that raise one agent's load.
  ///   - fence: a lease that must still be held; nil where the version alone decides.
  /// - Returns: the tickets whose step took effect. The others met another's step, a message that was decided already, an agent
  ///   without room, or a lost lease; nothing of theirs was written.
  /// - Throws: `PostgresError`. When the commit's fate is unknown, the same steps may be handed in again: those that took effect
  ///   fail the comparison of versions.
  public func commit(_ steps: [TicketStep], fencedBy fence: Fence? = nil) async throws -> Set<TicketID> {
    precondition(steps.count <= StoreBounds.stepsPerCommit, "a batch is bounded by its caller")
    guard !steps.isEmpty else { return [] }
    // A statement either updates or archives; steps that end a ticket go in one of their own.
    let ending = steps.filter(\.endsTicket)
    var committed: Set<TicketID> = []
    for group in [ending, ending.isEmpty ? steps : steps.filter { !$0.endsTicket }] where !group.isEmpty {
      let parts = CommitStatement.parts(for: group, fence: fence)
      let ids = try await pool.query(
        CommitStatement.statement(for: parts),
        CommitStatement(parts: parts).parameters(for: group, fence: fence))
      committed.formUnion(ids)
    }
    return committed
  }

  /// Live tickets by identifier; those that are not live are missing.
  public func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] {
    guard !ids.isEmpty else { return [:] }
    let found = try await pool.query(DeskStore.ticketsByID, [ids])
    return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Which of these messages are still undecided.
  public func undecided(among messages: [MessageID]) async throws -> Set<MessageID> {
    guard !messages.isEmpty else { return [] }
    return Set(try await pool.query(DeskStore.stillUndecided, [messages]))
  }

  private static let ticketsByID = PostgresStatement(
    "tickets_by_id", "SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.id = ANY($1)",
    row: TicketCodec.readTicket)

  private static let stillUndecided = PostgresStatement<MessageID>(
    "still_undecided", "SELECT message_id FROM desk.inbox WHERE message_id = ANY($1)")
}

extension TicketStep {
  fileprivate var endsTicket: Bool {
    effects.contains { effect in if case .archive = effect { true } else { false } }
  }
}
