-- The schema of version 94, as its 37 migrations left it: a dump of an empty desk. `UpgradeTests` upgrades it.
BEGIN;
SET LOCAL check_function_bodies = false;

CREATE SCHEMA desk;

CREATE FUNCTION desk.audit_api_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  row_now desk.api_key;
  what text := 'changed';
BEGIN
  IF TG_OP = 'DELETE' THEN row_now := OLD; ELSE row_now := NEW; END IF;
  IF TG_OP = 'INSERT' THEN what := 'created';
  ELSIF TG_OP = 'DELETE' THEN what := 'deleted';
  ELSIF NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL THEN what := 'revoked';
  ELSIF NEW.replaced_by IS NOT NULL AND OLD.replaced_by IS NULL THEN what := 'rotated';
  END IF;
  PERFORM desk.audit_append('key.' || what, row_now.id::text, jsonb_strip_nulls(jsonb_build_object(
    'role', row_now.role, 'channel', row_now.channel, 'agent', row_now.agent, 'access', row_now.access,
    'label', row_now.label, 'expires_at', row_now.expires_at, 'replaced_by', row_now.replaced_by)));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.audit_append(kind text, subject text, detail jsonb) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  IF has_function_privilege('desk.audit_write(text, text, jsonb)', 'EXECUTE') THEN
    RETURN desk.audit_write(kind, subject, detail);
  END IF;
  RETURN desk.audit_note(kind, subject, detail);
END
$$;

CREATE FUNCTION desk.audit_curve_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  row_now desk.channel_curve_key;
  what text := 'changed';
BEGIN
  IF TG_OP = 'DELETE' THEN row_now := OLD; ELSE row_now := NEW; END IF;
  IF TG_OP = 'INSERT' THEN what := 'created';
  ELSIF TG_OP = 'DELETE' THEN what := 'deleted';
  ELSIF NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL THEN what := 'revoked';
  END IF;
  PERFORM desk.audit_append('curve_key.' || what, encode(row_now.public_key, 'hex'), jsonb_strip_nulls(jsonb_build_object(
    'channel', row_now.channel, 'label', row_now.label, 'expires_at', row_now.expires_at)));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.audit_hook() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  was_paused boolean := false;
