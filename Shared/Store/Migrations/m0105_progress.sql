-- To version 105: the notices of its progress that a ticket's customer gets. `progress` is null for a ticket without any; it contains no
-- customer text. `progress_due_at` repeats when the waiting notice is due, and is null without one, so that a desk that sends none neither
-- writes the columns nor has rows in the index.
ALTER TABLE desk.ticket ADD COLUMN progress jsonb, ADD COLUMN progress_due_at timestamptz;
CREATE INDEX ticket_progress ON desk.ticket (progress_due_at) WHERE progress_due_at IS NOT NULL;

-- Services may update them. The function is changed as it stands, so that it keeps what other migrations add.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_updates()'::regprocedure), '''guest_channel'',',
    '''progress'', ''progress_due_at'', ''guest_channel'',');
END $$;
