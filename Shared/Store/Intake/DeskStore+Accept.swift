public import DeskCore
import PostgreSQL

extension DeskStore {
  /// Commits a batch of messages, each with its ticket and its place among the undecided, in one statement.
  ///
  /// - Parameters:
  ///   - messages: at most `StoreBounds.messagesPerAccept`; no two may share channel and external id.
  ///   - owner: the intake instance that will hold them in memory, nil when nobody will.
  /// - Returns: one outcome for each message, in order.
  /// - Throws: `PostgresError`. When the commit's fate is unknown, handing the same batch in again settles it: the
  ///   idempotency keys turn what was written into duplicates.
  public func accept(_ messages: [IncomingMessage], owner: InstanceID?) async throws -> [AcceptOutcome] {
    precondition(messages.count <= StoreBounds.messagesPerAccept, "a batch is bounded by its caller")
    guard !messages.isEmpty else { return [] }
    return try await retryingDeadlocks { try await acceptOnce(messages, owner: owner) }
  }

  private func acceptOnce(_ messages: [IncomingMessage], owner: InstanceID?) async throws -> [AcceptOutcome] {
    var outcomes: [AcceptOutcome?] = Array(repeating: nil, count: messages.count)
    let rows = try await pool.query(
      DeskStore.acceptMessages,
      [
        messages.map(\.id), messages.map(\.ticket), messages.map(\.channel), messages.map(\.customer),
        messages.map(\.externalID), messages.map(\.digest), messages.map(\.subject), messages.map(\.body),
        messages.map(\.attributes), messages.map(\.attachments), messages.map(\.sentAt), messages.map(\.traceparent),
        owner,
      ])
    for row in rows {
      outcomes[row.position] = .accepted(row.acceptance)
    }
    let repeated = outcomes.indices.filter { outcomes[$0] == nil }
    if !repeated.isEmpty {
      // A statement of its own sees keys that were committed while the first one ran.
      let known = try await pool.query(
        DeskStore.findAccepted,
        [repeated.map { Int64($0) }, repeated.map { messages[$0].channel }, repeated.map { messages[$0].externalID }])
      for row in known {
        outcomes[row.position] =
          row.digest == messages[row.position].digest ? .duplicate(row.acceptance) : .conflict
      }
    }
    return try outcomes.map { outcome in
      guard let outcome else { throw StoreError.vanished("an idempotency key") }
      return outcome
    }
  }

  /// Notes that a request came with an idempotency key of its own.
  ///
  /// - Returns: whether the key is new or was used for the same content; false when it was used for other content.
  public func claimRequestKey(_ key: String, channel: ChannelID, digest: [UInt8]) async throws -> Bool {
    try await pool.execute(DeskStore.insertRequestKey, [channel, key, digest])
    return try await pool.query(DeskStore.findRequestKey, [channel, key]).first == digest
  }
}

extension DeskStore {
  private struct AcceptedRow {
    let position: Int
    let acceptance: Acceptance
  }

  private struct KnownRow {
    let position: Int
    let digest: [UInt8]
    let acceptance: Acceptance
  }

  /// Keys are inserted in the order of the unique index, and open tickets likewise, so that two batches wait for each other in one
  /// direction only. The row of an open ticket is locked until the commit, changed or not: a ticket cannot end under a message,
  /// and of two batches with a customer's first messages the second finds the ticket of the first. A customer whose ticket became part of
  /// another has a row that leads to that one.
  ///
  /// What customers wrote travels past the tables in between: only keys are carried through them.
  private static let acceptMessages = PostgresStatement(
    "accept_messages",
    """
    WITH input AS MATERIALIZED (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[])
        WITH ORDINALITY AS i(message_id, proposed_ticket, channel, customer, external_id, digest, position)
    ), fresh AS (
      INSERT INTO desk.message_key (channel, external_id, message_id, digest, received_at)
      SELECT channel, external_id, message_id, digest, now() FROM input ORDER BY channel, external_id
      ON CONFLICT (channel, external_id) DO NOTHING
      RETURNING message_id
    ), arrived AS MATERIALIZED (
      SELECT i.message_id, i.proposed_ticket, i.channel, i.customer, i.position FROM input i JOIN fresh USING (message_id)
    ), home AS (
      INSERT INTO desk.open_ticket AS o (channel, customer, ticket_id, tier, opened_at, previous_ticket)
      SELECT DISTINCT ON (a.channel, a.customer) a.channel, a.customer, a.proposed_ticket, coalesce(k.tier, 'standard'), now(),
             k.last_ticket
        FROM arrived a
        LEFT JOIN LATERAL (
          SELECT c.tier, c.last_ticket FROM desk.customer c
           WHERE c.channel = a.channel AND c.external_id = a.customer LIMIT 1) k ON true
       ORDER BY a.channel, a.customer, a.position
      ON CONFLICT (channel, customer) DO UPDATE SET opened_at = o.opened_at
      RETURNING channel, customer, coalesce(o.merged_into, o.ticket_id) AS ticket_id, tier
    ), placed AS MATERIALIZED (
      SELECT a.message_id, a.position, h.ticket_id, h.tier, h.ticket_id = a.proposed_ticket AS opens_ticket
        FROM arrived a JOIN home h USING (channel, customer)
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
    SELECT position - 1, message_id, ticket_id, opens_ticket, tier, now() FROM placed
    """, planning: .once
  ) { row in
    try AcceptedRow(
      position: Int(row.next(Int64.self)),
      acceptance: Acceptance(
        message: row.next(), ticket: row.next(), opensTicket: row.next(), tier: row.next(), acceptedAt: row.next()))
  }

  private static let findAccepted = PostgresStatement(
    "find_accepted",
    """
    SELECT i.position, k.digest, k.message_id, m.ticket_id, k.received_at
      FROM unnest($1::bigint[], $2::text[], $3::text[]) AS i(position, channel, external_id)
      JOIN desk.message_key k ON k.channel = i.channel AND k.external_id = i.external_id
      JOIN desk.message m ON m.id = k.message_id
    """, planning: .once
  ) { row in
    let position = try Int(row.next(Int64.self))
    let digest = try row.next([UInt8].self)
    return try KnownRow(
      position: position, digest: digest,
      acceptance: Acceptance(
        message: row.next(), ticket: row.next(), opensTicket: false, tier: .standard, acceptedAt: row.next()))
  }

  private static let insertRequestKey = PostgresStatement<Void>(
    "insert_request_key",
    "INSERT INTO desk.request_key (channel, key, digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", planning: .once)

  private static let findRequestKey = PostgresStatement<[UInt8]>(
    "find_request_key", "SELECT digest FROM desk.request_key WHERE channel = $1 AND key = $2", planning: .once)
}