BEGIN
  IF TG_OP = 'UPDATE' THEN was_paused := OLD.disabled_at IS NOT NULL; END IF;
  IF was_paused OR NEW.disabled_at IS NOT NULL THEN
    PERFORM desk.audit_append(CASE WHEN NEW.disabled_at IS NULL THEN 'hook.enabled' ELSE 'hook.disabled' END, NEW.hook,
      jsonb_strip_nulls(jsonb_build_object('reason', NEW.reason)));
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.audit_migration() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  PERFORM desk.audit_append('schema.migrated', NEW.number::text, jsonb_build_object('name', NEW.name));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.audit_note(kind text, subject text, detail jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  IF kind <> ALL (desk.service_audit_kinds()) THEN
    RAISE EXCEPTION 'a service notes no entry of this kind by itself' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN desk.audit_write(kind, subject, detail);
END
$$;

CREATE FUNCTION desk.audit_policy() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  row_now desk.policy_version;
BEGIN
  IF TG_OP = 'DELETE' THEN row_now := OLD; ELSE row_now := NEW; END IF;
  PERFORM desk.audit_append(
    CASE TG_OP WHEN 'INSERT' THEN 'policy.applied' WHEN 'UPDATE' THEN 'policy.changed' ELSE 'policy.deleted' END,
    row_now.version::text, jsonb_build_object('applied_by', row_now.applied_by, 'sha256',
      encode(sha256(convert_to(row_now.document, 'UTF8')), 'hex')));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.audit_replay() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  PERFORM desk.audit_append('dead_letter.replayed', NEW.id::text, jsonb_strip_nulls(jsonb_build_object(
    'kind', NEW.kind, 'ticket', NEW.ticket_id, 'hook', NEW.hook)));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.audit_seal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  PERFORM desk.audit_append('timeline.sealed', NEW.from_id::text, jsonb_build_object(
    'to', NEW.to_id, 'tickets', NEW.tickets, 'events', NEW.events, 'digest', encode(NEW.digest, 'hex'), 'form', NEW.form));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.audit_write(kind text, subject text, detail jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $_$
DECLARE
  head desk.audit_head;
  entry desk.audit;
  reason text := detail->>'reason';
  named text := detail->>'customer';
  salt bytea := uuid_send(gen_random_uuid());
BEGIN
  detail := detail - 'reason' - 'customer';
  IF reason IS NOT NULL THEN
    detail := detail || jsonb_build_object('reason_sha256', desk.remark_digest(salt, reason));
  END IF;
  -- The second one waits here until the first has committed.
  SELECT * INTO STRICT head FROM desk.audit_head FOR UPDATE;
  entry.number := head.number + 1;
  entry.at := clock_timestamp();
  -- The role is known; what the program calls itself is what it says.
  entry.actor := session_user || '/' || coalesce(
    nullif(current_setting('frontdesk.actor', true), ''), nullif(current_setting('application_name', true), ''), '-');
  entry.kind := kind;
  entry.subject := subject;
  entry.detail := detail::text;
  entry.previous := head.digest;
  entry.digest := sha256(head.digest || desk.netstring(entry.number::text)
    || desk.netstring((extract(epoch FROM entry.at) * 1000000)::bigint::text) || desk.netstring(entry.actor)
    || desk.netstring(entry.kind) || desk.netstring(entry.subject) || desk.netstring(entry.detail));
  INSERT INTO desk.audit SELECT entry.*;
  UPDATE desk.audit_head SET number = entry.number, digest = entry.digest;
  IF reason IS NOT NULL OR named IS NOT NULL THEN
    INSERT INTO desk.audit_remark (entry, ticket, channel, customer, salt, remark)
    VALUES (entry.number, CASE WHEN subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN subject::uuid END,
            CASE WHEN named IS NOT NULL THEN subject END, named, CASE WHEN reason IS NOT NULL THEN salt END, reason);
  END IF;
  RETURN entry.number;
END
$_$;

CREATE FUNCTION desk.blanked(actor text, detail jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
  SELECT CASE WHEN desk.has_words(actor, detail) THEN
    (detail - 'reason' - 'reason_salt') || jsonb_build_object('reason_sha256',
      encode(sha256(convert_to(coalesce(detail->>'reason_salt', '') || coalesce(detail->>'reason', ''), 'UTF8')), 'hex'))
    ELSE detail END
$$;

CREATE FUNCTION desk.drop_oldest_partition(parent text, keep_days integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    SET lock_timeout TO '500ms'
    AS $_$
DECLARE
  name text;
  ends timestamptz;
  keeps_from timestamptz := ((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC';
  is_needed text := CASE parent WHEN 'closed_ticket' THEN 't.id = ANY ($1)' WHEN 'ticket_event' THEN 't.ticket_id = ANY ($1)'
    ELSE 't.ticket_id = ANY ($1) OR t.id = ANY ($2)' END;
  tickets uuid[];
  messages uuid[];
  needed bigint;
  kept bigint;
BEGIN
  IF keep_days < 1 OR parent <> ALL (ARRAY['message', 'ticket_event', 'closed_ticket']) THEN
    RAISE EXCEPTION 'only history older than a day can be dropped' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOR name, ends IN
    SELECT c.relname, (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC'
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = ('desk.' || parent)::regclass AND c.relname ~ ('^' || parent || '_[0-9]{8}$')
     ORDER BY c.relname
  LOOP
    EXIT WHEN ends > keeps_from;
    tickets := ARRAY(SELECT desk.tickets_needed(desk.uuid_floor(ends)));
    messages := ARRAY(SELECT desk.messages_needed(desk.uuid_floor(ends)));
    EXECUTE format('SELECT count(*) FROM (SELECT FROM desk.%I AS t WHERE %s LIMIT $3) AS few', name, is_needed)
      INTO needed USING tickets, messages, desk.rows_moved_of_day() + 1;
    CONTINUE WHEN needed > desk.rows_moved_of_day();
    -- The day is locked from here on, so that what is needed is moved as it stands.
    EXECUTE format('ALTER TABLE desk.%I DETACH PARTITION desk.%I', parent, name);
    tickets := ARRAY(SELECT desk.tickets_needed(desk.uuid_floor(ends)));
    messages := ARRAY(SELECT desk.messages_needed(desk.uuid_floor(ends)));
    EXECUTE format('INSERT INTO desk.%I SELECT t.* FROM desk.%I AS t WHERE %s', parent, name, is_needed)
      USING tickets, messages;
    GET DIAGNOSTICS kept = ROW_COUNT;
    EXECUTE format('DROP TABLE desk.%I', name);
    PERFORM desk.audit_append('retention.dropped', name,
      jsonb_build_object('keep_days', keep_days, 'before', desk.uuid_floor(ends), 'kept', kept));
    RETURN name;
  END LOOP;
  RETURN NULL;
END
$_$;

CREATE FUNCTION desk.ensure_partitions(days integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  parent text;
  day date;
  name text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('desk.ensure_partitions'));
  FOREACH parent IN ARRAY ARRAY['message', 'ticket_event', 'closed_ticket'] LOOP
    FOR offset_days IN -1..days LOOP
      day := (now() AT TIME ZONE 'UTC')::date + offset_days;
      name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      IF to_regclass('desk.' || name) IS NULL THEN
        BEGIN
          EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)', name, parent,
            desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'), desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
          made := made + 1;
        EXCEPTION WHEN check_violation THEN
          -- Rows of that day are in the default partition already; the day stays there.
          NULL;
        END;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END
$$;

CREATE FUNCTION desk.ensure_partitions_of(parent text, days integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET lock_timeout TO '500ms'
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  day date;
  name text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('desk.ensure_partitions'));
  FOR offset_days IN -1..days LOOP
    day := (now() AT TIME ZONE 'UTC')::date + offset_days;
    name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
    IF to_regclass('desk.' || name) IS NULL THEN
      BEGIN
        EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)', name, parent,
          desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'), desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
        PERFORM desk.sample_keys_only(('desk.' || name)::regclass, desk.partition_keys(parent));
        made := made + 1;
      EXCEPTION WHEN check_violation THEN
        -- Rows of that day are in the default partition already; the day stays there.
        NULL;
      END;
    END IF;
  END LOOP;
  RETURN made;
END
$$;

CREATE FUNCTION desk.erase_customer(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  of_customer uuid[];   -- the customer's tickets
  about uuid[];         -- those, and others' tickets that theirs became part of
  tied uuid[];          -- tickets whose timelines name them
  said uuid[];          -- what they wrote
  erased jsonb;
  old_seal desk.timeline_range;
BEGIN
  -- Locked first, as all that follows is: no ticket of the customer can begin or end between this look and the commit.
  PERFORM FROM desk.open_ticket WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer) FOR UPDATE;
  of_customer := ARRAY(
    SELECT ticket_id FROM desk.open_ticket WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer)
    UNION SELECT id FROM desk.closed_ticket WHERE channel = the_channel AND customer = the_customer);
  about := of_customer || ARRAY(SELECT ticket FROM desk.ticket_guest WHERE channel = the_channel AND customer = the_customer);
  tied := ARRAY(
    SELECT other FROM desk.ticket_tie WHERE ticket = ANY(of_customer)
    UNION SELECT ticket FROM desk.ticket_tie WHERE other = ANY(of_customer));
  said := ARRAY(
    SELECT id FROM desk.message
     WHERE ticket_id = ANY(about) AND direction = 1 AND channel = the_channel AND author = the_customer);
  -- It raises the tickets' versions, so that no step that is under way can write a reason behind this.
  erased := desk.erase_customer_words(the_channel, the_customer, reason, receipt);
  IF erased IS NULL THEN RETURN NULL; END IF;
  FOR old_seal IN
    SELECT * FROM desk.timeline_range r
     WHERE r.digest IS NOT NULL AND r.form = 1
       AND EXISTS (SELECT FROM unnest(about || tied) AS t(id) WHERE t.id >= r.from_id AND t.id < r.to_id)
  LOOP
    -- One that does not hold is left as it is, and stays found.
    IF old_seal.digest = (SELECT d.digest FROM desk.timeline_digest(old_seal.from_id, old_seal.to_id, 1::smallint) d) THEN
      UPDATE desk.timeline_range SET form = 2 WHERE from_id = old_seal.from_id;
    END IF;
  END LOOP;
  UPDATE desk.ticket_event SET detail = desk.blanked(actor, detail)
   WHERE ticket_id = ANY(about) AND desk.has_words(actor, detail);
  UPDATE desk.ticket_event SET detail = desk.blanked(actor, detail)
   WHERE ticket_id = ANY(tied) AND detail->>'ticket' = ANY(of_customer::text[]) AND desk.has_words(actor, detail);
  UPDATE desk.audit_remark SET customer = NULL, channel = NULL, salt = NULL, remark = NULL
   WHERE ticket = ANY(about) OR (channel = the_channel AND customer = the_customer);
  UPDATE desk.dead_letter SET reason = 'erased' WHERE ticket_id = ANY(of_customer) OR id = ANY(said);
  -- How a hook failed last may repeat what an endpoint said of any delivery; the next failure sets it again.
  UPDATE desk.hook_state SET last_error = NULL WHERE last_error IS NOT NULL;
  RETURN erased;
END
$$;

CREATE FUNCTION desk.erase_customer_words(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
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
     WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer) FOR UPDATE) AS living;
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
  UPDATE desk.open_ticket SET customer = 'erased:' || ticket_id, known_as = NULL, tier = 'standard' WHERE ticket_id = ANY(of_customer) AND merged_into IS NULL;
  DELETE FROM desk.open_ticket WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer) AND merged_into IS NOT NULL;
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

CREATE FUNCTION desk.forget_before(keep_days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  forgotten bigint := desk.forget_before_remarks(keep_days);
  gone bigint;
BEGIN
  UPDATE desk.audit_remark r SET salt = NULL, remark = NULL
   WHERE remark IS NOT NULL AND ticket < desk.uuid_floor(((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC')
     AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.ticket_id = r.ticket);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN forgotten + gone;
END
$$;

CREATE FUNCTION desk.forget_before_remarks(keep_days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $_$
DECLARE
  keeps_from timestamptz := ((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC';
  before uuid := desk.uuid_floor(keeps_from);
  needed uuid[];
  messages uuid[];
  gone bigint;
  forgotten bigint := 0;
  counts jsonb := '{}';
  part text;
  statement text;
  parts text[] := ARRAY[
    -- What was kept of dropped days, and is not needed any more.
    'messages', 'DELETE FROM desk.message_default WHERE id < $1 AND ticket_id <> ALL ($3) AND id <> ALL ($4)',
    'timelines', 'DELETE FROM desk.ticket_event_default WHERE ticket_id < $1 AND ticket_id <> ALL ($3)',
    'closed_tickets', 'DELETE FROM desk.closed_ticket_default WHERE id < $1 AND id <> ALL ($3)',
    'keys', 'DELETE FROM desk.message_key k WHERE message_id < $1
       AND NOT EXISTS (SELECT FROM desk.message m WHERE m.id = k.message_id)',
    'requests', 'DELETE FROM desk.request_key WHERE received_at < $2',
    'dead_letters', 'DELETE FROM desk.dead_letter WHERE replayed_at < $2',
    -- What hangs on tickets and messages goes with them.
    'corrections', 'DELETE FROM desk.correction WHERE least(ticket, message) < $1 AND ticket <> ALL ($3)',
    'ties', 'DELETE FROM desk.ticket_tie WHERE least(ticket, other) < $1 AND ticket <> ALL ($3) AND other <> ALL ($3)',
    'ratings', 'DELETE FROM desk.rating WHERE ticket < $1 AND ticket <> ALL ($3)',
    'follow_ups', 'DELETE FROM desk.follow_up WHERE ticket < $1 AND ticket <> ALL ($3)',
    'guests', 'DELETE FROM desk.ticket_guest WHERE ticket < $1 AND ticket <> ALL ($3)',
    'feedback', 'DELETE FROM desk.feedback WHERE least(ticket, message) < $1 AND ticket <> ALL ($3)',
    -- A group whose first words are gone is described by the next; one that has no members any more goes.
    NULL, 'UPDATE desk.feedback_group g SET first_message = f.message, first_ticket = f.ticket
       FROM (SELECT DISTINCT ON (o.gathered) o.gathered, o.message, o.ticket FROM desk.feedback o
              WHERE o.gathered IN (SELECT id FROM desk.feedback_group
                                    WHERE least(first_ticket, first_message) < $1 AND first_ticket <> ALL ($3))
              ORDER BY o.gathered, o.at, o.message) f
      WHERE g.id = f.gathered',
    'feedback_groups', 'DELETE FROM desk.feedback_group g WHERE last_at < $2
       AND NOT EXISTS (SELECT FROM desk.feedback f WHERE f.gathered = g.id)',
    'hot_issues', 'DELETE FROM desk.hot_issue WHERE ended_at < $2',
    NULL, 'UPDATE desk.hot_issue SET examples = ARRAY(
         SELECT example FROM unnest(examples) WITH ORDINALITY AS e(example, place)
          WHERE example >= $1 OR example = ANY ($3) ORDER BY place)
       WHERE EXISTS (SELECT FROM unnest(examples) AS e(example) WHERE example < $1 AND example <> ALL ($3))',
    -- Who wrote last before the term is not known any more, unless somebody set a standing or a dedicated agent.
    'customers', 'DELETE FROM desk.customer c WHERE last_ticket < $1 AND tier = ''standard'' AND dedicated_agent IS NULL
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.customer = c.external_id)
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.known_as = c.external_id)',
    'contacts', 'DELETE FROM desk.customer_contact c WHERE given_at < $2
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.customer = c.customer)
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.known_as = c.customer)',
    NULL, 'UPDATE desk.customer c SET last_ticket = NULL WHERE last_ticket < $1
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.customer = c.external_id)
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.known_as = c.external_id)'];
BEGIN
  IF keep_days < 1 THEN
    RAISE EXCEPTION 'only history older than a day can be dropped' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  needed := ARRAY(SELECT desk.tickets_needed(before));
  messages := ARRAY(SELECT desk.messages_needed(before));
  FOR place IN 1..cardinality(parts) BY 2 LOOP
    part := parts[place];
    statement := parts[place + 1];
    EXECUTE statement USING before, keeps_from, needed, messages;
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
$_$;

CREATE FUNCTION desk.grant_service(service name) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  allowed record;
  columns text;
  function regprocedure;
BEGIN
  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA desk FROM %I', service);
  EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA desk FROM %I', service);
  EXECUTE format('GRANT USAGE ON SCHEMA desk TO %I', service);
  EXECUTE format('GRANT SELECT ON public.schema_migration TO %I', service);
  -- Partitions are reached through their parents only.
  FOR allowed IN
    SELECT c.oid, c.relname, p.privilege
      FROM pg_class c JOIN desk.service_rights() r ON r.relation = c.relname, unnest(string_to_array(r.rights, ', ')) AS p(privilege)
     WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  LOOP
    columns := NULL;
    IF allowed.privilege = 'UPDATE' THEN
      SELECT string_agg(format('%I', a.attname), ', ') INTO columns
        FROM desk.service_updates() u JOIN pg_attribute a ON a.attname = ANY(u.columns)
       WHERE u.relation = allowed.relname AND a.attrelid = allowed.oid AND a.attnum > 0 AND NOT a.attisdropped;
      CONTINUE WHEN columns IS NULL;
    END IF;
    EXECUTE format('GRANT %s %s ON desk.%I TO %I', allowed.privilege, '(' || columns || ')', allowed.relname, service);
  END LOOP;
  FOR function IN
    SELECT p.oid::regprocedure FROM pg_proc p
     WHERE p.pronamespace = 'desk'::regnamespace
       AND CASE WHEN p.prosecdef THEN p.oid IN (SELECT to_regprocedure(name) FROM unnest(desk.service_functions()) AS f(name))
                ELSE p.proname <> 'grant_service' AND p.prorettype <> 'trigger'::regtype END
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', function, service);
  END LOOP;
  PERFORM desk.audit_append('role.granted', service, '{}');
END
$$;

CREATE FUNCTION desk.guard_message() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM desk.inbox WHERE message_id = OLD.id)
    AND NOT EXISTS (SELECT FROM desk.dead_letter WHERE id = OLD.id AND kind = 'message') THEN
    RAISE EXCEPTION 'a message that was decided stays on its ticket' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION desk.has_words(actor text, detail jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
  SELECT detail ? 'reason' AND (starts_with(actor, 'agent:') OR starts_with(actor, 'operator:'))
$$;

CREATE FUNCTION desk.key_was_taken() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  RAISE EXCEPTION 'the idempotency key was taken meanwhile' USING ERRCODE = 'serialization_failure';
END
$$;

CREATE FUNCTION desk.leave_behind(full_ticket uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  UPDATE desk.open_ticket SET known_as = customer, customer = rpad('continued:' || ticket_id, 1000, '.')
   WHERE ticket_id = full_ticket AND known_as IS NULL;
  RETURN FOUND;
END
$$;

CREATE FUNCTION desk.mark_range() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
  last_to uuid;
BEGIN
  IF EXISTS (SELECT FROM desk.timeline_range WHERE from_id = NEW.from_id) THEN RETURN NULL; END IF;
  SELECT to_id INTO last_to FROM desk.timeline_range ORDER BY from_id DESC LIMIT 1;
  IF NEW.digest IS NOT NULL OR NEW.from_id <> coalesce(last_to, NEW.from_id) OR NEW.to_id > desk.uuid_floor(now()) THEN
    RAISE EXCEPTION 'a range begins where the last one ended, and is over' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF last_to IS NULL AND EXISTS (SELECT FROM desk.ticket_event WHERE ticket_id < NEW.from_id) THEN
    RAISE EXCEPTION 'the first range begins where history begins' USING ERRCODE = 'insufficient_privilege';
  END IF;
  NEW.form := 2;
  RETURN NEW;
END
$$;

CREATE FUNCTION desk.messages_needed(before uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
  SELECT message_id FROM desk.inbox WHERE message_id < before
  UNION SELECT id FROM desk.dead_letter WHERE kind = 'message' AND id < before
$$;

CREATE FUNCTION desk.moment(microseconds text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $_$
  SELECT CASE WHEN microseconds ~ '^-?[0-9]{1,17}$'
    THEN timestamptz 'epoch' + make_interval(secs => microseconds::bigint / 1e6::double precision) END
$_$;

CREATE FUNCTION desk.named_in(notice text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  RETURN ARRAY[notice::jsonb->>'channel', notice::jsonb->>'customer'];
EXCEPTION WHEN invalid_text_representation THEN
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.netstring(value text) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT convert_to(octet_length(convert_to(value, 'UTF8')) || ':' || value || ',', 'UTF8')
$$;

CREATE FUNCTION desk.partition_keys(parent text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT CASE parent
    WHEN 'message' THEN ARRAY['id', 'ticket_id', 'direction', 'received_at']
    WHEN 'ticket_event' THEN ARRAY['ticket_id', 'version', 'kind', 'at']
    ELSE ARRAY['id', 'state', 'channel', 'customer', 'queue', 'closed_at'] END
$$;

CREATE FUNCTION desk.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'desk.% only grows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION desk.remark_digest(salt bytea, remark text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
  SELECT encode(sha256(salt || convert_to(remark, 'UTF8')), 'hex')
$$;

CREATE FUNCTION desk.require_version(ticket uuid, expected integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  found integer;
BEGIN
  SELECT t.version INTO found FROM desk.ticket t WHERE t.id = ticket FOR UPDATE;
  IF found IS DISTINCT FROM expected THEN
    RAISE EXCEPTION 'the ticket stands at another version' USING ERRCODE = 'FD409';
  END IF;
END
$$;

CREATE FUNCTION desk.rows_moved_of_day() RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$SELECT 5000::bigint$$;

CREATE FUNCTION desk.salt_reason() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  NEW.detail := NEW.detail || jsonb_build_object('reason_salt', encode(uuid_send(gen_random_uuid()), 'hex'));
  RETURN NEW;
END
$$;

CREATE FUNCTION desk.sample_keys_only(relation regclass, keys text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  known text;
BEGIN
  FOR known IN SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', relation, known,
      CASE WHEN known = ANY(keys) THEN 10 ELSE 0 END);
  END LOOP;
END
$$;

CREATE FUNCTION desk.seal_range() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
  IF (NEW.from_id, NEW.to_id) <> (OLD.from_id, OLD.to_id)
    OR EXISTS (SELECT FROM desk.open_ticket o
                WHERE o.ticket_id >= OLD.from_id AND o.ticket_id < OLD.to_id AND o.merged_into IS NULL) THEN
    RAISE EXCEPTION 'a range is sealed as it was marked, and when its tickets are over' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.digest IS NOT NULL AND (OLD.form <> 1
    OR OLD.digest <> (SELECT d.digest FROM desk.timeline_digest(OLD.from_id, OLD.to_id, 1::smallint) d)) THEN
    RAISE EXCEPTION 'a sealed range is not sealed again' USING ERRCODE = 'insufficient_privilege';
  END IF;
  NEW.form := 2;
  SELECT d.tickets, d.events, d.digest INTO NEW.tickets, NEW.events, NEW.digest
    FROM desk.timeline_digest(OLD.from_id, OLD.to_id, 2::smallint) d;
  NEW.sealed_at := clock_timestamp();
  RETURN NEW;
END
$$;

CREATE FUNCTION desk.service_audit_kinds() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT ARRAY['contact.read', 'customer.set', 'follow_up.done', 'hook.enabled_by', 'hook.paused_by', 'presence.set', 'ticket.labelled',
    'ticket.merged_across_customers']
$$;

CREATE FUNCTION desk.service_functions() RETURNS text[]
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT ARRAY['desk.audit_note(text, text, jsonb)', 'desk.ensure_partitions(integer)', 'desk.ensure_partitions_of(text, integer)',
    'desk.drop_oldest_partition(text, integer)', 'desk.forget_before(integer)', 'desk.leave_behind(uuid)']
$$;

CREATE FUNCTION desk.service_rights() RETURNS TABLE(relation text, rights text)
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT * FROM desk.service_rights_before_columns() UNION ALL VALUES ('audit_remark', '')
$$;

CREATE FUNCTION desk.service_rights_before_columns() RETURNS TABLE(relation text, rights text)
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT * FROM desk.service_rights_before_guests() UNION ALL VALUES ('ticket_guest', 'SELECT, INSERT')
$$;

CREATE FUNCTION desk.service_rights_before_guests() RETURNS TABLE(relation text, rights text)
    LANGUAGE sql IMMUTABLE
    AS $$
  VALUES
    ('agent_state', 'SELECT, INSERT, UPDATE'),
    ('api_key', 'SELECT'),
    ('arrival_slot', 'SELECT, INSERT, UPDATE, DELETE'),
    ('audit', ''),
    ('audit_head', ''),
    ('channel_curve_key', 'SELECT'),
    ('closed_ticket', 'SELECT, INSERT'),
    ('correction', 'SELECT, INSERT'),
    ('customer', 'SELECT, INSERT, UPDATE'),
    ('customer_contact', 'SELECT, INSERT, UPDATE'),
    ('dead_letter', 'SELECT, INSERT, UPDATE'),
    ('feedback', 'SELECT, INSERT'),
    ('feedback_group', 'SELECT, INSERT, UPDATE'),
    ('follow_up', 'SELECT, INSERT, UPDATE'),
    ('hook_state', 'SELECT, INSERT, UPDATE'),
    ('hot_issue', 'SELECT, INSERT, UPDATE'),
    ('inbox', 'SELECT, INSERT, UPDATE, DELETE'),
    ('lease', 'SELECT, INSERT, UPDATE'),
    ('message', 'SELECT, INSERT, UPDATE'),
    ('message_key', 'SELECT, INSERT'),
    ('open_ticket', 'SELECT, INSERT, UPDATE, DELETE'),
    ('outbox', 'SELECT, INSERT, UPDATE, DELETE'),
    ('policy_version', 'SELECT'),
    ('queue_pace', 'SELECT, INSERT, UPDATE'),
    ('rating', 'SELECT, INSERT, UPDATE'),
    ('request_key', 'SELECT, INSERT'),
    ('service_instance', 'SELECT, INSERT, UPDATE, DELETE'),
    ('shadow_tally', 'SELECT, INSERT, UPDATE, DELETE'),
    ('ticket', 'SELECT, INSERT, UPDATE, DELETE'),
    ('ticket_event', 'SELECT, INSERT'),
    ('ticket_tie', 'SELECT, INSERT'),
    ('timeline_range', 'SELECT, INSERT, UPDATE'),
    ('watch_cursor', 'SELECT, UPDATE')
$$;

CREATE FUNCTION desk.service_updates() RETURNS TABLE(relation text, columns text[])
    LANGUAGE sql IMMUTABLE
    AS $$
  VALUES
    ('agent_state', ARRAY['presence', 'load', 'capacity', 'idle_since', 'presence_at', 'seen_at', 'break_reason', 'break_until']),
    ('arrival_slot', ARRAY['tickets']),
    ('customer', ARRAY['tier', 'dedicated_agent', 'updated_at', 'last_ticket']),
    ('customer_contact', ARRAY['key_name', 'sealed', 'given_at']),
    ('dead_letter', ARRAY['ticket_id', 'reason', 'body', 'died_at', 'replayed_at']),
    ('feedback_group', ARRAY['messages', 'last_at']),
    ('follow_up', ARRAY['rating', 'done_at', 'done_by', 'outcome']),
    ('hook_state', ARRAY['disabled_at', 'reason', 'failing_since', 'failures', 'last_error', 'noticed_at', 'held_at', 'held_reason']),
    ('hot_issue', ARRAY['ended_at']),
    ('inbox', ARRAY['ticket_id', 'owner', 'opens_ticket', 'attempts', 'claimed_until', 'category', 'intent', 'confidence',
      'urgency', 'sentiment', 'language', 'model_version', 'articles']),
    ('lease', ARRAY['holder', 'term', 'expires_at']),
    ('message', ARRAY['ticket_id']),
    ('open_ticket', ARRAY['ticket_id', 'merged_into', 'opened_at', 'previous_ticket', 'messages']),
    ('outbox', ARRAY['attempts', 'claimed_by', 'last_error', 'next_attempt_at']),
    ('queue_pace', ARRAY['per_second', 'measured_at']),
    ('rating', ARRAY['solved', 'rating', 'comment', 'agent', 'queue', 'category', 'rated_at']),
    ('service_instance', ARRAY['state', 'link_endpoint', 'hint_endpoint', 'http_endpoint', 'operations_endpoint', 'heartbeat_at',
      'problems']),
    ('shadow_tally', ARRAY['messages', 'champion_automatic', 'challenger_automatic', 'champion_confidence',
      'challenger_confidence', 'champion_unfamiliar', 'challenger_unfamiliar', 'last_at']),
    ('ticket', ARRAY['version', 'state', 'queue', 'priority', 'skills', 'weight', 'waiting_since', 'needs_triage', 'category',
      'intent', 'confidence', 'urgency', 'sentiment', 'language', 'model_version', 'offer_id', 'offer_agent', 'offered_at',
      'offer_expires_at', 'refused_by', 'agent', 'last_agent', 'first_allowed_us', 'first_due_at', 'first_paused_at',
      'first_met_at', 'first_told', 'resolution_allowed_us', 'resolution_due_at', 'resolution_paused_at', 'resolution_met_at',
      'resolution_told', 'clock_state', 'service_level', 'pauses_while_pending', 'resolved_at', 'reopen_count',
      'policy_version', 'waiting_queue', 'rank', 'next_check_at', 'holder', 'close_at', 'reply_owed_since', 'answered_at',
      'confirmed_at', 'offer_pauses', 'guest_channel', 'guest_customer']),
    ('timeline_range', ARRAY['tickets', 'events', 'digest', 'sealed_at']),
    ('watch_cursor', ARRAY['upto'])
$$;

CREATE FUNCTION desk.settled_horizon(distance interval) RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
  SELECT desk.uuid_floor(least(now(), (SELECT b.accepted_at FROM desk.inbox b ORDER BY b.message_id LIMIT 1)) - distance)
$$;

CREATE FUNCTION desk.tickets_needed(before uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
  SELECT ticket_id FROM desk.open_ticket WHERE ticket_id < before
  UNION SELECT merged_into FROM desk.open_ticket WHERE merged_into < before
  UNION SELECT ticket_id FROM desk.inbox WHERE ticket_id < before
  UNION SELECT ticket_id FROM desk.outbox WHERE ticket_id < before
  UNION SELECT ticket_id FROM desk.dead_letter WHERE replayed_at IS NULL AND ticket_id < before
$$;

CREATE FUNCTION desk.timeline_digest(from_id uuid, to_id uuid, form smallint, OUT tickets bigint, OUT events bigint, OUT digest bytea) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog'
    AS $$
  SELECT count(*), coalesce(sum(t.events), 0)::bigint,
         sha256(coalesce(string_agg(uuid_send(t.ticket_id) || t.digest, ''::bytea ORDER BY t.ticket_id), ''::bytea))
    FROM (
      SELECT e.ticket_id, count(*) AS events, sha256(convert_to(string_agg(
               jsonb_build_array(e.version, e.position, e.kind, e.actor, (extract(epoch FROM e.at) * 1000000)::bigint,
                                 CASE form WHEN 1 THEN e.detail ELSE desk.blanked(e.actor, e.detail) END,
                                 e.traceparent)::text, E'\n' ORDER BY e.version, e.position), 'UTF8')) AS digest
        FROM desk.ticket_event e WHERE e.ticket_id >= from_id AND e.ticket_id < to_id GROUP BY e.ticket_id) AS t
$$;

CREATE FUNCTION desk.uuid_floor(moment timestamp with time zone) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

CREATE FUNCTION desk.uuid_moment(id uuid) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT to_timestamp(('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint / 1000.0)
$$;

CREATE FUNCTION desk.whole_number(digits text) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $_$
  SELECT CASE WHEN digits ~ '^-?[0-9]{1,18}$' THEN digits::bigint END
$_$;

CREATE TABLE desk.agent_state (
    agent text NOT NULL,
    presence text DEFAULT 'offline'::text NOT NULL,
    load integer DEFAULT 0 NOT NULL,
    capacity integer NOT NULL,
    idle_since timestamp with time zone DEFAULT now() NOT NULL,
    presence_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    break_reason text,
    break_until timestamp with time zone,
    CONSTRAINT agent_state_capacity_check CHECK ((capacity >= 0)),
    CONSTRAINT agent_state_load_check CHECK ((load >= 0)),
    CONSTRAINT agent_state_presence_check CHECK ((presence = ANY (ARRAY['offline'::text, 'away'::text, 'available'::text, 'reserve'::text])))
)
WITH (fillfactor='50');

CREATE TABLE desk.api_key (
    id uuid NOT NULL,
    digest bytea NOT NULL,
    role text NOT NULL,
    channel text,
    agent text,
    label text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    access text DEFAULT 'full'::text NOT NULL,
    replaced_by uuid,
    CONSTRAINT api_key_access_check CHECK ((access = ANY (ARRAY['full'::text, 'read'::text]))),
    CONSTRAINT api_key_check CHECK (((role = 'channel'::text) = (channel IS NOT NULL))),
    CONSTRAINT api_key_check1 CHECK (((role = ANY (ARRAY['agent'::text, 'lead'::text])) = (agent IS NOT NULL))),
    CONSTRAINT api_key_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT api_key_role_check CHECK ((role = ANY (ARRAY['channel'::text, 'agent'::text, 'lead'::text, 'operator'::text, 'auditor'::text])))
);

CREATE TABLE desk.arrival_slot (
    category text NOT NULL,
    slot timestamp with time zone NOT NULL,
    tickets bigint NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE desk.audit (
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT audit_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT audit_number_check CHECK ((number > 0)),
    CONSTRAINT audit_previous_check CHECK ((octet_length(previous) = 32))
);

CREATE TABLE desk.audit_head (
    single boolean DEFAULT true NOT NULL,
    number bigint NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT audit_head_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT audit_head_single_check CHECK (single)
);

CREATE TABLE desk.audit_remark (
    entry bigint NOT NULL,
    ticket uuid,
    channel text,
    customer text,
    salt bytea,
    remark text,
    CONSTRAINT audit_remark_check CHECK (((salt IS NULL) = (remark IS NULL))),
    CONSTRAINT audit_remark_salt_check CHECK ((octet_length(salt) = 16))
);

CREATE TABLE desk.channel_curve_key (
    public_key bytea NOT NULL,
    channel text NOT NULL,
    label text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT channel_curve_key_public_key_check CHECK ((octet_length(public_key) = 32))
);

CREATE TABLE desk.closed_ticket (
    id uuid NOT NULL,
    state text NOT NULL,
    channel text NOT NULL,
    customer text NOT NULL,
    queue text,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    ticket jsonb NOT NULL,
    CONSTRAINT closed_ticket_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'rejected'::text])))
)
PARTITION BY RANGE (id);
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN id SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN state SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN channel SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN customer SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN queue SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN opened_at SET STATISTICS 0;
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN closed_at SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket ALTER COLUMN ticket SET STATISTICS 0;

CREATE TABLE desk.closed_ticket_default (
    id uuid NOT NULL,
    state text NOT NULL,
    channel text NOT NULL,
    customer text NOT NULL,
    queue text,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    ticket jsonb NOT NULL,
    CONSTRAINT closed_ticket_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'rejected'::text])))
);
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN id SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN state SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN channel SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN customer SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN queue SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN opened_at SET STATISTICS 0;
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN closed_at SET STATISTICS 10;
ALTER TABLE ONLY desk.closed_ticket_default ALTER COLUMN ticket SET STATISTICS 0;

CREATE TABLE desk.correction (
    ticket uuid NOT NULL,
    message uuid NOT NULL,
    category text NOT NULL,
    by_agent text NOT NULL,
    corrected_at timestamp with time zone DEFAULT now() NOT NULL,
    model_version text NOT NULL
);

CREATE TABLE desk.customer (
    channel text NOT NULL,
    external_id text NOT NULL,
    tier text DEFAULT 'standard'::text NOT NULL,
    dedicated_agent text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_ticket uuid,
    CONSTRAINT customer_tier_check CHECK ((tier = ANY (ARRAY['standard'::text, 'vip'::text, 'key_account'::text])))
);

CREATE TABLE desk.customer_contact (
    channel text NOT NULL,
    customer text NOT NULL,
    key_name text NOT NULL,
    sealed bytea NOT NULL,
    given_at timestamp with time zone NOT NULL
);

CREATE TABLE desk.dead_letter (
    id uuid NOT NULL,
    kind text NOT NULL,
    ticket_id uuid NOT NULL,
    hook text,
    reason text NOT NULL,
    body jsonb NOT NULL,
    died_at timestamp with time zone DEFAULT now() NOT NULL,
    replayed_at timestamp with time zone,
    CONSTRAINT dead_letter_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'notice'::text])))
);

