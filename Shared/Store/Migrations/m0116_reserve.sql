-- Version 116: agents in reserve who were called to help in a queue. A call is an invitation: only the agent becomes available. Contains nothing
-- of customers.
CREATE TABLE desk.reserve_call (
  agent        text NOT NULL,
  called_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The team by which the agent serves the queue; NULL where the queue is everybody's.
  team         text,
  queue        text NOT NULL,
  reason       text NOT NULL CHECK (reason IN ('lateness_expected', 'oldest_waits', 'unstaffed')),
  -- Tickets for which nobody had room, and how many of them would have been late.
  waiting      bigint NOT NULL CHECK (waiting > 0),
  late         bigint NOT NULL CHECK (late BETWEEN 0 AND waiting),
  -- The ticket that waited longest.
  example      uuid NOT NULL,
  leads        text[] NOT NULL,
  accepted_at  timestamptz,
  ended_at     timestamptz,
  outcome      text CHECK (outcome IN ('released', 'withdrawn', 'left')),
  PRIMARY KEY (agent, called_at),
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK (outcome <> 'released' OR accepted_at IS NOT NULL),
  CHECK (outcome <> 'withdrawn' OR accepted_at IS NULL)
);
-- One call, however many watchers see the need.
CREATE UNIQUE INDEX reserve_call_open ON desk.reserve_call (agent) WHERE ended_at IS NULL;
CREATE INDEX reserve_call_by_time ON desk.reserve_call (called_at);

-- The agent and the leads are notified of a call and of the all-clear; who left by themselves needs none. What the leads get names the agent.
CREATE FUNCTION desk.notify_of_reserve_call() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  the_kind text := CASE WHEN NEW.ended_at IS NULL THEN 'reserve.called' ELSE 'reserve.released' END;
  shown jsonb := jsonb_strip_nulls(jsonb_build_object('queue', NEW.queue, 'team', NEW.team, 'need', NEW.reason, 'waiting', NEW.waiting,
    'late', NEW.late, 'called_at', NEW.called_at, 'outcome', NEW.outcome));
BEGIN
  IF NEW.outcome IS DISTINCT FROM 'left' THEN
    PERFORM desk.notify_people(the_kind, ARRAY[NEW.agent], 'lead', NEW.example, shown);
    IF NEW.leads <> ARRAY[NEW.agent] THEN
      PERFORM desk.notify_people(the_kind, array_remove(NEW.leads, NEW.agent), 'lead', NEW.example,
        shown || jsonb_build_object('agent', NEW.agent));
    END IF;
  END IF;
  RETURN NULL;
END
$$;
CREATE FUNCTION desk.audit_reserve_call() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.audit_append(
    CASE WHEN NEW.outcome IS NOT NULL THEN 'reserve.' || NEW.outcome WHEN NEW.accepted_at IS NOT NULL THEN 'reserve.accepted'
      ELSE 'reserve.called' END,
    NEW.agent, jsonb_strip_nulls(jsonb_build_object('queue', NEW.queue, 'team', NEW.team, 'cause', NEW.reason, 'waiting', NEW.waiting,
      'late', NEW.late, 'called_at', NEW.called_at)));
  RETURN NULL;
END
$$;
CREATE TRIGGER notify_of_reserve_call AFTER INSERT ON desk.reserve_call FOR EACH ROW EXECUTE FUNCTION desk.notify_of_reserve_call();
CREATE TRIGGER notify_of_reserve_release AFTER UPDATE OF ended_at ON desk.reserve_call FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION desk.notify_of_reserve_call();
CREATE TRIGGER audit_reserve_call AFTER INSERT ON desk.reserve_call FOR EACH ROW EXECUTE FUNCTION desk.audit_reserve_call();
CREATE TRIGGER audit_changed_reserve_call AFTER UPDATE OF accepted_at, ended_at ON desk.reserve_call FOR EACH ROW
  WHEN ((OLD.accepted_at IS NULL AND NEW.accepted_at IS NOT NULL) OR (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL))
  EXECUTE FUNCTION desk.audit_reserve_call();

ALTER TABLE desk.notice DROP CONSTRAINT notice_kind_check, ADD CONSTRAINT notice_kind_check CHECK (kind IN (
  'ticket.escalated', 'sla.breached', 'follow_up.opened', 'issue.hot', 'queue.stuck', 'queue.moves', 'callback.assigned', 'callback.warned',
  'callback.broken', 'delivery.failed', 'message.failed', 'crisis.opened', 'crisis.changed', 'crisis.ended', 'inspection.scored',
  'inspection.appealed', 'inspection.decided', 'reserve.called', 'reserve.released')) NOT VALID;

SELECT pg_temp.amend('desk.service_rights()', '(''ticket_link'', ''SELECT, INSERT'')',
  '(''ticket_link'', ''SELECT, INSERT''), (''reserve_call'', ''SELECT, INSERT, UPDATE'')');
SELECT pg_temp.amend('desk.service_updates()', '(''ticket_viewer'', ARRAY[',
  '(''reserve_call'', ARRAY[''accepted_at'', ''ended_at'', ''outcome'']), (''ticket_viewer'', ARRAY[');
SELECT pg_temp.amend('desk.forget_before(integer)', '''stuck_queues'', ''DELETE FROM desk.stuck_queue WHERE ended_at < $2'',',
  '''stuck_queues'', ''DELETE FROM desk.stuck_queue WHERE ended_at < $2'',
    ''reserve_calls'', ''DELETE FROM desk.reserve_call WHERE ended_at < $2'',');
DROP FUNCTION pg_temp.amend(regprocedure, text, text);
