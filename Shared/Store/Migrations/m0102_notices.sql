-- Version 102: notices to people. One row for each receiver: everyone with a role, or one agent. The only index begins with the receiver, so
-- that a list never walks through those of others.
CREATE TABLE desk.notice (
  receiver    text NOT NULL CHECK (receiver IN ('role:agent', 'role:lead', 'role:operator') OR starts_with(receiver, 'agent:')),
  id          uuid NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('ticket.escalated', 'sla.breached', 'follow_up.opened', 'issue.hot')),
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

-- Writes a notice to agents by name or, if there are none, to everyone with a role.
CREATE FUNCTION desk.notify_people(the_kind text, agents text[], otherwise text, the_ticket uuid, the_detail jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog AS $$
  INSERT INTO desk.notice (receiver, id, kind, ticket, detail)
  SELECT coalesce('agent:' || r.agent, 'role:' || otherwise),
         (left(replace(desk.uuid_floor(clock_timestamp())::text, '-', ''), 12) || '7'
            || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
         the_kind, the_ticket, the_detail
    FROM (SELECT DISTINCT unnest(agents) AS agent UNION ALL SELECT NULL WHERE coalesce(cardinality(agents), 0) = 0) r
$$;

-- The notices of a timeline entry, in the transaction that writes it. The leads of an escalation are those that the step named.
CREATE FUNCTION desk.notify_of_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  shown jsonb := NEW.detail - 'reason' - 'reason_salt' - 'leads' - 'lead';
BEGIN
  CASE NEW.kind
    WHEN 'escalated' THEN
      PERFORM desk.notify_people('ticket.escalated',
        ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(NEW.detail->'leads') WHEN 'array' THEN NEW.detail->'leads' ELSE '[]' END)),
        'lead', NEW.ticket_id, shown);
    WHEN 'sla_breached' THEN
      PERFORM desk.notify_people('sla.breached', '{}', 'lead', NEW.ticket_id, shown);
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

-- Entries that retention moves are older than a day, and cause no notice again.
CREATE TRIGGER notify_of_event AFTER INSERT ON desk.ticket_event FOR EACH ROW
  WHEN (NEW.kind IN ('escalated', 'sla_breached', 'follow_up_opened') AND NEW.at > now() - interval '12 hours')
  EXECUTE FUNCTION desk.notify_of_event();
CREATE TRIGGER notify_of_hot_issue AFTER INSERT ON desk.hot_issue FOR EACH ROW EXECUTE FUNCTION desk.notify_of_hot_issue();

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

-- Services read notices and mark them as read; only the triggers write them.
SELECT pg_temp.amend('desk.service_rights()', $old$('open_ticket', 'SELECT, INSERT, UPDATE, DELETE'),$old$,
  $new$('notice', 'SELECT'),
    ('notice_read', 'SELECT, INSERT'),
    ('open_ticket', 'SELECT, INSERT, UPDATE, DELETE'),$new$);

SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'feedback', 'DELETE FROM desk.feedback WHERE$old$,
  $new$    'notices', 'DELETE FROM desk.notice WHERE id < $1',
    NULL, 'DELETE FROM desk.notice_read WHERE notice < $1',
    'feedback', 'DELETE FROM desk.feedback WHERE$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);

-- Roles that work as services get the rights of this version.
SELECT desk.grant_service(pg_get_userbyid(a.grantee))
  FROM pg_class c, aclexplode(c.relacl) a
 WHERE c.oid = 'desk.inbox'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner);
