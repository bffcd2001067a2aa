import PostgreSQL

/// Fills a desk with queued tickets, as if so many customers were waiting, with all that belongs to each.
struct LiveTickets: Sendable {
  let pool: PostgresPool

  /// Adds tickets until there are so many.
  func fill(to count: Int) async throws {
    let present = try await pool.query(LiveTickets.count).first ?? 0
    var first = Int(present)
    while first < count {
      let last = min(first + LiveTickets.rowsPerStatement, count)
      try await pool.execute(LiveTickets.add, [Int64(first + 1), Int64(last)], timeout: .seconds(120))
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
    told AS (
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      SELECT id, 2, 0, 'queued', 'service:bench', now(), '{"queue":"bench"}' FROM named)
    INSERT INTO desk.ticket (id, channel, customer, opened_at, version, state, queue, waiting_queue, waiting_since, rank,
                             first_due_at, resolution_due_at, next_check_at)
    SELECT id, 'bench', customer, now(), 2, 'queued', 'bench-' || n % 20, 'bench-' || n % 20, now(), 14, now() + interval '1 day',
           now() + interval '2 days', now() + interval '18 hours' FROM named
    """)
}
