-- The schema of version 95: functions of identifiers, tickets and partitions. New databases and upgrades from version 94 run it.

-- The smallest version 7 UUID of a point in time.
CREATE OR REPLACE FUNCTION desk.uuid_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- The time that a version 7 UUID begins with.
CREATE OR REPLACE FUNCTION desk.uuid_moment(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_timestamp(('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint / 1000.0)
$$;

-- A time of `clock_state`, in microseconds since 1970; null if it cannot be read.
CREATE OR REPLACE FUNCTION desk.timestamp_from_us(microseconds text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN microseconds ~ '^-?[0-9]{1,17}$'
    THEN timestamptz 'epoch' + make_interval(secs => microseconds::bigint / 1e6::double precision) END
$$;

-- A whole number of `clock_state`; null if it cannot be read.
CREATE OR REPLACE FUNCTION desk.parse_bigint(digits text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN digits ~ '^-?[0-9]{1,18}$' THEN digits::bigint END
$$;

-- All tickets opened before this one are decided: a reader who stops there misses none. Identifiers are made shortly before their
-- rows are committed, hence the distance.
CREATE OR REPLACE FUNCTION desk.settled_horizon(distance interval) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT desk.uuid_floor(least(now(), (SELECT b.accepted_at FROM desk.inbox b ORDER BY b.message_id LIMIT 1)) - distance)
$$;

-- Fails a transaction whose ticket has another version than expected.
CREATE OR REPLACE FUNCTION desk.require_version(ticket uuid, expected integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  found integer;
BEGIN
  SELECT t.version INTO found FROM desk.ticket t WHERE t.id = ticket FOR UPDATE;
  IF found IS DISTINCT FROM expected THEN
    RAISE EXCEPTION 'the ticket has another version' USING ERRCODE = 'FD409';
  END IF;
END
$$;

-- Ends an accepting statement that met an idempotency key written while it ran; the retry finds the key.
CREATE OR REPLACE FUNCTION desk.key_was_taken() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'the idempotency key was taken meanwhile' USING ERRCODE = 'serialization_failure';
END
$$;

-- Leaves the customer's name to the row of the ticket that continues a full one. Services cannot update names themselves.
CREATE OR REPLACE FUNCTION desk.release_customer_name(full_ticket uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE desk.open_ticket SET known_as = customer, customer = rpad('continued:' || ticket_id, 1000, '.')
   WHERE ticket_id = full_ticket AND known_as IS NULL;
  RETURN FOUND;
END
$$;

-- A service may move a message to another ticket only while it is undecided or a dead letter.
CREATE OR REPLACE FUNCTION desk.guard_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM desk.inbox WHERE message_id = OLD.id)
    AND NOT EXISTS (SELECT FROM desk.dead_letter WHERE id = OLD.id AND kind = 'message') THEN
    RAISE EXCEPTION 'a message that was decided stays on its ticket' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;

-- The server samples growing tables again and again, at a cost that grows with the columns sampled. Rows are found by their keys, so
-- rough statistics of those are enough.
CREATE OR REPLACE FUNCTION desk.sample_keys_only(relation regclass, keys text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  known text;
BEGIN
  FOR known IN SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', relation, known,
      CASE WHEN known = ANY(keys) THEN 10 ELSE 0 END);
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION desk.partition_keys(parent text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE parent
    WHEN 'message' THEN ARRAY['id', 'ticket_id', 'direction', 'received_at']
    WHEN 'ticket_event' THEN ARRAY['ticket_id', 'version', 'kind', 'at']
    ELSE ARRAY['id', 'state', 'channel', 'customer', 'queue', 'closed_at'] END
$$;

-- Creates the day partitions from yesterday to `days` ahead. Creating one locks its parent exclusively; behind a long read the lock
-- waits, and every acceptance behind it. So it waits for half a second only, and each parent has a transaction of its own.
CREATE OR REPLACE FUNCTION desk.ensure_partitions_of(parent text, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '500ms' SET search_path = pg_catalog AS $$
DECLARE
  day date;
  name text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('desk.ensure_partitions'));
  FOR offset_days IN -1..days LOOP
    day := (now() AT TIME ZONE 'UTC')::date + offset_days;
    name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
    IF to_regclass('desk.' || name) IS NULL THEN
      BEGIN
        EXECUTE format('CREATE TABLE desk.%I PARTITION OF desk.%I FOR VALUES FROM (%L) TO (%L)', name, parent,
          desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'), desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
        PERFORM desk.sample_keys_only(('desk.' || name)::regclass, desk.partition_keys(parent));
        made := made + 1;
      EXCEPTION WHEN check_violation THEN
        -- Rows of that day are in the default partition already; the day stays there.
        NULL;
      END;
    END IF;
  END LOOP;
  RETURN made;
END
$$;
