-- Version 102: notices to people. One row for each receiver: everyone with a role, or one agent. The only index begins with the receiver,
-- so that a list never walks through those of others.
CREATE TABLE desk.notice (
  receiver    text NOT NULL CHECK (receiver IN ('role:agent', 'role:lead', 'role:operator') OR starts_with(receiver, 'agent:')),
  id          uuid NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('ticket.escalated', 'sla.breached', 'follow_up.opened', 'issue.hot', 'queue.stuck',
                'queue.moves', 'callback.assigned', 'callback.warned', 'callback.broken', 'delivery.failed', 'message.failed',
                'crisis.opened', 'crisis.changed', 'crisis.ended', 'inspection.scored', 'inspection.appealed', 'inspection.decided')),
  ticket      uuid,
  detail      jsonb NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (receiver, id)
);

-- Who has read which notice.
CREATE TABLE desk.notice_read (
  reader   text NOT NULL,
  notice   uuid NOT NULL,
  read_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (reader, notice)
);

-- Queues in which nothing moves although tickets wait.
CREATE TABLE desk.stuck_queue (
  queue     text NOT NULL,
  began_at  timestamptz NOT NULL DEFAULT now(),
  ended_at  timestamptz,
  reason    text NOT NULL CHECK (reason IN ('unstaffed', 'standstill')),
  waiting   bigint NOT NULL,
  -- The ticket that waits longest.
  example   uuid NOT NULL,
  leads     text[] NOT NULL,
  PRIMARY KEY (queue, began_at)
);
-- One episode, however many watchers see it.
CREATE UNIQUE INDEX stuck_queue_open ON desk.stuck_queue (queue) WHERE ended_at IS NULL;

