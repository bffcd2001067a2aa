import DeskCore
import PostgreSQL
import Store
import SystemPrimitives

/// The number of messages per second that PostgreSQL itself can store when a bare loop writes a message's rows: key, open ticket,
/// message and inbox row; then the ticket row, the inbox row's deletion and a timeline entry. No network in between,
/// no service, no decision, and copies of the tables with all their indexes and checks.
struct RawLimit: Sendable {
  let pool: PostgresPool

  private static let schema = "desk_bench"

  /// Measures messages per second.
  func measure(for time: Duration, traffic: SampleTraffic) async throws -> Double {
    try await pool.executeScript(RawLimit.tables)
    let result: Result<Double, any Error>
    do {
      result = .success(try await loops(for: time, traffic))
    } catch {
      result = .failure(error)
    }
    try await pool.executeScript("DROP SCHEMA \(RawLimit.schema) CASCADE")
    return try result.get()
  }

  private func loops(for time: Duration, _ traffic: SampleTraffic) async throws -> Double {
    let start = ContinuousClock.now
    let written = try await withThrowingTaskGroup(of: Int.self) { group in
      for loop in 0..<BenchBounds.rawLoops {
        group.addTask { try await write(loop, until: start + time, traffic) }
      }
      return try await group.reduce(0, +)
    }
    return Double(written) / ((ContinuousClock.now - start) / .seconds(1))
  }

  private func write(_ loop: Int, until end: ContinuousClock.Instant, _ traffic: SampleTraffic) async throws -> Int {
    var random = SystemRandom()
    var now = try await pool.query(RawLimit.clock).first ?? Instant(microseconds: 0)
    var written = 0
    var round = loop
    while ContinuousClock.now < end {
      let batch = (0..<BenchBounds.rawBatch).map { traffic.message(round * BenchBounds.rawBatch + $0) }
      round += BenchBounds.rawLoops
      let messages = batch.map { _ in MessageID(at: now, using: &random) }
      let tickets = batch.map { _ in TicketID(at: now, using: &random) }
      let digest = [UInt8](repeating: 7, count: 32)
      now =
        try await pool.query(
          RawLimit.accept,
          [
            messages, tickets, batch.map(\.channel), batch.map(\.customer), batch.map(\.id), batch.map { _ in digest },
            batch.map(\.text),
          ]
        ).first ?? now
      let details = messages.map {
        PostgresJSON(#"{"message":"\#($0)","queue":"bench","rule":"raw","confidence":0.9}"#)
      }
      try await pool.execute(
        RawLimit.decide, [tickets, messages, details, batch.map(\.channel), batch.map(\.customer)])
      written += batch.count
    }
    return written
  }

  private static let clock = PostgresStatement<Instant>("bench_clock", "SELECT clock_timestamp()")

  private static let tables = """
    DROP SCHEMA IF EXISTS \(schema) CASCADE;
    CREATE SCHEMA \(schema);
    CREATE TABLE \(schema).message_key (LIKE desk.message_key INCLUDING ALL);
    CREATE TABLE \(schema).message (LIKE desk.message INCLUDING ALL);
    CREATE TABLE \(schema).inbox (LIKE desk.inbox INCLUDING ALL) WITH (fillfactor = 80);
    CREATE TABLE \(schema).open_ticket (LIKE desk.open_ticket INCLUDING ALL) WITH (fillfactor = 85);
    CREATE TABLE \(schema).ticket (LIKE desk.ticket INCLUDING ALL) WITH (fillfactor = 60);
    CREATE TABLE \(schema).ticket_event (LIKE desk.ticket_event INCLUDING ALL);
    """

  private static let accept = PostgresStatement<Instant>(
    "bench_accept",
    """
    WITH input AS MATERIALIZED (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[])
        AS i(message_id, ticket_id, channel, customer, external_id, digest, body)),
    keys AS (INSERT INTO \(schema).message_key SELECT channel, external_id, message_id, digest, now() FROM input),
    tickets AS (INSERT INTO \(schema).open_ticket (ticket_id, channel, customer, opened_at)
      SELECT ticket_id, channel, customer, now() FROM input),
    messages AS (INSERT INTO \(schema).message (id, ticket_id, direction, channel, author, body, received_at)
      SELECT message_id, ticket_id, 1, channel, customer, body, now() FROM input),
    waiting AS (INSERT INTO \(schema).inbox (message_id, ticket_id, opens_ticket, accepted_at)
      SELECT message_id, ticket_id, true, now() FROM input)
    SELECT clock_timestamp()
    """)

  private static let decide = PostgresStatement<Void>(
    "bench_decide",
    """
    WITH input AS MATERIALIZED (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::text[], $5::text[])
        AS i(ticket_id, message_id, detail, channel, customer)),
    decided AS (
      INSERT INTO \(schema).ticket (id, channel, customer, opened_at, version, state, queue, waiting_queue, waiting_since, rank,
        category, intent, confidence, urgency, sentiment, language, model_version, first_due_at, resolution_due_at, next_check_at)
      SELECT ticket_id, channel, customer, now(), 2, 'queued', 'bench', 'bench', now(), 14, 'bench', 'bench', 0.9, 1, 0, 'en',
             'bench', now() + interval '1 hour', now() + interval '1 day', now() + interval '45 minutes' FROM input),
    gone AS (DELETE FROM \(schema).inbox b USING input WHERE b.message_id = input.message_id)
    INSERT INTO \(schema).ticket_event (ticket_id, version, position, kind, actor, at, detail)
    SELECT ticket_id, 2, 0, 'queued', 'service:bench', now(), detail FROM input
    """)
}