CREATE TABLE desk.feedback (
    message uuid NOT NULL,
    ticket uuid NOT NULL,
    gathered uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE desk.feedback_group (
    id uuid NOT NULL,
    category text NOT NULL,
    signature bytea NOT NULL,
    first_message uuid NOT NULL,
    first_ticket uuid NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    messages bigint DEFAULT 0 NOT NULL,
    CONSTRAINT feedback_group_signature_check CHECK ((octet_length(signature) = 256))
);

CREATE TABLE desk.follow_up (
    ticket uuid NOT NULL,
    lead text,
    rating smallint NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    done_at timestamp with time zone,
    done_by text,
    outcome text,
    CONSTRAINT follow_up_check CHECK (((done_at IS NULL) = (done_by IS NULL)))
);

CREATE TABLE desk.hook_state (
    hook text NOT NULL,
    disabled_at timestamp with time zone,
    reason text,
    failing_since timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    last_error text,
    noticed_at timestamp with time zone,
    held_at timestamp with time zone,
    held_reason text,
    CONSTRAINT hook_state_check CHECK (((held_at IS NULL) = (held_reason IS NULL))),
    CONSTRAINT hook_state_failures_check CHECK ((failures >= 0))
);

CREATE TABLE desk.hot_issue (
    category text NOT NULL,
    raised_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    tickets bigint NOT NULL,
    expected double precision NOT NULL,
    examples uuid[] NOT NULL
);

CREATE TABLE desk.inbox (
    message_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    owner uuid,
    opens_ticket boolean NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    claimed_until timestamp with time zone,
    category text,
    intent text,
    confidence double precision,
    urgency smallint,
    sentiment smallint,
    language text,
    model_version text,
    articles text
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.0', autovacuum_vacuum_threshold='20000', autovacuum_vacuum_insert_scale_factor='0.0', autovacuum_vacuum_insert_threshold='50000', autovacuum_vacuum_cost_delay='0');
ALTER TABLE ONLY desk.inbox ALTER COLUMN message_id SET STATISTICS 10;
ALTER TABLE ONLY desk.inbox ALTER COLUMN ticket_id SET STATISTICS 10;
ALTER TABLE ONLY desk.inbox ALTER COLUMN owner SET STATISTICS 10;
ALTER TABLE ONLY desk.inbox ALTER COLUMN opens_ticket SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN accepted_at SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN attempts SET STATISTICS 10;
ALTER TABLE ONLY desk.inbox ALTER COLUMN claimed_until SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN category SET STATISTICS 10;
ALTER TABLE ONLY desk.inbox ALTER COLUMN intent SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN confidence SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN urgency SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN sentiment SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN language SET STATISTICS 0;
ALTER TABLE ONLY desk.inbox ALTER COLUMN model_version SET STATISTICS 0;

CREATE TABLE desk.lease (
    name text NOT NULL,
    holder uuid NOT NULL,
    term bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT lease_term_check CHECK ((term > 0))
)
WITH (fillfactor='50');

CREATE TABLE desk.message (
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    direction smallint NOT NULL,
    channel text NOT NULL,
    author text NOT NULL,
    subject text,
    body text NOT NULL,
    attributes jsonb,
    attachments jsonb,
    sent_at timestamp with time zone,
    received_at timestamp with time zone NOT NULL,
    traceparent text,
    addressee text,
    CONSTRAINT message_direction_check CHECK ((direction = ANY (ARRAY[1, 2, 3])))
)
PARTITION BY RANGE (id);
ALTER TABLE ONLY desk.message ALTER COLUMN id SET STATISTICS 10;
ALTER TABLE ONLY desk.message ALTER COLUMN ticket_id SET STATISTICS 10;
ALTER TABLE ONLY desk.message ALTER COLUMN direction SET STATISTICS 10;
ALTER TABLE ONLY desk.message ALTER COLUMN channel SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN author SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN attributes SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN attachments SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN sent_at SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN received_at SET STATISTICS 10;
ALTER TABLE ONLY desk.message ALTER COLUMN traceparent SET STATISTICS 0;
ALTER TABLE ONLY desk.message ALTER COLUMN addressee SET STATISTICS 0;

CREATE TABLE desk.message_default (
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    direction smallint NOT NULL,
    channel text NOT NULL,
    author text NOT NULL,
    subject text,
    body text NOT NULL,
    attributes jsonb,
    attachments jsonb,
    sent_at timestamp with time zone,
    received_at timestamp with time zone NOT NULL,
    traceparent text,
    addressee text,
    CONSTRAINT message_direction_check CHECK ((direction = ANY (ARRAY[1, 2, 3])))
);
ALTER TABLE ONLY desk.message_default ALTER COLUMN id SET STATISTICS 10;
ALTER TABLE ONLY desk.message_default ALTER COLUMN ticket_id SET STATISTICS 10;
ALTER TABLE ONLY desk.message_default ALTER COLUMN direction SET STATISTICS 10;
ALTER TABLE ONLY desk.message_default ALTER COLUMN channel SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN author SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN attributes SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN attachments SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN sent_at SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN received_at SET STATISTICS 10;
ALTER TABLE ONLY desk.message_default ALTER COLUMN traceparent SET STATISTICS 0;
ALTER TABLE ONLY desk.message_default ALTER COLUMN addressee SET STATISTICS 0;

CREATE TABLE desk.message_key (
    channel text NOT NULL,
    external_id text NOT NULL,
    message_id uuid NOT NULL,
    digest bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    ticket_id uuid
);
ALTER TABLE ONLY desk.message_key ALTER COLUMN channel SET STATISTICS 10;
ALTER TABLE ONLY desk.message_key ALTER COLUMN external_id SET STATISTICS 10;
ALTER TABLE ONLY desk.message_key ALTER COLUMN message_id SET STATISTICS 10;
ALTER TABLE ONLY desk.message_key ALTER COLUMN digest SET STATISTICS 0;
ALTER TABLE ONLY desk.message_key ALTER COLUMN received_at SET STATISTICS 0;
ALTER TABLE ONLY desk.message_key ALTER COLUMN ticket_id SET STATISTICS 0;

CREATE TABLE desk.open_ticket (
    channel text NOT NULL,
    customer text NOT NULL,
    ticket_id uuid NOT NULL,
    tier text DEFAULT 'standard'::text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    previous_ticket uuid,
    merged_into uuid,
    messages integer DEFAULT 0 NOT NULL,
    known_as text
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.05');
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN channel SET STATISTICS 10;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN customer SET STATISTICS 10;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN ticket_id SET STATISTICS 10;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN tier SET STATISTICS 0;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN opened_at SET STATISTICS 0;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN previous_ticket SET STATISTICS 0;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN merged_into SET STATISTICS 0;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN messages SET STATISTICS 0;
ALTER TABLE ONLY desk.open_ticket ALTER COLUMN known_as SET STATISTICS 0;

CREATE TABLE desk.outbox (
    id uuid NOT NULL,
    hook text NOT NULL,
    kind text NOT NULL,
    ticket_id uuid NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    claimed_by uuid,
    last_error text
)
WITH (fillfactor='80');

CREATE TABLE desk.policy_version (
    version integer NOT NULL,
    document text NOT NULL,
    applied_by text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT policy_version_version_check CHECK ((version > 0))
);

CREATE TABLE desk.queue_pace (
    queue text NOT NULL,
    per_second double precision NOT NULL,
    measured_at timestamp with time zone NOT NULL,
    CONSTRAINT queue_pace_per_second_check CHECK ((per_second >= (0)::double precision))
)
WITH (fillfactor='50');

CREATE TABLE desk.rating (
    ticket uuid NOT NULL,
    solved boolean NOT NULL,
    rating smallint,
    comment uuid,
    agent text,
    queue text,
    category text,
    rated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT rating_rating_check CHECK (((rating >= 1) AND (rating <= 5)))
);

CREATE TABLE desk.request_key (
    channel text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE desk.service_instance (
    id uuid NOT NULL,
    service text NOT NULL,
    build text NOT NULL,
    host text NOT NULL,
    process_id integer NOT NULL,
    state text NOT NULL,
    link_endpoint text,
    hint_endpoint text,
    http_endpoint text,
    operations_endpoint text,
    curve_public_key bytea NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    problems jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT service_instance_curve_public_key_check CHECK ((octet_length(curve_public_key) = 32)),
    CONSTRAINT service_instance_state_check CHECK ((state = ANY (ARRAY['starting'::text, 'ready'::text, 'draining'::text])))
)
WITH (fillfactor='50');

CREATE TABLE desk.shadow_tally (
    champion text NOT NULL,
    challenger text NOT NULL,
    champion_says text NOT NULL,
    challenger_says text NOT NULL,
    messages bigint NOT NULL,
    champion_automatic bigint NOT NULL,
    challenger_automatic bigint NOT NULL,
    champion_confidence double precision NOT NULL,
    challenger_confidence double precision NOT NULL,
    champion_unfamiliar double precision NOT NULL,
    challenger_unfamiliar double precision NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT shadow_tally_check CHECK ((challenger <> champion)),
    CONSTRAINT shadow_tally_messages_check CHECK ((messages > 0))
)
WITH (fillfactor='70');

CREATE TABLE desk.ticket (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    state text DEFAULT 'received'::text NOT NULL,
    channel text NOT NULL,
    customer text NOT NULL,
    tier text DEFAULT 'standard'::text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    queue text,
    priority smallint DEFAULT 3 NOT NULL,
    skills text DEFAULT ''::text NOT NULL,
    weight integer DEFAULT 1 NOT NULL,
    waiting_since timestamp with time zone,
    needs_triage boolean DEFAULT false NOT NULL,
    category text,
    intent text,
    confidence double precision,
    urgency smallint,
    sentiment smallint,
    language text,
    model_version text,
    offer_id uuid,
    offer_agent text,
    offered_at timestamp with time zone,
    offer_expires_at timestamp with time zone,
    refused_by text DEFAULT ''::text NOT NULL,
    agent text,
    last_agent text,
    first_early_at timestamp with time zone,
    first_late_at timestamp with time zone,
    first_due_at timestamp with time zone,
    first_paused_at timestamp with time zone,
    first_met_at timestamp with time zone,
    first_told smallint DEFAULT 0 NOT NULL,
    resolution_early_at timestamp with time zone,
    resolution_late_at timestamp with time zone,
    resolution_due_at timestamp with time zone,
    resolution_paused_at timestamp with time zone,
    resolution_met_at timestamp with time zone,
    resolution_told smallint DEFAULT 0 NOT NULL,
    pauses_while_pending boolean DEFAULT true NOT NULL,
    resolved_at timestamp with time zone,
    reopen_count integer DEFAULT 0 NOT NULL,
    policy_version integer DEFAULT 0 NOT NULL,
    previous_ticket uuid,
    waiting_queue text,
    rank smallint DEFAULT 0 NOT NULL,
    next_check_at timestamp with time zone,
    holder text,
    close_at timestamp with time zone,
    service_level text,
    first_allowed_us bigint,
    resolution_allowed_us bigint,
    clock_state jsonb,
    reply_owed_since timestamp with time zone,
    answered_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    offer_pauses text DEFAULT ''::text NOT NULL,
    guest_channel text,
    guest_customer text,
    CONSTRAINT ticket_check CHECK (((state = ANY (ARRAY['queued'::text, 'triage'::text])) = (waiting_queue IS NOT NULL))),
    CONSTRAINT ticket_check1 CHECK (((state <> 'triage'::text) OR needs_triage)),
    CONSTRAINT ticket_check2 CHECK (((state = 'offered'::text) = (offer_id IS NOT NULL))),
    CONSTRAINT ticket_check3 CHECK ((((offer_id IS NULL) = (offer_agent IS NULL)) AND ((offer_id IS NULL) = (offer_expires_at IS NULL)))),
    CONSTRAINT ticket_check4 CHECK (((state <> 'assigned'::text) OR (agent IS NOT NULL))),
    CONSTRAINT ticket_check5 CHECK (((agent IS NULL) OR (state = ANY (ARRAY['assigned'::text, 'pending'::text])))),
    CONSTRAINT ticket_check6 CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL))),
    CONSTRAINT ticket_first_allowed_us_check CHECK ((first_allowed_us >= 0)),
    CONSTRAINT ticket_priority_check CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT ticket_resolution_allowed_us_check CHECK ((resolution_allowed_us >= 0)),
    CONSTRAINT ticket_state_check CHECK ((state = ANY (ARRAY['received'::text, 'triage'::text, 'queued'::text, 'offered'::text, 'assigned'::text, 'pending'::text, 'answered'::text, 'resolved'::text]))),
    CONSTRAINT ticket_tier_check CHECK ((tier = ANY (ARRAY['standard'::text, 'vip'::text, 'key_account'::text]))),
    CONSTRAINT ticket_version_check CHECK ((version > 0)),
    CONSTRAINT ticket_weight_check CHECK ((weight > 0))
)
WITH (fillfactor='60', autovacuum_vacuum_scale_factor='0.05', autovacuum_analyze_scale_factor='0.1');
ALTER TABLE ONLY desk.ticket ALTER COLUMN id SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN version SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN state SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN channel SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN customer SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN tier SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN opened_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN queue SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN priority SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN skills SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN weight SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN waiting_since SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN needs_triage SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN category SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN intent SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN confidence SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN urgency SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN sentiment SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN language SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN model_version SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN offer_id SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN offer_agent SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN offered_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN offer_expires_at SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN refused_by SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN agent SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN last_agent SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN first_early_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN first_late_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN first_due_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN first_paused_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN first_met_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN first_told SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolution_early_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolution_late_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolution_due_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolution_paused_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolution_met_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolution_told SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN pauses_while_pending SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolved_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN reopen_count SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN policy_version SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN previous_ticket SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN waiting_queue SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN rank SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN next_check_at SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN holder SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN close_at SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket ALTER COLUMN service_level SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN first_allowed_us SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN resolution_allowed_us SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN clock_state SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN reply_owed_since SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN answered_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN confirmed_at SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN offer_pauses SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN guest_channel SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket ALTER COLUMN guest_customer SET STATISTICS 0;

CREATE TABLE desk.ticket_event (
    ticket_id uuid NOT NULL,
    version integer NOT NULL,
    "position" smallint NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    detail jsonb NOT NULL,
    traceparent text
)
PARTITION BY RANGE (ticket_id);
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN ticket_id SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN version SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN "position" SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN kind SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN actor SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN at SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN detail SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket_event ALTER COLUMN traceparent SET STATISTICS 0;

CREATE TABLE desk.ticket_event_default (
    ticket_id uuid NOT NULL,
    version integer NOT NULL,
    "position" smallint NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    detail jsonb NOT NULL,
    traceparent text
);
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN ticket_id SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN version SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN "position" SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN kind SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN actor SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN at SET STATISTICS 10;
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN detail SET STATISTICS 0;
ALTER TABLE ONLY desk.ticket_event_default ALTER COLUMN traceparent SET STATISTICS 0;

CREATE TABLE desk.ticket_guest (
    ticket uuid NOT NULL,
    channel text NOT NULL,
    customer text NOT NULL
);

CREATE TABLE desk.ticket_tie (
    ticket uuid NOT NULL,
    other uuid NOT NULL,
    kind text NOT NULL,
    by_agent text NOT NULL,
    tied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ticket_tie_check CHECK ((ticket <> other)),
    CONSTRAINT ticket_tie_kind_check CHECK ((kind = ANY (ARRAY['related'::text, 'merged_into'::text, 'continued_by'::text])))
);

CREATE TABLE desk.timeline_range (
    from_id uuid NOT NULL,
    to_id uuid NOT NULL,
    tickets bigint,
    events bigint,
    digest bytea,
    sealed_at timestamp with time zone,
    form smallint DEFAULT 1 NOT NULL,
    CONSTRAINT timeline_range_check CHECK ((to_id > from_id)),
    CONSTRAINT timeline_range_check1 CHECK (((digest IS NULL) = (sealed_at IS NULL))),
    CONSTRAINT timeline_range_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT timeline_range_form_check CHECK ((form = ANY (ARRAY[1, 2])))
);

CREATE TABLE desk.watch_cursor (
    name text NOT NULL,
    upto uuid NOT NULL
);

CREATE TABLE public.schema_migration (
    number integer NOT NULL,
    name text NOT NULL,
    checksum bigint NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    expands boolean DEFAULT false NOT NULL,
    CONSTRAINT schema_migration_number_check CHECK ((number >= 1))
);

ALTER TABLE ONLY desk.closed_ticket ATTACH PARTITION desk.closed_ticket_default DEFAULT;

ALTER TABLE ONLY desk.message ATTACH PARTITION desk.message_default DEFAULT;

ALTER TABLE ONLY desk.ticket_event ATTACH PARTITION desk.ticket_event_default DEFAULT;

INSERT INTO desk.audit VALUES (1, '2026-11-29 01:39:30.103819+00', 'postgres/psql', 'schema.migrated', '11', '{"name": "audit"}', '\x0000000000000000000000000000000000000000000000000000000000000000', '\xf596303286c73c2ebc8f6cb5108ee05f318c2ed8bb1b283b61cfcaece2005111');
INSERT INTO desk.audit VALUES (2, '2026-11-29 01:39:30.110181+00', 'postgres/psql', 'schema.migrated', '12', '{"name": "timeline_seals"}', '\xf596303286c73c2ebc8f6cb5108ee05f318c2ed8bb1b283b61cfcaece2005111', '\x31db395c4a3842fc61ed83458b25d4862a9c4d9eb77134e210a83b84420ce1ea');
INSERT INTO desk.audit VALUES (3, '2026-11-29 01:39:30.113781+00', 'postgres/psql', 'schema.migrated', '13', '{"name": "privacy"}', '\x31db395c4a3842fc61ed83458b25d4862a9c4d9eb77134e210a83b84420ce1ea', '\x102f0197fda5ca31bfd5dffed7cb69750d3db124c27e536a063558ae2f0536aa');
INSERT INTO desk.audit VALUES (4, '2026-11-29 01:39:30.116197+00', 'postgres/psql', 'schema.migrated', '14', '{"name": "rights"}', '\x102f0197fda5ca31bfd5dffed7cb69750d3db124c27e536a063558ae2f0536aa', '\x270538fe6de00e91780d43c66e3f8dac8e044c7af4119488e6cece848655f0eb');
INSERT INTO desk.audit VALUES (5, '2026-11-29 01:39:30.122104+00', 'postgres/psql', 'schema.migrated', '20', '{"name": "service_levels"}', '\x270538fe6de00e91780d43c66e3f8dac8e044c7af4119488e6cece848655f0eb', '\xf9f9e43192d2b41b3c2c4e718d2a466ca38e6b8af248fd7502c2b6d88c639c4b');
INSERT INTO desk.audit VALUES (6, '2026-11-29 01:39:30.124236+00', 'postgres/psql', 'schema.migrated', '30', '{"name": "queue_order"}', '\xf9f9e43192d2b41b3c2c4e718d2a466ca38e6b8af248fd7502c2b6d88c639c4b', '\x3d54beaf16d1778eaa36af5ee02a63ee2f595250bb44ca6ea49a0d0a71924e82');
INSERT INTO desk.audit VALUES (7, '2026-11-29 01:39:30.127324+00', 'postgres/psql', 'schema.migrated', '31', '{"name": "queue_pace"}', '\x3d54beaf16d1778eaa36af5ee02a63ee2f595250bb44ca6ea49a0d0a71924e82', '\x4c3723e16d54079f2c8a0134792b82be8e43834abe91832f15fc1a3576fe7fb7');
INSERT INTO desk.audit VALUES (8, '2026-11-29 01:39:30.130812+00', 'postgres/psql', 'schema.migrated', '40', '{"name": "corrections"}', '\x4c3723e16d54079f2c8a0134792b82be8e43834abe91832f15fc1a3576fe7fb7', '\x8f69839cc314efa0a7c542f3be4a8b8e27d28fc54d2d5c8aaa4c8a238b4579ad');
INSERT INTO desk.audit VALUES (9, '2026-11-29 01:39:30.13961+00', 'postgres/psql', 'schema.migrated', '41', '{"name": "life"}', '\x8f69839cc314efa0a7c542f3be4a8b8e27d28fc54d2d5c8aaa4c8a238b4579ad', '\x75ab945bce704938316a30ebea2ddbfc0e19e34724a18576c98a551cee2902da');
INSERT INTO desk.audit VALUES (10, '2026-11-29 01:39:30.144021+00', 'postgres/psql', 'schema.migrated', '42', '{"name": "closing"}', '\x75ab945bce704938316a30ebea2ddbfc0e19e34724a18576c98a551cee2902da', '\x88ca0f4dfd33e44593d5f291c69fbd4c228d2822fae69333473a2f2af6da8468');
INSERT INTO desk.audit VALUES (11, '2026-11-29 01:39:30.149867+00', 'postgres/psql', 'schema.migrated', '43', '{"name": "feedback"}', '\x88ca0f4dfd33e44593d5f291c69fbd4c228d2822fae69333473a2f2af6da8468', '\x536bfe7051f33942ee856a6d89032d4508263aa8def20c79597e32b388346da1');
INSERT INTO desk.audit VALUES (12, '2026-11-29 01:39:30.153651+00', 'postgres/psql', 'schema.migrated', '44', '{"name": "issues"}', '\x536bfe7051f33942ee856a6d89032d4508263aa8def20c79597e32b388346da1', '\xbb48ca0490c33cbebb8b050a4a3dbbc08aa2a9ab7eab22659578720512112b0f');
INSERT INTO desk.audit VALUES (13, '2026-11-29 01:39:30.155596+00', 'postgres/psql', 'schema.migrated', '45', '{"name": "contacts"}', '\xbb48ca0490c33cbebb8b050a4a3dbbc08aa2a9ab7eab22659578720512112b0f', '\x40303ee9766a1ac874de2017d00eea26cfe0b63085d1ed71bc41bad1dbd326c3');
INSERT INTO desk.audit VALUES (14, '2026-11-29 01:39:30.157735+00', 'postgres/psql', 'schema.migrated', '50', '{"name": "forgetting"}', '\x40303ee9766a1ac874de2017d00eea26cfe0b63085d1ed71bc41bad1dbd326c3', '\x22f37d04fbb35cd98d990af882e246b1de2a41237b1059494cf00cd87bc568f4');
INSERT INTO desk.audit VALUES (15, '2026-11-29 01:39:30.158593+00', 'postgres/psql', 'schema.migrated', '51', '{"name": "suggestions"}', '\x22f37d04fbb35cd98d990af882e246b1de2a41237b1059494cf00cd87bc568f4', '\x817f715131d0d5475edb160c89fc2ec7279678b38bc30cf973e126d354f79217');
INSERT INTO desk.audit VALUES (16, '2026-11-29 01:39:30.161352+00', 'postgres/psql', 'schema.migrated', '60', '{"name": "shadow_tallies"}', '\x817f715131d0d5475edb160c89fc2ec7279678b38bc30cf973e126d354f79217', '\xe29befbf47a6ece600c4c9eb39044801986365b0d0bebfb6dfd178345ece3541');
INSERT INTO desk.audit VALUES (17, '2026-11-29 01:39:30.163288+00', 'postgres/psql', 'schema.migrated', '61', '{"name": "queue_ties"}', '\xe29befbf47a6ece600c4c9eb39044801986365b0d0bebfb6dfd178345ece3541', '\x72272ec708789caa45a9521715984cc6a1216af961b479c9de275c698b9c3222');
INSERT INTO desk.audit VALUES (18, '2026-11-29 01:39:30.165283+00', 'postgres/psql', 'schema.migrated', '62', '{"name": "queue_promises"}', '\x72272ec708789caa45a9521715984cc6a1216af961b479c9de275c698b9c3222', '\x7d7b2ace3cb45fd0095163f64a88d27e271084bdfd4a9b6f3fe7b7d400a83fbb');
INSERT INTO desk.audit VALUES (19, '2026-11-29 01:39:30.167981+00', 'postgres/psql', 'schema.migrated', '70', '{"name": "unanswered"}', '\x7d7b2ace3cb45fd0095163f64a88d27e271084bdfd4a9b6f3fe7b7d400a83fbb', '\x34324caf5de1307f855f22d53d500a774db523615264d0de2e8ac4f4e19abbaf');
INSERT INTO desk.audit VALUES (20, '2026-11-29 01:39:30.169062+00', 'postgres/psql', 'schema.migrated', '71', '{"name": "offer_pauses"}', '\x34324caf5de1307f855f22d53d500a774db523615264d0de2e8ac4f4e19abbaf', '\xedfbe30137af5c63839aee8b7d704c2111184e4be7c8f947d47222d5ba0c73a4');
INSERT INTO desk.audit VALUES (21, '2026-11-29 01:39:30.175566+00', 'postgres/psql', 'schema.migrated', '72', '{"name": "guests"}', '\xedfbe30137af5c63839aee8b7d704c2111184e4be7c8f947d47222d5ba0c73a4', '\xc1ff24a269b0f9ab3269d45d3174413721b20962aa5db822e4039dcda2a6f581');
INSERT INTO desk.audit VALUES (22, '2026-11-29 01:39:30.178498+00', 'postgres/psql', 'schema.migrated', '73', '{"name": "forgetting_guests"}', '\xc1ff24a269b0f9ab3269d45d3174413721b20962aa5db822e4039dcda2a6f581', '\xfc8c0ab7d75332e1429b2ad2051bfe67506f0df2763c448c45a19a441a109623');
INSERT INTO desk.audit VALUES (23, '2026-11-29 01:39:30.18019+00', 'postgres/psql', 'schema.migrated', '80', '{"name": "message_keys"}', '\xfc8c0ab7d75332e1429b2ad2051bfe67506f0df2763c448c45a19a441a109623', '\x5559c2506adb2cf0893b6d759704980fe77338cb81dcec8f81d434d650d87edd');
INSERT INTO desk.audit VALUES (24, '2026-11-29 01:39:30.18333+00', 'postgres/psql', 'schema.migrated', '81', '{"name": "continued_tickets"}', '\x5559c2506adb2cf0893b6d759704980fe77338cb81dcec8f81d434d650d87edd', '\x3092de4c9b9e2b99b96b56b5b241f3b267fe643872d21815e410131bcb8aedf5');
INSERT INTO desk.audit VALUES (25, '2026-11-29 01:39:30.184308+00', 'postgres/psql', 'schema.migrated', '85', '{"name": "instance_problems"}', '\x3092de4c9b9e2b99b96b56b5b241f3b267fe643872d21815e410131bcb8aedf5', '\x9f1b386f1a3d5516bf8dc7cc589c776012023df794d0b44c9410ee9df6051da1');
INSERT INTO desk.audit VALUES (26, '2026-11-29 01:39:30.185265+00', 'postgres/psql', 'schema.migrated', '86', '{"name": "tolerant_moment"}', '\x9f1b386f1a3d5516bf8dc7cc589c776012023df794d0b44c9410ee9df6051da1', '\xe29baa8bb1dd29d3ff36451b0a133f2b26c86f39a6048921cba0116c5a3bc29d');
INSERT INTO desk.audit VALUES (27, '2026-11-29 01:39:30.187455+00', 'postgres/psql', 'schema.migrated', '88', '{"name": "hook_states"}', '\xe29baa8bb1dd29d3ff36451b0a133f2b26c86f39a6048921cba0116c5a3bc29d', '\x53d01ab9391196f3aa3fc777478c8498963a5eec028537d137c65cc882d9c057');
INSERT INTO desk.audit VALUES (28, '2026-11-29 01:39:30.190188+00', 'postgres/psql', 'schema.migrated', '89', '{"name": "retention_by_need"}', '\x53d01ab9391196f3aa3fc777478c8498963a5eec028537d137c65cc882d9c057', '\x51ad31cf776cd170a29c5dd72e72526b633ca1d834232fa930461bee3dba50c7');
INSERT INTO desk.audit VALUES (29, '2026-11-29 01:39:30.19722+00', 'postgres/psql', 'schema.migrated', '92', '{"name": "remarks"}', '\x51ad31cf776cd170a29c5dd72e72526b633ca1d834232fa930461bee3dba50c7', '\x17d93a700f46e235985edc6b150f254c59ed245e8c317d5ffa48abf90a44e6fd');
INSERT INTO desk.audit VALUES (30, '2026-11-29 01:39:30.200209+00', 'postgres/psql', 'schema.migrated', '93', '{"name": "forgetting_remarks"}', '\x17d93a700f46e235985edc6b150f254c59ed245e8c317d5ffa48abf90a44e6fd', '\x45660da69e5464351f64a3b1ea49b5d0daa4508e8285fa1221d3dd7a570747ce');
INSERT INTO desk.audit VALUES (31, '2026-11-29 01:39:30.209679+00', 'postgres/psql', 'schema.migrated', '94', '{"name": "service_rights"}', '\x45660da69e5464351f64a3b1ea49b5d0daa4508e8285fa1221d3dd7a570747ce', '\x73c3f47b93c33de4e1fb402dac3b279df32027125d07cbbf119a6ee08f80faaa');

INSERT INTO desk.audit_head VALUES (true, 31, '\x73c3f47b93c33de4e1fb402dac3b279df32027125d07cbbf119a6ee08f80faaa');

INSERT INTO desk.watch_cursor VALUES ('feedback', '01a224f5-10e1-0000-0000-000000000000');
INSERT INTO desk.watch_cursor VALUES ('arrivals', '01a224f5-10e1-0000-0000-000000000000');

INSERT INTO public.schema_migration VALUES (1, 'desk', 3125472883243604822, '2026-11-29 01:39:30.011182+00', false);
INSERT INTO public.schema_migration VALUES (2, 'suspects', 3732142582967608975, '2026-11-29 01:39:30.056288+00', false);
INSERT INTO public.schema_migration VALUES (3, 'partitions_of', 6606215516701037059, '2026-11-29 01:39:30.057124+00', false);
INSERT INTO public.schema_migration VALUES (4, 'statistics', -1116867291615120261, '2026-11-29 01:39:30.057704+00', false);
INSERT INTO public.schema_migration VALUES (5, 'open_ticket', 8052024013301045464, '2026-11-29 01:39:30.087754+00', false);
INSERT INTO public.schema_migration VALUES (10, 'key_access', -5619551073386140671, '2026-11-29 01:39:30.093294+00', false);
INSERT INTO public.schema_migration VALUES (11, 'audit', -5005235397133383094, '2026-11-29 01:39:30.094414+00', false);
INSERT INTO public.schema_migration VALUES (12, 'timeline_seals', 4539213990518843958, '2026-11-29 01:39:30.106083+00', false);
INSERT INTO public.schema_migration VALUES (13, 'privacy', 2991084048635025086, '2026-11-29 01:39:30.111371+00', false);
INSERT INTO public.schema_migration VALUES (14, 'rights', -2128004943152050438, '2026-11-29 01:39:30.114562+00', false);
INSERT INTO public.schema_migration VALUES (20, 'service_levels', -2600605910004363484, '2026-11-29 01:39:30.117333+00', false);
INSERT INTO public.schema_migration VALUES (30, 'queue_order', -1234402355722454523, '2026-11-29 01:39:30.122828+00', true);
INSERT INTO public.schema_migration VALUES (31, 'queue_pace', -1898618592614542736, '2026-11-29 01:39:30.125074+00', true);
INSERT INTO public.schema_migration VALUES (40, 'corrections', 1360070810650010483, '2026-11-29 01:39:30.128042+00', true);
INSERT INTO public.schema_migration VALUES (41, 'life', -3760811552847814793, '2026-11-29 01:39:30.131652+00', true);
INSERT INTO public.schema_migration VALUES (42, 'closing', 5069086418160245094, '2026-11-29 01:39:30.14032+00', true);
INSERT INTO public.schema_migration VALUES (43, 'feedback', 2440220844318650830, '2026-11-29 01:39:30.144551+00', true);
INSERT INTO public.schema_migration VALUES (44, 'issues', 5712337833397858894, '2026-11-29 01:39:30.150575+00', true);
INSERT INTO public.schema_migration VALUES (45, 'contacts', -3650464389023756999, '2026-11-29 01:39:30.154187+00', true);
INSERT INTO public.schema_migration VALUES (50, 'forgetting', 3588741613338899071, '2026-11-29 01:39:30.156045+00', true);
INSERT INTO public.schema_migration VALUES (51, 'suggestions', 4367742493786290159, '2026-11-29 01:39:30.158207+00', true);
INSERT INTO public.schema_migration VALUES (60, 'shadow_tallies', 8532762281581365757, '2026-11-29 01:39:30.159045+00', true);
INSERT INTO public.schema_migration VALUES (61, 'queue_ties', -3320302212998521756, '2026-11-29 01:39:30.161935+00', true);
INSERT INTO public.schema_migration VALUES (62, 'queue_promises', 4061674801365426398, '2026-11-29 01:39:30.163881+00', true);
INSERT INTO public.schema_migration VALUES (70, 'unanswered', 1363284681087198032, '2026-11-29 01:39:30.165876+00', true);
INSERT INTO public.schema_migration VALUES (71, 'offer_pauses', -6923715885192206500, '2026-11-29 01:39:30.16843+00', true);
INSERT INTO public.schema_migration VALUES (72, 'guests', 7713575220948542608, '2026-11-29 01:39:30.169502+00', true);
INSERT INTO public.schema_migration VALUES (73, 'forgetting_guests', 7771272851395861555, '2026-11-29 01:39:30.176199+00', true);
INSERT INTO public.schema_migration VALUES (80, 'message_keys', 7084958003317260234, '2026-11-29 01:39:30.179097+00', true);
INSERT INTO public.schema_migration VALUES (81, 'continued_tickets', 6514633365813045903, '2026-11-29 01:39:30.180678+00', true);
INSERT INTO public.schema_migration VALUES (85, 'instance_problems', -7279127580217950361, '2026-11-29 01:39:30.183859+00', true);
INSERT INTO public.schema_migration VALUES (86, 'tolerant_moment', 3118904409073032039, '2026-11-29 01:39:30.184784+00', true);
INSERT INTO public.schema_migration VALUES (88, 'hook_states', -6798206070685492938, '2026-11-29 01:39:30.185698+00', true);
INSERT INTO public.schema_migration VALUES (89, 'retention_by_need', -1591275455427920328, '2026-11-29 01:39:30.187967+00', true);
INSERT INTO public.schema_migration VALUES (92, 'remarks', -3634564752223329873, '2026-11-29 01:39:30.19064+00', true);
INSERT INTO public.schema_migration VALUES (93, 'forgetting_remarks', 597853286798360662, '2026-11-29 01:39:30.198185+00', true);
INSERT INTO public.schema_migration VALUES (94, 'service_rights', -8799025278485647744, '2026-11-29 01:39:30.200904+00', true);

ALTER TABLE ONLY desk.agent_state
    ADD CONSTRAINT agent_state_pkey PRIMARY KEY (agent);

ALTER TABLE ONLY desk.api_key
    ADD CONSTRAINT api_key_digest_key UNIQUE (digest);

ALTER TABLE ONLY desk.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.arrival_slot
    ADD CONSTRAINT arrival_slot_pkey PRIMARY KEY (category, slot);

ALTER TABLE ONLY desk.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (single);

ALTER TABLE ONLY desk.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (number);

ALTER TABLE ONLY desk.audit_remark
    ADD CONSTRAINT audit_remark_pkey PRIMARY KEY (entry);

ALTER TABLE ONLY desk.channel_curve_key
    ADD CONSTRAINT channel_curve_key_pkey PRIMARY KEY (public_key);

ALTER TABLE ONLY desk.closed_ticket
    ADD CONSTRAINT closed_ticket_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.closed_ticket_default
    ADD CONSTRAINT closed_ticket_default_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.customer_contact
    ADD CONSTRAINT customer_contact_pkey PRIMARY KEY (channel, customer);

ALTER TABLE ONLY desk.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (channel, external_id);

ALTER TABLE ONLY desk.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.feedback_group
    ADD CONSTRAINT feedback_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (message);

ALTER TABLE ONLY desk.follow_up
    ADD CONSTRAINT follow_up_pkey PRIMARY KEY (ticket);

ALTER TABLE ONLY desk.hook_state
    ADD CONSTRAINT hook_state_pkey PRIMARY KEY (hook);

ALTER TABLE ONLY desk.hot_issue
    ADD CONSTRAINT hot_issue_pkey PRIMARY KEY (category, raised_at);

ALTER TABLE ONLY desk.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY desk.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);

