-- From version 94 to 95, before the functions of version 95 are created: the field's terms for tables, columns, indexes and keys of
-- documents. Builds before this cannot use the result: they are stopped first.
--
-- Timelines are sealed as they are stored, and audit entries are chained: both keep the names that they were written with. The kind
-- `judged` and the key `reply_owed_since_us` of `ticket_event` are read as `feedback_received` and `reply_due_since_us`.

ALTER TABLE desk.ticket RENAME COLUMN first_told TO first_notified;
ALTER TABLE desk.ticket RENAME COLUMN resolution_told TO resolution_notified;
ALTER TABLE desk.ticket RENAME COLUMN reply_owed_since TO reply_due_since;
-- Not written since version 20.
ALTER TABLE desk.ticket
  DROP COLUMN first_early_at, DROP COLUMN first_late_at, DROP COLUMN resolution_early_at, DROP COLUMN resolution_late_at;

ALTER TABLE desk.ticket_tie RENAME TO ticket_link;
ALTER TABLE desk.ticket_link RENAME COLUMN tied_at TO linked_at;
ALTER TABLE desk.ticket_link RENAME CONSTRAINT ticket_tie_pkey TO ticket_link_pkey;
ALTER TABLE desk.ticket_link RENAME CONSTRAINT ticket_tie_check TO ticket_link_check;
ALTER TABLE desk.ticket_link RENAME CONSTRAINT ticket_tie_kind_check TO ticket_link_kind_check;
ALTER INDEX desk.ticket_tie_of_other RENAME TO ticket_link_of_other;

ALTER TABLE desk.audit_remark RENAME TO audit_free_text;
ALTER TABLE desk.audit_free_text RENAME COLUMN remark TO reason;
ALTER TABLE desk.audit_free_text RENAME CONSTRAINT audit_remark_pkey TO audit_free_text_pkey;
ALTER TABLE desk.audit_free_text RENAME CONSTRAINT audit_remark_check TO audit_free_text_check;
ALTER TABLE desk.audit_free_text RENAME CONSTRAINT audit_remark_salt_check TO audit_free_text_salt_check;
ALTER INDEX desk.audit_remark_of_ticket RENAME TO audit_free_text_of_ticket;
ALTER INDEX desk.audit_remark_of_customer RENAME TO audit_free_text_of_customer;

ALTER TABLE desk.dead_letter RENAME COLUMN died_at TO failed_at;
ALTER TABLE desk.hook_state RENAME COLUMN noticed_at TO notified_at;
ALTER TABLE desk.watch_cursor RENAME COLUMN upto TO up_to;
ALTER TABLE desk.feedback RENAME COLUMN gathered TO group_id;
ALTER TABLE desk.feedback RENAME CONSTRAINT feedback_gathered_fkey TO feedback_group_id_fkey;
ALTER TABLE desk.shadow_tally RENAME COLUMN champion_says TO champion_category;
ALTER TABLE desk.shadow_tally RENAME COLUMN challenger_says TO challenger_category;
ALTER INDEX desk.inbox_suspect RENAME TO inbox_retried;
ALTER TABLE desk.inbox ALTER COLUMN articles SET STATISTICS 0;

-- Keys of documents.
CREATE FUNCTION pg_temp.renamed_clock_state(state jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT (state - 'next_told' - 'climbed') || jsonb_strip_nulls(jsonb_build_object(
    'next_notified', state->'next_told', 'escalation_steps', state->'climbed'))
$$;
UPDATE desk.ticket SET clock_state = pg_temp.renamed_clock_state(clock_state)
 WHERE clock_state ? 'next_told' OR clock_state ? 'climbed';
UPDATE desk.closed_ticket SET ticket =
   ticket - ARRAY['first_told', 'resolution_told', 'reply_owed_since',
       'first_early_at', 'first_late_at', 'resolution_early_at', 'resolution_late_at']
   || jsonb_build_object('first_notified', ticket->'first_told', 'resolution_notified', ticket->'resolution_told',
        'reply_due_since', ticket->'reply_owed_since')
   || CASE WHEN jsonb_typeof(ticket->'clock_state') = 'object'
        THEN jsonb_build_object('clock_state', pg_temp.renamed_clock_state(ticket->'clock_state')) ELSE '{}' END;
DROP FUNCTION pg_temp.renamed_clock_state(jsonb);

-- Functions that have other names, other parameters or no use now. The others are replaced.
DROP FUNCTION desk.erase_customer_words(text, text, text, text);
DROP FUNCTION desk.leave_behind(uuid);
DROP FUNCTION desk.moment(text);
DROP FUNCTION desk.whole_number(text);
DROP FUNCTION desk.has_words(text, jsonb);
DROP FUNCTION desk.remark_digest(bytea, text);
DROP FUNCTION desk.forget_before_remarks(integer);
DROP FUNCTION desk.ensure_partitions(integer);
DROP FUNCTION desk.service_rights();
DROP FUNCTION desk.service_rights_before_columns();
DROP FUNCTION desk.service_rights_before_guests();
