-- What reports need that nothing else keeps: since when agents had which presence, and which scheduled reports were made.

-- One row for each change of an agent's presence or capacity, written where the row of `agent_state` changes, whoever changes it. Services
-- only read it; retention deletes old rows.
CREATE TABLE desk.presence_change (
  agent     text NOT NULL,
  at        timestamptz NOT NULL,
  presence  text NOT NULL,
  capacity  integer NOT NULL,
  PRIMARY KEY (agent, at)
);

CREATE FUNCTION desk.keep_presence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO desk.presence_change (agent, at, presence, capacity) VALUES (NEW.agent, clock_timestamp(), NEW.presence, NEW.capacity)
  ON CONFLICT (agent, at) DO UPDATE SET presence = excluded.presence, capacity = excluded.capacity;
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_first_presence AFTER INSERT ON desk.agent_state FOR EACH ROW EXECUTE FUNCTION desk.keep_presence();
CREATE TRIGGER keep_presence AFTER UPDATE OF presence, capacity ON desk.agent_state FOR EACH ROW
  WHEN (OLD.presence IS DISTINCT FROM NEW.presence OR OLD.capacity IS DISTINCT FROM NEW.capacity)
  EXECUTE FUNCTION desk.keep_presence();
INSERT INTO desk.presence_change (agent, at, presence, capacity)
  SELECT agent, now(), presence, capacity FROM desk.agent_state;

-- Scheduled reports that were made, one row for each schedule and period: the key makes a second one impossible, and the row is written in
-- the transaction that puts the report into the outbox. `period` is the date on which it was due, in the schedule's time zone.
CREATE TABLE desk.report_run (
  schedule  text NOT NULL,
  period    date NOT NULL,
  due_at    timestamptz NOT NULL,
  made_at   timestamptz NOT NULL DEFAULT now(),
  outcome   text NOT NULL CHECK (outcome IN ('first_seen', 'delivered', 'too_large')),
  PRIMARY KEY (schedule, period)
);

-- The functions are changed as they stand, so that they keep what other migrations add.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_rights()'::regprocedure), '(''queue_pace''',
    '(''presence_change'', ''SELECT''),
    (''report_run'', ''SELECT, INSERT''),
    (''queue_pace''');
  -- The last presence before the cut is kept: it says what held from then on. Of a schedule the newest run is kept, by which the next one is
  -- found.
  EXECUTE replace(pg_get_functiondef('desk.forget_before(integer)'::regprocedure), '''hot_issues'', ''DELETE',
    '''presence'', ''DELETE FROM desk.presence_change p WHERE at < $2
       AND EXISTS (SELECT FROM desk.presence_change n WHERE n.agent = p.agent AND n.at > p.at AND n.at <= $2)'',
    ''report_runs'', ''DELETE FROM desk.report_run r WHERE due_at < $2
       AND EXISTS (SELECT FROM desk.report_run n WHERE n.schedule = r.schedule AND n.period > r.period)'',
    ''hot_issues'', ''DELETE');
END $$;
