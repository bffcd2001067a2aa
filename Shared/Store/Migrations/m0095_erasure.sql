-- The schema of version 95: functions of erasure. New databases and upgrades from version 94 run it.

-- Channel and customer named in a notice; null for a body that is not JSON.
CREATE OR REPLACE FUNCTION desk.named_in(notice text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
BEGIN
  RETURN ARRAY[notice::jsonb->>'channel', notice::jsonb->>'customer'];
EXCEPTION WHEN invalid_text_representation THEN
  RETURN NULL;
END
$$;

-- Erases what a customer's tickets contain: messages, names, training data, contact data.
CREATE OR REPLACE FUNCTION desk.erase_customer_content(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  of_customer uuid[];   -- the customer's tickets
  hosts uuid[];         -- others' tickets that theirs became part of
  own uuid[];           -- what they wrote, the replies to them, and the notes
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
  -- The lock keeps steps and new messages of a live ticket out until this is committed; the raised version then rejects steps that
  -- were computed before.
  SELECT array_agg(id) FILTER (WHERE merged_into IS NULL) INTO of_customer FROM (
    SELECT ticket_id AS id, merged_into FROM desk.open_ticket
     WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer) FOR UPDATE) AS living;
  of_customer := of_customer || ARRAY(
    SELECT id FROM desk.closed_ticket WHERE channel = the_channel AND customer = the_customer);
  tickets := coalesce(cardinality(of_customer), 0);
  hosts := ARRAY(SELECT ticket FROM desk.ticket_guest WHERE channel = the_channel AND customer = the_customer);
  own := ARRAY(
    SELECT m.id FROM desk.message m WHERE m.ticket_id = ANY(of_customer)
       AND CASE m.direction WHEN 1 THEN m.channel = the_channel AND m.author = the_customer
                            WHEN 2 THEN m.addressee IS NULL ELSE true END
    UNION ALL
    SELECT m.id FROM desk.message m WHERE m.ticket_id = ANY(hosts)
       AND CASE m.direction WHEN 1 THEN m.channel = the_channel AND m.author = the_customer
                            WHEN 2 THEN m.channel = the_channel AND m.addressee = the_customer ELSE true END);
  others := ARRAY(
    SELECT m.id FROM desk.message m WHERE m.ticket_id = ANY(of_customer) AND m.direction = 1 AND m.id <> ALL(own));
  UPDATE desk.open_ticket SET customer = 'erased:' || ticket_id, known_as = NULL, tier = 'standard'
   WHERE ticket_id = ANY(of_customer) AND merged_into IS NULL;
  DELETE FROM desk.open_ticket
   WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer) AND merged_into IS NOT NULL;
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
  -- The key stays, so that a repetition by the channel is not taken for a new message; its digest of the content goes.
  UPDATE desk.message_key SET digest = sha256(uuid_send(gen_random_uuid()))
   WHERE channel = the_channel AND message_id = ANY(own);
  UPDATE desk.message SET body = '', subject = NULL, attributes = NULL, attachments = NULL, sent_at = NULL,
    author = CASE WHEN direction = 1 THEN 'erased:' || ticket_id ELSE author END,
    addressee = CASE WHEN addressee IS NOT NULL THEN 'erased:' || ticket_id END
   WHERE id = ANY(own);
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
  -- An erased message is no training data and no feedback. A group stays as long as it has other members.
  DELETE FROM desk.correction WHERE (ticket = ANY(of_customer) AND message <> ALL(others)) OR message = ANY(own);
  GET DIAGNOSTICS corrected = ROW_COUNT;
  WITH gone AS (
    DELETE FROM desk.feedback WHERE (ticket = ANY(of_customer) AND message <> ALL(others)) OR message = ANY(own)
    RETURNING group_id AS id),
  counted AS (SELECT id, count(*) AS members FROM gone GROUP BY id),
  smaller AS (UPDATE desk.feedback_group g SET messages = greatest(0, g.messages - c.members) FROM counted c WHERE g.id = c.id)
  SELECT count(*) INTO unlearnt FROM gone;
  UPDATE desk.feedback_group g SET first_message = f.message, first_ticket = f.ticket
    FROM (SELECT DISTINCT ON (o.group_id) o.group_id, o.message, o.ticket FROM desk.feedback o
           WHERE o.group_id IN (
             SELECT id FROM desk.feedback_group
              WHERE (first_ticket = ANY(of_customer) AND first_message <> ALL(others)) OR first_message = ANY(own))
           ORDER BY o.group_id, o.at, o.message) f
   WHERE g.id = f.group_id;
  DELETE FROM desk.feedback_group g
   WHERE ((first_ticket = ANY(of_customer) AND first_message <> ALL(others)) OR first_message = ANY(own))
     AND NOT EXISTS (SELECT FROM desk.feedback f WHERE f.group_id = g.id);
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
    'customers', known, 'corrections', corrected, 'feedback', unlearnt, 'follow_ups', followed, 'hot_issues', alerts,
    'contacts', reached);
  RETURN counts || jsonb_build_object('entry', desk.audit_append('customer.erased', the_channel,
    counts || jsonb_build_object('reason', reason, 'receipt', receipt)));
