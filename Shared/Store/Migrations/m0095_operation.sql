-- The schema of version 95, third part: deliveries, agents and processes.

-- Deliveries to hooks, written by the transaction that causes them, deleted when delivered.
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

-- `disabled_at` and `reason`: deliveries are paused, by the endpoint (410) or an operator. `held_at`: a notifier holds them. The other
-- columns describe how the hook fails. Only pauses and their ends are audited.
CREATE TABLE desk.hook_state (
  hook           text PRIMARY KEY,
  disabled_at    timestamptz,
  reason         text,
  failing_since  timestamptz,
  failures       integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  last_error     text,
  notified_at    timestamptz,        -- when the failure was reported
  held_at        timestamptz,
  held_reason    text,
  CHECK ((held_at IS NULL) = (held_reason IS NULL))
);

-- Messages and deliveries that could not be handled, with the reason; nothing is dropped silently.
CREATE TABLE desk.dead_letter (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL CHECK (kind IN ('message', 'notice')),
  ticket_id    uuid NOT NULL,
  hook         text,
  reason       text NOT NULL,
  body         jsonb NOT NULL,
  failed_at    timestamptz NOT NULL DEFAULT now(),
  replayed_at  timestamptz
);
CREATE INDEX dead_letter_waiting ON desk.dead_letter (failed_at) WHERE replayed_at IS NULL;
CREATE INDEX dead_letter_of_hook ON desk.dead_letter (hook, failed_at) WHERE replayed_at IS NULL;

-- Agents' presence and load. `capacity` repeats the policy's, so that one statement can guarantee that no agent exceeds it.
CREATE TABLE desk.agent_state (
  agent         text PRIMARY KEY,
  presence      text NOT NULL DEFAULT 'offline' CHECK (presence IN ('offline', 'away', 'available', 'reserve')),
  load          integer NOT NULL DEFAULT 0 CHECK (load >= 0),
  capacity      integer NOT NULL CHECK (capacity >= 0),
  idle_since    timestamptz NOT NULL DEFAULT now(),
  presence_at   timestamptz NOT NULL DEFAULT now(),
  seen_at       timestamptz NOT NULL DEFAULT now(),
  break_reason  text,
  break_until   timestamptz
) WITH (fillfactor = 50);

-- How fast each queue assigns tickets, updated by its owner every few seconds: expected waits are computed from it.
CREATE TABLE desk.queue_pace (
  queue        text PRIMARY KEY,
  per_second   double precision NOT NULL CHECK (per_second >= 0),
  measured_at  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Live processes. One whose heartbeat is older than the registry's limit is considered dead.
CREATE TABLE desk.service_instance (
  id                   uuid PRIMARY KEY,
  service              text NOT NULL,
  build                text NOT NULL,
  host                 text NOT NULL,
  process_id           integer NOT NULL,
  state                text NOT NULL CHECK (state IN ('starting', 'ready', 'draining')),
  link_endpoint        text,
  hint_endpoint        text,
  http_endpoint        text,
  operations_endpoint  text,
  curve_public_key     bytea NOT NULL CHECK (octet_length(curve_public_key) = 32),
  started_at           timestamptz NOT NULL DEFAULT now(),
  heartbeat_at         timestamptz NOT NULL DEFAULT now(),
  problems             jsonb NOT NULL DEFAULT '[]'
) WITH (fillfactor = 50);

-- Leadership and ownership. The term grows with every new holder and is dated by the database's clock.
CREATE TABLE desk.lease (
  name        text PRIMARY KEY,
  holder      uuid NOT NULL,
  term        bigint NOT NULL CHECK (term > 0),
  expires_at  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Policies are data: every version is kept, the newest is in force.
CREATE TABLE desk.policy_version (
  version     integer PRIMARY KEY CHECK (version > 0),
  document    text NOT NULL,
  applied_by  text NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT now()
);

-- Keys are long random strings; only their SHA-256 is kept.
CREATE TABLE desk.api_key (
  id           uuid PRIMARY KEY,
  digest       bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
  role         text NOT NULL CHECK (role IN ('channel', 'agent', 'lead', 'operator', 'auditor')),
  channel      text,
  agent        text,
  label        text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  access       text NOT NULL DEFAULT 'full' CHECK (access IN ('full', 'read')),
  replaced_by  uuid,
  CHECK ((role = 'channel') = (channel IS NOT NULL)),
  CHECK ((role IN ('agent', 'lead')) = (agent IS NOT NULL))
);

-- CURVE public keys of channels that speak ZeroMQ.
CREATE TABLE desk.channel_curve_key (
  public_key  bytea PRIMARY KEY CHECK (octet_length(public_key) = 32),
  channel     text NOT NULL,
  label       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz,
  expires_at  timestamptz
);
