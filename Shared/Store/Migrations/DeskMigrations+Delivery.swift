extension DeskMigrations {
  /// What is known of a hook: `disabled_at` and `reason` say that deliveries are paused, as before; how it fails, and whether a notifier
  /// holds what it is owed, come next to them. The audit notes pauses and their ends, and nothing of the rest.
  static let hookStates = """
    ALTER TABLE desk.hook_state
      ADD COLUMN failing_since timestamptz,
      ADD COLUMN failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
      ADD COLUMN last_error text,
      ADD COLUMN noticed_at timestamptz,
      ADD COLUMN held_at timestamptz,
      ADD COLUMN held_reason text,
      ADD CHECK ((held_at IS NULL) = (held_reason IS NULL));

    CREATE OR REPLACE FUNCTION desk.audit_hook() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DECLARE
      was_paused boolean := false;
    BEGIN
      IF TG_OP = 'UPDATE' THEN was_paused := OLD.disabled_at IS NOT NULL; END IF;
      IF was_paused OR NEW.disabled_at IS NOT NULL THEN
        PERFORM desk.audit_append(CASE WHEN NEW.disabled_at IS NULL THEN 'hook.enabled' ELSE 'hook.disabled' END, NEW.hook,
          jsonb_strip_nulls(jsonb_build_object('reason', NEW.reason)));
      END IF;
      RETURN NULL;
    END
    $$;

    -- Replays pick a time, a hook and a ticket out of what waits.
    CREATE INDEX dead_letter_of_hook ON desk.dead_letter (hook, died_at) WHERE replayed_at IS NULL;
    """
}
