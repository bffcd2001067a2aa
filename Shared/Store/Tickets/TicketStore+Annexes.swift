public import DeskCore
import PostgreSQL

extension TicketStore {
  /// Writes related steps, with their rows of other tables, in one transaction: all of it or nothing.
  ///
  /// - Parameter steps: a few, no two of one ticket.
  /// - Returns: whether they took effect. Nothing was written otherwise.
  /// - Throws: `PostgresError`, as `commit(_:fencedBy:)`.
  public func commit(together steps: [TicketStep], fencedBy fence: Fence? = nil) async throws -> Bool {
    precondition(Set(steps.map(\.ticket.id)).count == steps.count, "a batch must not contain a ticket twice")
    // A ticket that ends goes last: if it cannot end, the others are rolled back with it.
    let steps = try stored(steps.filter { !$0.endsTicket } + steps.filter(\.endsTicket))
    do {
      try await retryingDeadlocks { _ = try await pool.transaction(batch(of: steps, fencedBy: fence)) }
      return true
    } catch let error as PostgresError where error.sqlState == TicketStore.standsElsewhere {
      return false
    }
  }

  /// Raised by `desk.require_version`.
  private static let standsElsewhere = "FD409"

  /// Versions are checked before each step, so that its compare-and-set refers to this step and no other, and after it, so that a step
  /// that was rejected for any reason ends the transaction.
  private func batch(of steps: [TicketStep], fencedBy fence: Fence?) throws -> PostgresBatch {
    var batch = PostgresBatch("steps_together")
    batch.add(TicketStore.lockTickets, [steps.map(\.ticket.id)])
    batch.add(TicketStore.writeTickets, [steps.filter(\.isFirst).map(\.ticket.id)])
    for step in steps {
      for case .link(let link) in step.effects where link.kind == .mergedInto {
        batch.add(TicketStore.leadGuests, [step.ticket.id, link.other])
      }
    }
    for step in steps {
      batch.add(TicketStore.requireVersion, [step.ticket.id, step.expectedVersion])
      let parts = CommitStatement.parts(for: [step], fence: fence)
      batch.add(
        CommitStatement.statement(for: parts), CommitStatement(parts: parts).parameters(for: [step], fence: fence))
      let version: Int32? = step.endsTicket ? nil : step.ticket.version
      batch.add(TicketStore.requireVersion, [step.ticket.id, version])
      for effect in step.effects { try add(effect, of: step.ticket.id, to: &batch) }
      if let interception = step.interception {
        batch.add(InterceptionStore.insert, InterceptionStore.values(of: interception))
      }
      if let draft = step.sentDraft {
        batch.add(DraftStore.deleteSent, [step.ticket.id, draft.agent, draft.kind.rawValue, draft.key])
      }
      if let sample = step.sample {
        batch.add(InspectionStore.insertSample, InspectionStore.values(of: sample, from: step.ticket))
      }
    }
    return batch
  }

  private func add(_ effect: TicketEffect, of ticket: TicketID, to batch: inout PostgresBatch) throws {
    switch effect {
    case .correct(let correction):
      batch.add(TicketStore.insertCorrection, TicketStore.values(of: correction, on: ticket))
    case .link(let link):
      batch.add(TicketStore.insertLink, [ticket, link.other, link.kind.rawValue, link.by])
    case .rate(let rating):
      let score = rating.feedback.rating.map { Int16($0) }
      batch.add(
        TicketStore.insertRating,
        [
          ticket, rating.feedback.solved, score, rating.feedback.comment, rating.agent, rating.queue, rating.category,
        ])
    case .returned(let replies):
      batch.add(ReplyStore.markReturned, [replies])
    case .consult(let consult):
      if consult.phase == .open {
        var kept = consult
        kept.question = try words.stored(ifAny: consult.question, .question(consult.id))
        batch.add(ConsultStore.insert, ConsultStore.insertion(of: kept, on: ticket))
      } else {
        batch.add(ConsultStore.update, ConsultStore.change(of: consult, on: ticket))
      }
    case .followUp(let followUp):
      batch.add(TicketStore.insertFollowUp, [ticket, followUp.lead, Int16(followUp.rating)])
    default: break
    }
  }

  /// Stores a label correction of an ended ticket. There is no step that it could belong to.
  public func add(_ correction: Correction, onClosed ticket: TicketID) async throws {
    try await pool.execute(TicketStore.insertCorrection, TicketStore.values(of: correction, on: ticket))
  }

  private static func values(of correction: Correction, on ticket: TicketID) -> [any PostgresEncodable] {
    [ticket, correction.message, correction.category, correction.by.agent, correction.modelVersion]
  }

  private static let requireVersion = PostgresStatement<Void>(
    "require_version", "SELECT desk.require_version($1, $2)", planning: .once)

  /// Customers of a merged ticket write on the target ticket from now on. It runs before the steps, so that the
  /// ticket has no customers left when it ends. A customer whose full ticket is merged into its continuation, or the other way
  /// round, is not a guest there.
  private static let leadGuests = PostgresStatement<Void>(
    "lead_guests",
    """
    WITH led AS (
      UPDATE desk.open_ticket SET merged_into = $2
       WHERE ticket_id = $1 OR (merged_into IS NOT NULL AND merged_into = $1) RETURNING channel, coalesce(known_as, customer) AS customer)
    INSERT INTO desk.ticket_guest (ticket, channel, customer)
    SELECT DISTINCT $2::uuid, l.channel, l.customer FROM led l
     WHERE NOT EXISTS (
       SELECT FROM desk.open_ticket o
        WHERE o.ticket_id = $2 AND o.channel = l.channel AND coalesce(o.known_as, o.customer) = l.customer)
    ON CONFLICT DO NOTHING
    """, planning: .once)

  private static let insertCorrection = PostgresStatement<Void>(
    "insert_correction",
    "INSERT INTO desk.correction (ticket, message, category, by_agent, model_version) VALUES ($1, $2, $3, $4, $5)")

  private static let insertLink = PostgresStatement<Void>(
    "insert_tie",
    "INSERT INTO desk.ticket_link (ticket, other, kind, by_agent) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")

  private static let insertRating = PostgresStatement<Void>(
    "insert_rating",
    """
    INSERT INTO desk.rating (ticket, solved, rating, comment, agent, queue, category) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (ticket) DO UPDATE SET solved = excluded.solved, rating = coalesce(excluded.rating, desk.rating.rating),
      comment = coalesce(excluded.comment, desk.rating.comment), agent = excluded.agent, queue = excluded.queue,
      category = excluded.category, rated_at = now()
    """)

  private static let insertFollowUp = PostgresStatement<Void>(
    "insert_follow_up",
    """
    INSERT INTO desk.follow_up (ticket, lead, rating) VALUES ($1, $2, $3)
    ON CONFLICT (ticket) DO UPDATE SET rating = excluded.rating, done_at = NULL, done_by = NULL, outcome = NULL
    """)
}

extension TicketStep {
  /// Whether it has rows of tables that the hot path does not write.
  package var hasAnnexes: Bool {
    if interception != nil || sample != nil || sentDraft != nil { return true }
    return effects.contains { effect in
      switch effect {
      case .correct, .link, .rate, .followUp, .returned, .consult: true
      default: false
      }
    }
  }
}
