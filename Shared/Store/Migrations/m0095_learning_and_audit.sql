-- The schema of version 95, fourth part: what the desk learns from, and the audit.

-- Corrected labels: training data.
CREATE TABLE desk.correction (
  ticket         uuid NOT NULL,
  message        uuid NOT NULL,
  category       text NOT NULL,
  by_agent       text NOT NULL,
  corrected_at   timestamptz NOT NULL DEFAULT now(),
  model_version  text NOT NULL
);
CREATE INDEX correction_by_time ON desk.correction (corrected_at);
CREATE INDEX correction_by_ticket ON desk.correction (ticket);

-- Product feedback in messages, grouped by similarity.
CREATE TABLE desk.feedback_group (
  id             uuid PRIMARY KEY,
  category       text NOT NULL,
  signature      bytea NOT NULL CHECK (octet_length(signature) = 256),
  first_message  uuid NOT NULL,
  first_ticket   uuid NOT NULL,
  opened_at      timestamptz NOT NULL,
  last_at        timestamptz NOT NULL,
  messages       bigint NOT NULL DEFAULT 0
);
CREATE INDEX feedback_group_by_time ON desk.feedback_group (last_at);

CREATE TABLE desk.feedback (
  message   uuid PRIMARY KEY,
  ticket    uuid NOT NULL,
  group_id  uuid NOT NULL REFERENCES desk.feedback_group (id),
  at        timestamptz NOT NULL
);
CREATE INDEX feedback_of_group ON desk.feedback (group_id, at);

-- How far each reader of new tickets has read.
CREATE TABLE desk.watch_cursor (
  name   text PRIMARY KEY,
  up_to  uuid NOT NULL
);

-- Arrivals by category and time slot.
CREATE TABLE desk.arrival_slot (
  category  text NOT NULL,
  slot      timestamptz NOT NULL,
  tickets   bigint NOT NULL,
  PRIMARY KEY (category, slot)
) WITH (fillfactor = 80);
CREATE INDEX arrival_slot_by_time ON desk.arrival_slot (slot);

-- Categories with far more arrivals than expected.
CREATE TABLE desk.hot_issue (
  category   text NOT NULL,
  raised_at  timestamptz NOT NULL DEFAULT now(),
  ended_at   timestamptz,
  tickets    bigint NOT NULL,
  expected   double precision NOT NULL,
  examples   uuid[] NOT NULL,
  PRIMARY KEY (category, raised_at)
);
-- One alert for an issue, however many watchers see it.
CREATE UNIQUE INDEX hot_issue_open ON desk.hot_issue (category) WHERE ended_at IS NULL;

-- Comparison of a shadow model (challenger) with the model in force (champion), by the categories that both predict.
CREATE TABLE desk.shadow_tally (
  champion               text NOT NULL,
  challenger             text NOT NULL CHECK (challenger <> champion),
  champion_category      text NOT NULL,
  challenger_category    text NOT NULL,
  messages               bigint NOT NULL CHECK (messages > 0),
  champion_automatic     bigint NOT NULL,             -- confident enough to need no triage
  challenger_automatic   bigint NOT NULL,
  champion_confidence    double precision NOT NULL,   -- sums over the messages
  challenger_confidence  double precision NOT NULL,
  champion_unfamiliar    double precision NOT NULL,
  challenger_unfamiliar  double precision NOT NULL,
  first_at               timestamptz NOT NULL DEFAULT now(),
  last_at                timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (champion, challenger, champion_category, challenger_category)
) WITH (fillfactor = 70);

-- Administrative changes, recorded by the database in the transaction of the change, whoever makes it. An entry's digest is the SHA-256 of
-- the previous digest followed by the entry's number, time (microseconds since 1970), actor, kind, subject and detail, each as a
-- netstring (`length:bytes,`).
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

-- One locked row: it orders the entries, and a truncated chain no longer ends where the head says.
CREATE TABLE desk.audit_head (
  single  boolean PRIMARY KEY DEFAULT true CHECK (single),
  number  bigint NOT NULL,
  digest  bytea NOT NULL CHECK (octet_length(digest) = 32)
);
INSERT INTO desk.audit_head (number, digest) VALUES (0, decode(repeat('00', 32), 'hex'));

-- Free text of audit entries, outside the chain so that it can be erased; the entry holds its salted digest.
CREATE TABLE desk.audit_free_text (
  entry     bigint PRIMARY KEY,   -- the number of the entry
  ticket    uuid,                 -- the ticket whose customer it may concern,
  channel   text,                 -- or the customer, who is named here and nowhere in the audit
  customer  text,
  salt      bytea CHECK (octet_length(salt) = 16),
  reason    text,
  CHECK ((salt IS NULL) = (reason IS NULL))
);
CREATE INDEX audit_free_text_of_ticket ON desk.audit_free_text (ticket) WHERE ticket IS NOT NULL;
CREATE INDEX audit_free_text_of_customer ON desk.audit_free_text (channel, customer) WHERE customer IS NOT NULL;

-- Ranges of ticket identifiers whose timelines are sealed when none of their tickets lives any more. `form` says how the digest is
-- computed: 1 over entries as stored (builds before schema 92), 2 as if the reasons that people wrote were blanked.
CREATE TABLE desk.timeline_range (
  from_id    uuid PRIMARY KEY,
  to_id      uuid NOT NULL CHECK (to_id > from_id),
  tickets    bigint,
  events     bigint,
  digest     bytea CHECK (octet_length(digest) = 32),
  sealed_at  timestamptz,
  form       smallint NOT NULL DEFAULT 1 CHECK (form IN (1, 2)),
  CHECK ((digest IS NULL) = (sealed_at IS NULL))
);
CREATE INDEX timeline_range_open ON desk.timeline_range (from_id) WHERE digest IS NULL;