ALTER TABLE ONLY desk.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.message_default
    ADD CONSTRAINT message_default_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.message_key
    ADD CONSTRAINT message_key_pkey PRIMARY KEY (channel, external_id);

ALTER TABLE ONLY desk.open_ticket
    ADD CONSTRAINT open_ticket_pkey PRIMARY KEY (channel, customer);

ALTER TABLE ONLY desk.open_ticket
    ADD CONSTRAINT open_ticket_ticket_id_key UNIQUE (ticket_id);

ALTER TABLE ONLY desk.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY desk.queue_pace
    ADD CONSTRAINT queue_pace_pkey PRIMARY KEY (queue);

ALTER TABLE ONLY desk.rating
    ADD CONSTRAINT rating_pkey PRIMARY KEY (ticket);

ALTER TABLE ONLY desk.request_key
    ADD CONSTRAINT request_key_pkey PRIMARY KEY (channel, key);

ALTER TABLE ONLY desk.service_instance
    ADD CONSTRAINT service_instance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.shadow_tally
    ADD CONSTRAINT shadow_tally_pkey PRIMARY KEY (champion, challenger, champion_says, challenger_says);

ALTER TABLE ONLY desk.ticket_event
    ADD CONSTRAINT ticket_event_pkey PRIMARY KEY (ticket_id, version, "position");

