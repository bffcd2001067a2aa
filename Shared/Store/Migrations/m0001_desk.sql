-- The desk's ground. Hot tables (ticket, inbox, outbox, agent_state) are small and updated in place; history (message,
-- ticket_event, closed_ticket) only grows and is partitioned by time, so that retention drops partitions.

CREATE SCHEMA desk;

-- Policy is data: every version stays, the newest one holds.
CREATE TABLE desk.policy_version (
  version     integer PRIMARY KEY CHECK (version > 0),
  document    text NOT NULL,
  applied_by  text NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT now()
);

-- Processes that live now. A heartbeat older than the registry's limit means dead.
CREATE TABLE desk.service_instance (
  id               uuid PRIMARY KEY,
  service          text NOT NULL,
  build            text NOT NULL,
  host             text NOT NULL,
  process_id       integer NOT NULL,
  state            text NOT NULL CHECK (state IN ('starting', 'ready', 'draining')),
  link_endpoint    text,
  hint_endpoint    text,
  http_endpoint    text,
  operations_endpoint text,
  curve_public_key bytea NOT NULL CHECK (octet_length(curve_public_key) = 32),
  started_at       timestamptz NOT NULL DEFAULT now(),
  heartbeat_at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Leadership and ownership. The term grows with every change of holder and is dated by the database's clock.
CREATE TABLE desk.lease (
  name        text PRIMARY KEY,
  holder      uuid NOT NULL,
  term        bigint NOT NULL CHECK (term > 0),
  expires_at  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Keys are long random words; only their SHA-256 is kept.
CREATE TABLE desk.api_key (
  id          uuid PRIMARY KEY,
  digest      bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
  role        text NOT NULL CHECK (role IN ('channel', 'agent', 'lead', 'operator', 'auditor')),
  channel     text,
  agent       text,
  label       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz,
  revoked_at  timestamptz,
  CHECK ((role = 'channel') = (channel IS NOT NULL)),
  CHECK ((role IN ('agent', 'lead')) = (agent IS NOT NULL))
);

-- CURVE public keys of channels that speak ZeroMQ.
CREATE TABLE desk.channel_curve_key (
  public_key  bytea PRIMARY KEY CHECK (octet_length(public_key) = 32),
  channel     text NOT NULL,
  label       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz
);

-- Customers of whom something is known; everybody else is standard.
CREATE TABLE desk.customer (
  channel          text NOT NULL,
  external_id      text NOT NULL,
  tier             text NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard', 'vip', 'key_account')),
  dedicated_agent  text,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel, external_id)
);

-- Idempotency: one row for each message a channel ever sent, apart from the partitioned messages because a unique index there
-- would have to contain the partition key.
CREATE TABLE desk.message_key (
  channel      text NOT NULL,
  external_id  text NOT NULL,
  message_id   uuid NOT NULL,
  digest       bytea NOT NULL,
  received_at  timestamptz NOT NULL,
  PRIMARY KEY (channel, external_id)
);

-- Requests that came with an Idempotency-Key of their own.
CREATE TABLE desk.request_key (
  channel      text NOT NULL,
  key          text NOT NULL,
  digest       bytea NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel, key)
);

-- Partitioned by identifier: version 7 UUIDs begin with the time, so a day is a range of them, the primary key needs no second
-- column, and a look-up by id touches one partition.
CREATE TABLE desk.message (
  id           uuid PRIMARY KEY,
  ticket_id    uuid NOT NULL,
  direction    smallint NOT NULL CHECK (direction IN (1, 2, 3)),  -- 1 from the customer, 2 to the customer, 3 internal note
  channel      text NOT NULL,
  author       text NOT NULL,
  subject      text,
  body         text NOT NULL,
  attributes   jsonb,
  attachments  jsonb,
  sent_at      timestamptz,
  received_at  timestamptz NOT NULL,
  traceparent  text
) PARTITION BY RANGE (id);
CREATE INDEX message_by_ticket ON desk.message (ticket_id, id);
CREATE TABLE desk.message_default PARTITION OF desk.message DEFAULT;

