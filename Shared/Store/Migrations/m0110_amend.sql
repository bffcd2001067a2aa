-- Changes a function's text where it says `before`, instead of repeating it: migrations that change different parts of one function do not
-- undo each other.
CREATE FUNCTION pg_temp.amend(function regprocedure, before text, after text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  text text := pg_get_functiondef(function);
BEGIN
  IF strpos(text, before) = 0 THEN
    RAISE EXCEPTION 'the function % does not contain the text to be changed', function USING ERRCODE = 'invalid_function_definition';
  END IF;
  EXECUTE replace(text, before, after);
END
$$;
