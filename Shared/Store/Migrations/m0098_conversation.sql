-- From version 97 to 98: what a ticket remembers of its conversation, so that the next message is read in the light of those before it. Null
-- while nothing is worth remembering. A document, since most tickets have one or two of its keys; it contains no customer text.
ALTER TABLE desk.ticket ADD COLUMN conversation jsonb;

-- Services may update it. The function is changed as it stands, so that it keeps what other migrations add.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('desk.service_updates()'::regprocedure), '''guest_channel'',', '''conversation'', ''guest_channel'',');
END $$;
SELECT desk.grant_service(pg_get_userbyid(a.grantee))
  FROM pg_class c, aclexplode(c.relacl) a
 WHERE c.oid = 'desk.inbox'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner);
