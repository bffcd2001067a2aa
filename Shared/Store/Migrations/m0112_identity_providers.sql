-- Version 112: sign-in by a company's identity provider (OpenID Connect).

-- The providers that the owner allowed. Services read them, the client's secret too, which they must send to the provider; only the owner
-- writes them.
CREATE TABLE desk.identity_provider (
  id             uuid PRIMARY KEY,
  name           text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 100),
  -- Compared byte by byte with what the provider says of itself.
  issuer         text NOT NULL CHECK (issuer ~ '^https://' OR issuer ~ '^http://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?(/|$)'),
  client         text NOT NULL CHECK (client <> ''),
  client_secret  text CHECK (client_secret <> ''),
  -- Authenticates what browsers keep of a sign-in that has begun. A new one at each change.
  sealing_key    bytea NOT NULL CHECK (octet_length(sealing_key) = 32),
  scopes         text[] NOT NULL CHECK ('openid' = ANY (scopes)),
  agent_claim    text NOT NULL CHECK (agent_claim <> ''),
  agent_domain   text CHECK (agent_domain <> ''),
  role_claim     text CHECK (role_claim <> ''),
  -- The roles by values of the role claim; the first that fits counts.
  role_values    text[] NOT NULL DEFAULT '{}',
  role_names     text[] NOT NULL DEFAULT '{}',
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (issuer, client),
  CHECK ((role_claim IS NULL) = (cardinality(role_values) = 0)),
  CHECK (cardinality(role_values) = cardinality(role_names)),
  CHECK (role_names <@ ARRAY['agent', 'lead', 'operator', 'auditor'])
);

-- The answers of providers that have opened a session, as digests, so that none opens a second one.
CREATE TABLE desk.sign_in_answer (
  digest   bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
  used_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX sign_in_answer_used ON desk.sign_in_answer (used_at);

ALTER TABLE desk.session ADD COLUMN provider uuid;

-- Opens a session for a person whom a provider named, once for each answer. The console has verified the provider's token; what the database
-- can hold it to is that the provider is allowed, and that it gives this role. The same session again is the same answer.
CREATE FUNCTION desk.open_provider_session(by_provider uuid, answer bytea, opened uuid, secret bytea, as_role text, as_agent text,
  as_label text, lifetime interval, idle interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  allowed text[];
BEGIN
  IF EXISTS (SELECT FROM desk.session WHERE id = opened AND digest = secret) THEN
    RETURN true;
  END IF;
  -- A change or removal of the provider waits, and then ends this session.
  SELECT CASE WHEN role_claim IS NULL THEN ARRAY['agent'] ELSE role_names END INTO allowed
    FROM desk.identity_provider WHERE id = by_provider FOR SHARE;
  IF NOT FOUND OR as_role IS NULL OR as_role <> ALL (allowed) THEN
    RETURN false;
  END IF;
  INSERT INTO desk.sign_in_answer (digest) VALUES (answer) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO desk.session (id, digest, role, agent, label, expires_at, idle_limit, provider)
  VALUES (opened, secret, as_role, as_agent, as_label, clock_timestamp() + least(lifetime, interval '7 days'),
    least(idle, interval '7 days'), by_provider);
  DELETE FROM desk.session WHERE id IN (
    SELECT id FROM desk.session WHERE created_at < now() - interval '40 days' ORDER BY created_at LIMIT 100);
  -- No answer is accepted for so long.
  DELETE FROM desk.sign_in_answer WHERE digest IN (
    SELECT digest FROM desk.sign_in_answer WHERE used_at < now() - interval '1 day' ORDER BY used_at LIMIT 100);
  RETURN true;
END
$$;

-- A provider that is removed, or names people differently, ends the sessions that it opened.
CREATE FUNCTION desk.end_provider_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE desk.session SET ended_at = clock_timestamp() WHERE provider = OLD.id AND ended_at IS NULL AND expires_at > now();
  RETURN NULL;
END
$$;
CREATE TRIGGER identity_provider_removed AFTER DELETE ON desk.identity_provider FOR EACH ROW EXECUTE FUNCTION desk.end_provider_sessions();
CREATE TRIGGER identity_provider_changed AFTER UPDATE ON desk.identity_provider FOR EACH ROW
  WHEN ((OLD.issuer, OLD.client, OLD.agent_claim, OLD.agent_domain, OLD.role_claim, OLD.role_values, OLD.role_names)
    IS DISTINCT FROM (NEW.issuer, NEW.client, NEW.agent_claim, NEW.agent_domain, NEW.role_claim, NEW.role_values, NEW.role_names))
  EXECUTE FUNCTION desk.end_provider_sessions();

-- Contains no secret.
CREATE FUNCTION desk.audit_identity_provider() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  provider desk.identity_provider := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  PERFORM desk.audit_append(
    CASE TG_OP WHEN 'INSERT' THEN 'identity_provider.allowed' WHEN 'UPDATE' THEN 'identity_provider.changed' ELSE 'identity_provider.removed' END,
    provider.name,
    jsonb_strip_nulls(jsonb_build_object('issuer', provider.issuer, 'client', provider.client, 'agent_claim', provider.agent_claim,
      'agent_domain', provider.agent_domain, 'role_claim', provider.role_claim, 'role_values', provider.role_values,
      'roles', provider.role_names)));
  RETURN NULL;
END
$$;
CREATE TRIGGER identity_provider_audit AFTER INSERT OR UPDATE OR DELETE ON desk.identity_provider
  FOR EACH ROW EXECUTE FUNCTION desk.audit_identity_provider();

SELECT pg_temp.amend('desk.service_rights()', $old$('inbox', 'SELECT, INSERT$old$,
  $new$('identity_provider', 'SELECT'),
    ('sign_in_answer', ''),
    ('inbox', 'SELECT, INSERT$new$);
SELECT pg_temp.amend('desk.service_functions()', $old$'desk.open_session($old$,
  $new$'desk.open_provider_session(uuid, bytea, uuid, bytea, text, text, text, interval, interval)', 'desk.open_session($new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);

REVOKE ALL ON FUNCTION desk.open_provider_session(uuid, bytea, uuid, bytea, text, text, text, interval, interval) FROM PUBLIC;
