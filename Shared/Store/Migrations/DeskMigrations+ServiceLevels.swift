extension DeskMigrations {
  /// Clocks keep the open time that is used up, so that calendars, pauses, and other priorities come out right.
  ///
  /// What nearly every ticket has lies in columns that its first decision writes. The rest is NULL until something happens to a
  /// clock: `clock_state` holds what differs from a clock that has run since the ticket was opened, as whole microseconds
  /// (`…_used_us` of open time, `…_us` since 1970 otherwise).
  ///
  /// The columns `…_early_at` and `…_late_at` are written no more; shares are the policy's to choose. A ticket that is open now keeps
  /// the promise that it was made: its time allowed follows from where its first share fell. One that was paused keeps its deadline
  /// in so far as its calendar is always open.
  static let serviceLevels = """
    ALTER TABLE desk.ticket
      ADD COLUMN service_level         text,
      ADD COLUMN first_allowed_us      bigint CHECK (first_allowed_us >= 0),
      ADD COLUMN resolution_allowed_us bigint CHECK (resolution_allowed_us >= 0),
      ADD COLUMN clock_state           jsonb,
      ALTER COLUMN service_level SET STATISTICS 0,
      ALTER COLUMN first_allowed_us SET STATISTICS 0,
      ALTER COLUMN resolution_allowed_us SET STATISTICS 0,
      ALTER COLUMN clock_state SET STATISTICS 0;

    CREATE FUNCTION desk.microseconds(span interval) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
      SELECT (extract(epoch FROM span) * 1000000)::bigint
    $$;

    WITH decided AS (
      SELECT t.id, t.opened_at,
             coalesce((SELECT e.detail->>'service_level' FROM desk.ticket_event e
                        WHERE e.ticket_id = t.id AND e.kind IN ('queued', 'triaged') ORDER BY e.version LIMIT 1), '-') AS level,
             desk.microseconds(4 * (t.first_due_at - t.first_early_at)) AS first_allowed,
             desk.microseconds(t.first_due_at - t.first_met_at) AS first_left,
             desk.microseconds(4 * (t.resolution_due_at - t.resolution_early_at)) AS resolution_allowed,
             desk.microseconds(t.resolution_due_at - coalesce(t.resolution_paused_at, t.resolution_met_at)) AS resolution_left,
             desk.microseconds(t.resolution_due_at - t.opened_at) AS resolution_span,
             EXISTS (SELECT FROM desk.ticket_event e
                      WHERE e.ticket_id = t.id AND e.kind IN ('pending', 'reopened')) AS was_paused
        FROM desk.ticket t WHERE t.first_due_at IS NOT NULL OR t.resolution_due_at IS NOT NULL),
    counted AS (
      SELECT d.*, greatest(0, d.first_allowed - d.first_left) AS first_used,
             CASE WHEN d.resolution_left IS NOT NULL THEN greatest(0, d.resolution_allowed - d.resolution_left)
                  WHEN d.was_paused THEN least(0, d.resolution_allowed - d.resolution_span) END AS resolution_used
        FROM decided d)
    UPDATE desk.ticket t
       SET service_level = c.level, first_allowed_us = c.first_allowed, resolution_allowed_us = c.resolution_allowed,
           clock_state = nullif(jsonb_strip_nulls(jsonb_build_object(
             'first_used_us', c.first_used, 'resolution_used_us', c.resolution_used)), '{}')
      FROM counted c WHERE c.id = t.id;

    DROP FUNCTION desk.microseconds(interval);

    -- A moment of `clock_state`, for reports.
    CREATE FUNCTION desk.moment(microseconds text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
      SELECT timestamptz 'epoch' + make_interval(secs => microseconds::bigint / 1e6::double precision)
    $$;
    """
}
