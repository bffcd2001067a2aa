extension DeskMigrations {
  /// Responses that nobody gave. `clock_state` says it of a clock under `first_ended` and `next_ended`, in the words of
  /// `ServiceLevelClock.Ending.Reason`; the moment stands where it always stood, so that builds of before read the clock as they did.
  ///
  /// Tickets that live now are told apart by their timelines: a response was given where a reply stands. Of those that are over the
  /// timeline says it in the reports.
  static let unanswered = """
    WITH stopped AS (
      SELECT t.id,
             t.first_met_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM desk.ticket_event e WHERE e.ticket_id = t.id AND e.kind = 'replied' AND e.at <= t.first_met_at) AS first,
             t.clock_state ? 'next_met_us' AND NOT EXISTS (
               SELECT FROM desk.ticket_event e WHERE e.ticket_id = t.id AND e.kind = 'replied'
                  AND e.at >= desk.moment(t.clock_state->>'next_met_us') - interval '1 millisecond') AS next,
             EXISTS (SELECT FROM desk.ticket_event e WHERE e.ticket_id = t.id AND e.kind = 'answered')
               AND NOT EXISTS (SELECT FROM desk.ticket_event e WHERE e.ticket_id = t.id AND e.kind = 'accepted') AS by_article
        FROM desk.ticket t WHERE t.first_met_at IS NOT NULL OR t.clock_state ? 'next_met_us')
    UPDATE desk.ticket t SET clock_state = coalesce(t.clock_state, '{}') || jsonb_strip_nulls(jsonb_build_object(
        'first_ended', CASE WHEN s.first THEN CASE WHEN s.by_article THEN 'waived' ELSE 'unanswered' END END,
        'next_ended', CASE WHEN s.next THEN 'unanswered' END))
      FROM stopped s WHERE s.id = t.id AND (s.first OR s.next)
    """

  /// Agents who let a ticket go, and until when each is left alone with it: `ann:3:1772442045000000`, apart by blanks.
  static let offerPauses = """
    ALTER TABLE desk.ticket
      ADD COLUMN offer_pauses text NOT NULL DEFAULT '',
      ALTER COLUMN offer_pauses SET STATISTICS 0
    """

  /// Customers whose ticket became part of another customer's. The row that says who has an open ticket stays, and leads to the one that
  /// lives (`merged_into`): accepting reads it anyway, and it keeps the customer from having two. It ends with that ticket.
  ///
  /// `ticket_guest` says who they are as long as anything is kept of the ticket: their channels may look at it, and an erasure finds what
  /// they wrote on it. `ticket.guest_…` is the one who wrote last, where that is not the ticket's own customer; `message.addressee` the
  /// one who was answered.
  ///
  /// A build of before puts a guest's message on the dead ticket; it is moved to the living one when a router of this build finds it.
  static let guests = """
    ALTER TABLE desk.open_ticket ADD COLUMN merged_into uuid, ALTER COLUMN merged_into SET STATISTICS 0;
    CREATE INDEX open_ticket_merged ON desk.open_ticket (merged_into) WHERE merged_into IS NOT NULL;

    ALTER TABLE desk.ticket
      ADD COLUMN guest_channel text,
      ADD COLUMN guest_customer text,
      ALTER COLUMN guest_channel SET STATISTICS 0,
      ALTER COLUMN guest_customer SET STATISTICS 0;

    ALTER TABLE desk.message ADD COLUMN addressee text;
    ALTER TABLE desk.message ALTER COLUMN addressee SET STATISTICS 0;

    CREATE TABLE desk.ticket_guest (
      ticket    uuid NOT NULL,
      channel   text NOT NULL,
      customer  text NOT NULL,
      PRIMARY KEY (ticket, channel, customer)
    );
    CREATE INDEX ticket_guest_of_customer ON desk.ticket_guest (channel, customer);

    -- What was merged before, as far as it still lives. A customer who has another open ticket keeps that.
    WITH RECURSIVE chain(source, ticket, length) AS (
      SELECT ticket, other, 1 FROM desk.ticket_tie WHERE kind = 'merged_into'
      UNION ALL
      SELECT c.source, t.other, c.length + 1 FROM chain c JOIN desk.ticket_tie t ON t.ticket = c.ticket AND t.kind = 'merged_into'
       WHERE c.length < 100),
    host AS (
      SELECT DISTINCT ON (c.channel, c.customer) c.channel, c.customer, c.id, c.ticket->>'tier' AS tier, c.opened_at, chain.ticket
        FROM chain JOIN desk.ticket t ON t.id = chain.ticket JOIN desk.closed_ticket c ON c.id = chain.source
       WHERE c.customer NOT LIKE 'erased:%' AND (c.channel, c.customer) <> (t.channel, t.customer)
       ORDER BY c.channel, c.customer, c.closed_at DESC),
    led AS (
      INSERT INTO desk.open_ticket (channel, customer, ticket_id, tier, opened_at, merged_into)
      SELECT channel, customer, id, coalesce(tier, 'standard'), opened_at, ticket FROM host
      ON CONFLICT DO NOTHING)
    INSERT INTO desk.ticket_guest (ticket, channel, customer) SELECT ticket, channel, customer FROM host;

    ALTER FUNCTION desk.service_rights() RENAME TO service_rights_before_guests;
    CREATE FUNCTION desk.service_rights() RETURNS TABLE (relation text, rights text) LANGUAGE sql IMMUTABLE AS $$
      SELECT * FROM desk.service_rights_before_guests() UNION ALL VALUES ('ticket_guest', 'SELECT, INSERT')
    $$;
    """

  /// Forgetting where two customers share a ticket: each one's words go on their own, the other's stay. What agents noted on it may be
  /// about either, and goes with the first.
  static let forgettingGuests = """
    -- Channel and customer of a notice; NULL for a body that is no JSON.
    CREATE FUNCTION desk.named_in(notice text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
    BEGIN
      RETURN ARRAY[notice::jsonb->>'channel', notice::jsonb->>'customer'];
    EXCEPTION WHEN invalid_text_representation THEN
      RETURN NULL;
    END
    $$;

    \(erasingCustomer(whose: "customer = the_customer", alsoSet: ""))

    -- A guest is forgotten with the ticket.
    ALTER FUNCTION desk.forget_before(integer) RENAME TO forget_before_guests;
    REVOKE EXECUTE ON FUNCTION desk.forget_before_guests(integer) FROM PUBLIC;
    CREATE FUNCTION desk.forget_before(keep_days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      forgotten bigint := desk.forget_before_guests(keep_days);
      gone bigint;
    BEGIN
      DELETE FROM desk.ticket_guest WHERE ticket < least(
        desk.uuid_floor(((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC'), desk.oldest_needed());
      GET DIAGNOSTICS gone = ROW_COUNT;
      RETURN forgotten + gone;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.forget_before(integer) FROM PUBLIC;
    """

  /// Erasure, by what a row of `open_ticket` says of whose it is.
  ///
  /// - Parameters:
  ///   - whose: the condition that the customer's rows meet, next to their channel.
  ///   - alsoSet: what else is blanked in them.
  static func erasingCustomer(whose: String, alsoSet: String) -> String {
    """
    CREATE OR REPLACE FUNCTION desk.erase_customer(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      of_customer uuid[];   -- the customer's tickets
      hosts uuid[];         -- others' tickets that theirs became part of
      words uuid[];         -- what they wrote and were answered, and the notes
      others uuid[];        -- what others wrote on the customer's tickets
      tickets bigint;
      messages bigint;
      deliveries bigint;
      letters bigint;
      known bigint;
      unlearnt bigint;
      corrected bigint;
      followed bigint;
      alerts bigint;
      reached bigint;
      counts jsonb;
    BEGIN
      -- The lock keeps steps and new messages of a living ticket out until this is committed; the raised version then sends back
      -- whoever read the ticket before.
      SELECT array_agg(id) FILTER (WHERE merged_into IS NULL) INTO of_customer FROM (
        SELECT ticket_id AS id, merged_into FROM desk.open_ticket
         WHERE channel = the_channel AND \(whose) FOR UPDATE) AS living;
      of_customer := of_customer || ARRAY(
        SELECT id FROM desk.closed_ticket WHERE channel = the_channel AND customer = the_customer);
      tickets := coalesce(cardinality(of_customer), 0);
      hosts := ARRAY(SELECT ticket FROM desk.ticket_guest WHERE channel = the_channel AND customer = the_customer);
      words := ARRAY(
        SELECT m.id FROM desk.message m WHERE m.ticket_id = ANY(of_customer)
           AND CASE m.direction WHEN 1 THEN m.channel = the_channel AND m.author = the_customer
                                WHEN 2 THEN m.addressee IS NULL ELSE true END
        UNION ALL
        SELECT m.id FROM desk.message m WHERE m.ticket_id = ANY(hosts)
           AND CASE m.direction WHEN 1 THEN m.channel = the_channel AND m.author = the_customer
                                WHEN 2 THEN m.channel = the_channel AND m.addressee = the_customer ELSE true END);
      others := ARRAY(
        SELECT m.id FROM desk.message m WHERE m.ticket_id = ANY(of_customer) AND m.direction = 1 AND m.id <> ALL(words));
      UPDATE desk.open_ticket SET customer = 'erased:' || ticket_id,\(alsoSet) tier = 'standard' WHERE ticket_id = ANY(of_customer) AND merged_into IS NULL;
      DELETE FROM desk.open_ticket WHERE channel = the_channel AND \(whose) AND merged_into IS NOT NULL;
      UPDATE desk.ticket SET customer = 'erased:' || id, tier = 'standard', version = version + 1 WHERE id = ANY(of_customer);
      UPDATE desk.ticket SET version = version + 1,
          guest_customer = CASE WHEN (guest_channel, guest_customer) = (the_channel, the_customer) THEN NULL ELSE guest_customer END,
          guest_channel = CASE WHEN (guest_channel, guest_customer) = (the_channel, the_customer) THEN NULL ELSE guest_channel END
       WHERE id = ANY(hosts);
      UPDATE desk.closed_ticket SET customer = 'erased:' || id,
        ticket = ticket || jsonb_build_object('customer', 'erased:' || id) WHERE id = ANY(of_customer);
      UPDATE desk.closed_ticket SET ticket = ticket - 'guest_channel' - 'guest_customer'
       WHERE id = ANY(hosts) AND (ticket->>'guest_channel', ticket->>'guest_customer') = (the_channel, the_customer);
      DELETE FROM desk.ticket_guest WHERE channel = the_channel AND customer = the_customer;
      -- The key stays, so that a repetition by the channel is not taken for a new message; what could tell the content goes.
      UPDATE desk.message_key SET digest = sha256(uuid_send(gen_random_uuid()))
       WHERE channel = the_channel AND message_id = ANY(words);
      UPDATE desk.message SET body = '', subject = NULL, attributes = NULL, attachments = NULL, sent_at = NULL,
        author = CASE WHEN direction = 1 THEN 'erased:' || ticket_id ELSE author END,
        addressee = CASE WHEN addressee IS NOT NULL THEN 'erased:' || ticket_id END
       WHERE id = ANY(words);
      GET DIAGNOSTICS messages = ROW_COUNT;
      -- A notice names whom it is about; what names another customer of the same ticket is theirs.
      DELETE FROM desk.outbox o WHERE ticket_id = ANY(of_customer || hosts)
         AND CASE WHEN ticket_id = ANY(of_customer)
               THEN NOT EXISTS (SELECT FROM desk.ticket_guest g
                                 WHERE g.ticket = o.ticket_id AND ARRAY[g.channel, g.customer] = desk.named_in(o.body))
               ELSE coalesce(desk.named_in(o.body) = ARRAY[the_channel, the_customer], false) END;
      GET DIAGNOSTICS deliveries = ROW_COUNT;
      DELETE FROM desk.dead_letter o WHERE ticket_id = ANY(of_customer || hosts) AND kind = 'notice'
         AND CASE WHEN ticket_id = ANY(of_customer)
               THEN NOT EXISTS (SELECT FROM desk.ticket_guest g
                                 WHERE g.ticket = o.ticket_id AND ARRAY[g.channel, g.customer] = desk.named_in(o.body->>'body'))
               ELSE coalesce(desk.named_in(o.body->>'body') = ARRAY[the_channel, the_customer], false) END;
      GET DIAGNOSTICS letters = ROW_COUNT;
      UPDATE desk.dead_letter SET body = body || jsonb_build_object('customer', 'erased:' || ticket_id)
       WHERE ticket_id = ANY(of_customer) AND body ? 'customer';
      -- A message that lost its words teaches no model and wishes for nothing. A group lives on by what others said of it.
      DELETE FROM desk.correction WHERE (ticket = ANY(of_customer) AND message <> ALL(others)) OR message = ANY(words);
      GET DIAGNOSTICS corrected = ROW_COUNT;
      WITH gone AS (
        DELETE FROM desk.feedback WHERE (ticket = ANY(of_customer) AND message <> ALL(others)) OR message = ANY(words)
        RETURNING gathered AS id),
      counted AS (SELECT id, count(*) AS members FROM gone GROUP BY id),
      smaller AS (UPDATE desk.feedback_group g SET messages = greatest(0, g.messages - c.members) FROM counted c WHERE g.id = c.id)
      SELECT count(*) INTO unlearnt FROM gone;
      UPDATE desk.feedback_group g SET first_message = f.message, first_ticket = f.ticket
        FROM (SELECT DISTINCT ON (o.gathered) o.gathered, o.message, o.ticket FROM desk.feedback o
               WHERE o.gathered IN (
                 SELECT id FROM desk.feedback_group
                  WHERE (first_ticket = ANY(of_customer) AND first_message <> ALL(others)) OR first_message = ANY(words))
               ORDER BY o.gathered, o.at, o.message) f
       WHERE g.id = f.gathered;
      DELETE FROM desk.feedback_group g
       WHERE ((first_ticket = ANY(of_customer) AND first_message <> ALL(others)) OR first_message = ANY(words))
         AND NOT EXISTS (SELECT FROM desk.feedback f WHERE f.gathered = g.id);
      -- What a lead wrote about the customer.
      UPDATE desk.follow_up SET outcome = 'erased' WHERE ticket = ANY(of_customer || hosts) AND outcome IS NOT NULL;
      GET DIAGNOSTICS followed = ROW_COUNT;
      UPDATE desk.hot_issue SET examples = ARRAY(
          SELECT example FROM unnest(examples) WITH ORDINALITY AS e(example, place) WHERE example <> ALL(of_customer) ORDER BY place)
       WHERE examples && of_customer;
      GET DIAGNOSTICS alerts = ROW_COUNT;
      DELETE FROM desk.customer_contact WHERE channel = the_channel AND customer = the_customer;
      GET DIAGNOSTICS reached = ROW_COUNT;
      DELETE FROM desk.customer WHERE channel = the_channel AND external_id = the_customer;
      GET DIAGNOSTICS known = ROW_COUNT;
      IF tickets = 0 AND known = 0 AND reached = 0 AND hosts = '{}' THEN RETURN NULL; END IF;
      counts := jsonb_build_object('tickets', tickets, 'messages', messages, 'deliveries', deliveries, 'dead_letters', letters,
        'customers', known, 'corrections', corrected, 'feedback', unlearnt, 'follow_ups', followed, 'hot_issues', alerts, 'contacts', reached);
      RETURN counts || jsonb_build_object('entry', desk.audit_append('customer.erased', the_channel,
        counts || jsonb_build_object('reason', reason, 'receipt', receipt)));
    END
    $$;
    """
  }
}
