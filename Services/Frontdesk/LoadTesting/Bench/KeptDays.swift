import PostgreSQL

/// Gives a desk a past: a partition without rows for each day of history before yesterday, in every table that is partitioned by day. What
/// a message then costs more is what the number of days costs, whatever they hold.
struct KeptDays: Sendable {
  let pool: PostgresPool

  /// Adds days until there are this many.
  func keep(_ days: Int) async throws {
    try await pool.executeScript(Self.script(days), name: "keep_days", timeout: BenchBounds.keptDaysTime)
  }

  /// Each table by itself, as the desk adds its days: none is locked for longer than it takes.
  private static func script(_ days: Int) -> String {
    """
    DO $$
    DECLARE
      parent text;
      name text;
      day date;
    BEGIN
      FOREACH parent IN ARRAY ARRAY['message', 'ticket_event', 'closed_ticket', 'search_entry'] LOOP
        FOR distance IN 2..\(days) LOOP
          day := (now() AT TIME ZONE 'UTC')::date - distance;
          name := parent || '_' || to_char(day, 'YYYYMMDD');
          CONTINUE WHEN to_regclass('desk.' || name) IS NOT NULL;
          EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)', name, parent,
            desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'), desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
          COMMIT;
        END LOOP;
      END LOOP;
    END $$
    """
  }
}