-- Writes a notice to agents by name or, if there are none, to everyone with a role. The identifiers are those of UUIDv7 with a fraction of
-- the millisecond, so that notices of one step after the other keep their order.
CREATE FUNCTION desk.notify_people(the_kind text, agents text[], otherwise text, the_ticket uuid, the_detail jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog AS $$
  INSERT INTO desk.notice (receiver, id, kind, ticket, detail)
  SELECT coalesce('agent:' || r.agent, 'role:' || otherwise),
         (left(replace(desk.uuid_floor(date_trunc('milliseconds', c.at))::text, '-', ''), 12) || '7'
            || lpad(to_hex((extract(microseconds FROM c.at)::bigint % 1000 * 4096 / 1000)::integer), 3, '0')
            || substr(replace(gen_random_uuid()::text, '-', ''), 17))::uuid,
         the_kind, the_ticket, the_detail
    FROM (SELECT clock_timestamp() AS at OFFSET 0) c,
         (SELECT DISTINCT unnest(agents) AS agent UNION ALL SELECT NULL WHERE coalesce(cardinality(agents), 0) = 0) r
$$;

-- The notices of a timeline entry, in the transaction that writes it. The leads are those that the step named.
CREATE FUNCTION desk.notify_of_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  shown jsonb := NEW.detail - 'reason' - 'reason_salt' - 'leads' - 'lead';
  leads text[] := ARRAY(SELECT jsonb_array_elements_text(
    CASE jsonb_typeof(NEW.detail->'leads') WHEN 'array' THEN NEW.detail->'leads' ELSE '[]' END));
  owner text := NEW.detail->>'owner';
BEGIN
  CASE NEW.kind
    WHEN 'escalated' THEN
      PERFORM desk.notify_people('ticket.escalated', leads, 'lead', NEW.ticket_id, shown);
    WHEN 'sla_breached' THEN
      PERFORM desk.notify_people('sla.breached', '{}', 'lead', NEW.ticket_id, shown);
    WHEN 'call_back_promised', 'call_back_moved' THEN
      -- Who arranges it with the customer knows.
      IF owner IS NOT NULL AND NEW.actor <> 'agent:' || owner THEN
        PERFORM desk.notify_people('callback.assigned', ARRAY[owner], 'lead', NEW.ticket_id, shown);
      END IF;
    WHEN 'call_back_warned' THEN
      PERFORM desk.notify_people('callback.warned', CASE WHEN owner IS NULL THEN leads ELSE ARRAY[owner] END, 'lead', NEW.ticket_id, shown);
    WHEN 'call_back_broken' THEN
      IF owner IS NOT NULL THEN
        PERFORM desk.notify_people('callback.broken', ARRAY[owner], 'lead', NEW.ticket_id, shown);
      END IF;
      IF owner IS NULL OR leads <> ARRAY[owner] THEN
        PERFORM desk.notify_people('callback.broken', array_remove(leads, owner), 'lead', NEW.ticket_id, shown);
      END IF;
    ELSE
      PERFORM desk.notify_people('follow_up.opened', array_remove(ARRAY[NEW.detail->>'lead'], NULL), 'lead', NEW.ticket_id, shown);
  END CASE;
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.notify_of_hot_issue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.notify_people('issue.hot', '{}', 'lead', NEW.examples[1],
    jsonb_build_object('category', NEW.category, 'tickets', NEW.tickets, 'expected', NEW.expected));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.notify_of_stuck_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.notify_people(CASE WHEN NEW.ended_at IS NULL THEN 'queue.stuck' ELSE 'queue.moves' END, NEW.leads, 'lead', NEW.example,
    jsonb_strip_nulls(jsonb_build_object('queue', NEW.queue, 'reason', NEW.reason, 'waiting', NEW.waiting, 'began_at', NEW.began_at,
      'ended_at', NEW.ended_at)));
  RETURN NULL;
END
$$;

-- What the customer was to be sent and could not be delivered: the agent who has or had the ticket must know, else the leads. A reply that
-- did not arrive has its own notice, and a delivery to a subscriber is not one to the customer: the replies of the ticket say which hook is
-- the channel's.
CREATE FUNCTION desk.notify_of_failed_delivery() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM desk.message m JOIN desk.reply r ON r.id = m.id
              WHERE m.ticket_id = NEW.ticket_id AND r.hook IS DISTINCT FROM NEW.hook)
    OR NEW.body->>'kind' = 'message.replied' AND EXISTS (SELECT FROM desk.reply r
              WHERE r.id = (substring(NEW.body->>'body' FROM '"message":"([0-9a-f-]{36})"'))::uuid) THEN
    RETURN NULL;
  END IF;
  PERFORM desk.notify_people('delivery.failed',
    ARRAY(SELECT coalesce(t.agent, t.last_agent) FROM desk.ticket t
           WHERE t.id = NEW.ticket_id AND coalesce(t.agent, t.last_agent) IS NOT NULL),
    'lead', NEW.ticket_id, jsonb_build_object('kind', NEW.body->>'kind', 'hook', NEW.hook));
  RETURN NULL;
END
$$;

-- A reply that did not reach the customer, once for each failure, whether its ticket came back to a person or had ended: who wrote it, and the
-- leads. The reason is the provider's text, which can name the customer.
CREATE FUNCTION desk.notify_of_failed_reply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  the_ticket uuid;
  the_author text;
  shown jsonb;
BEGIN
  SELECT coalesce((SELECT o.merged_into FROM desk.open_ticket o WHERE o.ticket_id = m.ticket_id), m.ticket_id), m.author
    INTO the_ticket, the_author FROM desk.message m WHERE m.id = NEW.id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  shown := jsonb_build_object('message', NEW.id, 'channel', NEW.channel, 'author', the_author);
  -- Texts that the desk wrote have authors that are not agents.
  IF EXISTS (SELECT FROM desk.agent_state a WHERE a.agent = the_author) THEN
    PERFORM desk.notify_people('message.failed', ARRAY[the_author], 'lead', the_ticket, shown);
  END IF;
  PERFORM desk.notify_people('message.failed', '{}', 'lead', the_ticket, shown);
  RETURN NULL;
END
$$;

-- A result and a decision of an appeal are for the agent whose work it is about, an appeal for the leads.
CREATE FUNCTION desk.notify_of_inspection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.notify_people(
    CASE NEW.state WHEN 'scored' THEN 'inspection.scored' WHEN 'appealed' THEN 'inspection.appealed' ELSE 'inspection.decided' END,
    CASE NEW.state WHEN 'appealed' THEN '{}' ELSE ARRAY[NEW.agent] END, 'lead', NEW.ticket,
    jsonb_build_object('inspection', NEW.id, 'agent', NEW.agent, 'state', NEW.state, 'percent',
      coalesce(NEW.decided_percent, NEW.percent)));
  RETURN NULL;
