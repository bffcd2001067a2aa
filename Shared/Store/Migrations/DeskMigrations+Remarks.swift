extension DeskMigrations {
  /// What people write about what they did lies apart from what proves that it was done, so that it can be blanked with its customer.
  ///
  /// An entry of the audit holds no free text. `audit_write` takes `reason` and `customer` out of every detail, from every caller,
  /// and keeps them in `audit_remark`; the entry holds the salted digest of the reason. Salt and text go together, so that no one can
  /// try names against the digest that stays.
  ///
  /// An entry of a timeline keeps its reason, with a salt next to it. Blanking leaves the digest of both in their place, and the digest of
  /// a sealed range is taken of entries as if all were blanked (`form` 2). So a seal holds before and after an erasure. A range that was
  /// sealed by a build of before (`form` 1) is sealed once more when an erasure meets it, if its entries are still what was sealed.
  static let remarks = """
    CREATE TABLE desk.audit_remark (
      entry     bigint PRIMARY KEY,   -- the entry of the audit
      ticket    uuid,                 -- whom it may speak of: a ticket's customer,
      channel   text,                 -- or a customer named here and nowhere in the audit
      customer  text,
      salt      bytea CHECK (octet_length(salt) = 16),
      remark    text,
      CHECK ((salt IS NULL) = (remark IS NULL))
    );
    CREATE INDEX audit_remark_of_ticket ON desk.audit_remark (ticket) WHERE ticket IS NOT NULL;
    CREATE INDEX audit_remark_of_customer ON desk.audit_remark (channel, customer) WHERE customer IS NOT NULL;

    CREATE FUNCTION desk.remark_digest(salt bytea, remark text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
      SELECT encode(sha256(salt || convert_to(remark, 'UTF8')), 'hex')
    $$;

    CREATE OR REPLACE FUNCTION desk.audit_append(kind text, subject text, detail jsonb) RETURNS bigint
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
        detail := detail || jsonb_build_object('reason_sha256', desk.remark_digest(salt, reason));
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
        INSERT INTO desk.audit_remark (entry, ticket, channel, customer, salt, remark)
        VALUES (entry.number, CASE WHEN subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN subject::uuid END,
                CASE WHEN named IS NOT NULL THEN subject END, named, CASE WHEN reason IS NOT NULL THEN salt END, reason);
      END IF;
      RETURN entry.number;
    END
    $$;

    -- Only what people wrote is blanked: reasons of services are words of a program, and rules are checked by them.
    CREATE FUNCTION desk.has_words(actor text, detail jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
      SELECT detail ? 'reason' AND (starts_with(actor, 'agent:') OR starts_with(actor, 'operator:'))
    $$;

    CREATE FUNCTION desk.blanked(actor text, detail jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
      SELECT CASE WHEN desk.has_words(actor, detail) THEN
        (detail - 'reason' - 'reason_salt') || jsonb_build_object('reason_sha256',
          encode(sha256(convert_to(coalesce(detail->>'reason_salt', '') || coalesce(detail->>'reason', ''), 'UTF8')), 'hex'))
        ELSE detail END
    $$;

    CREATE FUNCTION desk.salt_reason() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
      NEW.detail := NEW.detail || jsonb_build_object('reason_salt', encode(uuid_send(gen_random_uuid()), 'hex'));
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER salt_reason BEFORE INSERT ON desk.ticket_event FOR EACH ROW
      -- Rows that retention moves keep their salt, and so their seal.
      WHEN (NEW.detail ? 'reason' AND NOT NEW.detail ? 'reason_salt'
        AND (starts_with(NEW.actor, 'agent:') OR starts_with(NEW.actor, 'operator:')))
      EXECUTE FUNCTION desk.salt_reason();

    ALTER TABLE desk.timeline_range ADD COLUMN form smallint NOT NULL DEFAULT 1 CHECK (form IN (1, 2));

    -- What the timelines of a range hold. An entry is hashed as a JSON array, in which no two entries look alike.
    CREATE FUNCTION desk.timeline_digest(from_id uuid, to_id uuid, form smallint, OUT tickets bigint, OUT events bigint, OUT digest bytea)
    LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
      SELECT count(*), coalesce(sum(t.events), 0)::bigint,
             sha256(coalesce(string_agg(uuid_send(t.ticket_id) || t.digest, ''::bytea ORDER BY t.ticket_id), ''::bytea))
        FROM (
          SELECT e.ticket_id, count(*) AS events, sha256(convert_to(string_agg(
                   jsonb_build_array(e.version, e.position, e.kind, e.actor, (extract(epoch FROM e.at) * 1000000)::bigint,
                                     CASE form WHEN 1 THEN e.detail ELSE desk.blanked(e.actor, e.detail) END,
                                     e.traceparent)::text, E'\\n' ORDER BY e.version, e.position), 'UTF8')) AS digest
            FROM desk.ticket_event e WHERE e.ticket_id >= from_id AND e.ticket_id < to_id GROUP BY e.ticket_id) AS t
    $$;

    -- Ranges follow each other without a gap, and the database takes the digests itself: anyone who works as a service can neither pass
    -- tickets over nor seal what is not there.
    CREATE FUNCTION desk.mark_range() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      last_to uuid;
    BEGIN
      IF EXISTS (SELECT FROM desk.timeline_range WHERE from_id = NEW.from_id) THEN RETURN NULL; END IF;
      SELECT to_id INTO last_to FROM desk.timeline_range ORDER BY from_id DESC LIMIT 1;
      IF NEW.digest IS NOT NULL OR NEW.from_id <> coalesce(last_to, NEW.from_id) OR NEW.to_id > desk.uuid_floor(now()) THEN
        RAISE EXCEPTION 'a range begins where the last one ended, and is over' USING ERRCODE = 'insufficient_privilege';
      END IF;
      IF last_to IS NULL AND EXISTS (SELECT FROM desk.ticket_event WHERE ticket_id < NEW.from_id) THEN
        RAISE EXCEPTION 'the first range begins where history begins' USING ERRCODE = 'insufficient_privilege';
      END IF;
      NEW.form := 2;
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER mark_range BEFORE INSERT ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.mark_range();

    CREATE FUNCTION desk.seal_range() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      IF (NEW.from_id, NEW.to_id) <> (OLD.from_id, OLD.to_id)
        OR EXISTS (SELECT FROM desk.open_ticket o
                    WHERE o.ticket_id >= OLD.from_id AND o.ticket_id < OLD.to_id AND o.merged_into IS NULL) THEN
        RAISE EXCEPTION 'a range is sealed as it was marked, and when its tickets are over' USING ERRCODE = 'insufficient_privilege';
      END IF;
      IF OLD.digest IS NOT NULL AND (OLD.form <> 1
        OR OLD.digest <> (SELECT d.digest FROM desk.timeline_digest(OLD.from_id, OLD.to_id, 1::smallint) d)) THEN
        RAISE EXCEPTION 'a sealed range is not sealed again' USING ERRCODE = 'insufficient_privilege';
      END IF;
      NEW.form := 2;
      SELECT d.tickets, d.events, d.digest INTO NEW.tickets, NEW.events, NEW.digest
        FROM desk.timeline_digest(OLD.from_id, OLD.to_id, 2::smallint) d;
      NEW.sealed_at := clock_timestamp();
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER seal_range BEFORE UPDATE ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.seal_range();

    CREATE OR REPLACE FUNCTION desk.audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      PERFORM desk.audit_append('timeline.sealed', NEW.from_id::text, jsonb_build_object(
        'to', NEW.to_id, 'tickets', NEW.tickets, 'events', NEW.events, 'digest', encode(NEW.digest, 'hex'), 'form', NEW.form));
      RETURN NULL;
    END
    $$;
    """

  /// Erasure takes the free text with it: reasons in timelines, remarks next to the audit, and the reasons of dead letters. What stands on
  /// a ticket that two customers share, or that was linked to theirs, may be about either and goes with the first.
  static let forgettingRemarks = """
    ALTER FUNCTION desk.erase_customer(text, text, text, text) RENAME TO erase_customer_words;
    REVOKE EXECUTE ON FUNCTION desk.erase_customer_words(text, text, text, text) FROM PUBLIC;

    CREATE FUNCTION desk.erase_customer(the_channel text, the_customer text, reason text, receipt text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      of_customer uuid[];   -- the customer's tickets
      about uuid[];         -- those, and others' tickets that theirs became part of
      tied uuid[];          -- tickets whose timelines name them
      said uuid[];          -- what they wrote
      erased jsonb;
      old_seal desk.timeline_range;
    BEGIN
      -- Locked first, as all that follows is: no ticket of the customer can begin or end between this look and the commit.
      PERFORM FROM desk.open_ticket WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer) FOR UPDATE;
      of_customer := ARRAY(
        SELECT ticket_id FROM desk.open_ticket WHERE channel = the_channel AND (customer = the_customer OR known_as = the_customer)
        UNION SELECT id FROM desk.closed_ticket WHERE channel = the_channel AND customer = the_customer);
      about := of_customer || ARRAY(SELECT ticket FROM desk.ticket_guest WHERE channel = the_channel AND customer = the_customer);
      tied := ARRAY(
        SELECT other FROM desk.ticket_tie WHERE ticket = ANY(of_customer)
        UNION SELECT ticket FROM desk.ticket_tie WHERE other = ANY(of_customer));
      said := ARRAY(
        SELECT id FROM desk.message
         WHERE ticket_id = ANY(about) AND direction = 1 AND channel = the_channel AND author = the_customer);
      -- It raises the tickets' versions, so that no step that is under way can write a reason behind this.
      erased := desk.erase_customer_words(the_channel, the_customer, reason, receipt);
      IF erased IS NULL THEN RETURN NULL; END IF;
      FOR old_seal IN
        SELECT * FROM desk.timeline_range r
         WHERE r.digest IS NOT NULL AND r.form = 1
           AND EXISTS (SELECT FROM unnest(about || tied) AS t(id) WHERE t.id >= r.from_id AND t.id < r.to_id)
      LOOP
        -- One that does not hold is left as it is, and stays found.
        IF old_seal.digest = (SELECT d.digest FROM desk.timeline_digest(old_seal.from_id, old_seal.to_id, 1::smallint) d) THEN
          UPDATE desk.timeline_range SET form = 2 WHERE from_id = old_seal.from_id;
        END IF;
      END LOOP;
      UPDATE desk.ticket_event SET detail = desk.blanked(actor, detail)
       WHERE ticket_id = ANY(about) AND desk.has_words(actor, detail);
      UPDATE desk.ticket_event SET detail = desk.blanked(actor, detail)
       WHERE ticket_id = ANY(tied) AND detail->>'ticket' = ANY(of_customer::text[]) AND desk.has_words(actor, detail);
      UPDATE desk.audit_remark SET customer = NULL, channel = NULL, salt = NULL, remark = NULL
       WHERE ticket = ANY(about) OR (channel = the_channel AND customer = the_customer);
      UPDATE desk.dead_letter SET reason = 'erased' WHERE ticket_id = ANY(of_customer) OR id = ANY(said);
      -- How a hook failed last may repeat what an endpoint said of any delivery; the next failure sets it again.
      UPDATE desk.hook_state SET last_error = NULL WHERE last_error IS NOT NULL;
      RETURN erased;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.erase_customer(text, text, text, text) FROM PUBLIC;

    -- Remarks go with their tickets: afterwards no erasure would know whose they were.
    ALTER FUNCTION desk.forget_before(integer) RENAME TO forget_before_remarks;
    REVOKE EXECUTE ON FUNCTION desk.forget_before_remarks(integer) FROM PUBLIC;
    CREATE FUNCTION desk.forget_before(keep_days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      forgotten bigint := desk.forget_before_remarks(keep_days);
      gone bigint;
    BEGIN
      UPDATE desk.audit_remark r SET salt = NULL, remark = NULL
       WHERE remark IS NOT NULL AND ticket < desk.uuid_floor(((now() AT TIME ZONE 'UTC')::date - keep_days)::timestamp AT TIME ZONE 'UTC')
         AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.ticket_id = r.ticket);
      GET DIAGNOSTICS gone = ROW_COUNT;
      RETURN forgotten + gone;
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.forget_before(integer) FROM PUBLIC;
    """
}
