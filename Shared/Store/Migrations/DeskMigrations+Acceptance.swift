extension DeskMigrations {
  /// A repetition is answered by its key alone, whatever retention has dropped: the key names the ticket. Keys of before do not, and a
  /// build of before writes none; their tickets are found by their messages as long as there are any.
  ///
  /// Erasure and retention find keys by their messages.
  static let messageKeys = """
    ALTER TABLE desk.message_key ADD COLUMN ticket_id uuid, ALTER COLUMN ticket_id SET STATISTICS 0;
    CREATE INDEX message_key_of_message ON desk.message_key (message_id);

    -- Ends an accepting statement that met a key which was written while it ran: it is tried again, and finds the key.
    CREATE FUNCTION desk.key_was_taken() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
      RAISE EXCEPTION 'the idempotency key was taken meanwhile' USING ERRCODE = 'serialization_failure';
    END
    $$;
    """

  /// A ticket takes a bounded number of its customer's messages; the next one opens a ticket that continues it. `messages` counts those
  /// since this migration. The row of a full ticket stays as long as the ticket lives, under a name that no customer can have, because it
  /// is longer; `known_as` is whose it is. A build of before counts nothing and therefore fills no ticket.
  ///
  /// Erasing a customer finds these rows, too.
  static let continuedTickets = """
    ALTER TABLE desk.open_ticket
      ADD COLUMN messages integer NOT NULL DEFAULT 0,
      ADD COLUMN known_as text,
      ALTER COLUMN messages SET STATISTICS 0,
      ALTER COLUMN known_as SET STATISTICS 0;
    CREATE INDEX open_ticket_known_as ON desk.open_ticket (channel, known_as) WHERE known_as IS NOT NULL;

    ALTER TABLE desk.ticket_tie DROP CONSTRAINT ticket_tie_kind_check;
    ALTER TABLE desk.ticket_tie ADD CONSTRAINT ticket_tie_kind_check
      CHECK (kind IN ('related', 'merged_into', 'continued_by'));

    -- Leaves the customer's name to the row of the ticket that continues this one. A service may not rewrite names by itself.
    CREATE FUNCTION desk.leave_behind(full_ticket uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      UPDATE desk.open_ticket SET known_as = customer, customer = rpad('continued:' || ticket_id, 1000, '.')
       WHERE ticket_id = full_ticket AND known_as IS NULL;
      RETURN FOUND;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.leave_behind(uuid) FROM PUBLIC;

    \(erasingCustomer(whose: "(customer = the_customer OR known_as = the_customer)", alsoSet: " known_as = NULL,"))
    """
}
