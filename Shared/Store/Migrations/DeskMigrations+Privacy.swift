extension DeskMigrations {
  /// Forgetting: one customer on demand, everybody's history after a time. Both leave their proof in the audit, without a word of what
  /// was forgotten.
  ///
  /// Partitions go one at a time, oldest first, and only where neither a living ticket nor an undecided or dead message can lie in
  /// them. Dropping waits half a second for its lock, because everybody waits behind it.
  static let privacy = """
    CREATE FUNCTION desk.erase_customer(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      of_customer uuid[];
      tickets bigint;
      messages bigint;
      deliveries bigint;
      letters bigint;
      known bigint;
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
      DELETE FROM desk.customer WHERE channel = the_channel AND external_id = the_customer;
      GET DIAGNOSTICS known = ROW_COUNT;
      IF tickets = 0 AND known = 0 THEN RETURN NULL; END IF;
      counts := jsonb_build_object('tickets', tickets, 'messages', messages, 'deliveries', deliveries, 'dead_letters', letters,
        'customers', known);
      RETURN counts || jsonb_build_object('entry', desk.audit_append('customer.erased', the_channel,
        counts || jsonb_build_object('reason', reason, 'receipt', receipt)));
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.erase_customer(text, text, text, text) FROM PUBLIC;

    CREATE FUNCTION desk.oldest_needed() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
      SELECT id FROM (
        (SELECT ticket_id FROM desk.open_ticket ORDER BY ticket_id LIMIT 1) UNION ALL
        (SELECT message_id FROM desk.inbox ORDER BY message_id LIMIT 1) UNION ALL
        (SELECT least(id, ticket_id) FROM desk.dead_letter WHERE replayed_at IS NULL ORDER BY 1 LIMIT 1)) AS needed(id)
       ORDER BY id LIMIT 1
    $$;

    CREATE FUNCTION desk.drop_oldest_partition(parent text, keep_days integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '500ms' AS $$
    DECLARE
      name text;
      ends timestamptz;
      keeps_from timestamptz := ((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC';
      needed uuid := desk.oldest_needed();
    BEGIN
      IF keep_days < 1 OR parent <> ALL (ARRAY['message', 'ticket_event', 'closed_ticket']) THEN
        RAISE EXCEPTION 'only history older than a day can be dropped' USING ERRCODE = 'invalid_parameter_value';
      END IF;
      SELECT c.relname, (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' INTO name, ends
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = ('desk.' || parent)::regclass AND c.relname ~ ('^' || parent || '_[0-9]{8}$')
       ORDER BY c.relname LIMIT 1;
      IF name IS NULL OR ends > keeps_from OR needed < desk.uuid_floor(ends) THEN RETURN NULL; END IF;
      EXECUTE format('DROP TABLE desk.%I', name);
      PERFORM desk.audit_append('retention.dropped', name,
        jsonb_build_object('keep_days', keep_days, 'before', desk.uuid_floor(ends)));
      RETURN name;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.drop_oldest_partition(text, integer) FROM PUBLIC;

    -- What belonged to dropped messages, and what lay beside the days: afterwards, because it reads tables whole.
    CREATE FUNCTION desk.forget_before(keep_days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      keeps_from timestamptz := ((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC';
      before uuid := desk.uuid_floor(keeps_from);
      gone bigint;
      forgotten bigint := 0;
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
      RETURN forgotten + gone;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.forget_before(integer) FROM PUBLIC;
    """
}
