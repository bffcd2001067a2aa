public import DeskCore
import PostgreSQL

extension InboxStore {
  /// Commits a batch of messages, each with its ticket, its contact and its inbox row, in one transaction.
  ///
  /// - Parameters:
  ///   - messages: at most `StoreBounds.messagesPerAccept`; no two may share channel and external id.
  ///   - owner: the intake instance that will hold them in memory, nil when none will.
  ///   - patience: how long to wait for rows locked by others.
  ///   - messagesPerTicket: how many messages of its customer a ticket accepts before the next one opens a continuation ticket. A batch
  ///     for which the ticket had room at the beginning goes there completely.
  /// - Returns: one outcome for each message, in order; `heldUp` only with `leavingOutHeld`.
  /// - Throws: `PostgresError`. When the commit's outcome is unknown, submitting the same batch again resolves it: the
  ///   idempotency keys turn what was written into duplicates.
  public func accept(
    _ messages: [IncomingMessage], owner: InstanceID?, patience: LockPatience = .asConfigured,
    messagesPerTicket: Int = StoreBounds.messagesPerTicket
  ) async throws -> [AcceptOutcome] {
    precondition(messages.count <= StoreBounds.messagesPerAccept, "the caller must limit the batch size")
    guard !messages.isEmpty else { return [] }
    return try await retryingDeadlocks {
      if patience == .leavingOutHeld || !InboxStore.areOfDistinctCustomers(messages) {
        return try await acceptOnce(messages, owner: owner, patience, messagesPerTicket)
      }
      var outcomes = try await acceptDistinct(messages, owner: owner, patience, messagesPerTicket)
      let left = outcomes.indices.filter { outcomes[$0] == nil }
      if !left.isEmpty {
        let rest = try await acceptOnce(left.map { messages[$0] }, owner: owner, patience, messagesPerTicket)
        for (position, outcome) in zip(left, rest) { outcomes[position] = outcome }
      }
      return outcomes.compactMap(\.self)
    }
  }

  /// The outcomes of those messages that the statement for distinct customers takes.
  private func acceptDistinct(
    _ messages: [IncomingMessage], owner: InstanceID?, _ patience: LockPatience, _ messagesPerTicket: Int
  ) async throws -> [AcceptOutcome?] {
    var outcomes: [AcceptOutcome?] = Array(repeating: nil, count: messages.count)
    do {
      for row in try await write(messages, by: InboxStore.acceptDistinct, owner: owner, patience, messagesPerTicket) {
        outcomes[row.position] = .accepted(row.acceptance)
      }
    } catch let error as PostgresError where error.sqlState == PostgresCondition.unique {
      // A key was taken meanwhile: nothing was written, and the general statement finds it.
    }
    return outcomes
  }

  private func acceptOnce(
    _ messages: [IncomingMessage], owner: InstanceID?, _ patience: LockPatience, _ messagesPerTicket: Int
  ) async throws -> [AcceptOutcome] {
    var outcomes: [AcceptOutcome?] = Array(repeating: nil, count: messages.count)
    let statement = patience == .leavingOutHeld ? InboxStore.acceptUnheldMessages : InboxStore.acceptMessages
    for row in try await write(messages, by: statement, owner: owner, patience, messagesPerTicket) {
      outcomes[row.position] = .accepted(row.acceptance)
    }
    let repeated = outcomes.indices.filter { outcomes[$0] == nil }
    if !repeated.isEmpty {
      // A separate statement sees keys that were committed while the first one ran. A key is acknowledged when it is where a new one
      // would be: its own commit may not have been confirmed.
      var batch = PostgresBatch("find_accepted")
      let known = batch.add(
        InboxStore.findAccepted,
        [repeated.map { Int64($0) }, repeated.map { messages[$0].channel }, repeated.map { messages[$0].externalID }])
      batch.confirmReads()
      for row in try await withTickets(pool.transaction(batch).rows(known)) {
        outcomes[row.position] = row.outcome(for: messages[row.position])
      }
    }
    return try outcomes.map { outcome in
      if let outcome { return outcome }
      guard patience == .leavingOutHeld else { throw StoreError.vanished("an idempotency key") }
      return .heldUp
    }
  }

  /// Keys written by earlier builds do not name their ticket; the message does, while it exists.
  private func withTickets(_ rows: [KnownRow]) async throws -> [KnownRow] {
    var batch = PostgresBatch("tickets_of_messages")
    let positions = IdentifierSpan.days(of: rows.filter { $0.ticket == nil }.map(\.message)).map { day in
      batch.add(InboxStore.ticketsOfMessages, [day.ids, day.span.first, day.span.last])
    }
    guard !batch.isEmpty else { return rows }
    let results = try await pool.transaction(batch)
    let tickets = Dictionary(try positions.flatMap { try results.rows($0) }, uniquingKeysWith: { first, _ in first })
    return rows.map { row in
      var row = row
      row.ticket = row.ticket ?? tickets[row.message]
      return row
    }
  }

