-- From version 99 to 101: replies in which a rule of the policy found something. One row for each attempt to send one.
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

-- Services add rows; they neither change nor delete any.
SELECT pg_temp.amend('desk.service_rights()', $old$('lease', 'SELECT, INSERT, UPDATE'),$old$,
  $new$('interception', 'SELECT, INSERT'),
    ('lease', 'SELECT, INSERT, UPDATE'),$new$);
SELECT pg_temp.amend('desk.service_audit_kinds()', $old$'presence.set'$old$, $new$'interception.read', 'presence.set'$new$);

SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'guests', 'DELETE FROM desk.ticket_guest$old$,
  $new$    'interceptions', 'DELETE FROM desk.interception WHERE ticket < $1 AND ticket <> ALL ($3)',
    'guests', 'DELETE FROM desk.ticket_guest$new$);

-- An erasure deletes the texts; that the agent's reply violated a rule remains.
SELECT pg_temp.amend('desk.erase_customer_content(text, text, text, text)', $old$  GET DIAGNOSTICS followed = ROW_COUNT;$old$,
  $new$  GET DIAGNOSTICS followed = ROW_COUNT;
  UPDATE desk.interception SET key_name = NULL, sealed = NULL WHERE ticket = ANY(of_customer || hosts) AND sealed IS NOT NULL;$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);

-- Roles that work as services get the rights of this version.
SELECT desk.grant_service(pg_get_userbyid(a.grantee))
  FROM pg_class c, aclexplode(c.relacl) a
 WHERE c.oid = 'desk.inbox'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner);
