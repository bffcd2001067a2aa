import DeskCore
import PostgreSQL

/// Fills a desk with complete live tickets: half of them are pending on the customer with a paused SLA clock, half are resolved and
/// may be reopened. Most live tickets are in these states; tickets that wait for agents are limited by their queue.
struct LiveTickets: Sendable {
  let pool: PostgresPool
  /// Their queue; one of the policy's, or they would be moved.
  let queue: QueueID

  /// Adds tickets until the given count is reached.
  func fill(to count: Int) async throws {
    let present = try await pool.query(LiveTickets.count).first ?? 0
    var first = Int(present)
    while first < count {
      let last = min(first + LiveTickets.rowsPerStatement, count)
      try await pool.execute(LiveTickets.add, [Int64(first + 1), Int64(last), queue], timeout: .seconds(120))
      first = last
    }
    try await pool.executeScript(
      "ANALYZE desk.open_ticket, desk.ticket, desk.message_key", name: "analyze", timeout: .seconds(120))
  }

  private static let rowsPerStatement = 20_000

  private static let count = PostgresStatement<Int64>("bench_live", "SELECT count(*) FROM desk.ticket")

  private static let add = PostgresStatement<Void>(
    "bench_fill",
    """
    WITH crowd AS MATERIALIZED (
      SELECT gen_random_uuid() AS message, desk.uuid_floor(now()) AS floor, n, 'crowd-' || n || '-' || md5(n::text) AS customer
        FROM generate_series($1, $2) n),
    named AS MATERIALIZED (
      SELECT (left(floor::text, 14) || '7' || substr(message::text, 16))::uuid AS id, customer, n FROM crowd),
    keys AS (
      INSERT INTO desk.message_key (channel, external_id, message_id, digest, received_at)
      SELECT 'bench', customer, id, '', now() FROM named),
    homes AS (
      INSERT INTO desk.open_ticket (channel, customer, ticket_id, opened_at) SELECT 'bench', customer, id, now() FROM named),
    words AS (
      INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
      SELECT id, id, 1, 'bench', customer, 'Where is my parcel? 我的包裹在哪里？', now() FROM named),
    entries AS (
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      SELECT id, 2, 0, 'queued', 'service:bench', now(), '{"queue":"bench"}' FROM named)
    INSERT INTO desk.ticket (id, channel, customer, opened_at, version, state, queue, last_agent, first_due_at, first_met_at,
                             resolution_due_at, resolution_paused_at, resolution_met_at, resolved_at, close_at)
    SELECT id, 'bench', customer, now(), 5, CASE WHEN pending THEN 'pending' ELSE 'resolved' END, $3, 'bench', now() + interval '1 day',
           now(), now() + interval '2 days', CASE WHEN pending THEN now() END, CASE WHEN NOT pending THEN now() END,
           CASE WHEN NOT pending THEN now() END, CASE WHEN NOT pending THEN now() + interval '3 days' END
      FROM (SELECT *, n % 2 = 0 AS pending FROM named) AS kinds
    """)
}
