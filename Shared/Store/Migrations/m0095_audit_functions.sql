-- The schema of version 95: functions of the audit and of timeline seals. New databases and upgrades from version 94 run it.

CREATE OR REPLACE FUNCTION desk.netstring(value text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT convert_to(octet_length(convert_to(value, 'UTF8')) || ':' || value || ',', 'UTF8')
$$;

CREATE OR REPLACE FUNCTION desk.salted_digest(salt bytea, value text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT encode(sha256(salt || convert_to(value, 'UTF8')), 'hex')
$$;

-- Appends an entry; free text is kept apart.
CREATE OR REPLACE FUNCTION desk.audit_write(kind text, subject text, detail jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  head desk.audit_head;
  entry desk.audit;
  reason text := detail->>'reason';
  named text := detail->>'customer';
  salt bytea := uuid_send(gen_random_uuid());
BEGIN
  detail := detail - 'reason' - 'customer';
  IF reason IS NOT NULL THEN
    detail := detail || jsonb_build_object('reason_sha256', desk.salted_digest(salt, reason));
  END IF;
  -- The second one waits here until the first has committed.
  SELECT * INTO STRICT head FROM desk.audit_head FOR UPDATE;
  entry.number := head.number + 1;
  entry.at := clock_timestamp();
  -- The role is known; what the program calls itself is what it says.
  entry.actor := session_user || '/' || coalesce(
    nullif(current_setting('frontdesk.actor', true), ''), nullif(current_setting('application_name', true), ''), '-');
  entry.kind := kind;
  entry.subject := subject;
  entry.detail := detail::text;
  entry.previous := head.digest;
  entry.digest := sha256(head.digest || desk.netstring(entry.number::text)
    || desk.netstring((extract(epoch FROM entry.at) * 1000000)::bigint::text) || desk.netstring(entry.actor)
    || desk.netstring(entry.kind) || desk.netstring(entry.subject) || desk.netstring(entry.detail));
  INSERT INTO desk.audit SELECT entry.*;
  UPDATE desk.audit_head SET number = entry.number, digest = entry.digest;
  IF reason IS NOT NULL OR named IS NOT NULL THEN
    INSERT INTO desk.audit_free_text (entry, ticket, channel, customer, salt, reason)
    VALUES (entry.number, CASE WHEN subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN subject::uuid END,
            CASE WHEN named IS NOT NULL THEN subject END, named, CASE WHEN reason IS NOT NULL THEN salt END, reason);
  END IF;
  RETURN entry.number;
END
$$;

-- The kinds of entries that services append themselves. All others come from the function or trigger that makes the change, or from
-- the owner.
CREATE OR REPLACE FUNCTION desk.service_audit_kinds() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['contact.read', 'customer.set', 'follow_up.done', 'hook.enabled_by', 'hook.paused_by', 'presence.set', 'ticket.labelled',
    'ticket.merged_across_customers']
$$;

-- Appends an entry for a service.
CREATE OR REPLACE FUNCTION desk.audit_note(kind text, subject text, detail jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF kind <> ALL (desk.service_audit_kinds()) THEN
    RAISE EXCEPTION 'a service may not append an entry of this kind' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN desk.audit_write(kind, subject, detail);
END
$$;

-- Appends an entry with the caller's rights: the owner, and functions with the owner's rights, append any kind.
CREATE OR REPLACE FUNCTION desk.audit_append(kind text, subject text, detail jsonb) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF has_function_privilege('desk.audit_write(text, text, jsonb)', 'EXECUTE') THEN
    RETURN desk.audit_write(kind, subject, detail);
  END IF;
  RETURN desk.audit_note(kind, subject, detail);
END
$$;

CREATE OR REPLACE FUNCTION desk.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'desk.% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Audit triggers have the owner's rights: a role that may change a table need not be able to write the audit.
CREATE OR REPLACE FUNCTION desk.audit_api_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  row_now desk.api_key;
  what text := 'changed';
BEGIN
  IF TG_OP = 'DELETE' THEN row_now := OLD; ELSE row_now := NEW; END IF;
  IF TG_OP = 'INSERT' THEN what := 'created';
  ELSIF TG_OP = 'DELETE' THEN what := 'deleted';
  ELSIF NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL THEN what := 'revoked';
  ELSIF NEW.replaced_by IS NOT NULL AND OLD.replaced_by IS NULL THEN what := 'rotated';
  END IF;
  PERFORM desk.audit_append('key.' || what, row_now.id::text, jsonb_strip_nulls(jsonb_build_object(
    'role', row_now.role, 'channel', row_now.channel, 'agent', row_now.agent, 'access', row_now.access,
    'label', row_now.label, 'expires_at', row_now.expires_at, 'replaced_by', row_now.replaced_by)));
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION desk.audit_curve_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  row_now desk.channel_curve_key;
  what text := 'changed';
BEGIN
  IF TG_OP = 'DELETE' THEN row_now := OLD; ELSE row_now := NEW; END IF;
  IF TG_OP = 'INSERT' THEN what := 'created';
  ELSIF TG_OP = 'DELETE' THEN what := 'deleted';
  ELSIF NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL THEN what := 'revoked';
  END IF;
  PERFORM desk.audit_append('curve_key.' || what, encode(row_now.public_key, 'hex'), jsonb_strip_nulls(jsonb_build_object(
    'channel', row_now.channel, 'label', row_now.label, 'expires_at', row_now.expires_at)));
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION desk.audit_policy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  row_now desk.policy_version;
BEGIN
  IF TG_OP = 'DELETE' THEN row_now := OLD; ELSE row_now := NEW; END IF;
  PERFORM desk.audit_append(
    CASE TG_OP WHEN 'INSERT' THEN 'policy.applied' WHEN 'UPDATE' THEN 'policy.changed' ELSE 'policy.deleted' END,
    row_now.version::text, jsonb_build_object('applied_by', row_now.applied_by, 'sha256',
      encode(sha256(convert_to(row_now.document, 'UTF8')), 'hex')));
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION desk.audit_replay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.audit_append('dead_letter.replayed', NEW.id::text, jsonb_strip_nulls(jsonb_build_object(
    'kind', NEW.kind, 'ticket', NEW.ticket_id, 'hook', NEW.hook)));
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION desk.audit_hook() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  was_paused boolean := false;
BEGIN
  IF TG_OP = 'UPDATE' THEN was_paused := OLD.disabled_at IS NOT NULL; END IF;
  IF was_paused OR NEW.disabled_at IS NOT NULL THEN
    PERFORM desk.audit_append(CASE WHEN NEW.disabled_at IS NULL THEN 'hook.enabled' ELSE 'hook.disabled' END, NEW.hook,
      jsonb_strip_nulls(jsonb_build_object('reason', NEW.reason)));
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION desk.audit_migration() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.audit_append('schema.migrated', NEW.number::text, jsonb_build_object('name', NEW.name));
  RETURN NULL;
END
$$;

-- Only what people wrote is blanked: reasons of services are texts of a program, and invariants are checked with them.
CREATE OR REPLACE FUNCTION desk.has_written_reason(actor text, detail jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT detail ? 'reason' AND (starts_with(actor, 'agent:') OR starts_with(actor, 'operator:'))
$$;

CREATE OR REPLACE FUNCTION desk.blanked(actor text, detail jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT CASE WHEN desk.has_written_reason(actor, detail) THEN
    (detail - 'reason' - 'reason_salt') || jsonb_build_object('reason_sha256',
      encode(sha256(convert_to(coalesce(detail->>'reason_salt', '') || coalesce(detail->>'reason', ''), 'UTF8')), 'hex'))
    ELSE detail END
$$;

CREATE OR REPLACE FUNCTION desk.salt_reason() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.detail := NEW.detail || jsonb_build_object('reason_salt', encode(uuid_send(gen_random_uuid()), 'hex'));
  RETURN NEW;
END
$$;

-- The content of the timelines of a range. An entry is hashed as a JSON array, which is unambiguous.
CREATE OR REPLACE FUNCTION desk.timeline_digest(from_id uuid, to_id uuid, form smallint,
  OUT tickets bigint, OUT events bigint, OUT digest bytea)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT count(*), coalesce(sum(t.events), 0)::bigint,
         sha256(coalesce(string_agg(uuid_send(t.ticket_id) || t.digest, ''::bytea ORDER BY t.ticket_id), ''::bytea))
    FROM (
      SELECT e.ticket_id, count(*) AS events, sha256(convert_to(string_agg(
               jsonb_build_array(e.version, e.position, e.kind, e.actor, (extract(epoch FROM e.at) * 1000000)::bigint,
                                 CASE form WHEN 1 THEN e.detail ELSE desk.blanked(e.actor, e.detail) END,
                                 e.traceparent)::text, E'\n' ORDER BY e.version, e.position), 'UTF8')) AS digest
        FROM desk.ticket_event e WHERE e.ticket_id >= from_id AND e.ticket_id < to_id GROUP BY e.ticket_id) AS t
$$;

-- Ranges follow each other without a gap, and the database computes the digests itself: a service can neither skip tickets nor seal
-- what does not exist.
CREATE OR REPLACE FUNCTION desk.mark_range() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  last_to uuid;
BEGIN
  IF EXISTS (SELECT FROM desk.timeline_range WHERE from_id = NEW.from_id) THEN RETURN NULL; END IF;
  SELECT to_id INTO last_to FROM desk.timeline_range ORDER BY from_id DESC LIMIT 1;
  IF NEW.digest IS NOT NULL OR NEW.from_id <> coalesce(last_to, NEW.from_id) OR NEW.to_id > desk.uuid_floor(now()) THEN
    RAISE EXCEPTION 'a range must begin where the last one ended, and lie in the past' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF last_to IS NULL AND EXISTS (SELECT FROM desk.ticket_event WHERE ticket_id < NEW.from_id) THEN
    RAISE EXCEPTION 'the first range must begin where history begins' USING ERRCODE = 'insufficient_privilege';
  END IF;
  NEW.form := 2;
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION desk.seal_range() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF (NEW.from_id, NEW.to_id) <> (OLD.from_id, OLD.to_id)
    OR EXISTS (SELECT FROM desk.open_ticket o
                WHERE o.ticket_id >= OLD.from_id AND o.ticket_id < OLD.to_id AND o.merged_into IS NULL) THEN
    RAISE EXCEPTION 'a range is sealed unchanged, after its last ticket has ended' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.digest IS NOT NULL AND (OLD.form <> 1
    OR OLD.digest <> (SELECT d.digest FROM desk.timeline_digest(OLD.from_id, OLD.to_id, 1::smallint) d)) THEN
    RAISE EXCEPTION 'a sealed range cannot be sealed again' USING ERRCODE = 'insufficient_privilege';
  END IF;
  NEW.form := 2;
  SELECT d.tickets, d.events, d.digest INTO NEW.tickets, NEW.events, NEW.digest
    FROM desk.timeline_digest(OLD.from_id, OLD.to_id, 2::smallint) d;
  NEW.sealed_at := clock_timestamp();
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION desk.audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.audit_append('timeline.sealed', NEW.from_id::text, jsonb_build_object(
    'to', NEW.to_id, 'tickets', NEW.tickets, 'events', NEW.events, 'digest', encode(NEW.digest, 'hex'), 'form', NEW.form));
  RETURN NULL;
END
$$;
