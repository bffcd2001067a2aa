import CommandLineTool
import DeskCore
import PostgreSQL
import Store

/// The rows that one message leaves, taken from messages that this desk has decided: every column that it fills, with values of the real
/// size, for copies of its tables with the same partitions, indexes and checks.
struct RawRows: Sendable {
  static let schema = "desk_bench"

  /// A table's columns with the same value in each row, and their values as SQL.
  struct Constants: Sendable, Equatable {
    var names = ""
    var values = ""

    /// The columns behind those that differ by message.
    init(_ columns: [(name: String, value: String)]) {
      for column in columns {
        names += ", \(column.name)"
        values += ", \(column.value)"
      }
    }
  }

  /// Timeline entries as text, with their messages' own identifiers.
  let entries: [String]
  let accept: PostgresStatement<Instant>
  let decide: PostgresStatement<Void>

  /// Reads the rows of messages that were decided and still wait for an agent.
  /// - Throws: `CommandFailure` where there are none.
  static func read(_ pool: PostgresPool) async throws -> RawRows {
    guard let sample = try await pool.query(newest).first else {
      throw CommandFailure("no decided message waits in a queue, whose rows the raw limit could repeat")
    }
    func constants(_ table: String, _ id: String, clock: String, except: [String]) async throws -> Constants {
      let statement = columns(of: table, id: id, clock: clock)
      return Constants(try await pool.query(statement, [sample.ticket, except]))
    }
    let message = try await constants(
      "message", "t.direction = 1 AND t.ticket_id", clock: "received_at",
      except: ["id", "ticket_id", "channel", "author", "body", "received_at"])
    let ticket = try await constants(
      "ticket", "t.id", clock: "opened_at", except: ["id", "channel", "customer", "opened_at"])
    let entry = try await constants(
      "ticket_event", "t.detail ? 'message' AND t.ticket_id", clock: "at", except: ["ticket_id", "at", "detail"])
    return RawRows(
      entries: try await pool.query(newestEntries, [Int64(BenchBounds.rawEntries)]),
      accept: accepting(message, owner: sample.ticket),
      decide: deciding(ticket, entry, detailType: sample.detailType))
  }

  // MARK: - Samples

  private static let newest = PostgresStatement(
    "bench_newest",
    """
    SELECT t.id, (SELECT format_type(atttypid, atttypmod) FROM pg_attribute
                   WHERE attrelid = 'desk.ticket_event'::regclass AND attname = 'detail')
      FROM desk.ticket t WHERE t.waiting_queue IS NOT NULL AND t.version = 2 ORDER BY t.id DESC LIMIT 1
    """
  ) { row in
    try (ticket: row.next(TicketID.self), detailType: row.next(String.self))
  }

  private static let newestEntries = PostgresStatement<String>(
    "bench_newest_entries",
    """
    SELECT e.detail::text FROM desk.ticket t JOIN desk.ticket_event e ON e.ticket_id = t.id AND e.version = t.version
     WHERE t.waiting_queue IS NOT NULL AND t.version = 2 ORDER BY t.id DESC LIMIT $1
    """)

  /// The columns of one row that are not null. Times keep their distance from the time of the row.
  private static func columns(of table: String, id: String, clock: String) -> PostgresStatement<
    (name: String, value: String)
  > {
    PostgresStatement(
      "bench_columns_\(table)",
      """
      SELECT quote_ident(a.attname),
             CASE WHEN a.atttypid = 'timestamptz'::regtype
                  THEN format('now() + %L::interval',
                              (r.fields->>a.attname)::timestamptz - (r.fields->>'\(clock)')::timestamptz)
                  ELSE format('%L::%s', r.fields->>a.attname, format_type(a.atttypid, a.atttypmod)) END
        FROM (SELECT to_jsonb(t) AS fields FROM desk.\(table) t WHERE \(id) = $1 LIMIT 1) r, pg_attribute a
       WHERE a.attrelid = 'desk.\(table)'::regclass AND a.attnum > 0 AND NOT a.attisdropped
         AND r.fields->>a.attname IS NOT NULL AND a.attname <> ALL ($2::text[])
       ORDER BY a.attnum
      """
    ) { row in
      try (name: row.next(String.self), value: row.next(String.self))
    }
  }
}

