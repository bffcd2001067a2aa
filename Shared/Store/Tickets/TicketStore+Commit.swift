public import DeskCore
import PostgreSQL

extension TicketStore {
  /// Writes steps, each atomically.
  ///
  /// - Parameters:
  ///   - steps: at most `StoreBounds.stepsPerCommit`, no two of one ticket. Steps that end a ticket are committed before the
  ///     others, in a separate transaction.
  ///   - fence: a lease that must still be held; nil if only the version decides.
  ///   - patience: how long to wait for rows locked by others; `leavingOutHeld` is the same as `brief` here.
  /// - Returns: the tickets whose step took effect. The others met a concurrent step, a message that was already decided, an agent
  ///   without capacity, a message that arrived while the ticket was to end, or a lost lease; nothing of theirs was written. Among
  ///   steps for the same agent the earlier ones go first.
  /// - Throws: `PostgresError`. When the commit's outcome is unknown, the same steps may be submitted again: those that took effect
  ///   fail the comparison of versions.
  public func commit(
    _ steps: [TicketStep], fencedBy fence: Fence? = nil, patience: LockPatience = .asConfigured
  ) async throws -> Set<TicketID> {
    precondition(steps.count <= StoreBounds.stepsPerCommit, "the caller must limit the batch size")
    precondition(Set(steps.map(\.ticket.id)).count == steps.count, "a batch must not contain a ticket twice")
    var committed: Set<TicketID> = []
    for step in steps where step.hasAnnexes {
      if try await commit(together: [step], fencedBy: fence) { committed.insert(step.ticket.id) }
    }
    let steps = try stored(steps.filter { !$0.hasAnnexes })
    let ending = steps.filter(\.endsTicket)
    if !ending.isEmpty { committed.formUnion(try await end(ending, fencedBy: fence, patience)) }
    let fresh = steps.filter { $0.isFirstRouting && !$0.endsTicket }
    if !fresh.isEmpty {
      committed.formUnion(try await route(fresh, fencedBy: fence, patience))
      // A first step that failed before has left the ticket's row at its first version, and this one cannot write it again.
      let met = fresh.filter { !committed.contains($0.ticket.id) }
      if !met.isEmpty { committed.formUnion(try await write(met, fencedBy: fence, patience, asFirst: false)) }
    }
    let going = fresh.count == steps.count ? [] : steps.filter { !$0.isFirstRouting && !$0.endsTicket }
    if !going.isEmpty { committed.formUnion(try await write(going, fencedBy: fence, patience)) }
    return committed
  }

  /// Steps whose words are as they are stored.
  func stored(_ steps: [TicketStep]) throws -> [TicketStep] {
    guard steps.contains(where: \.hasWords) else { return steps }
    var steps = steps
    for place in steps.indices where steps[place].hasWords { try steps[place].store(by: words) }
    return steps
  }

  /// Writes the first routings of tickets: most by the statement that is made for them, unless a ticket has its row already.
  private func route(
    _ fresh: [TicketStep], fencedBy fence: Fence?, _ patience: LockPatience
  ) async throws -> [TicketID] {
    let plain = fence == nil ? fresh.filter(FreshDecision.canWrite) : []
    let others = plain.count == fresh.count ? [] : fresh.filter { !FreshDecision.canWrite($0) }
    guard others.isEmpty || plain.count >= StoreBounds.decisionsWorthAStatement else {
      return try await write(fresh, fencedBy: fence, patience)
    }
    let decision = FreshDecision(for: plain)
    let parts = CommitStatement.parts(for: others, fence: nil)
    do {
      return try await retryingDeadlocks {
        var batch = PostgresBatch("first_routings")
        batch.limitLockWait(patience)
        let decided = batch.add(decision.statement, decision.parameters(for: plain))
        if others.isEmpty { return try await pool.transaction(batch).rows(decided) }
        let changed = batch.add(
          CommitStatement.statement(for: parts), CommitStatement(parts: parts).parameters(for: others, fence: nil))
        let results = try await pool.transaction(batch)
        return try results.rows(decided) + results.rows(changed)
      }
    } catch let error as PostgresError where error.sqlState == PostgresCondition.unique {
      return try await write(fresh, fencedBy: fence, patience)
    }
  }

