-- Persons: identities of one human on several channels, joined by people or by proofs, and the cache of look-ups in the company's CRM.
--
-- Joins are the edges of a forest over identities; a person is a tree of it. Each identity keeps its own standing, so that the end of a
-- join restores what was before. The standing of the person is repeated in the rows of its identities, because accepting and matching
-- read those rows anyway.
ALTER TABLE desk.customer
  ADD COLUMN person uuid,
  ADD COLUMN person_tier text,
  ADD COLUMN person_agent text,
  ADD CONSTRAINT customer_person_tier CHECK ((person IS NULL) = (person_tier IS NULL)),
  ADD CONSTRAINT customer_person_agent CHECK (person IS NOT NULL OR person_agent IS NULL);
CREATE INDEX customer_of_person ON desk.customer (person) WHERE person IS NOT NULL;

-- Separated joins stay: a proof never joins again what a person has separated.
CREATE TABLE desk.person_join (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  channel         text NOT NULL,
  customer        text NOT NULL,
  other_channel   text NOT NULL,
  other_customer  text NOT NULL,
  how             text NOT NULL CHECK (how IN ('agent', 'email', 'phone', 'account')),
  former_person   uuid,                        -- the persons to which the two belonged before
  other_former    uuid,
  joined_at       timestamptz NOT NULL DEFAULT now(),
  separated_at    timestamptz,
  entries         bigint[] NOT NULL DEFAULT '{}',  -- the audit entries about it; their free text is erased with either customer
  CHECK ((channel COLLATE "C", customer COLLATE "C") < (other_channel COLLATE "C", other_customer COLLATE "C"))
);
CREATE UNIQUE INDEX person_join_once ON desk.person_join (channel, customer, other_channel, other_customer) WHERE separated_at IS NULL;
CREATE INDEX person_join_of_customer ON desk.person_join (channel, customer);
CREATE INDEX person_join_of_other ON desk.person_join (other_channel, other_customer);

-- What channels have verified of their customers, as digests that only equality is asked of. `is_new`: nothing was joined by it yet.
CREATE TABLE desk.customer_proof (
  channel   text NOT NULL,
  customer  text NOT NULL,
  kind      text NOT NULL CHECK (kind IN ('email', 'phone', 'account')),
  digest    bytea NOT NULL CHECK (octet_length(digest) = 32),
  given_at  timestamptz NOT NULL,
  is_new    boolean NOT NULL DEFAULT true,
  PRIMARY KEY (channel, customer, kind)
);
CREATE INDEX customer_proof_of_digest ON desk.customer_proof (digest, kind);
CREATE INDEX customer_proof_new ON desk.customer_proof (given_at) WHERE is_new;

-- What the company's CRM says about customers. `wanted_at`: someone waits for a look-up.
CREATE TABLE desk.customer_lookup (
  channel        text NOT NULL,
  customer       text NOT NULL,
  wanted_at      timestamptz,
  claimed_until  timestamptz,
  fetched_at     timestamptz,
  failed_at      timestamptz,
  fields         jsonb,              -- null: the CRM does not know the customer
  PRIMARY KEY (channel, customer),
  CHECK (fields IS NULL OR fetched_at IS NOT NULL)
);
CREATE INDEX customer_lookup_wanted ON desk.customer_lookup (wanted_at) WHERE wanted_at IS NOT NULL;
CREATE INDEX customer_lookup_fetched ON desk.customer_lookup (fetched_at);

-- One change of persons at a time: joins, separations, erasures and changes of a joined customer's standing wait here, before they lock
-- rows of customers.
CREATE FUNCTION desk.lock_persons() RETURNS void LANGUAGE sql SET search_path = pg_catalog AS $$
  SELECT pg_advisory_xact_lock(hashtextextended('desk.person', 0))
$$;

