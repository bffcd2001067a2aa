extension DeskMigrations {
  /// What people said of labels, for the next model. It holds no words: the message has them, and loses them when its customer is
  /// forgotten.
  ///
  /// Rare things that belong to a step lie in tables of their own and are written beside the step's statement, in its transaction.
  /// `require_version` makes that transaction fail as a whole when the step does not take effect.
  static let corrections = """
    CREATE TABLE desk.correction (
      ticket         uuid NOT NULL,
      message        uuid NOT NULL,
      category       text NOT NULL,
      by_agent       text NOT NULL,
      corrected_at   timestamptz NOT NULL DEFAULT now(),
      model_version  text NOT NULL
    );
    CREATE INDEX correction_by_time ON desk.correction (corrected_at);
    CREATE INDEX correction_by_ticket ON desk.correction (ticket);

    CREATE FUNCTION desk.require_version(ticket uuid, expected integer) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      found integer;
    BEGIN
      SELECT t.version INTO found FROM desk.ticket t WHERE t.id = ticket FOR UPDATE;
      IF found IS DISTINCT FROM expected THEN
        RAISE EXCEPTION 'the ticket stands at another version' USING ERRCODE = 'FD409';
      END IF;
    END
    $$;
    """

  /// Reclaiming, ties, breaks, and the ticket before this one.
  ///
  /// A customer's last ticket lies in the row that accepting looks at anyway for the tier, so that a new ticket knows the one before it
  /// without another look. An older build that works beside this one leaves the new columns as they were, so no constraint may bind
  /// them to the state.
  static let life = """
    ALTER TABLE desk.ticket
      ADD COLUMN reply_owed_since timestamptz,
      ADD COLUMN answered_at timestamptz,
      ADD COLUMN confirmed_at timestamptz;
    SELECT desk.sample_keys_only('desk.ticket', ARRAY['id', 'state', 'channel', 'customer', 'tier', 'queue', 'priority',
      'waiting_queue', 'rank', 'waiting_since', 'next_check_at', 'offer_expires_at', 'holder', 'close_at']);

    ALTER TABLE desk.customer ADD COLUMN last_ticket uuid;

    ALTER TABLE desk.agent_state
      ADD COLUMN break_reason text,
      ADD COLUMN break_until timestamptz;

    CREATE TABLE desk.ticket_tie (
      ticket    uuid NOT NULL,
      other     uuid NOT NULL,
      kind      text NOT NULL CHECK (kind IN ('related', 'merged_into')),
      by_agent  text NOT NULL,
      tied_at   timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (ticket, other, kind),
      CHECK (ticket <> other)
    );
    CREATE INDEX ticket_tie_of_other ON desk.ticket_tie (other);
    """

  /// The articles that may fit a message travel with its labels, by a link or through the inbox.
  static let suggestions = "ALTER TABLE desk.inbox ADD COLUMN articles text"

  /// What customers thought of it, and who must look at why they were not content. The words lie among the messages.
  static let closing = """
    CREATE TABLE desk.rating (
      ticket    uuid PRIMARY KEY,
      solved    boolean NOT NULL,
      rating    smallint CHECK (rating BETWEEN 1 AND 5),
      comment   uuid,
      agent     text,
      queue     text,
      category  text,
      rated_at  timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX rating_by_time ON desk.rating (rated_at);

    CREATE TABLE desk.follow_up (
      ticket     uuid PRIMARY KEY,
      lead       text,
      rating     smallint NOT NULL,
      opened_at  timestamptz NOT NULL DEFAULT now(),
      done_at    timestamptz,
      done_by    text,
      outcome    text,
      CHECK ((done_at IS NULL) = (done_by IS NULL))
    );
    CREATE INDEX follow_up_open ON desk.follow_up (opened_at) WHERE done_at IS NULL;
    """

  /// What customers wish for and what breaks, grouped by likeness, for the product team. A signature tells which messages are alike and
  /// none of their words; those stay where all words lie, and go when their customer is forgotten.
  static let feedback = """
    CREATE TABLE desk.feedback_group (
      id             uuid PRIMARY KEY,
      category       text NOT NULL,
      signature      bytea NOT NULL CHECK (octet_length(signature) = 256),
      first_message  uuid NOT NULL,
      first_ticket   uuid NOT NULL,
      opened_at      timestamptz NOT NULL,
      last_at        timestamptz NOT NULL,
      messages       bigint NOT NULL DEFAULT 0
    );
    CREATE INDEX feedback_group_by_time ON desk.feedback_group (last_at);

    CREATE TABLE desk.feedback (
      message   uuid PRIMARY KEY,
      ticket    uuid NOT NULL,
      gathered  uuid NOT NULL REFERENCES desk.feedback_group (id),
      at        timestamptz NOT NULL
    );
    CREATE INDEX feedback_of_group ON desk.feedback (gathered, at);

    -- How far a reader of new tickets has come.
    CREATE TABLE desk.watch_cursor (
      name  text PRIMARY KEY,
      upto  uuid NOT NULL
    );
    INSERT INTO desk.watch_cursor (name, upto)
      VALUES ('feedback', desk.uuid_floor(now())), ('arrivals', desk.uuid_floor(now()));

    -- Tickets opened before this one are decided: whoever reads up to it misses none. Identifiers are made a moment before their rows
    -- are committed, hence the distance.
    CREATE FUNCTION desk.settled_horizon(distance interval) RETURNS uuid LANGUAGE sql STABLE AS $$
      SELECT desk.uuid_floor(least(now(), (SELECT b.accepted_at FROM desk.inbox b ORDER BY b.message_id LIMIT 1)) - distance)
    $$;
    """

  /// Arrivals by kind and time, and the kinds that came far more often than foretold.
  static let issues = """
    CREATE TABLE desk.arrival_slot (
      category  text NOT NULL,
      slot      timestamptz NOT NULL,
      tickets   bigint NOT NULL,
      PRIMARY KEY (category, slot)
    ) WITH (fillfactor = 80);
    CREATE INDEX arrival_slot_by_time ON desk.arrival_slot (slot);

    CREATE TABLE desk.hot_issue (
      category   text NOT NULL,
      raised_at  timestamptz NOT NULL DEFAULT now(),
      ended_at   timestamptz,
      tickets    bigint NOT NULL,
      expected   double precision NOT NULL,
      examples   uuid[] NOT NULL,
      PRIMARY KEY (category, raised_at)
    );
    -- One alert for an issue, however many watchers see it.
    CREATE UNIQUE INDEX hot_issue_open ON desk.hot_issue (category) WHERE ended_at IS NULL;
    """
}
