extension DeskMigrations {
  /// The rights of the role that services work as: what their statements do and nothing more. The owner, who migrates and whom
  /// operators' commands work as, is another role.
  ///
  /// The functions that make and drop partitions run with the owner's rights, since services have none to change the schema.
  static let rights = """
    ALTER FUNCTION desk.ensure_partitions(integer) SECURITY DEFINER SET search_path = pg_catalog;
    ALTER FUNCTION desk.ensure_partitions_of(text, integer) SECURITY DEFINER SET search_path = pg_catalog;
    REVOKE EXECUTE ON FUNCTION desk.audit_append(text, text, jsonb) FROM PUBLIC;
    REVOKE EXECUTE ON FUNCTION desk.ensure_partitions(integer) FROM PUBLIC;
    REVOKE EXECUTE ON FUNCTION desk.ensure_partitions_of(text, integer) FROM PUBLIC;

    -- What a service may do with each table; with one that is not named, everything but to change its shape.
    CREATE FUNCTION desk.service_rights() RETURNS TABLE (relation text, rights text) LANGUAGE sql IMMUTABLE AS $$
      VALUES
        ('agent_state', 'SELECT, INSERT, UPDATE'),
        ('api_key', 'SELECT'),
        ('arrival_slot', 'SELECT, INSERT, UPDATE, DELETE'),
        ('audit', ''),
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
        ('ticket_tie', 'SELECT, INSERT'),
        ('timeline_range', 'SELECT, INSERT, UPDATE'),
        ('watch_cursor', 'SELECT, UPDATE')
    $$;

    -- Gives a role the rights of a service and takes away whatever else it had here. The owner calls it after each migration.
    CREATE FUNCTION desk.grant_service(service name) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      relation text;
      rights text;
    BEGIN
      EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA desk FROM %I', service);
      EXECUTE format('GRANT USAGE ON SCHEMA desk TO %I', service);
      EXECUTE format('GRANT SELECT ON public.schema_migration TO %I', service);
      -- Partitions are reached through their parents only.
      FOR relation, rights IN
        SELECT c.relname, coalesce(r.rights, 'SELECT, INSERT, UPDATE, DELETE')
          FROM pg_class c LEFT JOIN desk.service_rights() r ON r.relation = c.relname
         WHERE c.relnamespace = 'desk'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      LOOP
        IF rights <> '' THEN EXECUTE format('GRANT %s ON desk.%I TO %I', rights, relation, service); END IF;
      END LOOP;
      EXECUTE format('GRANT EXECUTE ON FUNCTION desk.audit_append(text, text, jsonb), desk.ensure_partitions_of(text, integer),
        desk.ensure_partitions(integer), desk.drop_oldest_partition(text, integer), desk.forget_before(integer) TO %I', service);
      PERFORM desk.audit_append('role.granted', service, '{}');
    END
    $$;
    REVOKE EXECUTE ON FUNCTION desk.grant_service(name) FROM PUBLIC;
    """
}
