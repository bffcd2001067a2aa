-- Version 122: what people write may be stored sealed. The texts stay in their columns (see `WordCodec`); this is what else it needs.

-- The keys with which words of this desk are sealed. A process is not ready without them. `proof` is a known text, sealed with the key, by
-- which a key that was replaced under the same name is noticed before it is used.
CREATE TABLE desk.word_key (
  name   text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 40),
  proof  text NOT NULL,
  since  timestamptz NOT NULL DEFAULT now()
);

SELECT pg_temp.amend('desk.service_rights()', $old$('interception', 'SELECT, INSERT'),$old$,
  $new$('word_key', 'SELECT, INSERT'),
    ('interception', 'SELECT, INSERT'),$new$);

-- A sealed draft is longer than what was written: four bytes for each of 20,000 characters at most, in Base64, and the key's name.
ALTER TABLE desk.draft DROP CONSTRAINT draft_body_check,
  ADD CONSTRAINT draft_body_check CHECK (
    body <> '' AND length(body) <= CASE WHEN left(body, 7) = E'\001words:' THEN 107000 ELSE 20000 END);

DROP FUNCTION pg_temp.amend(regprocedure, text, text);
