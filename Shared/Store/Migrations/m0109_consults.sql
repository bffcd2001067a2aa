-- Version 109: consults. A question about a ticket to an agent or to a product line's interface people, who may read the ticket's
-- conversation while it is open. Every step is written in the transaction of a step of the ticket. The answer is an internal note.
CREATE TABLE desk.consult (
  id           uuid PRIMARY KEY,               -- begins with the time
  ticket       uuid NOT NULL,
  -- The places of a ticket's open consults, which bound their number.
  slot         smallint NOT NULL CHECK (slot BETWEEN 1 AND 5),
  asker        text NOT NULL,
  asked_agent  text CHECK (asked_agent <> asker),
  asked_line   text,
  question     text,                           -- null when the customer was erased
  asked_at     timestamptz NOT NULL,
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'withdrawn', 'ended')),
  ended_at     timestamptz,
  answered_by  text CHECK (answered_by <> asker),
  answer       uuid,                           -- the note, a message
  CHECK ((asked_agent IS NULL) <> (asked_line IS NULL)),
  CHECK ((state = 'open') = (ended_at IS NULL)),
  CHECK ((state = 'answered') = (answered_by IS NOT NULL) AND (answered_by IS NULL) = (answer IS NULL))
);
CREATE UNIQUE INDEX consult_open_slot ON desk.consult (ticket, slot) WHERE state = 'open';
CREATE INDEX consult_of_ticket ON desk.consult (ticket);
CREATE INDEX consult_of_agent ON desk.consult (asked_agent, id) WHERE asked_agent IS NOT NULL;
CREATE INDEX consult_of_line ON desk.consult (asked_line, id) WHERE asked_line IS NOT NULL;
CREATE INDEX consult_by_asker ON desk.consult (asker, id);
CREATE INDEX consult_open_of_agent ON desk.consult (asked_agent, id) WHERE state = 'open' AND asked_agent IS NOT NULL;
CREATE INDEX consult_open_of_line ON desk.consult (asked_line, id) WHERE state = 'open' AND asked_line IS NOT NULL;
CREATE INDEX consult_answered ON desk.consult (asker, ended_at) WHERE state = 'answered';

-- What people did. Contains no text.
CREATE FUNCTION desk.audit_consult() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.audit_append('consult.' || CASE NEW.state WHEN 'open' THEN 'asked' ELSE NEW.state END, NEW.id::text,
    jsonb_strip_nulls(jsonb_build_object('ticket', NEW.ticket, 'asker', NEW.asker, 'agent', NEW.asked_agent,
      'product_line', NEW.asked_line, 'answered_by', NEW.answered_by)));
  RETURN NULL;
END
$$;
CREATE TRIGGER consult_asked AFTER INSERT ON desk.consult FOR EACH ROW EXECUTE FUNCTION desk.audit_consult();
CREATE TRIGGER consult_stepped AFTER UPDATE OF state ON desk.consult FOR EACH ROW
  WHEN (OLD.state = 'open' AND NEW.state IN ('answered', 'withdrawn')) EXECUTE FUNCTION desk.audit_consult();

-- Whatever settles a ticket ends its open consults in the same transaction, and with them the right to read it.
CREATE FUNCTION desk.end_consults() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE desk.consult SET state = 'ended', ended_at = NEW.at WHERE ticket = NEW.ticket_id AND state = 'open';
  RETURN NULL;
END
$$;
-- Entries that retention moves are older than a day, and change nothing again.
CREATE TRIGGER end_consults AFTER INSERT ON desk.ticket_event FOR EACH ROW
  WHEN (NEW.kind IN ('resolved', 'closed', 'rejected', 'merged') AND NEW.at > now() - interval '12 hours')
  EXECUTE FUNCTION desk.end_consults();

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

SELECT pg_temp.amend('desk.service_rights()', $old$('interception', 'SELECT, INSERT'),$old$,
  $new$('consult', 'SELECT, INSERT, UPDATE'),
    ('interception', 'SELECT, INSERT'),$new$);
SELECT pg_temp.amend('desk.service_updates()', $old$('inspection', ARRAY[$old$,
  $new$('consult', ARRAY['state', 'ended_at', 'answered_by', 'answer']),
    ('inspection', ARRAY[$new$);
SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'guests', 'DELETE FROM desk.ticket_guest$old$,
  $new$    'consults', 'DELETE FROM desk.consult WHERE ticket < $1 AND ticket <> ALL ($3)',
    'guests', 'DELETE FROM desk.ticket_guest$new$);
-- The answers are notes, which an erasure empties anyway. It raises the tickets' versions, so that no step that is under way adds a text.
SELECT pg_temp.amend('desk.erase_customer_content(text, text, text, text)', $old$  GET DIAGNOSTICS followed = ROW_COUNT;$old$,
  $new$  GET DIAGNOSTICS followed = ROW_COUNT;
  UPDATE desk.consult SET question = NULL, state = CASE state WHEN 'open' THEN 'ended' ELSE state END, ended_at = coalesce(ended_at, now())
   WHERE ticket = ANY(of_customer || hosts);$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);

-- Roles that work as services get the rights of this version.
