public import PostgreSQL

/// The schema's history. A migration that has been released is never changed; what must change gets a new number.
///
/// Expand first, contract later: a migration may add what the running build does not know, and may take away only what no
/// running build uses any more, so that services and schema can be rolled one after the other.
public enum DeskMigrations {
  /// The version that this build needs.
  public static var newestVersion: Int32 { all.last?.number ?? 0 }

  /// All migrations, oldest first.
  public static let all: [PostgresMigration] = [
    PostgresMigration(number: 1, name: "desk", sql: String(decoding: PackageResources.m0001_desk_sql, as: UTF8.self)),
    PostgresMigration(number: 2, name: "suspects", sql: suspects),
    PostgresMigration(number: 3, name: "partitions_of", sql: partitions),
    PostgresMigration(number: 4, name: "statistics", sql: statistics),
    PostgresMigration(number: 5, name: "open_ticket", sql: openTickets),
    PostgresMigration(number: 10, name: "key_access", sql: keyAccess),
    PostgresMigration(number: 11, name: "audit", sql: audit),
    PostgresMigration(number: 12, name: "timeline_seals", sql: timelineSeals),
    PostgresMigration(number: 13, name: "privacy", sql: privacy),
    PostgresMigration(number: 14, name: "rights", sql: rights),
    PostgresMigration(number: 20, name: "service_levels", sql: serviceLevels),
    PostgresMigration(number: 30, name: "queue_order", sql: queueOrder, expands: true),
    PostgresMigration(number: 31, name: "queue_pace", sql: queuePace, expands: true),
    PostgresMigration(number: 40, name: "corrections", sql: corrections, expands: true),
    PostgresMigration(number: 41, name: "life", sql: life, expands: true),
    PostgresMigration(number: 42, name: "closing", sql: closing, expands: true),
    PostgresMigration(number: 43, name: "feedback", sql: feedback, expands: true),
    PostgresMigration(number: 44, name: "issues", sql: issues, expands: true),
    PostgresMigration(number: 45, name: "contacts", sql: contacts, expands: true),
    PostgresMigration(number: 50, name: "forgetting", sql: forgetting, expands: true),
    PostgresMigration(number: 51, name: "suggestions", sql: suggestions, expands: true),
    PostgresMigration(number: 60, name: "shadow_tallies", sql: shadowTallies, expands: true),
    PostgresMigration(number: 61, name: "queue_ties", sql: queueTies, expands: true),
    PostgresMigration(number: 62, name: "queue_promises", sql: queuePromises, expands: true),
    PostgresMigration(number: 70, name: "unanswered", sql: unanswered, expands: true),
    PostgresMigration(number: 71, name: "offer_pauses", sql: offerPauses, expands: true),
    PostgresMigration(number: 72, name: "guests", sql: guests, expands: true),
    PostgresMigration(number: 73, name: "forgetting_guests", sql: forgettingGuests, expands: true),
    PostgresMigration(number: 80, name: "message_keys", sql: messageKeys, expands: true),
    PostgresMigration(number: 81, name: "continued_tickets", sql: continuedTickets, expands: true),
    PostgresMigration(number: 85, name: "instance_problems", sql: instanceProblems, expands: true),
    PostgresMigration(number: 86, name: "tolerant_moment", sql: tolerantMoment, expands: true),
    PostgresMigration(number: 88, name: "hook_states", sql: hookStates, expands: true),
    PostgresMigration(number: 89, name: "retention_by_need", sql: retentionByNeed, expands: true),
    PostgresMigration(number: 92, name: "remarks", sql: remarks, expands: true),
    PostgresMigration(number: 93, name: "forgetting_remarks", sql: forgettingRemarks, expands: true),
    PostgresMigration(number: 94, name: "service_rights", sql: serviceRights, expands: true),
  ]

  /// The few messages that have failed before are found without reading past the many that have not.
  private static let suspects = "CREATE INDEX inbox_suspect ON desk.inbox (message_id) WHERE attempts >= 2"