ALTER TABLE ONLY desk.ticket_event_default
    ADD CONSTRAINT ticket_event_default_pkey PRIMARY KEY (ticket_id, version, "position");

ALTER TABLE ONLY desk.ticket_guest
    ADD CONSTRAINT ticket_guest_pkey PRIMARY KEY (ticket, channel, customer);

ALTER TABLE ONLY desk.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.ticket_tie
    ADD CONSTRAINT ticket_tie_pkey PRIMARY KEY (ticket, other, kind);

ALTER TABLE ONLY desk.timeline_range
    ADD CONSTRAINT timeline_range_pkey PRIMARY KEY (from_id);

ALTER TABLE ONLY desk.watch_cursor
    ADD CONSTRAINT watch_cursor_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (number);

CREATE INDEX arrival_slot_by_time ON desk.arrival_slot USING btree (slot);

CREATE INDEX audit_remark_of_customer ON desk.audit_remark USING btree (channel, customer) WHERE (customer IS NOT NULL);

CREATE INDEX audit_remark_of_ticket ON desk.audit_remark USING btree (ticket) WHERE (ticket IS NOT NULL);

CREATE INDEX closed_ticket_of_customer ON ONLY desk.closed_ticket USING btree (channel, customer, closed_at);

CREATE INDEX closed_ticket_default_channel_customer_closed_at_idx ON desk.closed_ticket_default USING btree (channel, customer, closed_at);

