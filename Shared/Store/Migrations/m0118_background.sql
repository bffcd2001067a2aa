-- Work beside the messages: what the server and the watcher do for each of them.

-- The server samples the busiest tables every few seconds, and takes the largest sample that any of their columns asks for: a column or an
-- index added since then with the default of 100 made one of `ticket` ten times as large (230 ms of processor time instead of 17).
SELECT desk.sample_keys_only('desk.ticket', ARRAY[
  'id', 'state', 'channel', 'customer', 'tier', 'queue', 'priority', 'waiting_since', 'offer_expires_at', 'waiting_queue', 'rank',
  'next_check_at', 'holder', 'close_at', 'progress_due_at']);
SELECT desk.sample_keys_only('desk.question_member', ARRAY['ticket', 'group_id', 'at']);

-- Expressions in indexes have statistics of their own.
DO $$
DECLARE
  place record;
BEGIN
  FOR place IN
    SELECT i.indexrelid::regclass AS name, k.number
      FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(attribute, number)
     WHERE i.indrelid = 'desk.ticket'::regclass AND k.attribute = 0
  LOOP
    EXECUTE format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 10', place.name, place.number);
  END LOOP;
END
$$;

-- A third of the cost of a member (14 µs) was the look-up and lock of its group. A member lives for an hour and joins only groups that exist
-- (`add_question_members`); one whose group an erasure has deleted since counts for no group, as before with a null.
ALTER TABLE desk.question_member DROP CONSTRAINT question_member_group_id_fkey;