  private func write(
    _ messages: [IncomingMessage], by statement: PostgresStatement<AcceptedRow>, owner: InstanceID?,
    _ patience: LockPatience,
    _ messagesPerTicket: Int
  ) async throws -> [AcceptedRow] {
    var batch = PostgresBatch("accept")
    batch.limitLockWait(patience)
    let accepted = try batch.add(
      statement,
      [
        messages.map(\.id), messages.map(\.ticket), messages.map(\.channel), messages.map(\.customer),
        messages.map(\.externalID), messages.map(\.digest),
        messages.map { try words.stored(ifAny: $0.subject, .subject($0.id)) },
        messages.map { try words.stored($0.body, .body($0.id)) },
        messages.map { try words.stored(json: $0.attributes, .attributes($0.id)) },
        messages.map { try words.stored(json: $0.attachments, .attachments($0.id)) }, messages.map(\.sentAt),
        messages.map(\.traceparent), owner, Int32(messagesPerTicket),
      ])
    let span = IdentifierSpan(of: messages.map(\.id))
    let reachable = messages.filter { $0.contact != nil }
    if !reachable.isEmpty {
      let contacts = reachable.compactMap(\.contact)
      batch.add(
        InboxStore.keepNewContacts,
        [reachable.map(\.id), contacts.map(\.key), contacts.map(\.bytes), span?.first, span?.last])
    }
    let proofs = messages.flatMap { message in message.proofs.map { (message.id, $0) } }
    if !proofs.isEmpty {
      batch.add(
        InboxStore.keepNewProofs,
        [proofs.map(\.0), proofs.map(\.1.kind), proofs.map(\.1.digest), span?.first, span?.last])
    }
    return try await pool.transaction(batch).rows(accepted)
  }

  /// Records the idempotency key of a request. It is on the disk when what the request writes afterwards is.
  public func claimRequestKey(
    _ key: String, channel: ChannelID, digest: [UInt8]
  ) async throws -> RequestKeyClaim {
    var batch = PostgresBatch("claim_request_key")
    batch.commitWithLater()
    let inserted = batch.add(InboxStore.insertRequestKey, [channel, key, digest])
    let found = batch.add(InboxStore.findRequestKey, [channel, key])
    let results = try await pool.transaction(batch)
    guard try results.rows(found).first == digest else { return .taken }
    return results.affectedRows(inserted) == 1 ? .new : .repeated
  }
}

/// What an idempotency key turned out to be.
public enum RequestKeyClaim: Sendable, Hashable {
  /// It was not used before: what is written under it is written after this claim.
  case new
  /// It was used for the same content.
  case repeated
  /// It was used for other content.
  case taken
}

extension InboxStore {
  /// An accepted message, by its position in the batch.
  struct AcceptedRow {
    let position: Int
    let acceptance: Acceptance

    static let read: @Sendable (inout PostgresRowReader) throws -> AcceptedRow = { row in
      try AcceptedRow(
        position: Int(row.next(Int64.self)),
        acceptance: Acceptance(
          message: row.next(), ticket: row.next(), opensTicket: row.next(), tier: row.next(), acceptedAt: row.next()))
    }
  }

  private struct KnownRow {
    let position: Int
    let digest: [UInt8]
    let message: MessageID
    var ticket: TicketID?
    let receivedAt: Instant

    /// The answer to a retry of the same message.
    func outcome(for message: IncomingMessage) -> AcceptOutcome {
      guard digest == message.digest else { return .conflict }
      guard let ticket else { return .duplicateOfDropped(self.message) }
      return .duplicate(
        Acceptance(
          message: self.message, ticket: ticket, opensTicket: false, tier: .standard, acceptedAt: receivedAt))
    }
  }

  private static let acceptMessages = accepting("accept_messages", leavingOutHeld: false)

  private static let acceptUnheldMessages = accepting("accept_unheld_messages", leavingOutHeld: true)