// MARK: - Tables

extension RawRows {
  /// Makes empty copies. Autovacuum leaves them alone: its work would fall on whatever is measured next.
  static let tables = """
    DROP SCHEMA IF EXISTS \(schema) CASCADE;
    CREATE SCHEMA \(schema);
    CREATE TABLE \(schema).message_key (LIKE desk.message_key INCLUDING ALL) WITH (autovacuum_enabled = false);
    CREATE TABLE \(schema).inbox (LIKE desk.inbox INCLUDING ALL) WITH (fillfactor = 80, autovacuum_enabled = false);
    CREATE TABLE \(schema).open_ticket (LIKE desk.open_ticket INCLUDING ALL)
      WITH (fillfactor = 85, autovacuum_enabled = false);
    CREATE TABLE \(schema).ticket (LIKE desk.ticket INCLUDING ALL) WITH (fillfactor = 60, autovacuum_enabled = false);
    CREATE TABLE \(schema).message (LIKE desk.message INCLUDING ALL) PARTITION BY RANGE (id);
    CREATE TABLE \(schema).ticket_event (LIKE desk.ticket_event INCLUDING ALL) PARTITION BY RANGE (ticket_id);
    DO $$
    DECLARE
      part record;
    BEGIN
      FOR part IN
        SELECT c.relname AS name, p.relname AS parent, pg_get_expr(c.relpartbound, c.oid) AS bound
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
         WHERE i.inhparent IN ('desk.message'::regclass, 'desk.ticket_event'::regclass) LOOP
        EXECUTE format('CREATE TABLE \(schema).%I PARTITION OF \(schema).%I %s WITH (autovacuum_enabled = false)',
          part.name, part.parent, part.bound);
      END LOOP;
    END
    $$;
    """

  static let empty = """
    TRUNCATE \(schema).message_key, \(schema).inbox, \(schema).open_ticket, \(schema).ticket, \(schema).message,
      \(schema).ticket_event
    """

  static let drop = "DROP SCHEMA \(schema) CASCADE"
}

// MARK: - Statements

extension RawRows {
  private static func accepting(_ message: Constants, owner: TicketID) -> PostgresStatement<Instant> {
    PostgresStatement(
      "bench_accept",
      """
      WITH input AS MATERIALIZED (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[])
          AS i(message_id, ticket_id, channel, customer, external_id, digest, body)),
      keys AS (INSERT INTO \(schema).message_key (channel, external_id, message_id, digest, received_at, ticket_id)
        SELECT channel, external_id, message_id, digest, now(), ticket_id FROM input),
      tickets AS (INSERT INTO \(schema).open_ticket (ticket_id, channel, customer, tier, opened_at, messages)
        SELECT ticket_id, channel, customer, 'standard', now(), 1 FROM input),
      messages AS (INSERT INTO \(schema).message (id, ticket_id, channel, author, body, received_at\(message.names))
        SELECT message_id, ticket_id, channel, customer, body, now()\(message.values) FROM input),
      waiting AS (INSERT INTO \(schema).inbox (message_id, ticket_id, owner, opens_ticket, accepted_at)
        SELECT message_id, ticket_id, '\(owner)'::uuid, true, now() FROM input)
      SELECT clock_timestamp()
      """, planning: .once)
  }

  private static func deciding(_ ticket: Constants, _ entry: Constants, detailType: String) -> PostgresStatement<Void> {
    PostgresStatement(
      "bench_decide",
      """
      WITH input AS MATERIALIZED (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
          AS i(ticket_id, message_id, detail, channel, customer)),
      decided AS (INSERT INTO \(schema).ticket (id, channel, customer, opened_at\(ticket.names))
        SELECT ticket_id, channel, customer, now()\(ticket.values) FROM input),
      gone AS (DELETE FROM \(schema).inbox b USING input i WHERE b.message_id = i.message_id)
      INSERT INTO \(schema).ticket_event (ticket_id, at, detail\(entry.names))
      SELECT ticket_id, now(), detail::\(detailType)\(entry.values) FROM input
      """, planning: .once)
  }
}