-- Messages that were accepted and not decided yet. The row goes in the transaction that decides: whoever deletes it has decided.
CREATE TABLE desk.inbox (
  message_id     uuid PRIMARY KEY,
  ticket_id      uuid NOT NULL,
  owner          uuid,               -- the intake instance that holds it in memory; null: nobody, fetch it
  opens_ticket   boolean NOT NULL,
  accepted_at    timestamptz NOT NULL,
  attempts       smallint NOT NULL DEFAULT 0,
  claimed_until  timestamptz,
  category       text,               -- labels, filled only on the slow way through the database
  intent         text,
  confidence     double precision,
  urgency        smallint,
  sentiment      smallint,
  language       text,
  model_version  text
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 20000,
        autovacuum_vacuum_insert_scale_factor = 0.0, autovacuum_vacuum_insert_threshold = 50000,
        autovacuum_vacuum_cost_delay = 0);

-- Live tickets only. `waiting_queue`, `next_check_at`, `offer_expires_at`, `holder` and `close_at` repeat what the row says elsewhere,
-- and are null whenever nothing waits for them: so the indexes on them stay small and most steps change no index at all.
CREATE TABLE desk.ticket (
  id                 uuid PRIMARY KEY,
  version            integer NOT NULL DEFAULT 1 CHECK (version > 0),
  state              text NOT NULL DEFAULT 'received' CHECK (state IN (
                       'received', 'triage', 'queued', 'offered', 'assigned', 'pending', 'answered', 'resolved')),
  channel            text NOT NULL,
  customer           text NOT NULL,
  tier               text NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard', 'vip', 'key_account')),
  opened_at          timestamptz NOT NULL,
  queue              text,
  priority           smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 4),
  skills             text NOT NULL DEFAULT '',
  weight             integer NOT NULL DEFAULT 1 CHECK (weight > 0),
  waiting_since      timestamptz,
  needs_triage       boolean NOT NULL DEFAULT false,
  category           text,
  intent             text,
  confidence         double precision,
  urgency            smallint,
  sentiment          smallint,
  language           text,
  model_version      text,
  offer_id           uuid,
  offer_agent        text,
  offered_at         timestamptz,
  offer_expires_at   timestamptz,
  refused_by         text NOT NULL DEFAULT '',
  agent              text,
  last_agent         text,
  first_early_at     timestamptz,
  first_late_at      timestamptz,
  first_due_at       timestamptz,
  first_paused_at    timestamptz,
  first_met_at       timestamptz,
  first_told         smallint NOT NULL DEFAULT 0,
  resolution_early_at   timestamptz,
  resolution_late_at    timestamptz,
  resolution_due_at     timestamptz,
  resolution_paused_at  timestamptz,
  resolution_met_at     timestamptz,
  resolution_told       smallint NOT NULL DEFAULT 0,
  pauses_while_pending  boolean NOT NULL DEFAULT true,
  resolved_at        timestamptz,
  reopen_count       integer NOT NULL DEFAULT 0,
  policy_version     integer NOT NULL DEFAULT 0,
  previous_ticket    uuid,
  traceparent        text,
  waiting_queue      text,
  rank               smallint NOT NULL DEFAULT 0,
  next_check_at      timestamptz,
  holder             text,
  close_at           timestamptz,
  CHECK ((state IN ('queued', 'triage')) = (waiting_queue IS NOT NULL)),
  CHECK (state <> 'triage' OR needs_triage),
  CHECK ((state = 'offered') = (offer_id IS NOT NULL)),
  CHECK ((offer_id IS NULL) = (offer_agent IS NULL) AND (offer_id IS NULL) = (offer_expires_at IS NULL)),
  CHECK (state <> 'assigned' OR agent IS NOT NULL),
  CHECK (agent IS NULL OR state IN ('assigned', 'pending')),
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
-- One open ticket per customer and channel.
CREATE UNIQUE INDEX ticket_of_customer ON desk.ticket (channel, customer);
CREATE INDEX ticket_waiting ON desk.ticket (waiting_queue, rank, waiting_since) WHERE waiting_queue IS NOT NULL;
CREATE INDEX ticket_next_check ON desk.ticket (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX ticket_offer_expiry ON desk.ticket (offer_expires_at) WHERE offer_expires_at IS NOT NULL;
CREATE INDEX ticket_holder ON desk.ticket (holder) WHERE holder IS NOT NULL;
CREATE INDEX ticket_close ON desk.ticket (close_at) WHERE close_at IS NOT NULL;

-- Tickets that are over, as they stood. A document, so that columns may come and go on the live table.
CREATE TABLE desk.closed_ticket (
  id          uuid PRIMARY KEY,
  state       text NOT NULL CHECK (state IN ('closed', 'rejected')),
  channel     text NOT NULL,
  customer    text NOT NULL,
  queue       text,
  opened_at   timestamptz NOT NULL,
  closed_at   timestamptz NOT NULL,
  ticket      jsonb NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX closed_ticket_of_customer ON desk.closed_ticket (channel, customer, closed_at);
CREATE TABLE desk.closed_ticket_default PARTITION OF desk.closed_ticket DEFAULT;

-- The timeline: one row for each effect of a step. The key makes a second decision about the same version impossible.
CREATE TABLE desk.ticket_event (
  ticket_id    uuid NOT NULL,
  version      integer NOT NULL,
  position     smallint NOT NULL,
  kind         text NOT NULL,
  actor        text NOT NULL,
  at           timestamptz NOT NULL,
  detail       jsonb NOT NULL,
  traceparent  text,
  PRIMARY KEY (ticket_id, version, position)
) PARTITION BY RANGE (ticket_id);
CREATE TABLE desk.ticket_event_default PARTITION OF desk.ticket_event DEFAULT;

-- Deliveries owed to somebody outside, written by the transaction that causes them, deleted when delivered.
CREATE TABLE desk.outbox (
  id               uuid PRIMARY KEY,
  hook             text NOT NULL,
  kind             text NOT NULL,
  ticket_id        uuid NOT NULL,
  body             text NOT NULL,
  created_at       timestamptz NOT NULL,
  next_attempt_at  timestamptz NOT NULL,
  attempts         smallint NOT NULL DEFAULT 0,
  claimed_by       uuid,
  last_error       text
) WITH (fillfactor = 80);
CREATE INDEX outbox_due ON desk.outbox (hook, next_attempt_at);

-- Endpoints that told us to stop (410) or were switched off.
CREATE TABLE desk.hook_state (
  hook         text PRIMARY KEY,
  disabled_at  timestamptz,
  reason       text
);

-- What could not be handled, with its reason; nothing is dropped in silence.
CREATE TABLE desk.dead_letter (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL CHECK (kind IN ('message', 'notice')),
  ticket_id    uuid NOT NULL,
  hook         text,
  reason       text NOT NULL,
  body         jsonb NOT NULL,
  died_at      timestamptz NOT NULL DEFAULT now(),
  replayed_at  timestamptz
);
CREATE INDEX dead_letter_waiting ON desk.dead_letter (died_at) WHERE replayed_at IS NULL;

-- Who is at the desk and how much they carry. `capacity` repeats the policy's, so that one statement can hold the promise that
-- nobody is given more.
CREATE TABLE desk.agent_state (
  agent        text PRIMARY KEY,
  presence     text NOT NULL DEFAULT 'offline' CHECK (presence IN ('offline', 'away', 'available', 'reserve')),
  load         integer NOT NULL DEFAULT 0 CHECK (load >= 0),
  capacity     integer NOT NULL CHECK (capacity >= 0),
  idle_since   timestamptz NOT NULL DEFAULT now(),
  presence_at  timestamptz NOT NULL DEFAULT now(),
  seen_at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- The smallest version 7 UUID of a moment.
CREATE FUNCTION desk.uuid_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- Makes the day partitions from yesterday to `days` ahead. Run by `migrate` and every few hours by the sla-watcher's leader.
CREATE FUNCTION desk.ensure_partitions(days integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  day date;
  name text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('desk.ensure_partitions'));
  FOREACH parent IN ARRAY ARRAY['message', 'ticket_event', 'closed_ticket'] LOOP
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
  END LOOP;
  RETURN made;
END
$$;