  /// Open tickets come first, in the order of their key, then the idempotency keys in theirs, so that two batches wait for each other in
  /// one direction only. The row of an open ticket is locked until the commit, changed or not: a ticket cannot end under a message,
  /// and of two batches with a customer's first messages the second finds the ticket of the first. A customer whose ticket was merged into
  /// another has a row that points to that one.
  ///
  /// A key is written with its message's ticket, so that a retry is answered by the key alone. Two senders of the same id are of the
  /// same customer, and the second waits for the first at the ticket; only where the customers differ can a key be met that
  /// was not there when the statement began. Its ticket may have been opened for nothing by then: the statement fails, and finds the key
  /// on retry.
  ///
  /// A full ticket continues without its customer's next messages: its row cedes the customer's name to the row of a new ticket, and
  /// the two are linked. The row of the new ticket is written from the output of `left_behind`, so it finds the name free.
  ///
  /// Message texts bypass the intermediate tables, which carry only keys. Messages and their tickets match one to
  /// one; they are joined FULL because that uses hashing, where the planner would use a nested loop for a batch that it assumes
  /// to be small.
  private static func accepting(_ name: String, leavingOutHeld: Bool) -> PostgresStatement<AcceptedRow> {
    // Existing rows of open tickets that are locked by others.
    let held = """
      , held AS MATERIALIZED (
        SELECT f.channel, f.customer FROM (SELECT DISTINCT channel, customer FROM fresh) f
          JOIN LATERAL (
            SELECT true AS is_there FROM desk.open_ticket o
             WHERE o.channel = f.channel AND o.customer = f.customer LIMIT 1) o ON true
          LEFT JOIN LATERAL (
            SELECT true AS is_free FROM desk.open_ticket o
             WHERE o.channel = f.channel AND o.customer = f.customer LIMIT 1 FOR UPDATE SKIP LOCKED) l ON true
         WHERE l.is_free IS NULL
      ), arrived AS MATERIALIZED (
        SELECT f.* FROM fresh f WHERE NOT EXISTS (SELECT FROM held h WHERE h.channel = f.channel AND h.customer = f.customer)
      )
      """
    return PostgresStatement(
      name,
      """
      WITH input AS MATERIALIZED (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[])
          WITH ORDINALITY AS i(message_id, proposed_ticket, channel, customer, external_id, digest, position)
      ), \(leavingOutHeld ? "fresh" : "arrived") AS MATERIALIZED (
        SELECT i.* FROM input i
          LEFT JOIN LATERAL (
            SELECT true AS is_known FROM desk.message_key k
             WHERE k.channel = i.channel AND k.external_id = i.external_id LIMIT 1) k ON true
         WHERE NOT coalesce(k.is_known, false)
      )\(leavingOutHeld ? held : ""), writer AS MATERIALIZED (
        SELECT DISTINCT ON (channel, customer) channel, customer, proposed_ticket,
               count(*) OVER (PARTITION BY channel, customer)::integer AS messages
          FROM arrived ORDER BY channel, customer, position
      ), filled AS MATERIALIZED (
        SELECT w.channel, w.customer, o.ticket_id, o.leads_to FROM writer w
          JOIN LATERAL (
            SELECT o.ticket_id, coalesce(o.merged_into, o.ticket_id) AS leads_to FROM desk.open_ticket o
             WHERE o.channel = w.channel AND o.customer = w.customer AND o.messages >= $14 LIMIT 1 FOR UPDATE) o ON true
      ), left_behind AS MATERIALIZED (
        SELECT f.channel, f.customer, f.leads_to FROM filled f WHERE desk.release_customer_name(f.ticket_id)
      ), home AS (
        INSERT INTO desk.open_ticket AS o (channel, customer, ticket_id, tier, opened_at, previous_ticket, messages)
        SELECT w.channel, w.customer, w.proposed_ticket, coalesce(k.tier, 'standard'), now(), coalesce(l.leads_to, k.last_ticket),
               w.messages
          FROM writer w
          LEFT JOIN left_behind l USING (channel, customer)
          LEFT JOIN LATERAL (
            SELECT coalesce(c.person_tier, c.tier) AS tier, c.last_ticket FROM desk.customer c
             WHERE c.channel = w.channel AND c.external_id = w.customer LIMIT 1) k ON true
         ORDER BY w.channel, w.customer
        ON CONFLICT (channel, customer) DO UPDATE SET messages = o.messages + excluded.messages
        RETURNING channel, customer, coalesce(o.merged_into, o.ticket_id) AS ticket_id, tier
      ), tied AS (
        INSERT INTO desk.ticket_link (ticket, other, kind, by_agent)
        SELECT l.leads_to, h.ticket_id, 'continued_by', 'intake' FROM left_behind l JOIN home h USING (channel, customer)
        ON CONFLICT DO NOTHING
      ), placed AS MATERIALIZED (
        SELECT a.message_id, a.channel, a.external_id, a.digest, a.position, h.ticket_id, h.tier,
               h.ticket_id = a.proposed_ticket AS opens_ticket
          FROM arrived a FULL JOIN home h USING (channel, customer)
         ORDER BY a.channel, a.external_id
      ), keyed AS (
        INSERT INTO desk.message_key (channel, external_id, message_id, digest, received_at, ticket_id)
        SELECT channel, external_id, message_id, digest, now(), ticket_id FROM placed ORDER BY channel, external_id
        ON CONFLICT (channel, external_id) DO NOTHING
        RETURNING message_id
      ), kept AS (
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, subject, body, attributes, attachments, sent_at,
                                  received_at, traceparent)
        SELECT w.message_id, p.ticket_id, 1, w.channel, w.customer, w.subject, w.body, w.attributes, w.attachments, w.sent_at,
               now(), w.traceparent
          FROM unnest($1::uuid[], $3::text[], $4::text[], $7::text[], $8::text[], $9::jsonb[], $10::jsonb[], $11::timestamptz[],
                      $12::text[])
               AS w(message_id, channel, customer, subject, body, attributes, attachments, sent_at, traceparent)
          JOIN placed p USING (message_id)
      ), waiting AS (
        INSERT INTO desk.inbox (message_id, ticket_id, owner, opens_ticket, accepted_at)
        SELECT message_id, ticket_id, $13, opens_ticket, now() FROM placed
      )
      SELECT p.position - 1, p.message_id, p.ticket_id, p.opens_ticket, p.tier, now()
        FROM placed p
       WHERE CASE WHEN p.message_id IN (SELECT k.message_id FROM keyed k) THEN true ELSE desk.key_was_taken() END
      """, planning: .once, row: AcceptedRow.read)
  }

