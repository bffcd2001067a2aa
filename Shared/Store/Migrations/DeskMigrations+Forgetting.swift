extension DeskMigrations {
  /// Forgetting, in every place: what was gathered, corrected, rated, tied and followed up since these tables came hangs on tickets and
  /// goes with them, one customer's on demand and everybody's after a time. The audit counts it by kind.
  ///
  /// Both functions keep their names and what they take and give, so that builds of before forget as thoroughly.
  static let forgetting = """
    CREATE OR REPLACE FUNCTION desk.erase_customer(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      of_customer uuid[];
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
      SELECT array_agg(id) INTO of_customer FROM (
        SELECT ticket_id AS id FROM desk.open_ticket WHERE channel = the_channel AND customer = the_customer FOR UPDATE) AS living;
      of_customer := of_customer || ARRAY(
        SELECT id FROM desk.closed_ticket WHERE channel = the_channel AND customer = the_customer);
      UPDATE desk.open_ticket SET customer = 'erased:' || ticket_id, tier = 'standard' WHERE ticket_id = ANY(of_customer);
      UPDATE desk.ticket SET customer = 'erased:' || id, tier = 'standard', version = version + 1 WHERE id = ANY(of_customer);
      UPDATE desk.closed_ticket SET customer = 'erased:' || id,
        ticket = ticket || jsonb_build_object('customer', 'erased:' || id) WHERE id = ANY(of_customer);
      tickets := coalesce(cardinality(of_customer), 0);
      -- The key stays, so that a repetition by the channel is not taken for a new message; what could tell the content goes.
      UPDATE desk.message_key SET digest = sha256(uuid_send(gen_random_uuid()))
       WHERE channel = the_channel AND message_id IN (SELECT id FROM desk.message WHERE ticket_id = ANY(of_customer));
      UPDATE desk.message SET body = '', subject = NULL, attributes = NULL, attachments = NULL, sent_at = NULL,
        author = CASE WHEN direction = 1 THEN 'erased:' || ticket_id ELSE author END
       WHERE ticket_id = ANY(of_customer);
      GET DIAGNOSTICS messages = ROW_COUNT;
      DELETE FROM desk.outbox WHERE ticket_id = ANY(of_customer);
      GET DIAGNOSTICS deliveries = ROW_COUNT;
      DELETE FROM desk.dead_letter WHERE ticket_id = ANY(of_customer) AND kind = 'notice';
      GET DIAGNOSTICS letters = ROW_COUNT;
      UPDATE desk.dead_letter SET body = body || jsonb_build_object('customer', 'erased:' || ticket_id)
       WHERE ticket_id = ANY(of_customer) AND body ? 'customer';
      -- A message that lost its words teaches no model and wishes for nothing. A group lives on by what others said of it.
      DELETE FROM desk.correction WHERE ticket = ANY(of_customer);
      GET DIAGNOSTICS corrected = ROW_COUNT;
      WITH gone AS (DELETE FROM desk.feedback WHERE ticket = ANY(of_customer) RETURNING gathered AS id),
      counted AS (SELECT id, count(*) AS members FROM gone GROUP BY id),
      smaller AS (UPDATE desk.feedback_group g SET messages = greatest(0, g.messages - c.members) FROM counted c WHERE g.id = c.id)
      SELECT count(*) INTO unlearnt FROM gone;
      UPDATE desk.feedback_group g SET first_message = f.message, first_ticket = f.ticket
        FROM (SELECT DISTINCT ON (o.gathered) o.gathered, o.message, o.ticket FROM desk.feedback o
               WHERE o.gathered IN (SELECT id FROM desk.feedback_group WHERE first_ticket = ANY(of_customer))
               ORDER BY o.gathered, o.at, o.message) f
       WHERE g.id = f.gathered;
      DELETE FROM desk.feedback_group g WHERE first_ticket = ANY(of_customer)
         AND NOT EXISTS (SELECT FROM desk.feedback f WHERE f.gathered = g.id);
      -- What a lead wrote about the customer.
      UPDATE desk.follow_up SET outcome = 'erased' WHERE ticket = ANY(of_customer) AND outcome IS NOT NULL;
      GET DIAGNOSTICS followed = ROW_COUNT;
      UPDATE desk.hot_issue SET examples = ARRAY(
          SELECT example FROM unnest(examples) WITH ORDINALITY AS e(example, place) WHERE example <> ALL(of_customer) ORDER BY place)
       WHERE examples && of_customer;
      GET DIAGNOSTICS alerts = ROW_COUNT;
      DELETE FROM desk.customer_contact WHERE channel = the_channel AND customer = the_customer;
      GET DIAGNOSTICS reached = ROW_COUNT;
      DELETE FROM desk.customer WHERE channel = the_channel AND external_id = the_customer;
      GET DIAGNOSTICS known = ROW_COUNT;
      IF tickets = 0 AND known = 0 AND reached = 0 THEN RETURN NULL; END IF;
      counts := jsonb_build_object('tickets', tickets, 'messages', messages, 'deliveries', deliveries, 'dead_letters', letters,
        'customers', known, 'corrections', corrected, 'feedback', unlearnt, 'follow_ups', followed, 'hot_issues', alerts, 'contacts', reached);
      RETURN counts || jsonb_build_object('entry', desk.audit_append('customer.erased', the_channel,
        counts || jsonb_build_object('reason', reason, 'receipt', receipt)));
    END
    $$;

    CREATE OR REPLACE FUNCTION desk.forget_before(keep_days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      keeps_from timestamptz := ((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC';
      before uuid := desk.uuid_floor(keeps_from);
      gone bigint;
      forgotten bigint := 0;
      counts jsonb := '{}';
      part text;
      statement text;
      parts text[] := ARRAY[
        -- What hangs on tickets and messages goes with them.
        'corrections', 'DELETE FROM desk.correction WHERE least(ticket, message) < $1',
        'ties', 'DELETE FROM desk.ticket_tie WHERE least(ticket, other) < $1',
        'ratings', 'DELETE FROM desk.rating WHERE ticket < $1',
        'follow_ups', 'DELETE FROM desk.follow_up WHERE ticket < $1',
        'feedback', 'DELETE FROM desk.feedback WHERE least(ticket, message) < $1',
        -- A group whose first words are gone is told by the next; one that nobody is in any more goes.
        NULL, 'UPDATE desk.feedback_group g SET first_message = f.message, first_ticket = f.ticket
           FROM (SELECT DISTINCT ON (o.gathered) o.gathered, o.message, o.ticket FROM desk.feedback o
                  WHERE o.gathered IN (SELECT id FROM desk.feedback_group WHERE least(first_ticket, first_message) < $1)
                  ORDER BY o.gathered, o.at, o.message) f
          WHERE g.id = f.gathered',
        'feedback_groups', 'DELETE FROM desk.feedback_group g WHERE last_at < $2
           AND NOT EXISTS (SELECT FROM desk.feedback f WHERE f.gathered = g.id)',
        'hot_issues', 'DELETE FROM desk.hot_issue WHERE ended_at < $2',
        NULL, 'UPDATE desk.hot_issue SET examples = ARRAY(
             SELECT example FROM unnest(examples) WITH ORDINALITY AS e(example, place) WHERE example >= $1 ORDER BY place)
           WHERE EXISTS (SELECT FROM unnest(examples) AS e(example) WHERE example < $1)',
        -- Who wrote last before the term is not known any more, unless somebody set a standing or a dedicated agent.
        'customers', 'DELETE FROM desk.customer c WHERE last_ticket < $1 AND tier = ''standard'' AND dedicated_agent IS NULL
           AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.customer = c.external_id)',
        'contacts', 'DELETE FROM desk.customer_contact c WHERE given_at < $2
           AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.customer = c.customer)',
        NULL, 'UPDATE desk.customer c SET last_ticket = NULL WHERE last_ticket < $1
           AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.customer = c.external_id)'];
    BEGIN
      IF keep_days < 1 THEN
        RAISE EXCEPTION 'only history older than a day can be dropped' USING ERRCODE = 'invalid_parameter_value';
      END IF;
      before := least(before, desk.oldest_needed());
      DELETE FROM desk.message_default WHERE id < before;
      DELETE FROM desk.ticket_event_default WHERE ticket_id < before;
      DELETE FROM desk.closed_ticket_default WHERE id < before;
      DELETE FROM desk.message_key k WHERE message_id < before AND NOT EXISTS (SELECT FROM desk.message m WHERE m.id = k.message_id);
      GET DIAGNOSTICS forgotten = ROW_COUNT;
      DELETE FROM desk.request_key WHERE received_at < keeps_from;
      GET DIAGNOSTICS gone = ROW_COUNT;
      forgotten := forgotten + gone;
      DELETE FROM desk.dead_letter WHERE replayed_at < keeps_from;
      GET DIAGNOSTICS gone = ROW_COUNT;
      forgotten := forgotten + gone;
      FOR place IN 1..cardinality(parts) BY 2 LOOP
        part := parts[place];
        statement := parts[place + 1];
        EXECUTE statement USING before, keeps_from;
        GET DIAGNOSTICS gone = ROW_COUNT;
        IF part IS NOT NULL AND gone > 0 THEN
          counts := counts || jsonb_build_object(part, gone);
          forgotten := forgotten + gone;
        END IF;
      END LOOP;
      IF counts <> '{}' THEN
        PERFORM desk.audit_append('retention.forgotten', 'desk',
          counts || jsonb_build_object('keep_days', keep_days, 'before', before));
      END IF;
      RETURN forgotten;
    END
    $$;
    """
}
