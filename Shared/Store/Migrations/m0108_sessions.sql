-- Sign-in links and the sessions that they open. Of both, only the SHA-256 of the secret is stored.
CREATE TABLE desk.sign_in_link (
  digest      bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
  role        text NOT NULL CHECK (role IN ('agent', 'lead', 'operator', 'auditor')),
  agent       text,
  label       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz,
  CHECK ((role IN ('agent', 'lead')) = (agent IS NOT NULL))
);

CREATE TABLE desk.session (
  id          uuid PRIMARY KEY,
  digest      bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
  role        text NOT NULL CHECK (role IN ('agent', 'lead', 'operator', 'auditor')),
  agent       text,
  label       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at  timestamptz NOT NULL,
  idle_limit  interval NOT NULL,
  -- The last request or check of a stream, to the minute.
  seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at    timestamptz,
  CHECK ((role IN ('agent', 'lead')) = (agent IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX session_created ON desk.session (created_at);

-- Opens a session with a link, once. Services cannot write sessions themselves: whoever has their password still needs a link that the owner
-- made, and gets its role. The same session again is the same answer, so that a repeated call after a lost connection is harmless. Sessions
-- and links that ended a month ago are deleted, some at each call.
CREATE FUNCTION desk.open_session(link bytea, opened uuid, secret bytea, lifetime interval, idle interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  used desk.sign_in_link;
BEGIN
  IF EXISTS (SELECT FROM desk.session WHERE id = opened AND digest = secret) THEN
    RETURN true;
  END IF;
  UPDATE desk.sign_in_link SET used_at = clock_timestamp()
   WHERE digest = link AND used_at IS NULL AND expires_at > clock_timestamp() RETURNING * INTO used;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO desk.session (id, digest, role, agent, label, expires_at, idle_limit)
  VALUES (opened, secret, used.role, used.agent, used.label, clock_timestamp() + least(lifetime, interval '7 days'),
    least(idle, interval '7 days'));
  DELETE FROM desk.session WHERE id IN (
    SELECT id FROM desk.session WHERE created_at < now() - interval '40 days' ORDER BY created_at LIMIT 100);
  DELETE FROM desk.sign_in_link WHERE digest IN (
    SELECT digest FROM desk.sign_in_link WHERE expires_at < now() - interval '40 days' LIMIT 100);
  RETURN true;
END
$$;

-- A session that has ended stays ended, whoever may update it.
CREATE FUNCTION desk.keep_session_ended() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'a session that has ended is not opened again' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER session_stays_ended BEFORE UPDATE OF ended_at ON desk.session FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at) EXECUTE FUNCTION desk.keep_session_ended();

-- Audit triggers have the owner's rights, as those of keys do.
CREATE FUNCTION desk.audit_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.ended_at IS NULL OR OLD.ended_at IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  PERFORM desk.audit_append(CASE TG_OP WHEN 'INSERT' THEN 'session.opened' ELSE 'session.ended' END, NEW.id::text,
    jsonb_strip_nulls(jsonb_build_object('role', NEW.role, 'agent', NEW.agent, 'label', NEW.label, 'expires_at', NEW.expires_at)));
  RETURN NULL;
END
$$;
CREATE TRIGGER session_audit AFTER INSERT OR UPDATE OF ended_at ON desk.session FOR EACH ROW EXECUTE FUNCTION desk.audit_session();

CREATE FUNCTION desk.audit_sign_in_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.audit_append('sign_in_link.created', encode(substring(NEW.digest FOR 8), 'hex'),
    jsonb_strip_nulls(jsonb_build_object('role', NEW.role, 'agent', NEW.agent, 'label', NEW.label, 'expires_at', NEW.expires_at)));
  RETURN NULL;
END
$$;
CREATE TRIGGER sign_in_link_audit AFTER INSERT ON desk.sign_in_link FOR EACH ROW EXECUTE FUNCTION desk.audit_sign_in_link();

-- The functions are changed as they stand, so that they keep what other migrations add.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_rights()'::regprocedure),
    '(''shadow_tally'', ''SELECT, INSERT', '(''session'', ''SELECT, UPDATE''), (''sign_in_link'', ''''), (''shadow_tally'', ''SELECT, INSERT');
  EXECUTE replace(pg_get_functiondef('desk.service_updates()'::regprocedure),
    '(''shadow_tally'', ARRAY[', '(''session'', ARRAY[''seen_at'', ''ended_at'']), (''shadow_tally'', ARRAY[');
  EXECUTE replace(pg_get_functiondef('desk.service_functions()'::regprocedure),
    '''desk.release_customer_name(uuid)''',
    '''desk.release_customer_name(uuid)'', ''desk.open_session(bytea, uuid, bytea, interval, interval)''');
END $$;
REVOKE ALL ON FUNCTION desk.open_session(bytea, uuid, bytea, interval, interval) FROM PUBLIC;