  /// The contacts of the messages that the transaction has just written; the newest of each customer.
  private static let keepNewContacts = PostgresStatement<Void>(
    "keep_new_contacts",
    """
    INSERT INTO desk.customer_contact AS c (channel, customer, key_name, sealed, given_at)
    SELECT DISTINCT ON (m.channel, m.author) m.channel, m.author, i.key_name, i.sealed, m.received_at
      FROM unnest($1::uuid[], $2::text[], $3::bytea[]) WITH ORDINALITY AS i(message_id, key_name, sealed, position)
      JOIN desk.message m ON m.id = i.message_id AND m.id >= $4 AND m.id <= $5
     ORDER BY m.channel, m.author, i.position DESC
    ON CONFLICT (channel, customer) DO UPDATE
      SET key_name = excluded.key_name, sealed = excluded.sealed, given_at = excluded.given_at
      WHERE excluded.given_at >= c.given_at
    """, planning: .once)

  /// The proofs of the messages that the transaction has just written. A proof that is known already writes nothing.
  private static let keepNewProofs = PostgresStatement<Void>(
    "keep_new_proofs",
    """
    INSERT INTO desk.customer_proof AS p (channel, customer, kind, digest, given_at)
    SELECT DISTINCT ON (m.channel, m.author, i.kind) m.channel, m.author, i.kind, i.digest, m.received_at
      FROM unnest($1::uuid[], $2::text[], $3::bytea[]) WITH ORDINALITY AS i(message_id, kind, digest, position)
      JOIN desk.message m ON m.id = i.message_id AND m.id >= $4 AND m.id <= $5
     ORDER BY m.channel, m.author, i.kind, i.position DESC
    ON CONFLICT (channel, customer, kind) DO UPDATE
      SET digest = excluded.digest, given_at = excluded.given_at, is_new = true WHERE p.digest <> excluded.digest
    """, planning: .once)

  private static let ticketsOfMessages = PostgresStatement(
    "tickets_of_messages",
    "SELECT id, ticket_id FROM desk.message WHERE id = ANY($1) AND id >= $2 AND id <= $3", planning: .once
  ) { row in
    (try row.next(MessageID.self), try row.next(TicketID.self))
  }

  private static let findAccepted = PostgresStatement(
    "find_accepted",
    """
    SELECT i.position, k.digest, k.message_id, k.ticket_id, k.received_at
      FROM unnest($1::bigint[], $2::text[], $3::text[]) AS i(position, channel, external_id)
      JOIN desk.message_key k ON k.channel = i.channel AND k.external_id = i.external_id
    """, planning: .once
  ) { row in
    try KnownRow(
      position: Int(row.next(Int64.self)), digest: row.next(), message: row.next(), ticket: row.next(),
      receivedAt: row.next())
  }

  private static let insertRequestKey = PostgresStatement<Void>(
    "insert_request_key",
    "INSERT INTO desk.request_key (channel, key, digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", planning: .once)

  private static let findRequestKey = PostgresStatement<[UInt8]>(
    "find_request_key", "SELECT digest FROM desk.request_key WHERE channel = $1 AND key = $2", planning: .once)
}