END
$$;

-- Entries that retention moves are older than a day, and cause no notice again.
CREATE TRIGGER notify_of_event AFTER INSERT ON desk.ticket_event FOR EACH ROW
  WHEN (NEW.kind IN ('escalated', 'sla_breached', 'follow_up_opened', 'call_back_promised', 'call_back_moved', 'call_back_warned',
      'call_back_broken')
    AND NEW.at > now() - interval '12 hours')
  EXECUTE FUNCTION desk.notify_of_event();
CREATE TRIGGER notify_of_hot_issue AFTER INSERT ON desk.hot_issue FOR EACH ROW EXECUTE FUNCTION desk.notify_of_hot_issue();
CREATE TRIGGER notify_of_stuck_queue AFTER INSERT ON desk.stuck_queue FOR EACH ROW EXECUTE FUNCTION desk.notify_of_stuck_queue();
CREATE TRIGGER notify_of_moving_queue AFTER UPDATE OF ended_at ON desk.stuck_queue FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION desk.notify_of_stuck_queue();
CREATE TRIGGER notify_of_failed_delivery AFTER INSERT ON desk.dead_letter FOR EACH ROW
  WHEN (NEW.kind = 'notice'
    AND NEW.body->>'kind' IN ('message.replied', 'ticket.confirmation_asked', 'callback.promised', 'callback.moved'))
  EXECUTE FUNCTION desk.notify_of_failed_delivery();

CREATE TRIGGER notify_of_failed_reply AFTER UPDATE OF returned_at ON desk.reply FOR EACH ROW
  WHEN (OLD.returned_at IS NULL AND NEW.returned_at IS NOT NULL) EXECUTE FUNCTION desk.notify_of_failed_reply();
CREATE TRIGGER notify_of_inspection AFTER UPDATE OF state ON desk.inspection FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND NEW.state <> 'waiting') EXECUTE FUNCTION desk.notify_of_inspection();

-- Changes a function's text where it says `before`, instead of repeating it: migrations that change different parts of one function do not
-- undo each other.
CREATE FUNCTION pg_temp.amend(function regprocedure, before text, after text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  text text := pg_get_functiondef(function);
BEGIN
  IF strpos(text, before) = 0 THEN
    RAISE EXCEPTION 'the function % does not contain the text to be changed', function USING ERRCODE = 'invalid_function_definition';
  END IF;
  EXECUTE replace(text, before, after);
END
$$;

-- Services read notices and call-backs, and mark notices as read; only the triggers write them. The watcher ends call-backs whose ticket is
-- over.
SELECT pg_temp.amend('desk.service_rights()', $old$('open_ticket', 'SELECT, INSERT, UPDATE, DELETE'),$old$,
  $new$('call_back', 'SELECT, UPDATE'),
    ('notice', 'SELECT'),
    ('notice_read', 'SELECT, INSERT'),
    ('stuck_queue', 'SELECT, INSERT, UPDATE'),
    ('open_ticket', 'SELECT, INSERT, UPDATE, DELETE'),$new$);
SELECT pg_temp.amend('desk.service_updates()', $old$('queue_pace', ARRAY[$old$,
  $new$('call_back', ARRAY['state', 'check_at', 'ended_at']),
    ('stuck_queue', ARRAY['ended_at']),
    ('queue_pace', ARRAY[$new$);
SELECT pg_temp.amend('desk.service_updates()', $old$'guest_channel',$old$, $new$'call_back', 'guest_channel',$new$);

SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'feedback', 'DELETE FROM desk.feedback WHERE$old$,
  $new$    'notices', 'DELETE FROM desk.notice WHERE id < $1',
    NULL, 'DELETE FROM desk.notice_read WHERE notice < $1',
    'call_backs', 'DELETE FROM desk.call_back WHERE ticket < $1 AND ticket <> ALL ($3)',
    'stuck_queues', 'DELETE FROM desk.stuck_queue WHERE ended_at < $2',
    'feedback', 'DELETE FROM desk.feedback WHERE$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);

-- Roles that work as services get the rights of this version.
