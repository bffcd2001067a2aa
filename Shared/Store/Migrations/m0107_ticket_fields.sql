-- What a customer answered to the desk's questions, an object of texts by field. Null for a ticket without any. The values belong to the
-- customer: they are erased with the messages, and never enter a timeline.
ALTER TABLE desk.ticket ADD COLUMN fields jsonb;

-- Services may update it, and an erasure removes it from live and ended tickets; from another customer's ticket too, because its values may
-- come from the guest's messages. The functions are changed as they stand, so that they keep what other migrations add.
DO $$
DECLARE
  source text := pg_get_functiondef('desk.erase_customer_content(text, text, text, text)'::regprocedure);
  changed text;
BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_updates()'::regprocedure), '''guest_channel'',', '''fields'', ''guest_channel'',');
  changed := replace(source, 'UPDATE desk.ticket SET customer = ''erased:'' || id,', 'UPDATE desk.ticket SET fields = NULL, customer = ''erased:'' || id,');
  changed := replace(changed, 'UPDATE desk.ticket SET version = version + 1,', 'UPDATE desk.ticket SET fields = NULL, version = version + 1,');
  changed := replace(changed, 'ticket = ticket || jsonb_build_object(''customer'',', 'ticket = (ticket - ''fields'') || jsonb_build_object(''customer'',');
  changed := replace(changed, 'DELETE FROM desk.ticket_guest WHERE channel = the_channel',
    'UPDATE desk.closed_ticket SET ticket = ticket - ''fields'' WHERE id = ANY(hosts) AND ticket ? ''fields'';'
    || E'\n  DELETE FROM desk.ticket_guest WHERE channel = the_channel');
  IF (length(changed) - length(replace(changed, 'fields', ''))) / length('fields') < 5 THEN
    RAISE EXCEPTION 'the function of erasure is not as expected: it would keep the fields of tickets';
  END IF;
  EXECUTE changed;
END $$;
