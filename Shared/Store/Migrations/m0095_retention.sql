-- The schema of version 95: functions of retention. New databases and upgrades from version 94 run it.

-- The tickets opened before a given one that are still needed, with all that belongs to them. Messages and timeline of a ticket are never
-- older than its identifier.
CREATE OR REPLACE FUNCTION desk.tickets_needed(before uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT ticket_id FROM desk.open_ticket WHERE ticket_id < before
  UNION SELECT merged_into FROM desk.open_ticket WHERE merged_into < before
  UNION SELECT ticket_id FROM desk.inbox WHERE ticket_id < before
  UNION SELECT ticket_id FROM desk.outbox WHERE ticket_id < before
  UNION SELECT ticket_id FROM desk.dead_letter WHERE replayed_at IS NULL AND ticket_id < before
$$;

-- Messages that are needed themselves: a dead letter may be replayed on a ticket that is younger than it.
CREATE OR REPLACE FUNCTION desk.messages_needed(before uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT message_id FROM desk.inbox WHERE message_id < before
  UNION SELECT id FROM desk.dead_letter WHERE kind = 'message' AND id < before
$$;

-- The maximum number of rows of one day that are moved while its table is locked exclusively: some tens of milliseconds. A day with more
-- is kept until fewer are needed.
CREATE OR REPLACE FUNCTION desk.rows_moved_of_day() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 5000::bigint';

-- Drops a parent's oldest day that is older than `keep_days`, and returns its name. Rows that are still needed are moved to the default
-- partition.
CREATE OR REPLACE FUNCTION desk.drop_oldest_partition(parent text, keep_days integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '500ms' AS $$
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
$$;

-- Deletes rows that are older than `keep_days` and not needed any more, of tables that are not partitioned by day. Runs after the days
-- are dropped, because it scans whole tables.
CREATE OR REPLACE FUNCTION desk.forget_before(keep_days integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
    -- What was kept of dropped days.
    'messages', 'DELETE FROM desk.message_default WHERE id < $1 AND ticket_id <> ALL ($3) AND id <> ALL ($4)',
    'timelines', 'DELETE FROM desk.ticket_event_default WHERE ticket_id < $1 AND ticket_id <> ALL ($3)',
    'closed_tickets', 'DELETE FROM desk.closed_ticket_default WHERE id < $1 AND id <> ALL ($3)',
    'keys', 'DELETE FROM desk.message_key k WHERE message_id < $1
       AND NOT EXISTS (SELECT FROM desk.message m WHERE m.id = k.message_id)',
    'requests', 'DELETE FROM desk.request_key WHERE received_at < $2',
    'dead_letters', 'DELETE FROM desk.dead_letter WHERE replayed_at < $2',
    -- What belongs to deleted tickets and messages.
    'corrections', 'DELETE FROM desk.correction WHERE least(ticket, message) < $1 AND ticket <> ALL ($3)',
    'links', 'DELETE FROM desk.ticket_link WHERE least(ticket, other) < $1 AND ticket <> ALL ($3) AND other <> ALL ($3)',
    'ratings', 'DELETE FROM desk.rating WHERE ticket < $1 AND ticket <> ALL ($3)',
    'follow_ups', 'DELETE FROM desk.follow_up WHERE ticket < $1 AND ticket <> ALL ($3)',
    'guests', 'DELETE FROM desk.ticket_guest WHERE ticket < $1 AND ticket <> ALL ($3)',
    'feedback', 'DELETE FROM desk.feedback WHERE least(ticket, message) < $1 AND ticket <> ALL ($3)',
    -- A group whose first message is deleted is described by the next; an empty one is deleted.
    NULL, 'UPDATE desk.feedback_group g SET first_message = f.message, first_ticket = f.ticket
       FROM (SELECT DISTINCT ON (o.group_id) o.group_id, o.message, o.ticket FROM desk.feedback o
              WHERE o.group_id IN (SELECT id FROM desk.feedback_group
                                    WHERE least(first_ticket, first_message) < $1 AND first_ticket <> ALL ($3))
              ORDER BY o.group_id, o.at, o.message) f
      WHERE g.id = f.group_id',
    'feedback_groups', 'DELETE FROM desk.feedback_group g WHERE last_at < $2
       AND NOT EXISTS (SELECT FROM desk.feedback f WHERE f.group_id = g.id)',
    'hot_issues', 'DELETE FROM desk.hot_issue WHERE ended_at < $2',
    NULL, 'UPDATE desk.hot_issue SET examples = ARRAY(
         SELECT example FROM unnest(examples) WITH ORDINALITY AS e(example, place)
          WHERE example >= $1 OR example = ANY ($3) ORDER BY place)
       WHERE EXISTS (SELECT FROM unnest(examples) AS e(example) WHERE example < $1 AND example <> ALL ($3))',
    -- Customers without attributes who have not written since.
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
  UPDATE desk.audit_free_text r SET salt = NULL, reason = NULL
   WHERE reason IS NOT NULL AND ticket < before AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.ticket_id = r.ticket);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN forgotten + gone;
END
$$;
