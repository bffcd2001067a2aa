import DeskCore
import PostgreSQL

/// Accepting messages of customers who differ, as most batches are.
extension InboxStore {
  /// Whether no customer has two of the messages. One name on two channels counts as one customer: the general statement takes everything.
  static func areOfDistinctCustomers(_ messages: [IncomingMessage]) -> Bool {
    var customers = Set<ExactString>(minimumCapacity: messages.count)
    return messages.allSatisfy { customers.insert(ExactString($0.customer)).inserted }
  }

  /// What `acceptMessages` does for messages of different customers whose tickets have room, with its order of locks. Messages of full
  /// tickets, and those whose key is known, are left out; a key that was taken meanwhile fails the statement with
  /// `PostgresCondition.unique`, and nothing is written.
  ///
  /// Each customer has one message, so nothing is grouped. The row of a full ticket is locked and not updated, so it is not returned. A
  /// row of `placed` without a ticket is of such a message; it is not filtered there because the server would make a nested loop of the
  /// join, which it computes by hashing as it stands.
  static let acceptDistinct = PostgresStatement<AcceptedRow>(
    "accept_distinct",
    """
    WITH arrived AS MATERIALIZED (
      SELECT i.* FROM (
          SELECT unnest($1::uuid[]) AS message_id, unnest($2::uuid[]) AS proposed_ticket, unnest($3::text[]) AS channel,
                 unnest($4::text[]) AS customer, unnest($5::text[]) AS external_id, unnest($6::bytea[]) AS digest,
                 generate_series(1::bigint, cardinality($1::uuid[])) AS position) i
        LEFT JOIN LATERAL (
          SELECT true AS is_known FROM desk.message_key k
           WHERE k.channel = i.channel AND k.external_id = i.external_id LIMIT 1) k ON true
       WHERE NOT coalesce(k.is_known, false)
    ), home AS (
      INSERT INTO desk.open_ticket AS o (channel, customer, ticket_id, tier, opened_at, previous_ticket, messages)
      SELECT a.channel, a.customer, a.proposed_ticket, coalesce(k.tier, 'standard'), now(), k.last_ticket, 1
        FROM arrived a
        LEFT JOIN LATERAL (
          SELECT coalesce(c.person_tier, c.tier) AS tier, c.last_ticket FROM desk.customer c
           WHERE c.channel = a.channel AND c.external_id = a.customer LIMIT 1) k ON true
       ORDER BY a.channel, a.customer
      ON CONFLICT (channel, customer) DO UPDATE SET messages = o.messages + 1 WHERE o.messages < $14
      RETURNING channel, customer, coalesce(o.merged_into, o.ticket_id) AS ticket_id, tier
    ), placed AS MATERIALIZED (
      SELECT a.message_id, a.channel, a.external_id, a.digest, a.position, h.ticket_id, h.tier,
             h.ticket_id = a.proposed_ticket AS opens_ticket
        FROM arrived a FULL JOIN home h USING (channel, customer)
    ), keyed AS (
      INSERT INTO desk.message_key (channel, external_id, message_id, digest, received_at, ticket_id)
      SELECT channel, external_id, message_id, digest, now(), ticket_id FROM placed WHERE ticket_id IS NOT NULL
       ORDER BY channel, external_id
    ), kept AS (
      INSERT INTO desk.message (id, ticket_id, direction, channel, author, subject, body, attributes, attachments, sent_at,
                                received_at, traceparent)
      SELECT w.message_id, p.ticket_id, 1, w.channel, w.customer, w.subject, w.body, w.attributes, w.attachments, w.sent_at,
             now(), w.traceparent
        FROM (
          SELECT unnest($1::uuid[]) AS message_id, unnest($3::text[]) AS channel, unnest($4::text[]) AS customer,
                 unnest($7::text[]) AS subject, unnest($8::text[]) AS body, unnest($9::jsonb[]) AS attributes,
                 unnest($10::jsonb[]) AS attachments, unnest($11::timestamptz[]) AS sent_at, unnest($12::text[]) AS traceparent) w
        JOIN placed p USING (message_id)
       WHERE p.ticket_id IS NOT NULL
    ), waiting AS (
      INSERT INTO desk.inbox (message_id, ticket_id, owner, opens_ticket, accepted_at)
      SELECT message_id, ticket_id, $13, opens_ticket, now() FROM placed WHERE ticket_id IS NOT NULL
    )
    SELECT p.position - 1, p.message_id, p.ticket_id, p.opens_ticket, p.tier, now() FROM placed p WHERE p.ticket_id IS NOT NULL
    """, planning: .once, row: AcceptedRow.read)
}