  private func write(
    _ steps: [TicketStep], fencedBy fence: Fence?, _ patience: LockPatience, asFirst: Bool = true
  ) async throws -> [TicketID] {
    var parts = CommitStatement.parts(for: steps, fence: fence)
    if !asFirst { parts.remove(.firstRouting) }
    let statement = CommitStatement.statement(for: parts)
    let parameters = CommitStatement(parts: parts).parameters(for: steps, fence: fence)
    let unwritten = !asFirst || parts.contains(.firstRouting) ? [] : steps.filter(\.isFirst).map(\.ticket.id)
    return try await retryingDeadlocks {
      guard !unwritten.isEmpty || patience != .asConfigured else {
        return try await pool.query(statement, parameters)
      }
      var batch = PostgresBatch("steps")
      batch.limitLockWait(patience)
      if !unwritten.isEmpty { batch.add(TicketStore.writeTickets, [unwritten]) }
      let changed = batch.add(statement, parameters)
      return try await pool.transaction(batch).rows(changed)
    }
  }

  /// The tickets are first locked by a separate statement, with the rows of customers whose tickets were merged into them. `accept`
  /// locks one of these rows for each message that it puts on the ticket, so behind this lock every such message is committed and seen by
  /// the next statement's snapshot, and none can be added.
  private func end(
    _ steps: [TicketStep], fencedBy fence: Fence?, _ patience: LockPatience
  ) async throws -> [TicketID] {
    let parts = CommitStatement.parts(for: steps, fence: fence)
    return try await retryingDeadlocks {
      var batch = PostgresBatch("end_tickets")
      batch.limitLockWait(patience)
      batch.add(TicketStore.lockTickets, [steps.map(\.ticket.id)])
      batch.add(TicketStore.writeTickets, [steps.filter(\.isFirst).map(\.ticket.id)])
      let changed = batch.add(
        CommitStatement.statement(for: parts), CommitStatement(parts: parts).parameters(for: steps, fence: fence))
      return try await pool.transaction(batch).rows(changed)
    }
  }

  /// Returns live tickets by identifier, including those waiting for their first decision; others are missing.
  public func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] {
    guard !ids.isEmpty else { return [:] }
    let found = try await pool.query(TicketStore.ticketsByID.opening(words), [ids])
    return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  static let lockTickets = PostgresStatement<Void>(
    "lock_tickets",
    """
    SELECT ticket_id FROM desk.open_ticket
     WHERE ticket_id = ANY($1) OR (merged_into IS NOT NULL AND merged_into = ANY($1)) ORDER BY ticket_id FOR UPDATE
    """, planning: .once)

  /// Writes the wide rows of tickets waiting for their first decision, as accepted, for a first step that is not a routing.
  static let writeTickets = PostgresStatement<Void>(
    "write_tickets",
    """
    INSERT INTO desk.ticket (id, channel, customer, tier, opened_at, previous_ticket)
    SELECT o.ticket_id, o.channel, coalesce(o.known_as, o.customer), o.tier, o.opened_at, o.previous_ticket
      FROM desk.open_ticket o WHERE o.ticket_id = ANY($1) AND o.merged_into IS NULL ORDER BY o.ticket_id
    ON CONFLICT (id) DO NOTHING
    """, planning: .once)

  static let ticketsByID = PostgresStatement(
    "tickets_by_id",
    """
    SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.id = ANY($1)
    UNION ALL
    SELECT \(TicketCodec.columnsWhenReceived) FROM desk.open_ticket o
     WHERE o.ticket_id = ANY($1) AND o.merged_into IS NULL
       AND NOT EXISTS (SELECT FROM desk.ticket t WHERE t.id = o.ticket_id)
    """, planning: .once, row: TicketCodec.readTicket)
}

extension TicketStep {
  package var endsTicket: Bool {
    effects.contains { effect in if case .archive = effect { true } else { false } }
  }

  /// Whether the ticket ends here after an agent has worked on it. The conversation of a merged ticket continues on another one.
  var isInspectable: Bool {
    guard endsTicket, ticket.state == .closed, ticket.lastAgent != nil else { return false }
    return !effects.contains { effect in
      if case .link(let link) = effect { link.kind == .mergedInto } else { false }
    }
  }
}
