-- Version 114: who is looking at a ticket, or writing on it. Each row is a lease of seconds that a page renews, so the table is small and not
-- logged: after a crash and on a standby it is empty, and pages fill it again. Contains nothing of customers.
CREATE UNLOGGED TABLE desk.ticket_viewer (
  ticket      uuid NOT NULL,
  agent       text NOT NULL,
  doing       text NOT NULL CHECK (doing IN ('looking', 'writing')),
  since       timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL CHECK (expires_at > since),
  PRIMARY KEY (ticket, agent)
) WITH (fillfactor = 50);

DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_rights()'::regprocedure),
    '(''ticket_link'', ''SELECT, INSERT'')', '(''ticket_link'', ''SELECT, INSERT''), (''ticket_viewer'', ''SELECT, INSERT, UPDATE, DELETE'')');
  EXECUTE replace(pg_get_functiondef('desk.service_updates()'::regprocedure),
    '(''timeline_range'', ARRAY[', '(''ticket_viewer'', ARRAY[''doing'', ''since'', ''expires_at'']), (''timeline_range'', ARRAY[');
END $$;
