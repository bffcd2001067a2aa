/// Days of history that have passed; a desk creates only those from yesterday on.
public enum DayPartitions {
  /// A script that creates them, without rows.
  /// - Parameters:
  ///   - daysAgo: how many days ago they were.
  ///   - tables: the partitioned tables.
  public static func script(
    daysAgo: ClosedRange<Int>, of tables: [String] = ["message", "ticket_event", "closed_ticket"]
  ) -> String {
    """
    DO $$
    DECLARE
      parent text;
      day date;
    BEGIN
      FOREACH parent IN ARRAY ARRAY[\(tables.map { "'\($0)'" }.joined(separator: ", "))] LOOP
        FOR ago IN \(daysAgo.lowerBound)..\(daysAgo.upperBound) LOOP
          day := (now() AT TIME ZONE 'UTC')::date - ago;
          EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)',
            parent || '_' || to_char(day, 'YYYYMMDD'), parent, desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'),
            desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
        END LOOP;
      END LOOP;
    END
    $$;
    """
  }
}
