-- Version 113: the index of the search. One row for each message, written by a watcher some time after the message: accepting and replying
-- write nothing here.
--
-- Partitioned by day like messages, so that a search for frequent words reads the newest days first and retention drops days.
CREATE TABLE desk.search_entry (
  id     uuid PRIMARY KEY,        -- the message
  terms  tsvector NOT NULL        -- see `SearchTerms`; empty when the customer was erased
) PARTITION BY RANGE (id);
CREATE INDEX search_entry_terms ON desk.search_entry USING gin (terms);
CREATE TABLE desk.search_entry_default PARTITION OF desk.search_entry DEFAULT;

-- An erasure raises `erasures` of the search's readers before it changes a message, and keeps their rows until it is committed. A reader
-- stores what it has read only while the number is the one that it read, so no erased word is stored after an erasure.
ALTER TABLE desk.watch_cursor ADD COLUMN erasures bigint NOT NULL DEFAULT 0;
-- Messages are searchable soon after this migration; older ones follow, read by the last reader.
INSERT INTO desk.watch_cursor (name, up_to) VALUES
  ('search', desk.uuid_floor(now())), ('search_minute', desk.uuid_floor(now())),
  ('search_hour', '00000000-0000-0000-0000-000000000000');

SELECT pg_temp.amend('desk.service_rights()', $old$('service_instance', 'SELECT,$old$,
  $new$('search_entry', 'SELECT, INSERT'),
    ('service_instance', 'SELECT,$new$);

-- The row stays without words, so that no reader takes the message for one that is not indexed yet.
SELECT pg_temp.amend('desk.erase_customer_content(text, text, text, text)', $old$  SELECT array_agg(id) FILTER (WHERE merged_into IS NULL) INTO$old$,
  $new$  UPDATE desk.watch_cursor SET erasures = erasures + 1 WHERE name IN ('search', 'search_minute', 'search_hour');
  SELECT array_agg(id) FILTER (WHERE merged_into IS NULL) INTO$new$);
SELECT pg_temp.amend('desk.erase_customer_content(text, text, text, text)', $old$  GET DIAGNOSTICS messages = ROW_COUNT;$old$,
  $new$  GET DIAGNOSTICS messages = ROW_COUNT;
  UPDATE desk.search_entry SET terms = '' WHERE id = ANY(own);$new$);

-- A day is dropped after its messages; what is left of them can still be found.
SELECT pg_temp.amend('desk.drop_oldest_partition(text, integer)', $old$ARRAY['message', 'ticket_event', 'closed_ticket']$old$,
  $new$ARRAY['message', 'ticket_event', 'closed_ticket', 'search_entry']$new$);
SELECT pg_temp.amend('desk.drop_oldest_partition(text, integer)', $old$CASE parent WHEN 'closed_ticket'$old$,
  $new$CASE parent WHEN 'search_entry' THEN 't.id IN (SELECT m.id FROM desk.message_default m)' WHEN 'closed_ticket'$new$);
SELECT pg_temp.amend('desk.drop_oldest_partition(text, integer)', $old$    EXIT WHEN ends > keeps_from;$old$,
  $new$    EXIT WHEN ends > keeps_from;
    CONTINUE WHEN parent = 'search_entry' AND to_regclass('desk.message_' || right(name, 8)) IS NOT NULL;$new$);
SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'timelines', 'DELETE FROM$old$,
  $new$    'search_entries', 'DELETE FROM desk.search_entry_default e WHERE id < $1 AND NOT EXISTS (SELECT FROM desk.message m WHERE m.id = e.id)',
    'timelines', 'DELETE FROM$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);
