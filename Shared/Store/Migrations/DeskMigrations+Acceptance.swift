extension DeskMigrations {
  /// A repetition is answered by its key alone, whatever retention has dropped: the key names the ticket. Keys of before do not, and a build
  /// of before writes none; their tickets are found by their messages as long as there are any.
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
}
