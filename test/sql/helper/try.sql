-- A statement as somebody: how many rows, or why not.
CREATE FUNCTION try(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	RESET ROLE;
	RETURN n || ' rows';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END
$$;
