-- The schema of version 95, first part: messages and customers.
--
-- Hot tables (ticket, inbox, outbox, agent_state) are small and updated in place. History (message, ticket_event, closed_ticket) only
-- grows and is partitioned by time, so that retention drops partitions.

CREATE SCHEMA desk;

-- Functions created from here on, now and later, give PUBLIC no rights.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

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
  traceparent  text,
  addressee    text                -- of a reply on a shared ticket: which of its customers it is for; null: the ticket's customer
) PARTITION BY RANGE (id);
CREATE INDEX message_by_ticket ON desk.message (ticket_id, id);
CREATE TABLE desk.message_default PARTITION OF desk.message DEFAULT;

-- Idempotency: one row for each message that a channel has sent, apart from the partitioned messages because a unique index there
-- would have to contain the partition key. A key names the ticket, so a repetition is answered whatever retention has dropped; keys from
-- before version 80 do not, and are answered through their messages.
CREATE TABLE desk.message_key (
  channel      text NOT NULL,
  external_id  text NOT NULL,
  message_id   uuid NOT NULL,
  digest       bytea NOT NULL,
  received_at  timestamptz NOT NULL,
  ticket_id    uuid,
  PRIMARY KEY (channel, external_id)
);
-- For erasure and retention.
CREATE INDEX message_key_of_message ON desk.message_key (message_id);

-- Requests with an Idempotency-Key of their own.
CREATE TABLE desk.request_key (
  channel      text NOT NULL,
  key          text NOT NULL,
  digest       bytea NOT NULL,
  received_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel, key)
);

-- Messages that were accepted and not decided yet. The transaction that decides deletes the row.
CREATE TABLE desk.inbox (
  message_id     uuid PRIMARY KEY,
  ticket_id      uuid NOT NULL,
  owner          uuid,               -- the intake instance that holds it in memory; null: no instance, a sweep claims it
  opens_ticket   boolean NOT NULL,
  accepted_at    timestamptz NOT NULL,
  attempts       smallint NOT NULL DEFAULT 0,
  claimed_until  timestamptz,
  category       text,               -- labels, set only when the links do not deliver them
  intent         text,
  confidence     double precision,
  urgency        smallint,
  sentiment      smallint,
  language       text,
  model_version  text,
  articles       text                -- suggested articles, with the labels
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 20000,
        autovacuum_vacuum_insert_scale_factor = 0.0, autovacuum_vacuum_insert_threshold = 50000,
        autovacuum_vacuum_cost_delay = 0);
-- The few messages that have failed before are found without reading past the many that have not.
CREATE INDEX inbox_retried ON desk.inbox (message_id) WHERE attempts >= 2;

-- Customers with known attributes; all others are standard.
CREATE TABLE desk.customer (
  channel          text NOT NULL,
  external_id      text NOT NULL,
  tier             text NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard', 'vip', 'key_account')),
  dedicated_agent  text,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  last_ticket      uuid,
  PRIMARY KEY (channel, external_id)
);

-- How customers can be reached: the only table with such data. Services encrypt it before it is written, with a key that neither the
-- server nor its backups have.
CREATE TABLE desk.customer_contact (
  channel   text NOT NULL,
  customer  text NOT NULL,
  key_name  text NOT NULL,
  sealed    bytea NOT NULL,
  given_at  timestamptz NOT NULL,
  PRIMARY KEY (channel, customer)
);