CREATE INDEX correction_by_ticket ON desk.correction USING btree (ticket);

CREATE INDEX correction_by_time ON desk.correction USING btree (corrected_at);

CREATE INDEX dead_letter_of_hook ON desk.dead_letter USING btree (hook, died_at) WHERE (replayed_at IS NULL);

CREATE INDEX dead_letter_waiting ON desk.dead_letter USING btree (died_at) WHERE (replayed_at IS NULL);

CREATE INDEX feedback_group_by_time ON desk.feedback_group USING btree (last_at);

CREATE INDEX feedback_of_group ON desk.feedback USING btree (gathered, at);

CREATE INDEX follow_up_open ON desk.follow_up USING btree (opened_at) WHERE (done_at IS NULL);

CREATE UNIQUE INDEX hot_issue_open ON desk.hot_issue USING btree (category) WHERE (ended_at IS NULL);

CREATE INDEX inbox_suspect ON desk.inbox USING btree (message_id) WHERE (attempts >= 2);

CREATE INDEX message_by_ticket ON ONLY desk.message USING btree (ticket_id, id);

CREATE INDEX message_default_ticket_id_id_idx ON desk.message_default USING btree (ticket_id, id);

CREATE INDEX message_key_of_message ON desk.message_key USING btree (message_id);

