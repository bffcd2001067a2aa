-- How often the end of an outage has brought the delivery's retry forward without counting the attempt: that is bounded, else a delivery
-- that always fails would never use up its schedule.
ALTER TABLE desk.outbox ADD COLUMN woken smallint NOT NULL DEFAULT 0;

-- Services may update it. The function is changed as it stands, so that it keeps what other migrations add.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_updates()'::regprocedure), '''next_attempt_at'']', '''next_attempt_at'', ''woken'']');
END $$;
