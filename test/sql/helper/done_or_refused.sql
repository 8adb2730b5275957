-- Statements, each with its error, or that it was done.
CREATE FUNCTION refused(VARIADIC statements text[]) RETURNS TABLE (error text, detail text, hint text) LANGUAGE plpgsql SET client_min_messages = error AS $$
DECLARE
	statement text;
BEGIN
	FOREACH statement IN ARRAY statements LOOP
		BEGIN
			EXECUTE statement;
			error := 'done: ' || statement;
			detail := NULL;
			hint := NULL;
		EXCEPTION WHEN OTHERS THEN
			error := SQLSTATE || ' ' || SQLERRM;
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		END;
		RETURN NEXT;
	END LOOP;
END
$$;
