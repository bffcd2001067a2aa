-- Version 111: intents. What an operator asks for on a page, and services may not do: the console writes it down, the executor, which works
-- as the owner, checks it again, does it once, and says what came of it. Services insert and read; nobody deletes what is not finished.
CREATE TABLE desk.intent (
  id               uuid PRIMARY KEY,              -- begins with the time
  -- Such as `workers.scale`. Which ones there are is the executor's matter: it refuses what it does not know.
  kind             text NOT NULL CHECK (kind ~ '^[a-z_]{1,32}(\.[a-z_]{1,32}){1,2}$'),
  parameters       jsonb NOT NULL CHECK (jsonb_typeof(parameters) = 'object' AND octet_length(parameters::text) <= 16384),
  -- The text of a policy, with placeholders where its secrets are.
  document         text CHECK (octet_length(document) <= 1 << 20),
  reason           text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 500),
  -- The key or the session of the person, and the label that says who it is.
  requested_by     uuid NOT NULL,
  label            text NOT NULL,
  idempotency_key  text CHECK (octet_length(idempotency_key) BETWEEN 1 AND 256),
  requested_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at       timestamptz NOT NULL,
  state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done', 'refused', 'failed')),
  -- Counts the claims, so that an executor that was away too long notices that another one has taken over.
  term             integer NOT NULL DEFAULT 0 CHECK (term >= 0),
  claimed_by       uuid,
  claimed_until    timestamptz,
  -- When all checks had passed and acting began. From then on it is carried out, whoever claims it.
  begun_at         timestamptz,
  -- What the checks found that carrying it out again depends on, such as the version that a model had.
  plan             jsonb CHECK (jsonb_typeof(plan) = 'object'),
  finished_at      timestamptz,
  result           jsonb CHECK (jsonb_typeof(result) = 'object'),
  CHECK ((state = 'running') = (claimed_until IS NOT NULL)),
  CHECK ((state = 'running') <= (claimed_by IS NOT NULL)),
  CHECK ((state IN ('done', 'refused', 'failed')) = (finished_at IS NOT NULL)),
  CHECK ((finished_at IS NULL) = (result IS NULL)),
  CHECK (state <> 'done' OR begun_at IS NOT NULL),
  CHECK ((begun_at IS NULL) = (plan IS NULL)),
  CHECK (state <> 'pending' OR (begun_at IS NULL AND term = 0))
) WITH (fillfactor = 80);
-- Per person: two people may use the same key.
CREATE UNIQUE INDEX intent_request ON desk.intent (requested_by, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX intent_unfinished ON desk.intent (id) WHERE finished_at IS NULL;
CREATE INDEX intent_finished ON desk.intent (finished_at) WHERE finished_at IS NOT NULL;

-- A new intent waits, whoever inserts it, and for at most an hour. Those that ended long ago are deleted, some at each call: what was done
-- is in the audit.
CREATE FUNCTION desk.begin_intent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  NEW.state := 'pending';
  NEW.term := 0;
  NEW.claimed_by := NULL;
  NEW.claimed_until := NULL;
  NEW.begun_at := NULL;
  NEW.plan := NULL;
  NEW.finished_at := NULL;
  NEW.result := NULL;
  NEW.requested_at := clock_timestamp();
  NEW.expires_at := least(NEW.expires_at, NEW.requested_at + interval '1 hour');
  DELETE FROM desk.intent WHERE id IN (
    SELECT id FROM desk.intent WHERE finished_at < now() - interval '90 days' ORDER BY finished_at LIMIT 100);
  RETURN NEW;
END
$$;
CREATE TRIGGER intent_begins BEFORE INSERT ON desk.intent FOR EACH ROW EXECUTE FUNCTION desk.begin_intent();

-- What was asked stays as it was asked, and what ended stays ended, also for the owner.
CREATE FUNCTION desk.keep_intent() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.finished_at IS NOT NULL OR (OLD.id, OLD.kind, OLD.parameters, OLD.reason, OLD.requested_by, OLD.label, OLD.requested_at)
      IS DISTINCT FROM (NEW.id, NEW.kind, NEW.parameters, NEW.reason, NEW.requested_by, NEW.label, NEW.requested_at)
    OR OLD.document IS DISTINCT FROM NEW.document OR (OLD.begun_at IS NOT NULL AND (NEW.begun_at, NEW.plan) IS DISTINCT FROM (OLD.begun_at, OLD.plan))
    OR NEW.term < OLD.term
  THEN
    RAISE EXCEPTION 'an intent is carried out as it was asked for, once' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER intent_stays BEFORE UPDATE ON desk.intent FOR EACH ROW EXECUTE FUNCTION desk.keep_intent();

-- Who asked for what and why, and what came of it. The text of a policy is not repeated: `policy.applied` has its digest.
CREATE FUNCTION desk.audit_intent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM desk.audit_append('intent.requested', NEW.id::text, jsonb_build_object('intent', NEW.kind, 'parameters', NEW.parameters,
      'requested_by', NEW.requested_by, 'label', NEW.label, 'reason', NEW.reason));
  ELSE
    PERFORM desk.audit_append('intent.' || NEW.state, NEW.id::text, jsonb_build_object('intent', NEW.kind,
      'requested_by', NEW.requested_by, 'label', NEW.label, 'result', NEW.result));
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER intent_requested AFTER INSERT ON desk.intent FOR EACH ROW EXECUTE FUNCTION desk.audit_intent();
CREATE TRIGGER intent_ended AFTER UPDATE OF state ON desk.intent FOR EACH ROW
  WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL) EXECUTE FUNCTION desk.audit_intent();

-- What an auditor may read on a page: the entries without what people wrote, which stays where an erasure can blank it.
CREATE FUNCTION desk.audit_page(before bigint, at_most integer)
RETURNS TABLE (number bigint, at timestamptz, actor text, kind text, subject text, detail text, previous bytea, digest bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT a.number, a.at, a.actor, a.kind, a.subject, a.detail, a.previous, a.digest FROM desk.audit a
   WHERE before IS NULL OR a.number < before ORDER BY a.number DESC LIMIT least(at_most, 500)
$$;
REVOKE ALL ON FUNCTION desk.audit_page(bigint, integer) FROM PUBLIC;

-- The functions are changed as they stand, so that they keep what other migrations add.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_rights()'::regprocedure),
    '(''interception'', ''SELECT, INSERT'')', '(''intent'', ''SELECT, INSERT''), (''interception'', ''SELECT, INSERT'')');
  EXECUTE replace(pg_get_functiondef('desk.service_functions()'::regprocedure),
    '''desk.release_customer_name(uuid)''', '''desk.release_customer_name(uuid)'', ''desk.audit_page(bigint, integer)''');
END $$;
