-- Version 123: statements open the days of history that they need.
--
-- The messages of a ticket are looked for from a day before the ticket's identifier on. One that is moved to a younger ticket, by an
-- operator who replays a dead letter or by a router whose customer has a new ticket, may be older than that, and so may one that arrives
-- after the database's clock was set back by days. They are named here.
CREATE TABLE desk.older_message (
  message_id  uuid PRIMARY KEY,
  ticket_id   uuid NOT NULL
);
CREATE INDEX older_message_of_ticket ON desk.older_message (ticket_id);

CREATE FUNCTION desk.is_older_message(message uuid, ticket uuid) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT message < desk.uuid_floor(desk.uuid_moment(ticket) - interval '24 hours')
$$;

CREATE FUNCTION desk.note_older_message() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF desk.is_older_message(NEW.id, NEW.ticket_id) THEN
    INSERT INTO desk.older_message (message_id, ticket_id) VALUES (NEW.id, NEW.ticket_id)
    ON CONFLICT (message_id) DO UPDATE SET ticket_id = excluded.ticket_id;
  ELSE
    DELETE FROM desk.older_message WHERE message_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER note_moved_message AFTER UPDATE OF ticket_id ON desk.message
  FOR EACH ROW WHEN (NEW.ticket_id <> OLD.ticket_id) EXECUTE FUNCTION desk.note_older_message();
-- The first six digits are spans of 4.7 hours: for nearly every message nothing is called.
CREATE TRIGGER note_older_message AFTER INSERT ON desk.message
  FOR EACH ROW WHEN (left(NEW.id::text, 6) < left(NEW.ticket_id::text, 6)) EXECUTE FUNCTION desk.note_older_message();

-- Those that were moved before: replayed dead letters name their message. A router moves what it is about to decide, which is not days old
-- unless all routers have been away for days.
INSERT INTO desk.older_message (message_id, ticket_id)
SELECT m.id, m.ticket_id FROM desk.dead_letter d JOIN desk.message m ON m.id = d.id
 WHERE d.kind = 'message' AND d.replayed_at IS NOT NULL AND desk.is_older_message(m.id, m.ticket_id)
ON CONFLICT DO NOTHING;

SELECT pg_temp.amend('desk.service_rights()', $old$('interception', 'SELECT, INSERT'),$old$,
  $new$('older_message', 'SELECT'),
    ('interception', 'SELECT, INSERT'),$new$);
SELECT pg_temp.amend('desk.forget_before(integer)', $old$    'guests', 'DELETE FROM desk.ticket_guest$old$,
  $new$    'older_messages', 'DELETE FROM desk.older_message o WHERE message_id < $1
       AND NOT EXISTS (SELECT FROM desk.message m WHERE m.id = o.message_id)',
    'guests', 'DELETE FROM desk.ticket_guest$new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);
