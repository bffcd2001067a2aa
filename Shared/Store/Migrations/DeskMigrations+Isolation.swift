extension DeskMigrations {
  /// What goes wrong in a process again and again, for `frontdesk status`. A build that does not know the column leaves it empty.
  static let instanceProblems = "ALTER TABLE desk.service_instance ADD COLUMN problems jsonb NOT NULL DEFAULT '[]'"

  /// A moment that cannot be read is none: one ticket whose clocks are corrupt, or written by a newer build, must not take the figures of
  /// all others with it.
  static let tolerantMoment = """
    CREATE OR REPLACE FUNCTION desk.moment(microseconds text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE WHEN microseconds ~ '^-?[0-9]{1,17}$'
        THEN timestamptz 'epoch' + make_interval(secs => microseconds::bigint / 1e6::double precision) END
    $$;

    -- A whole number of `clock_state`; none where it cannot be read.
    CREATE FUNCTION desk.whole_number(digits text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE WHEN digits ~ '^-?[0-9]{1,18}$' THEN digits::bigint END
    $$;
    """
}
