-- Version 124: an entry of a call-back costs 50 µs instead of 250. While every queue is full, a tenth of all messages promise one.
--
-- The values are read from the entry one by one: a row of `jsonb_to_record`, and a call of `timestamp_from_us` for each time, cost ten times
-- as much as writing the row.
CREATE OR REPLACE FUNCTION desk.keep_call_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  -- A time in microseconds since 1970, as `desk.timestamp_from_us` reads it; null if it cannot be read.
  number_of_us CONSTANT text := '^-?[0-9]{1,17}$';
BEGIN
  INSERT INTO desk.call_back (ticket, number, origin, state, owner, queue, promised_at, due_at, check_at, moves, broken_at, ended_at)
  VALUES (
    NEW.ticket_id, (NEW.detail->>'number')::integer, NEW.detail->>'origin', NEW.detail->>'state', NEW.detail->>'owner',
    NEW.detail->>'queue',
    CASE WHEN NEW.detail->>'promised_at_us' ~ number_of_us THEN to_timestamp((NEW.detail->>'promised_at_us')::bigint / 1e6) END,
    CASE WHEN NEW.detail->>'due_at_us' ~ number_of_us THEN to_timestamp((NEW.detail->>'due_at_us')::bigint / 1e6) END,
    CASE WHEN NEW.detail->>'check_at_us' ~ number_of_us THEN to_timestamp((NEW.detail->>'check_at_us')::bigint / 1e6) END,
    (NEW.detail->>'moves')::integer,
    CASE WHEN NEW.detail->>'broken_at_us' ~ number_of_us THEN to_timestamp((NEW.detail->>'broken_at_us')::bigint / 1e6) END,
    CASE WHEN NEW.detail->>'ended_at_us' ~ number_of_us THEN to_timestamp((NEW.detail->>'ended_at_us')::bigint / 1e6) END)
  ON CONFLICT (ticket, number) DO UPDATE SET state = excluded.state, owner = excluded.owner, queue = excluded.queue,
    due_at = excluded.due_at, check_at = excluded.check_at, moves = excluded.moves, broken_at = excluded.broken_at,
    ended_at = excluded.ended_at;
  RETURN NULL;
END
$$;
