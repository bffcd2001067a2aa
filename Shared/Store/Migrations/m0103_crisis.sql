-- Kinds of questions that are new beneath their category, and crisis cases.

-- Angry tickets among the arrivals.
ALTER TABLE desk.arrival_slot ADD COLUMN angry bigint NOT NULL DEFAULT 0;

-- Groups of similar first messages. A signature contains no text.
CREATE TABLE desk.question_group (
  id             uuid PRIMARY KEY,
  category       text NOT NULL,
  signature      bytea NOT NULL CHECK (octet_length(signature) = 256),
  first_message  uuid NOT NULL,
  first_ticket   uuid NOT NULL,
  opened_at      timestamptz NOT NULL,
  last_at        timestamptz NOT NULL,
  tickets        bigint NOT NULL DEFAULT 0
);
CREATE INDEX question_group_by_time ON desk.question_group (last_at);
CREATE INDEX question_group_small ON desk.question_group (last_at) WHERE tickets < 3;

-- The tickets of the last hour: each belongs to one group, or to none if nothing in it can be compared.
CREATE TABLE desk.question_member (
  ticket    uuid PRIMARY KEY,
  group_id  uuid REFERENCES desk.question_group (id) ON DELETE SET NULL,
  category  text NOT NULL,
  queue     text,
  angry     boolean NOT NULL,
  at        timestamptz NOT NULL
);
CREATE INDEX question_member_by_time ON desk.question_member (at);
CREATE INDEX question_member_of_group ON desk.question_member (group_id, at);

-- Tickets that mention the grave words of a topic: those of the last hour, and all while a case of the topic is open.
CREATE TABLE desk.topic_mention (
  topic   text NOT NULL,
  ticket  uuid NOT NULL,
  queue   text,
  angry   boolean NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (topic, ticket)
);
CREATE INDEX topic_mention_by_time ON desk.topic_mention (at);
CREATE INDEX topic_mention_of_topic ON desk.topic_mention (topic, at);

-- A hot issue is a category, or a group within one.
ALTER TABLE desk.hot_issue ADD COLUMN group_id uuid, ADD COLUMN first_seen timestamptz;
DROP INDEX desk.hot_issue_open;
CREATE UNIQUE INDEX hot_issue_open ON desk.hot_issue (category) WHERE ended_at IS NULL AND group_id IS NULL;
CREATE UNIQUE INDEX hot_issue_open_group ON desk.hot_issue (group_id) WHERE ended_at IS NULL AND group_id IS NOT NULL;

-- Crisis cases. The document holds evidence, owner, checklist, answers and end.
CREATE TABLE desk.crisis (
  id         uuid PRIMARY KEY,
  cause      text NOT NULL,
  kinds      text[] NOT NULL,   -- the categories that it is about; empty for all
  version    integer NOT NULL,
  opened_at  timestamptz NOT NULL,
  ended_at   timestamptz,
  examples   uuid[] NOT NULL,
  document   jsonb NOT NULL
);
-- One open case for a cause, however many watchers and people open it.
CREATE UNIQUE INDEX crisis_open ON desk.crisis (cause) WHERE ended_at IS NULL;
CREATE INDEX crisis_by_time ON desk.crisis (opened_at);

-- What an open case is about, by five minutes and queue; '' for no queue.
CREATE TABLE desk.crisis_slot (
  crisis   uuid NOT NULL REFERENCES desk.crisis (id) ON DELETE CASCADE,
  slot     timestamptz NOT NULL,
  queue    text NOT NULL,
  tickets  bigint NOT NULL,
  angry    bigint NOT NULL,
  PRIMARY KEY (crisis, slot, queue)
) WITH (fillfactor = 80);

-- Notices of version 102: a hot issue says what is new, and cases are notices to the leads. Points of the checklist and what erasure and
-- retention change are none.
CREATE OR REPLACE FUNCTION desk.notify_of_hot_issue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.notify_people('issue.hot', '{}', 'lead', NEW.examples[1], jsonb_strip_nulls(jsonb_build_object('category', NEW.category,
    'tickets', NEW.tickets, 'expected', NEW.expected, 'group', NEW.group_id, 'first_seen', NEW.first_seen)));
  RETURN NULL;
END
$$;

