-- Version 110: what agents are writing, and how far each has read.
--
-- One draft for each ticket, agent and kind. `key` changes with every change of the text: it is what the next change must name, so that two
-- devices do not overwrite each other, and the Idempotency-Key under which the text is sent, so that both send it once.
CREATE TABLE desk.draft (
  ticket           uuid NOT NULL,
  agent            text NOT NULL,
  kind             text NOT NULL CHECK (kind IN ('reply', 'note')),
  body             text NOT NULL CHECK (body <> '' AND length(body) <= 20000),
  awaits_customer  boolean NOT NULL CHECK (kind = 'reply' OR NOT awaits_customer),
  key              uuid NOT NULL,
  changed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (ticket, agent, kind)
) WITH (fillfactor = 80);
CREATE INDEX draft_of_agent ON desk.draft (agent, changed_at);

-- The last message of a ticket that an agent has seen. It never moves backwards.
CREATE TABLE desk.ticket_read (
  ticket   uuid NOT NULL,
  agent    text NOT NULL,
  message  uuid NOT NULL,
  read_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (ticket, agent)
) WITH (fillfactor = 80);

SELECT pg_temp.amend('desk.service_rights()', $old$('interception', 'SELECT, INSERT'),$old$,
  $new$('draft', 'SELECT, INSERT, UPDATE, DELETE'),
    ('ticket_read', 'SELECT, INSERT, UPDATE'),
    ('interception', 'SELECT, INSERT'),$new$);
SELECT pg_temp.amend('desk.service_updates()', $old$('inspection', ARRAY[$old$,
  $new$('draft', ARRAY['body', 'awaits_customer', 'key', 'changed_at']),
    ('ticket_read', ARRAY['message', 'read_at']),
    ('inspection', ARRAY[$new$);
SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'guests', 'DELETE FROM desk.ticket_guest$old$,
  $new$    'drafts', 'DELETE FROM desk.draft WHERE ticket < $1 AND ticket <> ALL ($3)',
    NULL, 'DELETE FROM desk.ticket_read WHERE ticket < $1 AND ticket <> ALL ($3)',
    'guests', 'DELETE FROM desk.ticket_guest$new$);
-- Like the notes, what is being written about a customer goes with what they wrote.
SELECT pg_temp.amend('desk.erase_customer_content(text, text, text, text)', $old$  GET DIAGNOSTICS followed = ROW_COUNT;$old$,
  $new$  GET DIAGNOSTICS followed = ROW_COUNT;
  DELETE FROM desk.draft WHERE ticket = ANY(of_customer || hosts);$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);

-- Roles that work as services get the rights of this version.
