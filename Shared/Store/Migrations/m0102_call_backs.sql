-- Version 102: call-backs. What the next step of a ticket needs is part of the ticket; null while none was ever promised.
ALTER TABLE desk.ticket ADD COLUMN call_back jsonb;

-- The list of all call-backs follows the timeline: `keep_call_back` writes it in the transaction of the entry. Contains no customer text.
CREATE TABLE desk.call_back (
  ticket       uuid NOT NULL,
  -- Counts the call-backs of the ticket.
  number       integer NOT NULL CHECK (number > 0),
  origin       text NOT NULL CHECK (origin IN ('person', 'overload')),
  state        text NOT NULL CHECK (state IN ('open', 'kept', 'broken', 'withdrawn')),
  owner        text,
  -- The queue of the ticket at the last step of the call-back.
  queue        text,
  promised_at  timestamptz NOT NULL,
  due_at       timestamptz NOT NULL,
  -- The next time at which the sla-watcher warns or breaks it.
  check_at     timestamptz,
  moves        integer NOT NULL DEFAULT 0,
  broken_at    timestamptz,
  ended_at     timestamptz,
  PRIMARY KEY (ticket, number),
  CHECK ((check_at IS NOT NULL) = (state = 'open')),
  CHECK ((broken_at IS NOT NULL) = (state = 'broken')),
  CHECK (ended_at IS NOT NULL OR state IN ('open', 'broken'))
);
CREATE INDEX call_back_check ON desk.call_back (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX call_back_due ON desk.call_back (due_at, ticket, number);
CREATE INDEX call_back_unfinished ON desk.call_back (due_at, ticket, number) WHERE ended_at IS NULL;
CREATE INDEX call_back_of_owner ON desk.call_back (owner, due_at, ticket, number) WHERE owner IS NOT NULL;
-- A ticket has one unfinished call-back at most.
CREATE UNIQUE INDEX call_back_of_ticket ON desk.call_back (ticket) WHERE ended_at IS NULL;

-- Every entry has the whole call-back as it is after the ticket's step.
CREATE FUNCTION desk.keep_call_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO desk.call_back (ticket, number, origin, state, owner, queue, promised_at, due_at, check_at, moves, broken_at, ended_at)
  SELECT NEW.ticket_id, d.number, d.origin, d.state, d.owner, d.queue, desk.timestamp_from_us(d.promised_at_us),
         desk.timestamp_from_us(d.due_at_us), desk.timestamp_from_us(d.check_at_us), d.moves, desk.timestamp_from_us(d.broken_at_us),
         desk.timestamp_from_us(d.ended_at_us)
    FROM jsonb_to_record(NEW.detail) AS d(number integer, origin text, state text, owner text, queue text, promised_at_us text,
           due_at_us text, check_at_us text, moves integer, broken_at_us text, ended_at_us text)
  ON CONFLICT (ticket, number) DO UPDATE SET state = excluded.state, owner = excluded.owner, queue = excluded.queue,
    due_at = excluded.due_at, check_at = excluded.check_at, moves = excluded.moves, broken_at = excluded.broken_at,
    ended_at = excluded.ended_at;
  RETURN NULL;
END
$$;

-- Entries that retention moves are older than a day, and change nothing again.
CREATE TRIGGER keep_call_back AFTER INSERT ON desk.ticket_event FOR EACH ROW
  WHEN (NEW.kind IN ('call_back_promised', 'call_back_moved', 'call_back_warned', 'call_back_broken', 'call_back_ended')
    AND NEW.at > now() - interval '12 hours')
  EXECUTE FUNCTION desk.keep_call_back();