CREATE INDEX open_ticket_known_as ON desk.open_ticket USING btree (channel, known_as) WHERE (known_as IS NOT NULL);

CREATE INDEX open_ticket_merged ON desk.open_ticket USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX outbox_due ON desk.outbox USING btree (hook, next_attempt_at);

CREATE INDEX rating_by_time ON desk.rating USING btree (rated_at);

CREATE INDEX ticket_close ON desk.ticket USING btree (close_at) WHERE (close_at IS NOT NULL);

CREATE INDEX ticket_guest_of_customer ON desk.ticket_guest USING btree (channel, customer);

CREATE INDEX ticket_holder ON desk.ticket USING btree (holder) WHERE (holder IS NOT NULL);

CREATE INDEX ticket_next_check ON desk.ticket USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);

CREATE INDEX ticket_offer_expiry ON desk.ticket USING btree (offer_expires_at) WHERE (offer_expires_at IS NOT NULL);

CREATE INDEX ticket_tie_of_other ON desk.ticket_tie USING btree (other);

CREATE INDEX ticket_waiting ON desk.ticket USING btree (waiting_queue, rank, COALESCE(COALESCE(LEAST(
CASE
    WHEN ((first_met_at IS NULL) AND (first_paused_at IS NULL)) THEN first_due_at
    ELSE NULL::timestamp with time zone
END,
CASE
    WHEN (((clock_state ->> 'next_met_us'::text) IS NULL) AND ((clock_state ->> 'next_paused_us'::text) IS NULL)) THEN to_timestamp((((((clock_state ->> 'next_due_us'::text))::bigint)::numeric / '1000000'::numeric))::double precision)
    ELSE NULL::timestamp with time zone
END,
CASE
    WHEN ((resolution_told < 100) AND (resolution_met_at IS NULL) AND (resolution_paused_at IS NULL)) THEN resolution_due_at
    ELSE NULL::timestamp with time zone
END),
CASE
    WHEN ((resolution_met_at IS NULL) AND (resolution_paused_at IS NULL)) THEN resolution_due_at
    ELSE NULL::timestamp with time zone
END), waiting_since), id) WHERE (waiting_queue IS NOT NULL);

