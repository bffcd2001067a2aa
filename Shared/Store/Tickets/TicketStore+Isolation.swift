public import DeskCore
import PostgreSQL

extension TicketStore {
  /// Returns live tickets by identifier, for batches: an unreadable one is quarantined and missing. Callers that request one, or act on
  /// a ticket's absence, use `tickets(_:)`.
  public func readableTickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] {
    guard !ids.isEmpty else { return [:] }
    let found = try await readable(TicketStore.ticketsByID.opening(words), [ids])
    return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Writes steps like `commit(_:fencedBy:)`, except that a ticket whose step the database rejects, or whose row another transaction has
  /// locked, is quarantined without affecting others.
  ///
  /// - Returns: the tickets whose step took effect.
  /// - Throws: the errors of `commit` that are not caused by a single ticket.
  public func commitApart(_ steps: [TicketStep], fencedBy fence: Fence? = nil) async throws -> Set<TicketID> {
    var committed: Set<TicketID> = []
    var splitter = BatchSplitter(steps, attempts: StoreBounds.partsPerBatch)
    var lockTimeouts = 0
    while let part = splitter.next() {
      do {
        committed.formUnion(try await commit(Array(part), fencedBy: fence))
      } catch let error as PostgresError where error.isFaultOfTheRow {
        if let step = splitter.refuse(part) { setAside.setAside(.ticket(step.ticket.id), because: error) }
      } catch let error as PostgresError where error.isLockTimeout && lockTimeouts < StoreBounds.lockTimeoutsPerBatch {
        lockTimeouts += 1
        let locked = Set(part.map(\.ticket.id)).subtracting(try await unlocked(among: part.map(\.ticket.id)))
        // Something else was locked: an agent's row, or a ticket that was released meanwhile.
        guard !locked.isEmpty else {
          if let step = splitter.refuse(part) { setAside.setAside(.ticket(step.ticket.id), because: error) }
          continue
        }
        for ticket in locked { setAside.setAside(.ticket(ticket), because: error) }
        _ = splitter.refuse(part)
        splitter.leaveOut { locked.contains($0.ticket.id) }
      }
    }
    return committed
  }

  /// Returns those of these tickets whose rows are not locked now.
  private func unlocked(among tickets: [TicketID]) async throws -> Set<TicketID> {
    Set(try await pool.query(TicketStore.unlockedTickets, [tickets]))
  }

  private static let unlockedTickets = PostgresStatement<TicketID>(
    "unlocked_tickets",
    """
    WITH ticket AS MATERIALIZED (SELECT id FROM desk.ticket WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED),
    opened AS MATERIALIZED (
      SELECT ticket_id FROM desk.open_ticket WHERE ticket_id = ANY($1) AND merged_into IS NULL FOR NO KEY UPDATE SKIP LOCKED)
    SELECT id FROM ticket JOIN opened ON ticket_id = id
    """, planning: .once)
}
