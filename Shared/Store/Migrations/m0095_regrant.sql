-- From version 94 to 95, after the functions of version 95 were created: roles that work as services get the rights of version 95.
SELECT desk.grant_service(pg_get_userbyid(a.grantee))
  FROM pg_class c, aclexplode(c.relacl) a
 WHERE c.oid = 'desk.inbox'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner);
