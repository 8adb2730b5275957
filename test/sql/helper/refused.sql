-- Everything that people enter, and how long the history is.
CREATE FUNCTION recorded() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT jsonb_build_array((SELECT jsonb_agg(to_jsonb(c) ORDER BY c.case_id) FROM followup_case c),
		(SELECT jsonb_agg(to_jsonb(o) ORDER BY o.concern_id) FROM concern o), (SELECT count(*) FROM followup_event))
$$;
-- Each of the steps must be refused, and have no effect.
CREATE FUNCTION refused(VARIADIC steps text[]) RETURNS TABLE (error text, hint text) LANGUAGE plpgsql AS $$
DECLARE
	step text;
	before jsonb;
BEGIN
	FOREACH step IN ARRAY steps LOOP
		before := recorded();
		BEGIN
			EXECUTE step;
			RAISE EXCEPTION 'NOT REFUSED: %', step;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS error = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
		END;
		IF before IS DISTINCT FROM recorded() THEN
			error := 'LEFT SOMETHING BEHIND: ' || error;
		END IF;
		RETURN NEXT;
	END LOOP;
END
$$;
