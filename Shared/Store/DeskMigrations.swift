public import PostgreSQL

/// The schema's history. A migration that has been released is never changed; what must change gets a new number.
///
/// Expand first, contract later: a migration may add what the running build does not know, and may take away only what no
/// running build uses any more, so that services and schema can be rolled one after the other.
public enum DeskMigrations {
  /// The version that this build needs.
  public static var newestVersion: Int32 { all.last?.number ?? 0 }

  /// All migrations, oldest first.
  public static let all: [PostgresMigration] = [
    PostgresMigration(number: 1, name: "desk", sql: String(decoding: PackageResources.m0001_desk_sql, as: UTF8.self)),
    PostgresMigration(number: 2, name: "suspects", sql: suspects),
    PostgresMigration(number: 3, name: "partitions_of", sql: partitions),
  ]

  /// The few messages that have failed before are found without reading past the many that have not.
  private static let suspects = "CREATE INDEX inbox_suspect ON desk.inbox (message_id) WHERE attempts >= 2"

  /// Making a partition locks its parent against everybody. Behind a long read that lock waits, and every acceptance waits behind
  /// the lock: so it waits for half a second only, and each parent has a transaction of its own. `ensure_partitions` stays for
  /// builds that know no other.
  private static let partitions = """
    CREATE FUNCTION desk.ensure_partitions_of(parent text, days integer) RETURNS integer
    LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
    DECLARE
      day date;
      name text;
      made integer := 0;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtext('desk.ensure_partitions'));
      FOR offset_days IN -1..days LOOP
        day := (now() AT TIME ZONE 'UTC')::date + offset_days;
        name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
        IF to_regclass('desk.' || name) IS NULL THEN
          BEGIN
            EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)', name, parent,
              desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'), desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
            made := made + 1;
          EXCEPTION WHEN check_violation THEN
            -- Rows of that day are in the default partition already; the day stays there.
            NULL;
          END;
        END IF;
      END LOOP;
      RETURN made;
    END
    $$
    """
}
