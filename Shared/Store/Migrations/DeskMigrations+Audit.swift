extension DeskMigrations {
  /// The audit: what was changed at the desk's door and by whom, each entry bound to the one before it.
  ///
  /// The database notes it by itself, in the transaction of the change, whoever makes it and by whatever program. An entry's digest is
  /// the SHA-256 of the previous digest followed by the entry's number, moment (microseconds since 1970), actor, kind, subject and
  /// detail, each as a netstring (`length:bytes,`). The head is one locked row: it puts entries in one order, and a chain that was cut
  /// short no longer ends where the head says.
  static let audit = """
    CREATE TABLE desk.audit (
      number    bigint PRIMARY KEY CHECK (number > 0),
      at        timestamptz NOT NULL,
      actor     text NOT NULL,
      kind      text NOT NULL,
      subject   text NOT NULL,
      detail    text NOT NULL,   -- JSON, kept as the text that was hashed
      previous  bytea NOT NULL CHECK (octet_length(previous) = 32),
      digest    bytea NOT NULL CHECK (octet_length(digest) = 32)
    );
    CREATE TABLE desk.audit_head (
      single  boolean PRIMARY KEY DEFAULT true CHECK (single),
      number  bigint NOT NULL,
      digest  bytea NOT NULL CHECK (octet_length(digest) = 32)
    );
    INSERT INTO desk.audit_head (number, digest) VALUES (0, decode(repeat('00', 32), 'hex'));

    CREATE FUNCTION desk.netstring(value text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
      SELECT convert_to(octet_length(convert_to(value, 'UTF8')) || ':' || value || ',', 'UTF8')
    $$;

    CREATE FUNCTION desk.audit_append(kind text, subject text, detail jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      head desk.audit_head;
      entry desk.audit;
    BEGIN
      -- Whoever comes second waits here until the first has committed.
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
      RETURN entry.number;
    END
    $$;

    CREATE FUNCTION desk.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'desk.% only grows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END
    $$;
    CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON desk.audit
      FOR EACH ROW EXECUTE FUNCTION desk.refuse_change();
    CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON desk.audit
      FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

    -- What is watched. A trigger of the definer's rights: whoever may change the table need not be able to write the audit.
    CREATE FUNCTION desk.audit_api_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
    CREATE TRIGGER audit_api_key AFTER INSERT OR UPDATE OR DELETE ON desk.api_key
      FOR EACH ROW EXECUTE FUNCTION desk.audit_api_key();

    CREATE FUNCTION desk.audit_curve_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
    CREATE TRIGGER audit_curve_key AFTER INSERT OR UPDATE OR DELETE ON desk.channel_curve_key
      FOR EACH ROW EXECUTE FUNCTION desk.audit_curve_key();

    CREATE FUNCTION desk.audit_policy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
    CREATE TRIGGER audit_policy AFTER INSERT OR UPDATE OR DELETE ON desk.policy_version
      FOR EACH ROW EXECUTE FUNCTION desk.audit_policy();

    CREATE FUNCTION desk.audit_replay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      PERFORM desk.audit_append('dead_letter.replayed', NEW.id::text, jsonb_strip_nulls(jsonb_build_object(
        'kind', NEW.kind, 'ticket', NEW.ticket_id, 'hook', NEW.hook)));
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER audit_replay AFTER UPDATE OF replayed_at ON desk.dead_letter
      FOR EACH ROW WHEN (OLD.replayed_at IS NULL AND NEW.replayed_at IS NOT NULL) EXECUTE FUNCTION desk.audit_replay();

    CREATE FUNCTION desk.audit_hook() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      PERFORM desk.audit_append(CASE WHEN NEW.disabled_at IS NULL THEN 'hook.enabled' ELSE 'hook.disabled' END, NEW.hook,
        jsonb_strip_nulls(jsonb_build_object('reason', NEW.reason)));
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER audit_hook AFTER INSERT OR UPDATE OF disabled_at ON desk.hook_state
      FOR EACH ROW EXECUTE FUNCTION desk.audit_hook();

    CREATE FUNCTION desk.audit_migration() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      PERFORM desk.audit_append('schema.migrated', NEW.number::text, jsonb_build_object('name', NEW.name));
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER audit_migration AFTER INSERT ON public.schema_migration
      FOR EACH ROW EXECUTE FUNCTION desk.audit_migration();
    """

  /// Ranges of the tickets' timelines that are over, each with the digest of all its entries. A range is a span of ticket identifiers,
  /// which begin with the moment of opening; it is sealed when none of its tickets lives any more, so nothing can be added to it.
  static let timelineSeals = """
    -- The moment that a version 7 UUID begins with.
    CREATE FUNCTION desk.uuid_moment(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT to_timestamp(('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint / 1000.0)
    $$;

    CREATE TABLE desk.timeline_range (
      from_id    uuid PRIMARY KEY,
      to_id      uuid NOT NULL CHECK (to_id > from_id),
      tickets    bigint,
      events     bigint,
      digest     bytea CHECK (octet_length(digest) = 32),
      sealed_at  timestamptz,
      CHECK ((digest IS NULL) = (sealed_at IS NULL))
    );
    CREATE INDEX timeline_range_open ON desk.timeline_range (from_id) WHERE digest IS NULL;

    CREATE FUNCTION desk.audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      IF OLD.digest IS NOT NULL THEN
        RAISE EXCEPTION 'a sealed range is not sealed again' USING ERRCODE = 'insufficient_privilege';
      END IF;
      PERFORM desk.audit_append('timeline.sealed', NEW.from_id::text, jsonb_build_object(
        'to', NEW.to_id, 'tickets', NEW.tickets, 'events', NEW.events, 'digest', encode(NEW.digest, 'hex')));
      RETURN NULL;
    END
    $$;
    CREATE TRIGGER audit_seal AFTER UPDATE ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.audit_seal();
    """
}
