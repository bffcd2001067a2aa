-- The schema of version 95: functions of the services' rights. New databases and upgrades from version 94 run it.
--
-- What is not listed is denied: a table, a column, a function with the owner's rights, a kind of audit entry.

-- What services may do with each table. Every table is named, with '' for nothing; `RightsTests` compares the list with the catalogue.
CREATE OR REPLACE FUNCTION desk.service_rights() RETURNS TABLE (relation text, rights text) LANGUAGE sql IMMUTABLE AS $$
  VALUES
    ('agent_state', 'SELECT, INSERT, UPDATE'),
    ('api_key', 'SELECT'),
    ('arrival_slot', 'SELECT, INSERT, UPDATE, DELETE'),
    ('audit', ''),
    ('audit_free_text', ''),
    ('audit_head', ''),
    ('channel_curve_key', 'SELECT'),
    ('closed_ticket', 'SELECT, INSERT'),
    ('correction', 'SELECT, INSERT'),
    ('customer', 'SELECT, INSERT, UPDATE'),
    ('customer_contact', 'SELECT, INSERT, UPDATE'),
    ('dead_letter', 'SELECT, INSERT, UPDATE'),
    ('feedback', 'SELECT, INSERT'),
    ('feedback_group', 'SELECT, INSERT, UPDATE'),
    ('follow_up', 'SELECT, INSERT, UPDATE'),
    ('hook_state', 'SELECT, INSERT, UPDATE'),
    ('hot_issue', 'SELECT, INSERT, UPDATE'),
    ('inbox', 'SELECT, INSERT, UPDATE, DELETE'),
    ('lease', 'SELECT, INSERT, UPDATE'),
    ('message', 'SELECT, INSERT, UPDATE'),
    ('message_key', 'SELECT, INSERT'),
    ('open_ticket', 'SELECT, INSERT, UPDATE, DELETE'),
    ('outbox', 'SELECT, INSERT, UPDATE, DELETE'),
    ('policy_version', 'SELECT'),
    ('queue_pace', 'SELECT, INSERT, UPDATE'),
    ('rating', 'SELECT, INSERT, UPDATE'),
    ('request_key', 'SELECT, INSERT'),
    ('service_instance', 'SELECT, INSERT, UPDATE, DELETE'),
    ('shadow_tally', 'SELECT, INSERT, UPDATE, DELETE'),
    ('ticket', 'SELECT, INSERT, UPDATE, DELETE'),
    ('ticket_event', 'SELECT, INSERT'),
    ('ticket_guest', 'SELECT, INSERT'),
    ('ticket_link', 'SELECT, INSERT'),
    ('timeline_range', 'SELECT, INSERT, UPDATE'),
    ('watch_cursor', 'SELECT, UPDATE')
$$;

-- The columns that services may update, of the tables where `service_rights()` allows UPDATE. Who wrote what, when and on which channel is
-- never updated: of a message only its ticket.
CREATE OR REPLACE FUNCTION desk.service_updates() RETURNS TABLE (relation text, columns text[]) LANGUAGE sql IMMUTABLE AS $$
  VALUES
    ('agent_state', ARRAY['presence', 'load', 'capacity', 'idle_since', 'presence_at', 'seen_at', 'break_reason', 'break_until']),
    ('arrival_slot', ARRAY['tickets']),
    ('customer', ARRAY['tier', 'dedicated_agent', 'updated_at', 'last_ticket']),
    ('customer_contact', ARRAY['key_name', 'sealed', 'given_at']),
    ('dead_letter', ARRAY['ticket_id', 'reason', 'body', 'failed_at', 'replayed_at']),
    ('feedback_group', ARRAY['messages', 'last_at']),
    ('follow_up', ARRAY['rating', 'done_at', 'done_by', 'outcome']),
    ('hook_state', ARRAY['disabled_at', 'reason', 'failing_since', 'failures', 'last_error', 'notified_at', 'held_at', 'held_reason']),
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
      'first_met_at', 'first_notified', 'resolution_allowed_us', 'resolution_due_at', 'resolution_paused_at', 'resolution_met_at',
      'resolution_notified', 'clock_state', 'service_level', 'pauses_while_pending', 'resolved_at', 'reopen_count',
      'policy_version', 'waiting_queue', 'rank', 'next_check_at', 'holder', 'close_at', 'reply_due_since', 'answered_at',
      'confirmed_at', 'offer_pauses', 'guest_channel', 'guest_customer']),
    ('timeline_range', ARRAY['tickets', 'events', 'digest', 'sealed_at']),
    ('watch_cursor', ARRAY['up_to'])
$$;

-- The functions with the owner's rights that services may call. Those with the caller's rights grant nothing that the caller does not have.
CREATE OR REPLACE FUNCTION desk.service_functions() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['desk.audit_note(text, text, jsonb)', 'desk.ensure_partitions_of(text, integer)',
    'desk.drop_oldest_partition(text, integer)', 'desk.forget_before(integer)', 'desk.release_customer_name(uuid)']
$$;

-- Gives a role the rights of a service, and revokes all others here. The owner calls it after each migration.
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