END
$$;

-- Erases a customer: the contents of their tickets, and free text about them in timelines, audit and dead letters. Returns the counts;
-- null if the customer is unknown.
CREATE OR REPLACE FUNCTION desk.erase_customer(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  of_customer uuid[];   -- the customer's tickets
  about uuid[];         -- those, and others' tickets that theirs became part of
  linked uuid[];        -- tickets whose timelines name those
  said uuid[];          -- what they wrote
  erased jsonb;
  old_seal desk.timeline_range;
BEGIN
  -- Locked first: no ticket of the customer can begin or end before the commit.
  PERFORM FROM desk.open_ticket WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer) FOR UPDATE;
  of_customer := ARRAY(
    SELECT ticket_id FROM desk.open_ticket WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer)
    UNION SELECT id FROM desk.closed_ticket WHERE channel = the_channel AND customer = the_customer);
  about := of_customer || ARRAY(SELECT ticket FROM desk.ticket_guest WHERE channel = the_channel AND customer = the_customer);
  linked := ARRAY(
    SELECT other FROM desk.ticket_link WHERE ticket = ANY(of_customer)
    UNION SELECT ticket FROM desk.ticket_link WHERE other = ANY(of_customer));
  said := ARRAY(
    SELECT id FROM desk.message
     WHERE ticket_id = ANY(about) AND direction = 1 AND channel = the_channel AND author = the_customer);
  -- Raises the tickets' versions, so that no step that is under way can write a reason after this.
  erased := desk.erase_customer_content(the_channel, the_customer, reason, receipt);
  IF erased IS NULL THEN RETURN NULL; END IF;
  FOR old_seal IN
    SELECT * FROM desk.timeline_range r
     WHERE r.digest IS NOT NULL AND r.form = 1
       AND EXISTS (SELECT FROM unnest(about || linked) AS t(id) WHERE t.id >= r.from_id AND t.id < r.to_id)
  LOOP
    -- An invalid seal is left as it is, so that verification still finds it.
    IF old_seal.digest = (SELECT d.digest FROM desk.timeline_digest(old_seal.from_id, old_seal.to_id, 1::smallint) d) THEN
      UPDATE desk.timeline_range SET form = 2 WHERE from_id = old_seal.from_id;
    END IF;
  END LOOP;
  UPDATE desk.ticket_event SET detail = desk.blanked(actor, detail)
   WHERE ticket_id = ANY(about) AND desk.has_written_reason(actor, detail);
  UPDATE desk.ticket_event SET detail = desk.blanked(actor, detail)
   WHERE ticket_id = ANY(linked) AND detail->>'ticket' = ANY(of_customer::text[]) AND desk.has_written_reason(actor, detail);
  UPDATE desk.audit_free_text SET customer = NULL, channel = NULL, salt = NULL, reason = NULL
   WHERE ticket = ANY(about) OR (channel = the_channel AND customer = the_customer);
  UPDATE desk.dead_letter SET reason = 'erased' WHERE ticket_id = ANY(of_customer) OR id = ANY(said);
  -- A hook's last error may quote the endpoint's answer to any delivery; the next failure sets it again.
  UPDATE desk.hook_state SET last_error = NULL WHERE last_error IS NOT NULL;
  RETURN erased;
END
$$;