CREATE FUNCTION desk.notify_of_crisis() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.notify_people(
    CASE WHEN TG_OP = 'INSERT' THEN 'crisis.opened' WHEN NEW.ended_at IS NULL THEN 'crisis.changed' ELSE 'crisis.ended' END,
    '{}', 'lead', NEW.examples[1],
    jsonb_strip_nulls(jsonb_build_object('crisis', NEW.id, 'cause', NEW.cause, 'kinds', NEW.kinds, 'owner', NEW.document->'owner',
      'tickets', NEW.document->'tickets', 'angry', NEW.document->'angry',
      'answers_on', jsonb_path_query_array(NEW.document->'answers', '$[*] ? (@.on == true).answer'))));
  RETURN NULL;
END
$$;
CREATE TRIGGER notify_of_crisis AFTER INSERT ON desk.crisis FOR EACH ROW EXECUTE FUNCTION desk.notify_of_crisis();
CREATE TRIGGER notify_of_changed_crisis AFTER UPDATE OF ended_at, document ON desk.crisis FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND (NEW.ended_at IS NOT NULL OR (OLD.document->'owner', OLD.document->'answers')
    IS DISTINCT FROM (NEW.document->'owner', NEW.document->'answers')))
  EXECUTE FUNCTION desk.notify_of_crisis();

INSERT INTO desk.watch_cursor (name, up_to) VALUES ('issues', desk.uuid_floor(now()));

-- The functions are changed as they stand, so that they keep what other migrations add: the first occurrence of a text is replaced.
DO $$
DECLARE
  change record;
  body text;
BEGIN
  FOR change IN
    SELECT * FROM (VALUES
      ('desk.service_rights()', 'VALUES',
       'VALUES
    (''crisis'', ''SELECT, INSERT, UPDATE''),
    (''crisis_slot'', ''SELECT, INSERT, UPDATE''),
    (''question_group'', ''SELECT, INSERT, UPDATE, DELETE''),
    (''question_member'', ''SELECT, INSERT, DELETE''),
    (''topic_mention'', ''SELECT, INSERT, DELETE''),'),
      ('desk.service_updates()', 'VALUES',
       'VALUES
    (''crisis'', ARRAY[''version'', ''ended_at'', ''document'']),
    (''crisis_slot'', ARRAY[''tickets'', ''angry'']),
    (''question_group'', ARRAY[''tickets'', ''last_at'']),'),
      ('desk.service_updates()', '(''arrival_slot'', ARRAY[''tickets''', '(''arrival_slot'', ARRAY[''tickets'', ''angry'''),
      ('desk.service_audit_kinds()', 'ARRAY[', 'ARRAY[''crisis.changed'', ''crisis.ended'', ''crisis.opened'', '),
      ('desk.forget_before(integer)', '''hot_issues'', ''DELETE FROM desk.hot_issue WHERE ended_at < $2'',',
       '''hot_issues'', ''DELETE FROM desk.hot_issue WHERE ended_at < $2'',
    ''crises'', ''DELETE FROM desk.crisis WHERE ended_at < $2'',
    NULL, ''UPDATE desk.crisis SET examples = ARRAY(
         SELECT example FROM unnest(examples) WITH ORDINALITY AS e(example, place)
          WHERE example >= $1 OR example = ANY ($3) ORDER BY place)
       WHERE EXISTS (SELECT FROM unnest(examples) AS e(example) WHERE example < $1 AND example <> ALL ($3))'',
    ''question_groups'', ''DELETE FROM desk.question_group WHERE last_at < $2'','),
      ('desk.erase_customer_content(text, text, text, text)', 'GET DIAGNOSTICS alerts = ROW_COUNT;',
       'GET DIAGNOSTICS alerts = ROW_COUNT;
  UPDATE desk.crisis SET examples = ARRAY(
      SELECT example FROM unnest(examples) WITH ORDINALITY AS e(example, place) WHERE example <> ALL(of_customer) ORDER BY place)
   WHERE examples && of_customer;
  DELETE FROM desk.topic_mention WHERE ticket = ANY(of_customer);
  DELETE FROM desk.question_member WHERE ticket = ANY(of_customer);
  DELETE FROM desk.question_group WHERE first_ticket = ANY(of_customer) OR first_message = ANY(own);')
    ) AS c(name, former, new)
  LOOP
    body := pg_get_functiondef(change.name::regprocedure);
    IF position(change.former IN body) = 0 THEN
      RAISE EXCEPTION 'the function % does not contain "%"', change.name, change.former;
    END IF;
    EXECUTE overlay(body PLACING change.new FROM position(change.former IN body) FOR length(change.former));
  END LOOP;
END $$;