  /// Making a partition locks its parent against everybody. Behind a long read that lock waits, and every acceptance waits behind
  /// the lock: so it waits for half a second only, and each parent has a transaction of its own. `ensure_partitions` stays for
  /// builds that know no other.
  private static let partitions = """
    CREATE FUNCTION desk.ensure_partitions_of(parent text, days integer) RETURNS integer
    LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
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
            made := made + 1;
          EXCEPTION WHEN check_violation THEN
            -- Rows of that day are in the default partition already; the day stays there.
            NULL;
          END;
        END IF;
      END LOOP;
      RETURN made;
    END
    $$
    """

  /// A ticket's own row is wide and has many indexes. Written when a message is accepted, and written again when it is decided, it was
  /// the greater part of what a message costs; now the narrow row says that there is a ticket, and the wide one is written once.
  private static let openTickets = """
    -- Who has an open ticket, from the acceptance of its first message until it ends: one for a customer on a channel. Until its
    -- first decision this row is all there is of a ticket.
    CREATE TABLE desk.open_ticket (
      channel          text NOT NULL,
      customer         text NOT NULL,
      ticket_id        uuid NOT NULL UNIQUE,
      tier             text NOT NULL DEFAULT 'standard',
      opened_at        timestamptz NOT NULL,
      previous_ticket  uuid,
      PRIMARY KEY (channel, customer)
    ) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
    SELECT desk.sample_keys_only('desk.open_ticket', ARRAY['channel', 'customer', 'ticket_id']);

    INSERT INTO desk.open_ticket (channel, customer, ticket_id, tier, opened_at, previous_ticket)
      SELECT channel, customer, id, tier, opened_at, previous_ticket FROM desk.ticket;
    DROP INDEX desk.ticket_of_customer;
    ALTER TABLE desk.ticket DROP COLUMN traceparent;
    """

  /// The server samples the big tables again and again while they grow, and what it pays grows with the columns it looks at. Rows
  /// are found by their keys, so a rough idea of the keys is enough, and what customers write need not be sampled at all.
  private static let statistics = """
    CREATE FUNCTION desk.sample_keys_only(relation regclass, keys text[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      known text;
    BEGIN
      FOR known IN SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', relation, known,
          CASE WHEN known = ANY(keys) THEN 10 ELSE 0 END);
      END LOOP;
    END
    $$;

    CREATE FUNCTION desk.partition_keys(parent text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE parent
        WHEN 'message' THEN ARRAY['id', 'ticket_id', 'direction', 'received_at']
        WHEN 'ticket_event' THEN ARRAY['ticket_id', 'version', 'kind', 'at']
        ELSE ARRAY['id', 'state', 'channel', 'customer', 'queue', 'closed_at'] END
    $$;

    SELECT desk.sample_keys_only('desk.message_key', ARRAY['channel', 'external_id', 'message_id']);
    SELECT desk.sample_keys_only('desk.inbox', ARRAY['message_id', 'ticket_id', 'owner', 'attempts', 'category']);
    SELECT desk.sample_keys_only('desk.ticket', ARRAY['id', 'state', 'channel', 'customer', 'tier', 'queue', 'priority',
      'waiting_queue', 'rank', 'waiting_since', 'next_check_at', 'offer_expires_at', 'holder', 'close_at']);
    SELECT desk.sample_keys_only(c.oid::regclass, desk.partition_keys(parent))
      FROM unnest(ARRAY['message', 'ticket_event', 'closed_ticket']) AS parent
      JOIN pg_class c ON c.oid = ('desk.' || parent)::regclass
                      OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = ('desk.' || parent)::regclass);
    ALTER TABLE desk.ticket SET (autovacuum_analyze_scale_factor = 0.1);

    CREATE OR REPLACE FUNCTION desk.ensure_partitions_of(parent text, days integer) RETURNS integer
    LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
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
    """
}
