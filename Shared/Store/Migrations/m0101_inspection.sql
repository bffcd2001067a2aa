-- From version 99 to 101: what agents write is inspected.

-- Replies in which a rule of the policy found something. One row for each attempt to send one.
CREATE TABLE desk.interception (
  id        uuid PRIMARY KEY,
  at        timestamptz NOT NULL DEFAULT now(),
  ticket    uuid NOT NULL,
  agent     text NOT NULL,
  queue     text,
  message   uuid,              -- the reply; null if it was refused
  rules     text[] NOT NULL,   -- the violated rules, the term of each that was found, and what the rule does
  terms     text[] NOT NULL,
  actions   text[] NOT NULL,
  key_name  text,              -- the contact key that encrypts the text; null if the text is not kept
  sealed    bytea,
  CHECK (cardinality(rules) > 0 AND cardinality(rules) = cardinality(terms) AND cardinality(rules) = cardinality(actions)),
  CHECK ((key_name IS NULL) = (sealed IS NULL))
);
CREATE INDEX interception_by_time ON desk.interception (at);
CREATE INDEX interception_of_ticket ON desk.interception (ticket);

-- Inspections of ended tickets: one for each inspected agent who replied on the ticket. The row is written with the step that ends it.
CREATE TABLE desk.inspection (
  id                uuid PRIMARY KEY,            -- begins with the time
  ticket            uuid NOT NULL,
  agent             text NOT NULL,
  queue             text,
  cause             text NOT NULL CHECK (cause IN ('share', 'queue', 'agent', 'new_agent')),
  sampled_at        timestamptz NOT NULL DEFAULT now(),
  version           integer NOT NULL DEFAULT 1 CHECK (version > 0),
  state             text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'scored', 'appealed', 'upheld', 'changed')),
  -- The result: the form as it was, with its scores. Comments and all other free text are null when the customer was erased.
  inspector         text CHECK (inspector <> agent),
  inspected_at      timestamptz,
  criteria          text[],
  weights           integer[],
  scales            integer[],
  scores            integer[],
  percent           integer CHECK (percent BETWEEN 0 AND 100),
  comments          text[],                      -- one for each criterion, '' for none
  remark            text,
  appeal_until      timestamptz,
  -- The appeal, and a lead's decision; without decided scores the result stands.
  appealed_at       timestamptz,
  appeal_reason     text,
  decided_at        timestamptz,
  decided_by        text CHECK (decided_by <> agent),
  decision_reason   text,
  decided_scores    integer[],
  decided_percent   integer CHECK (decided_percent BETWEEN 0 AND 100),
  decided_comments  text[],
  UNIQUE (ticket, agent),
  CHECK ((state = 'waiting') = (inspector IS NULL) AND (inspector IS NULL) = (inspected_at IS NULL)
    AND (inspector IS NULL) = (scores IS NULL) AND (inspector IS NULL) = (percent IS NULL) AND (inspector IS NULL) = (appeal_until IS NULL)),
  CHECK (scores IS NULL OR (cardinality(scores) > 0 AND cardinality(scores) = cardinality(criteria)
    AND cardinality(scores) = cardinality(weights) AND cardinality(scores) = cardinality(scales))),
  CHECK ((state IN ('appealed', 'upheld', 'changed')) = (appealed_at IS NOT NULL)),
  CHECK ((state IN ('upheld', 'changed')) = (decided_at IS NOT NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
  CHECK ((state = 'changed') = (decided_scores IS NOT NULL) AND (decided_scores IS NULL) = (decided_percent IS NULL)),
  CHECK (decided_scores IS NULL OR cardinality(decided_scores) = cardinality(criteria))
);
CREATE INDEX inspection_open ON desk.inspection (state, id) WHERE state IN ('waiting', 'appealed');
CREATE INDEX inspection_of_agent ON desk.inspection (agent, id);

-- Adds the inspections of a ticket that ends: of the agents who replied on it, those who are selected, and the others unless exempt if
-- there is a cause for them.
CREATE FUNCTION desk.sample_ticket(
  the_ticket uuid, the_queue text, of_others text, selected text[], causes text[], exempt text[]
) RETURNS void LANGUAGE sql SET search_path = pg_catalog AS $$
  INSERT INTO desk.inspection (id, ticket, agent, queue, cause)
  SELECT encode(substring(uuid_send(desk.uuid_floor(now())) FROM 1 FOR 6) || substring(uuid_send(gen_random_uuid()) FROM 7), 'hex')::uuid,
         the_ticket, a.author, the_queue, coalesce(s.cause, of_others)
    FROM (SELECT DISTINCT m.author FROM desk.message m WHERE m.ticket_id = the_ticket AND m.direction = 2) a
    JOIN desk.agent_state w ON w.agent = a.author
    LEFT JOIN unnest(selected, causes) AS s(agent, cause) ON s.agent = a.author
   WHERE s.cause IS NOT NULL OR (of_others IS NOT NULL AND a.author <> ALL (exempt))
  ON CONFLICT (ticket, agent) DO NOTHING
$$;

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

-- Services add interceptions; they neither change nor delete any. Of an inspection they change what a step of it writes.
SELECT pg_temp.amend('desk.service_rights()', $old$('lease', 'SELECT, INSERT, UPDATE'),$old$,
  $new$('inspection', 'SELECT, INSERT, UPDATE'),
    ('interception', 'SELECT, INSERT'),
    ('lease', 'SELECT, INSERT, UPDATE'),$new$);
SELECT pg_temp.amend('desk.service_updates()', $old$('lease', ARRAY[$old$,
  $new$('inspection', ARRAY['version', 'state', 'inspector', 'inspected_at', 'criteria', 'weights', 'scales', 'scores', 'percent',
      'comments', 'remark', 'appeal_until', 'appealed_at', 'appeal_reason', 'decided_at', 'decided_by', 'decision_reason',
      'decided_scores', 'decided_percent', 'decided_comments']),
    ('lease', ARRAY[$new$);
SELECT pg_temp.amend('desk.service_audit_kinds()', $old$'presence.set'$old$,
  $new$'inspection.appealed', 'inspection.changed', 'inspection.scored', 'inspection.upheld', 'interception.read', 'presence.set'$new$);

SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'guests', 'DELETE FROM desk.ticket_guest$old$,
  $new$    'interceptions', 'DELETE FROM desk.interception WHERE ticket < $1 AND ticket <> ALL ($3)',
    'inspections', 'DELETE FROM desk.inspection WHERE ticket < $1 AND ticket <> ALL ($3)',
    'guests', 'DELETE FROM desk.ticket_guest$new$);

-- An erasure deletes the texts: that the agent's reply violated a rule remains, and so do the scores. A ticket without texts cannot be
-- inspected. The raised version rejects a step that is under way.
SELECT pg_temp.amend('desk.erase_customer_content(text, text, text, text)', $old$  GET DIAGNOSTICS followed = ROW_COUNT;$old$,
  $new$  GET DIAGNOSTICS followed = ROW_COUNT;
  UPDATE desk.interception SET key_name = NULL, sealed = NULL WHERE ticket = ANY(of_customer || hosts) AND sealed IS NOT NULL;
  DELETE FROM desk.inspection WHERE ticket = ANY(of_customer) AND state = 'waiting';
  UPDATE desk.inspection SET version = version + 1, comments = NULL, remark = NULL, appeal_reason = NULL, decision_reason = NULL,
      decided_comments = NULL
   WHERE ticket = ANY(of_customer || hosts) AND state <> 'waiting';$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);

-- Roles that work as services get the rights of this version.