-- Repeats a person's standing in the rows of its identities: the highest tier, and the dedicated agent that was set last.
CREATE FUNCTION desk.refresh_person(the_person uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE desk.customer c SET person_tier = p.tier, person_agent = p.agent
    FROM (SELECT (array_agg(tier ORDER BY array_position(ARRAY['key_account', 'vip', 'standard'], tier)))[1] AS tier,
                 (array_agg(dedicated_agent ORDER BY updated_at DESC, channel, external_id)
                   FILTER (WHERE dedicated_agent IS NOT NULL))[1] AS agent
            FROM desk.customer WHERE person = the_person) p
   WHERE c.person = the_person AND (c.person_tier, c.person_agent) IS DISTINCT FROM (p.tier, p.agent)
$$;

-- The identities that active joins connect with one, without one of the joins.
CREATE FUNCTION desk.joined_with(the_channel text, the_customer text, without uuid) RETURNS TABLE (channel text, customer text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH RECURSIVE side(channel, customer) AS (
    VALUES (the_channel, the_customer)
    UNION
    SELECT n.channel, n.customer
      FROM side s CROSS JOIN LATERAL (
        SELECT j.other_channel AS channel, j.other_customer AS customer FROM desk.person_join j
         WHERE j.channel = s.channel AND j.customer = s.customer AND j.separated_at IS NULL AND j.id IS DISTINCT FROM without
        UNION ALL
        SELECT j.channel, j.customer FROM desk.person_join j
         WHERE j.other_channel = s.channel AND j.other_customer = s.customer AND j.separated_at IS NULL
           AND j.id IS DISTINCT FROM without) n
  )
  SELECT channel, customer FROM side
$$;

-- Makes an identity and those that joins connect with it one person, and nothing of a single one.
CREATE FUNCTION desk.set_person(the_channel text, the_customer text, the_person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF (SELECT count(*) FROM desk.joined_with(the_channel, the_customer, NULL)) = 1 THEN
    UPDATE desk.customer SET person = NULL, person_tier = NULL, person_agent = NULL
     WHERE channel = the_channel AND external_id = the_customer;
    RETURN;
  END IF;
  -- In the order in which the ends of tickets lock these rows.
  PERFORM FROM desk.customer c
    JOIN desk.joined_with(the_channel, the_customer, NULL) s ON s.channel = c.channel AND s.customer = c.external_id
    ORDER BY c.channel, c.external_id FOR UPDATE OF c;
  UPDATE desk.customer c SET person = the_person, person_tier = coalesce(c.person_tier, c.tier)
    FROM desk.joined_with(the_channel, the_customer, NULL) s
   WHERE c.channel = s.channel AND c.external_id = s.customer AND c.person IS DISTINCT FROM the_person;
  PERFORM desk.refresh_person(the_person);
END
$$;

-- Joins two identities, and with them their persons. Returns `joined`, `same` (they are one person already), `full` (the person would have
-- more than `most` identities), or, for a proof, `separated` (a person has separated these persons).
CREATE FUNCTION desk.join_customers(
  a_channel text, a_customer text, b_channel text, b_customer text, the_way text, most integer, detail jsonb
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  made uuid := gen_random_uuid();
  swap text;
  a_person uuid;
  b_person uuid;
  whole bigint;
BEGIN
  IF (b_channel COLLATE "C", b_customer COLLATE "C") < (a_channel COLLATE "C", a_customer COLLATE "C") THEN
    swap := a_channel; a_channel := b_channel; b_channel := swap;
    swap := a_customer; a_customer := b_customer; b_customer := swap;
  END IF;
  PERFORM desk.lock_persons();
  IF (a_channel, a_customer) = (b_channel, b_customer)
     OR EXISTS (SELECT FROM desk.joined_with(a_channel, a_customer, NULL) s WHERE (s.channel, s.customer) = (b_channel, b_customer)) THEN
    RETURN 'same';
  END IF;
  SELECT count(*) INTO whole FROM (
    SELECT * FROM desk.joined_with(a_channel, a_customer, NULL)
    UNION ALL SELECT * FROM desk.joined_with(b_channel, b_customer, NULL)) AS both_sides;
  IF whole > most THEN RETURN 'full'; END IF;
  IF the_way <> 'agent' AND EXISTS (
    SELECT FROM desk.person_join j, desk.joined_with(a_channel, a_customer, NULL) a, desk.joined_with(b_channel, b_customer, NULL) b
     WHERE j.separated_at IS NOT NULL
       AND ((j.channel, j.customer, j.other_channel, j.other_customer) = (a.channel, a.customer, b.channel, b.customer)
         OR (j.channel, j.customer, j.other_channel, j.other_customer) = (b.channel, b.customer, a.channel, a.customer))) THEN
    RETURN 'separated';
  END IF;
  INSERT INTO desk.customer (channel, external_id) VALUES (a_channel, a_customer), (b_channel, b_customer) ON CONFLICT DO NOTHING;
  SELECT person INTO a_person FROM desk.customer WHERE channel = a_channel AND external_id = a_customer;
  SELECT person INTO b_person FROM desk.customer WHERE channel = b_channel AND external_id = b_customer;
  detail := detail || jsonb_build_object('join', made, 'how', the_way);
  INSERT INTO desk.person_join (id, channel, customer, other_channel, other_customer, how, former_person, other_former, entries)
  VALUES (made, a_channel, a_customer, b_channel, b_customer, the_way, a_person, b_person, ARRAY[
    desk.audit_append('customer.joined', a_channel, detail || jsonb_build_object('customer', a_customer)),
    desk.audit_append('customer.joined', b_channel, detail || jsonb_build_object('customer', b_customer))]);
  PERFORM desk.set_person(a_channel, a_customer, coalesce(a_person, b_person, gen_random_uuid()));
  RETURN 'joined';
END
$$;

-- Ends a join: what it connected are two persons again, each with the standing of its own identities. Returns whether there is such a join;
-- one that has ended already stays as it is.
CREATE FUNCTION desk.separate_customers(the_join uuid, detail jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  j desk.person_join;
  whole uuid;
  a_name uuid;
  b_name uuid;
BEGIN
  PERFORM desk.lock_persons();
  SELECT * INTO j FROM desk.person_join WHERE id = the_join;
  IF NOT FOUND THEN RETURN false; END IF;
  IF j.separated_at IS NOT NULL THEN RETURN true; END IF;
  SELECT person INTO whole FROM desk.customer WHERE channel = j.channel AND external_id = j.customer;
  UPDATE desk.person_join SET separated_at = now() WHERE id = the_join;
  detail := detail || jsonb_build_object('join', the_join, 'how', j.how);
  UPDATE desk.person_join SET entries = entries || ARRAY[
    desk.audit_append('customer.separated', j.channel, detail || jsonb_build_object('customer', j.customer)),
    desk.audit_append('customer.separated', j.other_channel, detail || jsonb_build_object('customer', j.other_customer))]
   WHERE id = the_join;
  -- Each side gets its former name, if nothing else has it by now; what is left of the present name goes to a side without one.
  a_name := CASE WHEN NOT EXISTS (SELECT FROM desk.customer WHERE person = j.former_person AND person <> whole) THEN j.former_person END;
  b_name := CASE WHEN NOT EXISTS (SELECT FROM desk.customer WHERE person = j.other_former AND person <> whole) THEN j.other_former END;
  IF a_name IS NULL AND (SELECT count(*) FROM desk.joined_with(j.channel, j.customer, NULL)) > 1 THEN
    a_name := CASE WHEN b_name IS DISTINCT FROM whole THEN whole ELSE gen_random_uuid() END;
  END IF;
  b_name := coalesce(b_name, CASE WHEN a_name IS DISTINCT FROM whole THEN whole ELSE gen_random_uuid() END);
  PERFORM desk.set_person(j.channel, j.customer, a_name);
  PERFORM desk.set_person(j.other_channel, j.other_customer, b_name);
  PERFORM desk.refresh_person(a_name);
  RETURN true;
END
$$;

-- Joins a customer by what its channel has verified with the customers of trusted channels who have the same proof. `trusted_channels` and
-- `trusted_kinds` are pairs. Returns the outcomes, none if nobody else has the proof; a proof of more than `most` customers joins none: it
-- belongs to a company, not to a person. Afterwards the proof is not new, unless it changed meanwhile.
CREATE FUNCTION desk.join_by_proof(
  the_channel text, the_customer text, the_kind text, trusted_channels text[], trusted_kinds text[], most integer
) RETURNS text[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  mine desk.customer_proof;
  other record;
  outcomes text[] := '{}';
BEGIN
  PERFORM desk.lock_persons();
  SELECT * INTO mine FROM desk.customer_proof
   WHERE channel = the_channel AND customer = the_customer AND kind = the_kind AND is_new FOR UPDATE;
  IF NOT FOUND THEN RETURN outcomes; END IF;
  UPDATE desk.customer_proof SET is_new = false WHERE channel = the_channel AND customer = the_customer AND kind = the_kind;
  IF NOT EXISTS (SELECT FROM unnest(trusted_channels, trusted_kinds) AS t(channel, kind)
                  WHERE t.channel = the_channel AND t.kind = the_kind) THEN
    RETURN ARRAY['untrusted'];
  END IF;
  IF (SELECT count(*) FROM (SELECT FROM desk.customer_proof p WHERE p.digest = mine.digest AND p.kind = the_kind LIMIT most + 1) AS p)
     > most THEN
    RETURN ARRAY['shared'];
  END IF;
  FOR other IN
    SELECT p.channel, p.customer FROM desk.customer_proof p
      JOIN unnest(trusted_channels, trusted_kinds) AS t(channel, kind) ON t.channel = p.channel AND t.kind = p.kind
     WHERE p.digest = mine.digest AND p.kind = the_kind AND (p.channel, p.customer) <> (the_channel, the_customer)
     ORDER BY p.given_at, p.channel, p.customer
  LOOP
    outcomes := outcomes || desk.join_customers(the_channel, the_customer, other.channel, other.customer, the_kind, most, '{}');
  END LOOP;
  RETURN outcomes;
END
$$;

-- Removes a customer who is being erased from its person; the others stay one person. Returns whether anything was known.
CREATE FUNCTION desk.erase_identity(the_channel text, the_customer text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  the_person uuid;
  is_known boolean;
BEGIN
  PERFORM desk.lock_persons();
  is_known := EXISTS (SELECT FROM desk.customer_proof WHERE channel = the_channel AND customer = the_customer)
    OR EXISTS (SELECT FROM desk.customer_lookup WHERE channel = the_channel AND customer = the_customer)
    OR EXISTS (SELECT FROM desk.person_join WHERE (channel, customer) = (the_channel, the_customer)
                 OR (other_channel, other_customer) = (the_channel, the_customer));
  DELETE FROM desk.customer_proof WHERE channel = the_channel AND customer = the_customer;
  DELETE FROM desk.customer_lookup WHERE channel = the_channel AND customer = the_customer;
  SELECT person INTO the_person FROM desk.customer WHERE channel = the_channel AND external_id = the_customer;
  UPDATE desk.audit_free_text SET customer = NULL, channel = NULL, salt = NULL, reason = NULL
   WHERE entry IN (SELECT unnest(entries) FROM desk.person_join
                    WHERE (channel, customer) = (the_channel, the_customer)
                       OR (other_channel, other_customer) = (the_channel, the_customer));
  -- Whom the customer connected is connected with each other in a chain, in an order that does not depend on the customer.
  WITH neighbour AS (
    SELECT other_channel AS channel, other_customer AS customer, how FROM desk.person_join
     WHERE channel = the_channel AND customer = the_customer AND separated_at IS NULL
    UNION ALL
    SELECT channel, customer, how FROM desk.person_join
     WHERE other_channel = the_channel AND other_customer = the_customer AND separated_at IS NULL
  ), chain AS (
    SELECT channel, customer, how, lead(channel) OVER w AS next_channel, lead(customer) OVER w AS next_customer FROM neighbour
    WINDOW w AS (ORDER BY channel COLLATE "C", customer COLLATE "C")
  )
  INSERT INTO desk.person_join (channel, customer, other_channel, other_customer, how, former_person)
  SELECT channel, customer, next_channel, next_customer, how, the_person FROM chain WHERE next_channel IS NOT NULL;
  -- From whom the customer was separated, the others stay separated.
  WITH parted AS (
    SELECT other_channel AS channel, other_customer AS customer, how, joined_at, separated_at FROM desk.person_join
     WHERE channel = the_channel AND customer = the_customer AND separated_at IS NOT NULL
    UNION ALL
    SELECT channel, customer, how, joined_at, separated_at FROM desk.person_join
     WHERE other_channel = the_channel AND other_customer = the_customer AND separated_at IS NOT NULL
  ), heir AS (
    SELECT c.channel, c.external_id AS customer FROM desk.customer c
     WHERE c.person = the_person AND (c.channel, c.external_id) <> (the_channel, the_customer)
     ORDER BY c.channel, c.external_id LIMIT 1
  )
  INSERT INTO desk.person_join (channel, customer, other_channel, other_customer, how, joined_at, separated_at)
  SELECT least_of[1], least_of[2], greatest_of[1], greatest_of[2], how, joined_at, separated_at
    FROM (SELECT p.how, p.joined_at, p.separated_at,
                 CASE WHEN first THEN ARRAY[p.channel, p.customer] ELSE ARRAY[h.channel, h.customer] END AS least_of,
                 CASE WHEN first THEN ARRAY[h.channel, h.customer] ELSE ARRAY[p.channel, p.customer] END AS greatest_of
            FROM parted p CROSS JOIN heir h CROSS JOIN LATERAL (
              SELECT (p.channel COLLATE "C", p.customer COLLATE "C") < (h.channel COLLATE "C", h.customer COLLATE "C")) AS o(first)
           WHERE (p.channel, p.customer) <> (h.channel, h.customer)) AS pairs;
  DELETE FROM desk.person_join
   WHERE (channel, customer) = (the_channel, the_customer) OR (other_channel, other_customer) = (the_channel, the_customer);
  UPDATE desk.customer SET person = NULL, person_tier = NULL, person_agent = NULL
   WHERE channel = the_channel AND external_id = the_customer AND person IS NOT NULL;
  IF the_person IS NOT NULL THEN
    UPDATE desk.customer c SET person = NULL, person_tier = NULL, person_agent = NULL
     WHERE c.person = the_person AND (SELECT count(*) FROM desk.customer o WHERE o.person = the_person) = 1;
    PERFORM desk.refresh_person(the_person);
  END IF;
  RETURN is_known;
END
$$;

-- Dissolves persons of whom no identity has a standing, a ticket, or was joined since: retention then deletes the identities like others.
CREATE FUNCTION desk.dissolve_idle_persons(before uuid, keeps_from timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  idle uuid;
BEGIN
  PERFORM desk.lock_persons();
  FOR idle IN
    SELECT c.person FROM desk.customer c WHERE c.person IS NOT NULL GROUP BY c.person
    HAVING bool_and(coalesce(c.last_ticket < before, true) AND c.tier = 'standard' AND c.dedicated_agent IS NULL
      AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.customer = c.external_id)
      AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = c.channel AND o.known_as = c.external_id)
      AND NOT EXISTS (SELECT FROM desk.person_join j
                       WHERE j.joined_at >= keeps_from AND j.channel = c.channel AND j.customer = c.external_id)
      AND NOT EXISTS (SELECT FROM desk.person_join j
                       WHERE j.joined_at >= keeps_from AND j.other_channel = c.channel AND j.other_customer = c.external_id))
  LOOP
    DELETE FROM desk.person_join j USING desk.customer c
     WHERE c.person = idle AND ((j.channel, j.customer) = (c.channel, c.external_id)
       OR (j.other_channel, j.other_customer) = (c.channel, c.external_id));
    DELETE FROM desk.customer WHERE person = idle AND last_ticket IS NULL;
    UPDATE desk.customer SET person = NULL, person_tier = NULL, person_agent = NULL WHERE person = idle;
  END LOOP;
END
$$;

-- A joined customer's standing was set. The first trigger runs before any row is locked.
CREATE FUNCTION desk.before_standing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.lock_persons();
  RETURN NULL;
END
$$;
CREATE FUNCTION desk.after_standing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM desk.refresh_person(NEW.person);
  RETURN NULL;
END
$$;
CREATE TRIGGER customer_standing_lock BEFORE UPDATE OF tier, dedicated_agent ON desk.customer
  FOR EACH STATEMENT EXECUTE FUNCTION desk.before_standing();
CREATE TRIGGER customer_standing AFTER UPDATE OF tier, dedicated_agent ON desk.customer
  FOR EACH ROW WHEN (NEW.person IS NOT NULL) EXECUTE FUNCTION desk.after_standing();

-- Erasure, retention and rights. The functions are changed as they stand, so that they keep what other migrations add; a change that finds
-- nothing to replace fails.
CREATE FUNCTION desk.amend_0104(signature text, place text, replacement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  definition text := pg_get_functiondef(signature::regprocedure);
BEGIN
  IF position(place IN definition) = 0 THEN RAISE EXCEPTION '% does not contain %', signature, place; END IF;
  EXECUTE replace(definition, place, replacement);
END
$$;
-- Who is known by a proof, a look-up or a join alone is erased with an entry too.
SELECT desk.amend_0104('desk.erase_customer_content(text, text, text, text)', '  reached bigint;',
  '  reached bigint;
  identified boolean;');
SELECT desk.amend_0104('desk.erase_customer_content(text, text, text, text)', 'IF tickets = 0 AND known = 0 AND reached = 0 AND',
  'IF tickets = 0 AND known = 0 AND reached = 0 AND NOT identified AND');
SELECT desk.amend_0104('desk.erase_customer_content(text, text, text, text)',
  'DELETE FROM desk.customer WHERE channel = the_channel AND external_id = the_customer;',
  'identified := desk.erase_identity(the_channel, the_customer);
  DELETE FROM desk.customer WHERE channel = the_channel AND external_id = the_customer;');
SELECT desk.amend_0104('desk.forget_before(integer)',
  '''customers'', ''DELETE FROM desk.customer c WHERE last_ticket < $1 AND tier = ''''standard'''' AND dedicated_agent IS NULL',
  'NULL, ''SELECT desk.dissolve_idle_persons($1, $2)'',
    ''customers'', ''DELETE FROM desk.customer c WHERE last_ticket < $1 AND tier = ''''standard'''' AND dedicated_agent IS NULL
       AND person IS NULL');
SELECT desk.amend_0104('desk.forget_before(integer)', '''contacts'', ''DELETE FROM desk.customer_contact',
  '''proofs'', ''DELETE FROM desk.customer_proof p WHERE given_at < $2
       AND NOT EXISTS (SELECT FROM desk.customer c WHERE c.channel = p.channel AND c.external_id = p.customer)
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = p.channel AND o.customer = p.customer)
       AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.channel = p.channel AND o.known_as = p.customer)'',
    ''separations'', ''DELETE FROM desk.person_join j WHERE separated_at < $2
       AND NOT EXISTS (SELECT FROM desk.customer c WHERE c.channel = j.channel AND c.external_id = j.customer)
       AND NOT EXISTS (SELECT FROM desk.customer c WHERE c.channel = j.other_channel AND c.external_id = j.other_customer)'',
    ''lookups'', ''DELETE FROM desk.customer_lookup WHERE greatest(fetched_at, failed_at, wanted_at) < $2'',
    ''contacts'', ''DELETE FROM desk.customer_contact');
SELECT desk.amend_0104('desk.service_rights()', '(''customer_contact'', ''SELECT, INSERT, UPDATE''),',
  '(''customer_contact'', ''SELECT, INSERT, UPDATE''),
    (''customer_lookup'', ''SELECT, INSERT, UPDATE, DELETE''),
    (''customer_proof'', ''SELECT, INSERT, UPDATE''),
    (''person_join'', ''SELECT''),');
SELECT desk.amend_0104('desk.service_updates()', '(''customer_contact'', ARRAY[''key_name'', ''sealed'', ''given_at'']),',
  '(''customer_contact'', ARRAY[''key_name'', ''sealed'', ''given_at'']),
    (''customer_lookup'', ARRAY[''wanted_at'', ''claimed_until'', ''fetched_at'', ''failed_at'', ''fields'']),
    (''customer_proof'', ARRAY[''digest'', ''given_at'', ''is_new'']),');
SELECT desk.amend_0104('desk.service_functions()', '''desk.release_customer_name(uuid)''',
  '''desk.release_customer_name(uuid)'',
    ''desk.join_customers(text, text, text, text, text, integer, jsonb)'', ''desk.separate_customers(uuid, jsonb)'',
    ''desk.join_by_proof(text, text, text, text[], text[], integer)''');
DROP FUNCTION desk.amend_0104(text, text, text);
