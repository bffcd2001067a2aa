extension DeskMigrations {
  /// Within a class and tier, tickets wait in the order of their promised moments, those without a promise since when they wait. Behind
  /// any moment of the index lie the tickets that can still be in time, before it the late ones: both are read without the others.
  ///
  /// A build that knows the former index only sorts what waits by itself, until it is replaced.
  static let queueOrder = """
    DROP INDEX desk.ticket_waiting;
    CREATE INDEX ticket_waiting ON desk.ticket
      (waiting_queue, rank, (coalesce(CASE WHEN first_met_at IS NULL THEN first_due_at END, waiting_since)))
      WHERE waiting_queue IS NOT NULL;
    """

  /// Where many are promised the same moment, the older ticket comes first: written again, a ticket's row lay behind all others of its
  /// moment, and a customer who wrote twice was overtaken for it.
  static let queueTies = """
    DROP INDEX desk.ticket_waiting;
    CREATE INDEX ticket_waiting ON desk.ticket
      (waiting_queue, rank, (coalesce(CASE WHEN first_met_at IS NULL THEN first_due_at END, waiting_since)), id)
      WHERE waiting_queue IS NOT NULL;
    """

  /// A ticket that was answered once waits by what is promised next, its next answer or its resolution, and no longer behind all others.
  static let queuePromises = """
    DROP INDEX desk.ticket_waiting;
    CREATE INDEX ticket_waiting ON desk.ticket
      (waiting_queue, rank, (coalesce(coalesce(
         least(
           CASE WHEN first_met_at IS NULL AND first_paused_at IS NULL THEN first_due_at END,
           CASE WHEN clock_state->>'next_met_us' IS NULL AND clock_state->>'next_paused_us' IS NULL
                THEN to_timestamp((clock_state->>'next_due_us')::bigint / 1e6) END,
           CASE WHEN resolution_told < 100 AND resolution_met_at IS NULL AND resolution_paused_at IS NULL THEN resolution_due_at END),
         CASE WHEN resolution_met_at IS NULL AND resolution_paused_at IS NULL THEN resolution_due_at END), waiting_since)), id)
      WHERE waiting_queue IS NOT NULL;
    """

  /// How fast each queue gives tickets to agents, kept by its owner every few seconds: what expected waits are told by.
  static let queuePace = """
    CREATE TABLE desk.queue_pace (
      queue        text PRIMARY KEY,
      per_second   double precision NOT NULL CHECK (per_second >= 0),
      measured_at  timestamptz NOT NULL
    ) WITH (fillfactor = 50);
    """
}
