-- The schema of version 95, second part: tickets.

-- Who has an open ticket, from the acceptance of its first message until it ends: one for a customer on a channel. Until the first
-- decision this row is all there is of a ticket.
CREATE TABLE desk.open_ticket (
  channel          text NOT NULL,
  customer         text NOT NULL,
  ticket_id        uuid NOT NULL UNIQUE,
  tier             text NOT NULL DEFAULT 'standard',
  opened_at        timestamptz NOT NULL,
  previous_ticket  uuid,
  merged_into      uuid,                          -- the live ticket that this one was merged into
  messages         integer NOT NULL DEFAULT 0,    -- the customer's messages; a full ticket is continued by another
  known_as         text,                          -- the customer of a full ticket, whose `customer` is a placeholder
  PRIMARY KEY (channel, customer)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX open_ticket_merged ON desk.open_ticket (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX open_ticket_known_as ON desk.open_ticket (channel, known_as) WHERE known_as IS NOT NULL;

-- Live tickets only. `waiting_queue`, `next_check_at`, `offer_expires_at`, `holder` and `close_at` repeat other columns and are null
-- whenever nothing waits for them: so the indexes on them stay small and most steps change no index at all.
--
-- SLA clocks: what nearly every ticket has is in columns. `clock_state` holds what differs from a clock that has run since the ticket was
-- opened, as whole microseconds (`…_used_us` of open time, other `…_us` since 1970), and is null if nothing does.
CREATE TABLE desk.ticket (
  id                     uuid PRIMARY KEY,
  version                integer NOT NULL DEFAULT 1 CHECK (version > 0),
  state                  text NOT NULL DEFAULT 'received' CHECK (state IN (
                           'received', 'triage', 'queued', 'offered', 'assigned', 'pending', 'answered', 'resolved')),
  channel                text NOT NULL,
  customer               text NOT NULL,
  tier                   text NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard', 'vip', 'key_account')),
  opened_at              timestamptz NOT NULL,
  queue                  text,
  priority               smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 4),
  skills                 text NOT NULL DEFAULT '',
  weight                 integer NOT NULL DEFAULT 1 CHECK (weight > 0),
  waiting_since          timestamptz,
  needs_triage           boolean NOT NULL DEFAULT false,
  -- Labels.
  category               text,
  intent                 text,
  confidence             double precision,
  urgency                smallint,
  sentiment              smallint,
  language               text,
  model_version          text,
  -- The offer, and the agents.
  offer_id               uuid,
  offer_agent            text,
  offered_at             timestamptz,
  offer_expires_at       timestamptz,
  refused_by             text NOT NULL DEFAULT '',
  agent                  text,
  last_agent             text,
  -- SLA clocks. `…_notified` is the highest threshold for which the clock has notified, in percent.
  first_due_at           timestamptz,
  first_paused_at        timestamptz,
  first_met_at           timestamptz,
  first_notified         smallint NOT NULL DEFAULT 0,
  resolution_due_at      timestamptz,
  resolution_paused_at   timestamptz,
  resolution_met_at      timestamptz,
  resolution_notified    smallint NOT NULL DEFAULT 0,
  pauses_while_pending   boolean NOT NULL DEFAULT true,
  resolved_at            timestamptz,
  reopen_count           integer NOT NULL DEFAULT 0,
  policy_version         integer NOT NULL DEFAULT 0,
  previous_ticket        uuid,
  waiting_queue          text,
  rank                   smallint NOT NULL DEFAULT 0,
  next_check_at          timestamptz,
  holder                 text,
  close_at               timestamptz,
  service_level          text,
  first_allowed_us       bigint CHECK (first_allowed_us >= 0),
  resolution_allowed_us  bigint CHECK (resolution_allowed_us >= 0),
  clock_state            jsonb,
  reply_due_since        timestamptz,   -- since when the agent who holds the ticket has to reply
  answered_at            timestamptz,
  confirmed_at           timestamptz,
  offer_pauses           text NOT NULL DEFAULT '',
  guest_channel          text,          -- the guest who wrote last on a shared ticket
  guest_customer         text,
  CHECK ((state IN ('queued', 'triage')) = (waiting_queue IS NOT NULL)),
  CHECK (state <> 'triage' OR needs_triage),
  CHECK ((state = 'offered') = (offer_id IS NOT NULL)),
  CHECK ((offer_id IS NULL) = (offer_agent IS NULL) AND (offer_id IS NULL) = (offer_expires_at IS NULL)),
  CHECK (state <> 'assigned' OR agent IS NOT NULL),
  CHECK (agent IS NULL OR state IN ('assigned', 'pending')),
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.1);

-- Behind rank, tickets wait in the order of what is due next, those without a target by how long they have waited. Behind any time of
-- the index are the tickets that can still be in time, before it the late ones: both are read without the others. Of equal times the
-- older ticket comes first.
CREATE INDEX ticket_waiting ON desk.ticket
  (waiting_queue, rank, (coalesce(coalesce(
     least(
       CASE WHEN first_met_at IS NULL AND first_paused_at IS NULL THEN first_due_at END,
       CASE WHEN clock_state->>'next_met_us' IS NULL AND clock_state->>'next_paused_us' IS NULL
            THEN to_timestamp((clock_state->>'next_due_us')::bigint / 1e6) END,
       CASE WHEN resolution_notified < 100 AND resolution_met_at IS NULL AND resolution_paused_at IS NULL THEN resolution_due_at END),
     CASE WHEN resolution_met_at IS NULL AND resolution_paused_at IS NULL THEN resolution_due_at END), waiting_since)), id)
  WHERE waiting_queue IS NOT NULL;
CREATE INDEX ticket_next_check ON desk.ticket (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX ticket_offer_expiry ON desk.ticket (offer_expires_at) WHERE offer_expires_at IS NOT NULL;
CREATE INDEX ticket_holder ON desk.ticket (holder) WHERE holder IS NOT NULL;
CREATE INDEX ticket_close ON desk.ticket (close_at) WHERE close_at IS NOT NULL;

-- Ended tickets in their last state: a document with the columns of `ticket` as keys, so that those may change.
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

-- The timeline: one row for each effect of a step. The key makes a second decision about the same version impossible. Sealed as it
-- is stored, so that rows of earlier versions keep the names of kinds and keys that they were written with.
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

-- Connections between tickets.
CREATE TABLE desk.ticket_link (
  ticket     uuid NOT NULL,
  other      uuid NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('related', 'merged_into', 'continued_by')),
  by_agent   text NOT NULL,
  linked_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket, other, kind),
  CHECK (ticket <> other)
);
CREATE INDEX ticket_link_of_other ON desk.ticket_link (other);

-- Customers who share another customer's ticket, because their own was merged into it.
CREATE TABLE desk.ticket_guest (
  ticket    uuid NOT NULL,
  channel   text NOT NULL,
  customer  text NOT NULL,
  PRIMARY KEY (ticket, channel, customer)
);
CREATE INDEX ticket_guest_of_customer ON desk.ticket_guest (channel, customer);

-- Customers' feedback on settled tickets.
CREATE TABLE desk.rating (
  ticket    uuid PRIMARY KEY,
  solved    boolean NOT NULL,
  rating    smallint CHECK (rating BETWEEN 1 AND 5),
  comment   uuid,                    -- a message
  agent     text,
  queue     text,
  category  text,
  rated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rating_by_time ON desk.rating (rated_at);

-- Low ratings that a lead must follow up.
CREATE TABLE desk.follow_up (
  ticket     uuid PRIMARY KEY,
  lead       text,
  rating     smallint NOT NULL,
  opened_at  timestamptz NOT NULL DEFAULT now(),
  done_at    timestamptz,
  done_by    text,
  outcome    text,
  CHECK ((done_at IS NULL) = (done_by IS NULL))
);
CREATE INDEX follow_up_open ON desk.follow_up (opened_at) WHERE done_at IS NULL;
