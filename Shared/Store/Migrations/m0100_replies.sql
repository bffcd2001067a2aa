-- The schema of version 100: the delivery of replies.

-- One row for each reply to a customer, written by the step that writes the message, kept as long as the message.
--
-- `position` is given when the row is written. A step waits for the one before it on the same ticket, so the replies of a ticket, and of a
-- conversation, have ascending positions; but rows of different tickets may become visible in another order. A channel therefore reads by
-- `sequence`, which is given to committed rows only, by one transaction at a time: whoever reads a channel first locks its row of
-- `reply_channel` and then numbers, in the order of `position`, what it sees. A row that is committed late gets a later number, so that a
-- cursor that has passed a number has passed everything with a smaller one.
CREATE TABLE desk.reply (
  id          uuid PRIMARY KEY,    -- the message
  channel     text NOT NULL,
  customer    text NOT NULL,       -- whom it is for, as the channel names them
  hook        text,                -- the channel's hook when it was written; null: the channel fetches it
  position    bigint GENERATED ALWAYS AS IDENTITY,
  sequence    bigint CHECK (sequence > 0),
  state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'delivered', 'read', 'failed')),
  state_at    timestamptz NOT NULL,
  reason      text,                -- why it failed, in the provider's text
  written_at  timestamptz NOT NULL,
  returned_at timestamptz,         -- when its failure brought the ticket back to a person
  CHECK (reason IS NULL OR state = 'failed'),
  CHECK (returned_at IS NULL OR state = 'failed')
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX reply_in_sequence ON desk.reply (channel, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX reply_unnumbered ON desk.reply (channel, position) WHERE sequence IS NULL;
-- What a subscription sends, and what has not left.
CREATE INDEX reply_queued ON desk.reply (channel, sequence) WHERE state = 'queued';
CREATE INDEX reply_failed ON desk.reply (id) WHERE state = 'failed' AND returned_at IS NULL;
CREATE INDEX reply_of_customer ON desk.reply (channel, customer);

-- The newest number of each channel's replies. The row is the lock under which replies are numbered.
CREATE TABLE desk.reply_channel (
  channel        text PRIMARY KEY,
  last_sequence  bigint NOT NULL DEFAULT 0 CHECK (last_sequence >= 0)
) WITH (fillfactor = 50);

-- A failed reply on a ticket that has ended becomes a dead letter.
ALTER TABLE desk.dead_letter DROP CONSTRAINT dead_letter_kind_check;
ALTER TABLE desk.dead_letter ADD CONSTRAINT dead_letter_kind_check CHECK (kind IN ('message', 'notice', 'reply'));

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

SELECT pg_temp.amend('desk.service_rights()', $old$('request_key', 'SELECT, INSERT'),$old$,
  $new$('reply', 'SELECT, INSERT, UPDATE'),
    ('reply_channel', 'SELECT, INSERT, UPDATE'),
    ('request_key', 'SELECT, INSERT'),$new$);

-- Which customer a reply is for, on which channel and when it was written is never updated.
SELECT pg_temp.amend('desk.service_updates()', $old$('service_instance', ARRAY['state',$old$,
  $new$('reply', ARRAY['sequence', 'state', 'state_at', 'reason', 'returned_at']),
    ('reply_channel', ARRAY['last_sequence']),
    ('service_instance', ARRAY['state',$new$);

-- Retention deletes a reply's row with its message, whatever its state.
SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'requests', 'DELETE FROM desk.request_key$old$,
  $new$    'replies', 'DELETE FROM desk.reply r WHERE id < $1 AND NOT EXISTS (SELECT FROM desk.message m WHERE m.id = r.id)',
    'requests', 'DELETE FROM desk.request_key$new$);

-- An erased reply is not delivered any more; the reason of a failed one may quote the customer's address.
SELECT pg_temp.amend('desk.erase_customer_content(text, text, text, text)', $old$  GET DIAGNOSTICS messages = ROW_COUNT;$old$,
  $new$  GET DIAGNOSTICS messages = ROW_COUNT;
  DELETE FROM desk.reply WHERE id = ANY(own) OR (channel = the_channel AND customer = the_customer);
  DELETE FROM desk.dead_letter WHERE kind = 'reply' AND id = ANY(own);$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);
