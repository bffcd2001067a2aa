-- Version 117: the checks of live tickets. The server parses the checks of a table at each execution of a statement that writes it, and a step of
-- a ticket had fourteen: a twentieth of what a message costs in large batches, a tenth in small ones. Services write what the state machine
-- computes, whose types and tests hold the same; `desk.ticket_is_sound` states it, for the check of the whole database.
--
-- Takes an exclusive lock on `desk.ticket` for a change of the catalogue only: milliseconds, whatever the number of tickets. Builds before this
-- one write the same rows as before.
ALTER TABLE desk.ticket
  DROP CONSTRAINT IF EXISTS ticket_check,
  DROP CONSTRAINT IF EXISTS ticket_check1,
  DROP CONSTRAINT IF EXISTS ticket_check2,
  DROP CONSTRAINT IF EXISTS ticket_check3,
  DROP CONSTRAINT IF EXISTS ticket_check4,
  DROP CONSTRAINT IF EXISTS ticket_check5,
  DROP CONSTRAINT IF EXISTS ticket_check6,
  DROP CONSTRAINT IF EXISTS ticket_first_allowed_us_check,
  DROP CONSTRAINT IF EXISTS ticket_priority_check,
  DROP CONSTRAINT IF EXISTS ticket_resolution_allowed_us_check,
  DROP CONSTRAINT IF EXISTS ticket_state_check,
  DROP CONSTRAINT IF EXISTS ticket_tier_check,
  DROP CONSTRAINT IF EXISTS ticket_version_check,
  DROP CONSTRAINT IF EXISTS ticket_weight_check;

-- Whether a live ticket is in a state that the state machine can reach, as far as its columns tell.
CREATE FUNCTION desk.ticket_is_sound(t desk.ticket) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT t.version > 0
     AND t.state IN ('received', 'triage', 'queued', 'offered', 'assigned', 'pending', 'answered', 'resolved')
     AND t.tier IN ('standard', 'vip', 'key_account')
     AND t.priority BETWEEN 1 AND 4
     AND t.weight > 0
     AND coalesce(t.first_allowed_us, 0) >= 0
     AND coalesce(t.resolution_allowed_us, 0) >= 0
     AND (t.state IN ('queued', 'triage')) = (t.waiting_queue IS NOT NULL)
     AND (t.state <> 'triage' OR t.needs_triage)
     AND (t.state = 'offered') = (t.offer_id IS NOT NULL)
     AND (t.offer_id IS NULL) = (t.offer_agent IS NULL)
     AND (t.offer_id IS NULL) = (t.offer_expires_at IS NULL)
     AND (t.state <> 'assigned' OR t.agent IS NOT NULL)
     AND (t.agent IS NULL OR t.state IN ('assigned', 'pending'))
     AND (t.state = 'resolved') = (t.resolved_at IS NOT NULL)
$$;
