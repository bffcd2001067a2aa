-- The schema of version 95, last part: triggers, statistics and first rows.

-- The audit is append-only.
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON desk.audit FOR EACH ROW EXECUTE FUNCTION desk.refuse_change();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON desk.audit FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

-- What is audited.
CREATE TRIGGER audit_api_key AFTER INSERT OR UPDATE OR DELETE ON desk.api_key FOR EACH ROW EXECUTE FUNCTION desk.audit_api_key();
CREATE TRIGGER audit_curve_key AFTER INSERT OR UPDATE OR DELETE ON desk.channel_curve_key
  FOR EACH ROW EXECUTE FUNCTION desk.audit_curve_key();
CREATE TRIGGER audit_policy AFTER INSERT OR UPDATE OR DELETE ON desk.policy_version FOR EACH ROW EXECUTE FUNCTION desk.audit_policy();
CREATE TRIGGER audit_replay AFTER UPDATE OF replayed_at ON desk.dead_letter FOR EACH ROW
  WHEN (OLD.replayed_at IS NULL AND NEW.replayed_at IS NOT NULL) EXECUTE FUNCTION desk.audit_replay();
CREATE TRIGGER audit_hook AFTER INSERT OR UPDATE OF disabled_at ON desk.hook_state FOR EACH ROW EXECUTE FUNCTION desk.audit_hook();
CREATE TRIGGER audit_migration AFTER INSERT ON public.schema_migration FOR EACH ROW EXECUTE FUNCTION desk.audit_migration();

-- Timelines. Rows that retention moves keep their salt, and so their seal.
CREATE TRIGGER salt_reason BEFORE INSERT ON desk.ticket_event FOR EACH ROW
  WHEN (NEW.detail ? 'reason' AND NOT NEW.detail ? 'reason_salt'
    AND (starts_with(NEW.actor, 'agent:') OR starts_with(NEW.actor, 'operator:')))
  EXECUTE FUNCTION desk.salt_reason();
CREATE TRIGGER mark_range BEFORE INSERT ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.mark_range();
CREATE TRIGGER seal_range BEFORE UPDATE ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.seal_range();
CREATE TRIGGER audit_seal AFTER UPDATE ON desk.timeline_range FOR EACH ROW EXECUTE FUNCTION desk.audit_seal();

CREATE TRIGGER guard_message BEFORE UPDATE OF ticket_id ON desk.message FOR EACH ROW
  WHEN (OLD.ticket_id IS DISTINCT FROM NEW.ticket_id) EXECUTE FUNCTION desk.guard_message();

SELECT desk.sample_keys_only('desk.message_key', ARRAY['channel', 'external_id', 'message_id']);
SELECT desk.sample_keys_only('desk.inbox', ARRAY['message_id', 'ticket_id', 'owner', 'attempts', 'category']);
SELECT desk.sample_keys_only('desk.open_ticket', ARRAY['channel', 'customer', 'ticket_id']);
SELECT desk.sample_keys_only('desk.ticket', ARRAY['id', 'state', 'channel', 'customer', 'tier', 'queue', 'priority',
  'waiting_queue', 'rank', 'waiting_since', 'next_check_at', 'offer_expires_at', 'holder', 'close_at']);
SELECT desk.sample_keys_only(relation::regclass, desk.partition_keys(parent))
  FROM unnest(ARRAY['message', 'ticket_event', 'closed_ticket']) AS parent,
       unnest(ARRAY['desk.' || parent, 'desk.' || parent || '_default']) AS relation;

INSERT INTO desk.watch_cursor (name, up_to)
  VALUES ('feedback', desk.uuid_floor(now())), ('arrivals', desk.uuid_floor(now()));