CREATE INDEX timeline_range_open ON desk.timeline_range USING btree (from_id) WHERE (digest IS NULL);

ALTER INDEX desk.closed_ticket_of_customer ATTACH PARTITION desk.closed_ticket_default_channel_customer_closed_at_idx;

ALTER INDEX desk.closed_ticket_pkey ATTACH PARTITION desk.closed_ticket_default_pkey;

ALTER INDEX desk.message_pkey ATTACH PARTITION desk.message_default_pkey;

ALTER INDEX desk.message_by_ticket ATTACH PARTITION desk.message_default_ticket_id_id_idx;

ALTER INDEX desk.ticket_event_pkey ATTACH PARTITION desk.ticket_event_default_pkey;

CREATE TRIGGER audit_api_key AFTER INSERT OR DELETE OR UPDATE ON desk.api_key FOR EACH ROW EXECUTE FUNCTION desk.audit_api_key();

CREATE TRIGGER audit_curve_key AFTER INSERT OR DELETE OR UPDATE ON desk.channel_curve_key FOR EACH ROW EXECUTE FUNCTION desk.audit_curve_key();

CREATE TRIGGER audit_hook AFTER INSERT OR UPDATE OF disabled_at ON desk.hook_state FOR EACH ROW EXECUTE FUNCTION desk.audit_hook();

CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON desk.audit FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER audit_only_grows BEFORE DELETE OR UPDATE ON desk.audit FOR EACH ROW EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER audit_policy AFTER INSERT OR DELETE OR UPDATE ON desk.policy_version FOR EACH ROW EXECUTE FUNCTION desk.audit_policy();

CREATE TRIGGER audit_replay AFTER UPDATE OF replayed_at ON desk.dead_letter FOR EACH ROW WHEN (((old.replayed_at IS NULL) AND (new.replayed_at IS NOT NULL))) EXECUTE FUNCTION desk.audit_replay();

CREATE TRIGGER audit_seal AFTER UPDATE ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.audit_seal();

CREATE TRIGGER guard_message BEFORE UPDATE OF ticket_id ON desk.message FOR EACH ROW WHEN ((old.ticket_id IS DISTINCT FROM new.ticket_id)) EXECUTE FUNCTION desk.guard_message();

CREATE TRIGGER mark_range BEFORE INSERT ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.mark_range();

CREATE TRIGGER salt_reason BEFORE INSERT ON desk.ticket_event FOR EACH ROW WHEN (((new.detail ? 'reason'::text) AND (NOT (new.detail ? 'reason_salt'::text)) AND (starts_with(new.actor, 'agent:'::text) OR starts_with(new.actor, 'operator:'::text)))) EXECUTE FUNCTION desk.salt_reason();

CREATE TRIGGER seal_range BEFORE UPDATE ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.seal_range();

CREATE TRIGGER audit_migration AFTER INSERT ON public.schema_migration FOR EACH ROW EXECUTE FUNCTION desk.audit_migration();

ALTER TABLE ONLY desk.feedback
    ADD CONSTRAINT feedback_gathered_fkey FOREIGN KEY (gathered) REFERENCES desk.feedback_group(id);

REVOKE ALL ON FUNCTION desk.audit_api_key() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_append(kind text, subject text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_curve_key() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_hook() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_migration() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_note(kind text, subject text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_policy() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_replay() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_seal() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.audit_write(kind text, subject text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.blanked(actor text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.drop_oldest_partition(parent text, keep_days integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.ensure_partitions(days integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.ensure_partitions_of(parent text, days integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.erase_customer(the_channel text, the_customer text, reason text, receipt text) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.erase_customer_words(the_channel text, the_customer text, reason text, receipt text) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.forget_before(keep_days integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.forget_before_remarks(keep_days integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.grant_service(service name) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.guard_message() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.has_words(actor text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.key_was_taken() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.leave_behind(full_ticket uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.mark_range() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.messages_needed(before uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.moment(microseconds text) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.named_in(notice text) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.netstring(value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.partition_keys(parent text) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.remark_digest(salt bytea, remark text) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.require_version(ticket uuid, expected integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.rows_moved_of_day() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.salt_reason() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.sample_keys_only(relation regclass, keys text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.seal_range() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.service_audit_kinds() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.service_functions() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.service_rights() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.service_rights_before_columns() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.service_rights_before_guests() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.service_updates() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.settled_horizon(distance interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.tickets_needed(before uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.timeline_digest(from_id uuid, to_id uuid, form smallint, OUT tickets bigint, OUT events bigint, OUT digest bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.uuid_floor(moment timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.uuid_moment(id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.whole_number(digits text) FROM PUBLIC;

ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS  FROM PUBLIC;

COMMIT;
