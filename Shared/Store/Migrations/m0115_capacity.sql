-- Version 115: elastic capacity. How many processes of each service the desk wants, and why. The sla-watcher that leads decides it, or a person
-- chose a fixed number; `frontdesk up`, Kubernetes (KEDA, HPA) and Compose follow the same number.

-- What a process measured between its last two heartbeats; null from builds and services that measure nothing.
ALTER TABLE desk.service_instance
  ADD COLUMN busy_share real CHECK (busy_share BETWEEN 0 AND 1),
  ADD COLUMN items_per_second real CHECK (items_per_second BETWEEN 0 AND 1e9);

CREATE TABLE desk.capacity (
  service      text PRIMARY KEY CHECK (service IN ('classifier', 'intake', 'notifier', 'router', 'sla-watcher')),
  mode         text NOT NULL CHECK (mode IN ('auto', 'fixed')),
  wanted       integer NOT NULL CHECK (wanted BETWEEN 0 AND 1000),
  -- The policy's settings as the watcher last used them, for autoscalers that need a range.
  base         integer NOT NULL CHECK (base BETWEEN 0 AND 1000),
  ceiling      integer NOT NULL CHECK (ceiling BETWEEN 0 AND 1000),
  -- `code` and `values` of `CapacityReason`.
  reason       jsonb NOT NULL CHECK (jsonb_typeof(reason) = 'object' AND octet_length(reason::text) <= 4096),
  -- When `wanted` or `mode` changed last, and when this row did.
  changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Since when the number of ready processes differs from `wanted`; null while it does not.
  apart_since  timestamptz,
  -- The term of the lease under which a watcher decided; 0 for a person's choice.
  term         bigint NOT NULL DEFAULT 0 CHECK (term >= 0),
  CHECK (mode = 'fixed' OR service IN ('classifier', 'intake', 'router')),
  CHECK (base <= ceiling),
  CHECK (mode = 'fixed' OR wanted <= ceiling)
) WITH (fillfactor = 50);

INSERT INTO desk.capacity (service, mode, wanted, base, ceiling, reason) VALUES
  ('router', 'auto', 2, 2, 8, '{"code": "base", "values": {"base": 2}}'),
  ('classifier', 'auto', 1, 1, 4, '{"code": "base", "values": {"base": 1}}'),
  ('intake', 'auto', 1, 1, 4, '{"code": "base", "values": {"base": 1}}');

-- Peaks that are known in advance: in this time there are at least so many processes of a service.
CREATE TABLE desk.capacity_peak (
  name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
  service    text NOT NULL CHECK (service IN ('classifier', 'intake', 'router')),
  starts_at  timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL,
  workers    integer NOT NULL CHECK (workers BETWEEN 1 AND 1000),
  PRIMARY KEY (name, service),
  CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '62 days')
);

-- Every change of a number or a mode, and of a peak. `cause` is the reason as a code with values: `reason` would be kept as free text.
CREATE FUNCTION desk.audit_capacity() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.audit_append(
    CASE WHEN NEW.term = 0 THEN 'capacity.chosen' WHEN TG_OP = 'UPDATE' AND NEW.wanted < OLD.wanted THEN 'capacity.lowered' ELSE 'capacity.raised' END,
    NEW.service,
    jsonb_build_object('mode', NEW.mode, 'wanted', NEW.wanted, 'before', CASE TG_OP WHEN 'UPDATE' THEN OLD.wanted END, 'cause', NEW.reason));
  RETURN NULL;
END
$$;
CREATE TRIGGER capacity_added AFTER INSERT ON desk.capacity FOR EACH ROW EXECUTE FUNCTION desk.audit_capacity();
CREATE TRIGGER capacity_changed AFTER UPDATE ON desk.capacity FOR EACH ROW
  WHEN ((OLD.mode, OLD.wanted) IS DISTINCT FROM (NEW.mode, NEW.wanted)) EXECUTE FUNCTION desk.audit_capacity();

CREATE FUNCTION desk.audit_capacity_peak() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  peak desk.capacity_peak := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  PERFORM desk.audit_append(CASE TG_OP WHEN 'DELETE' THEN 'capacity.peak_removed' ELSE 'capacity.peak_planned' END, peak.name,
    jsonb_build_object('service', peak.service, 'workers', peak.workers, 'starts_at', peak.starts_at, 'ends_at', peak.ends_at));
  RETURN NULL;
END
$$;
CREATE TRIGGER capacity_peak_audit AFTER INSERT OR UPDATE OR DELETE ON desk.capacity_peak
  FOR EACH ROW EXECUTE FUNCTION desk.audit_capacity_peak();

-- A person's choice is the owner's to write: a service decides under a lease's term, and only where the number is not fixed.
CREATE FUNCTION desk.keep_chosen_capacity() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT has_table_privilege('desk.capacity', 'INSERT') AND (NEW.term = 0 OR (OLD.mode = 'fixed' AND NEW.wanted <> OLD.wanted)) THEN
    RAISE EXCEPTION 'the number of processes of % is chosen by a person', NEW.service USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER capacity_chosen BEFORE UPDATE ON desk.capacity FOR EACH ROW EXECUTE FUNCTION desk.keep_chosen_capacity();

SELECT pg_temp.amend('desk.service_rights()', $old$('channel_curve_key', 'SELECT')$old$,
  $new$('capacity', 'SELECT, UPDATE'),
    ('capacity_peak', 'SELECT'),
    ('channel_curve_key', 'SELECT')$new$);
SELECT pg_temp.amend('desk.service_updates()', $old$('customer', ARRAY[$old$,
  $new$('capacity', ARRAY['wanted', 'base', 'ceiling', 'reason', 'changed_at', 'decided_at', 'apart_since', 'term']),
    ('customer', ARRAY[$new$);
SELECT pg_temp.amend('desk.service_updates()', $old$('service_instance', ARRAY[$old$,
  $new$('service_instance', ARRAY['busy_share', 'items_per_second', $new$);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);
