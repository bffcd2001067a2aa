extension DeskMigrations {
  /// The rights of services by column and by kind of audit entry. Whatever is not named here is denied: a table, a column, a function that
  /// works with the owner's rights, a kind. Tests hold the lists against the catalogue, so that what is new is decided on.
  ///
  /// Who wrote what, when and by which channel is never rewritten by a service: of a message only its ticket, while it is undecided or
  /// among the dead letters.
  static let serviceRights = """
    -- The columns that a service may rewrite, those that a schema has of them, of the tables where `service_rights()` allows UPDATE at all.
    CREATE FUNCTION desk.service_updates() RETURNS TABLE (relation text, columns text[]) LANGUAGE sql IMMUTABLE AS $$
      VALUES
        ('agent_state', ARRAY['presence', 'load', 'capacity', 'idle_since', 'presence_at', 'seen_at', 'break_reason', 'break_until']),
        ('arrival_slot', ARRAY['tickets']),
        ('customer', ARRAY['tier', 'dedicated_agent', 'updated_at', 'last_ticket']),
        ('customer_contact', ARRAY['key_name', 'sealed', 'given_at']),
        ('dead_letter', ARRAY['ticket_id', 'reason', 'body', 'died_at', 'replayed_at']),
        ('feedback_group', ARRAY['messages', 'last_at']),
        ('follow_up', ARRAY['rating', 'done_at', 'done_by', 'outcome']),
        ('hook_state', ARRAY['disabled_at', 'reason', 'failing_since', 'failures', 'last_error', 'noticed_at', 'held_at', 'held_reason']),
        ('hot_issue', ARRAY['ended_at']),
        ('inbox', ARRAY['ticket_id', 'owner', 'opens_ticket', 'attempts', 'claimed_until', 'category', 'intent', 'confidence',
          'urgency', 'sentiment', 'language', 'model_version', 'articles']),
        ('lease', ARRAY['holder', 'term', 'expires_at']),
        ('message', ARRAY['ticket_id']),
        ('open_ticket', ARRAY['ticket_id', 'merged_into', 'opened_at', 'previous_ticket', 'messages']),
        ('outbox', ARRAY['attempts', 'claimed_by', 'last_error', 'next_attempt_at']),
        ('queue_pace', ARRAY['per_second', 'measured_at']),
        ('rating', ARRAY['solved', 'rating', 'comment', 'agent', 'queue', 'category', 'rated_at']),
        ('service_instance', ARRAY['state', 'link_endpoint', 'hint_endpoint', 'http_endpoint', 'operations_endpoint', 'heartbeat_at',
          'problems']),
        ('shadow_tally', ARRAY['messages', 'champion_automatic', 'challenger_automatic', 'champion_confidence',
          'challenger_confidence', 'champion_unfamiliar', 'challenger_unfamiliar', 'last_at']),
        ('ticket', ARRAY['version', 'state', 'queue', 'priority', 'skills', 'weight', 'waiting_since', 'needs_triage', 'category',
          'intent', 'confidence', 'urgency', 'sentiment', 'language', 'model_version', 'offer_id', 'offer_agent', 'offered_at',
          'offer_expires_at', 'refused_by', 'agent', 'last_agent', 'first_allowed_us', 'first_due_at', 'first_paused_at',
          'first_met_at', 'first_told', 'resolution_allowed_us', 'resolution_due_at', 'resolution_paused_at', 'resolution_met_at',
          'resolution_told', 'clock_state', 'service_level', 'pauses_while_pending', 'resolved_at', 'reopen_count',
          'policy_version', 'waiting_queue', 'rank', 'next_check_at', 'holder', 'close_at', 'reply_owed_since', 'answered_at',
          'confirmed_at', 'offer_pauses', 'guest_channel', 'guest_customer']),
        ('timeline_range', ARRAY['tickets', 'events', 'digest', 'sealed_at']),
        ('watch_cursor', ARRAY['upto'])
    $$;

    -- Functions with the owner's rights that a service may call. Those with the caller's rights give nothing that the caller has not.
    CREATE FUNCTION desk.service_functions() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
      SELECT ARRAY['desk.audit_note(text, text, jsonb)', 'desk.ensure_partitions(integer)', 'desk.ensure_partitions_of(text, integer)',
        'desk.drop_oldest_partition(text, integer)', 'desk.forget_before(integer)', 'desk.leave_behind(uuid)']
    $$;

    -- The kinds of audit entries that a service notes in words of its own. All others are noted by the function or trigger that does the
    -- thing, or by the owner.
    CREATE FUNCTION desk.service_audit_kinds() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
      SELECT ARRAY['contact.read', 'customer.set', 'follow_up.done', 'hook.enabled_by', 'hook.paused_by', 'presence.set', 'ticket.labelled',
        'ticket.merged_across_customers']
    $$;

    ALTER FUNCTION desk.service_rights() RENAME TO service_rights_before_columns;
    CREATE FUNCTION desk.service_rights() RETURNS TABLE (relation text, rights text) LANGUAGE sql IMMUTABLE AS $$
      SELECT * FROM desk.service_rights_before_columns() UNION ALL VALUES ('audit_remark', '')
    $$;

    ALTER FUNCTION desk.audit_append(text, text, jsonb) RENAME TO audit_write;
    REVOKE EXECUTE ON FUNCTION desk.audit_write(text, text, jsonb) FROM PUBLIC;

    CREATE FUNCTION desk.audit_note(kind text, subject text, detail jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      IF kind <> ALL (desk.service_audit_kinds()) THEN
        RAISE EXCEPTION 'a service notes no entry of this kind by itself' USING ERRCODE = 'insufficient_privilege';
      END IF;
      RETURN desk.audit_write(kind, subject, detail);
    END
    $$;

    -- With the caller's rights: the owner, and functions that do the thing with the owner's rights, write any kind.
    CREATE FUNCTION desk.audit_append(kind text, subject text, detail jsonb) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
      IF has_function_privilege('desk.audit_write(text, text, jsonb)', 'EXECUTE') THEN
        RETURN desk.audit_write(kind, subject, detail);
      END IF;
      RETURN desk.audit_note(kind, subject, detail);
    END
    $$;

    CREATE FUNCTION desk.guard_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM desk.inbox WHERE message_id = OLD.id)
        AND NOT EXISTS (SELECT FROM desk.dead_letter WHERE id = OLD.id AND kind = 'message') THEN
        RAISE EXCEPTION 'a message that was decided stays on its ticket' USING ERRCODE = 'insufficient_privilege';
      END IF;
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER guard_message BEFORE UPDATE OF ticket_id ON desk.message FOR EACH ROW
      WHEN (OLD.ticket_id IS DISTINCT FROM NEW.ticket_id) EXECUTE FUNCTION desk.guard_message();

    -- What is made later comes without rights for everybody as well.
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA desk FROM PUBLIC;
    REVOKE ALL ON ALL TABLES IN SCHEMA desk FROM PUBLIC;

    CREATE OR REPLACE FUNCTION desk.grant_service(service name) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      allowed record;
      columns text;
      function regprocedure;
    BEGIN
      EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA desk FROM %I', service);
      EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA desk FROM %I', service);
      EXECUTE format('GRANT USAGE ON SCHEMA desk TO %I', service);
      EXECUTE format('GRANT SELECT ON public.schema_migration TO %I', service);
      -- Partitions are reached through their parents only.
      FOR allowed IN
        SELECT c.oid, c.relname, p.privilege
          FROM pg_class c JOIN desk.service_rights() r ON r.relation = c.relname, unnest(string_to_array(r.rights, ', ')) AS p(privilege)
         WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      LOOP
        columns := NULL;
        IF allowed.privilege = 'UPDATE' THEN
          SELECT string_agg(format('%I', a.attname), ', ') INTO columns
            FROM desk.service_updates() u JOIN pg_attribute a ON a.attname = ANY(u.columns)
           WHERE u.relation = allowed.relname AND a.attrelid = allowed.oid AND a.attnum > 0 AND NOT a.attisdropped;
          CONTINUE WHEN columns IS NULL;
        END IF;
        EXECUTE format('GRANT %s %s ON desk.%I TO %I', allowed.privilege, '(' || columns || ')', allowed.relname, service);
      END LOOP;
      FOR function IN
        SELECT p.oid::regprocedure FROM pg_proc p
         WHERE p.pronamespace = 'desk'::regnamespace
           AND CASE WHEN p.prosecdef THEN p.oid IN (SELECT to_regprocedure(name) FROM unnest(desk.service_functions()) AS f(name))
                    ELSE p.proname <> 'grant_service' AND p.prorettype <> 'trigger'::regtype END
      LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', function, service);
      END LOOP;
      PERFORM desk.audit_append('role.granted', service, '{}');
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.grant_service(name) FROM PUBLIC;

    -- Roles that work as services now keep what they need, and lose the rest.
    SELECT desk.grant_service(pg_get_userbyid(a.grantee))
      FROM pg_class c, aclexplode(c.relacl) a
     WHERE c.oid = 'desk.inbox'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner);
    """
}
