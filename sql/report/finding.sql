/* nps/sql/report/finding.sql */

-- What a report says, by fixed rules.  "More than chance" is a p-value below nps_report_chance(): for the change of the
-- whole, which is the only planned comparison, as it is; for everything that is searched for, adjusted for how much
-- was looked at.

CREATE FUNCTION @extschema@.nps_report_title(words jsonb, data jsonb)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The score, and how it changed. */
DECLARE
	period CONSTANT jsonb := data->'period';
	few CONSTANT bigint := data->>'few';
	before CONSTANT text := @extschema@.nps_report_period(words, data->>'grain', (period->>'change_from')::date);
	change CONSTANT numeric := period->>'change';
	measure CONSTANT text := words->>CASE data->>'scale' WHEN 'nps' THEN 'measure.nps' ELSE 'measure' END;
	score CONSTANT text := @extschema@.nps_report_number(words, (period->>'nps')::numeric);
	is_real CONSTANT boolean := (period->>'change_p_value')::numeric < @extschema@.nps_report_chance();
BEGIN
	RETURN CASE
		WHEN (data->'summary'->>'responses')::bigint = 0 OR period IS NULL THEN words->>'title.none'
		WHEN (period->>'responses')::bigint = 0 THEN format(words->>'title.empty', @extschema@.nps_report_in(words, data->>'grain', (period->>'period_start')::date))
		WHEN (period->>'responses')::bigint < few
			THEN format(words->>'title.few', measure, score, @extschema@.nps_report_counted(words, 'answers', (period->>'responses')::bigint))
		WHEN change IS NULL THEN format(words->>'title.first', measure, score)
		WHEN coalesce((data->'before'->>'responses')::bigint, 0) < few THEN format(words->>'title.few_before', measure, score,
			@extschema@.nps_report_in(words, data->>'grain', (period->>'change_from')::date))
		WHEN NOT is_real AND round(change) = 0 THEN format(words->>'title.same', measure, score, before)
		ELSE format(words->>CASE WHEN change > 0 THEN 'title.up' ELSE 'title.down' END, measure, score, @extschema@.nps_report_points(words, change), before,
			words->>CASE WHEN is_real THEN 'real' ELSE 'chance' END) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_title(jsonb, jsonb) IS 'part of nps_report_html(): the title, by rule';

CREATE FUNCTION @extschema@.nps_report_goal(words jsonb, phrase text, period jsonb, aim numeric)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Where a goal or benchmark is: beyond the interval it differs from the score by more than chance. */
BEGIN
	RETURN CASE WHEN period->>'nps' IS NULL THEN words->>'none' ELSE format(words->>(phrase || CASE WHEN aim < (period->>'nps_low')::numeric THEN '.above'
		WHEN aim > (period->>'nps_high')::numeric THEN '.below' ELSE '.close' END), @extschema@.nps_report_number(words, aim)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_goal(jsonb, text, jsonb, numeric) IS 'part of nps_report_html(): whether a goal is reached, in words';

CREATE FUNCTION @extschema@.nps_report_effect(words jsonb, member jsonb, begins boolean)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	RETURN format(words->>CASE WHEN (member->>'rate_effect')::numeric < 0 THEN 'effect.took' ELSE 'effect.added' END,
		@extschema@.nps_report_group(words, member, begins), @extschema@.nps_report_points(words, (member->>'rate_effect')::numeric));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_effect(jsonb, jsonb, boolean) IS 'part of nps_report_html(): what a group did to the whole, in words';

CREATE FUNCTION @extschema@.nps_report_turns(words jsonb, data jsonb)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Which changes of the trend are more than chance: both if there are two, or the newest of more. */
DECLARE
	turns text[];
	answered CONSTANT bigint := (SELECT count(*) FROM jsonb_array_elements(data->'trend') AS t(row) WHERE (t.row->>'responses')::bigint > 0);
	tested CONSTANT bigint := (SELECT count(t.row->>'change_p_adjusted') FROM jsonb_array_elements(data->'trend') AS t(row));
BEGIN
	turns := ARRAY(SELECT format(words->>CASE WHEN (t.row->>'change')::numeric < 0 THEN 'turn.down' ELSE 'turn.up' END,
			@extschema@.nps_report_points(words, (t.row->>'change')::numeric),
			@extschema@.nps_report_in(words, coalesce(data->>'trend_grain', data->>'grain'), (t.row->>'period_start')::date))
		FROM jsonb_array_elements(data->'trend') WITH ORDINALITY AS t(row, place)
		WHERE (t.row->>'change_p_adjusted')::numeric < @extschema@.nps_report_chance() ORDER BY t.place);
	RETURN CASE
		WHEN answered < 2 THEN words->>CASE WHEN (data->>'has_days')::boolean THEN 'trend.one.days' ELSE 'trend.one' END
		WHEN tested = 0 THEN words->>'trend.few'
		WHEN cardinality(turns) = 0 THEN words->>'trend.none'
		WHEN cardinality(turns) = 1 THEN format(words->>'trend.1', turns[1])
		WHEN cardinality(turns) = 2 THEN format(words->>'trend.2', turns[1], turns[2])
		ELSE format(words->>'trend.n', @extschema@.nps_report_number(words, cardinality(turns)), turns[cardinality(turns)]) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_turns(jsonb, jsonb) IS 'part of nps_report_html(): the heading of the trend, by rule';

CREATE FUNCTION @extschema@.nps_report_apart(words jsonb, groups jsonb)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Which groups score below or above the others: the one or two there are, or the most harmful and helpful of more. */
DECLARE
	side text;
	members jsonb;
	names text;
	found text := '';
BEGIN
	IF (groups->>'tested')::bigint = 0 THEN
		RETURN words->>'apart.few';
	END IF;
	FOREACH side IN ARRAY ARRAY['below', 'above'] LOOP
		-- the most harmful, or helpful, comes first
		SELECT jsonb_agg(m.member ORDER BY abs((m.member->>'impact')::numeric) DESC NULLS LAST, m.place) INTO members
		FROM jsonb_array_elements(CASE jsonb_typeof(groups->'apart') WHEN 'array' THEN groups->'apart' ELSE '[]' END) WITH ORDINALITY AS m(member, place)
		WHERE ((m.member->>'difference')::numeric < 0) = (side = 'below');
		CONTINUE WHEN members IS NULL;
		names := @extschema@.nps_report_group(words, members->0, found = '');
		found := found || CASE WHEN found = '' THEN '' ELSE words->>'list.next' END || CASE jsonb_array_length(members)
			WHEN 1 THEN format(words->>('apart.' || side || '.1'), names)
			WHEN 2 THEN format(words->>('apart.' || side || '.2'), names, @extschema@.nps_report_group(words, members->1))
			ELSE format(words->>('apart.' || side || '.n'), names, @extschema@.nps_report_number(words, jsonb_array_length(members) - 1)) END;
	END LOOP;
	RETURN coalesce(nullif(found, ''), words->>'apart.none');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_apart(jsonb, jsonb) IS 'part of nps_report_html(): the heading of the segments, by rule';

CREATE FUNCTION @extschema@.nps_report_findings(words jsonb, data jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* All headings of a report, by section.  A section whose heading is NULL is left out. */
DECLARE
	period CONSTANT jsonb := data->'period';
	moved CONSTANT jsonb := CASE jsonb_typeof(data->'groups'->'moved') WHEN 'array' THEN data->'groups'->'moved' ELSE '[]' END;
	first CONSTANT jsonb := moved->0;
	causes CONSTANT jsonb := data->'causes';
	most_named CONSTANT text[] := ARRAY(SELECT @extschema@.nps_report_value(words, c.row->>'cause', 60) FROM jsonb_array_elements(causes) WITH ORDINALITY AS c(row, place)
		WHERE c.row->'respondents' = causes->0->'respondents' ORDER BY c.place);
	opened CONSTANT jsonb := CASE WHEN data->'loop'->0->>'period_start' = period->>'period_start' THEN data->'loop'->0 END;
	-- the view knows which scales ask for it
	satisfaction CONSTANT text := CASE WHEN data->'summary'->>'satisfied_share' IS NULL THEN '' ELSE '.satisfaction' END;
BEGIN
	RETURN jsonb_build_object(
		'title', @extschema@.nps_report_title(words, data),
		'lede', CASE
			WHEN period IS NULL THEN words->>'lede.none'
			WHEN jsonb_array_length(moved) = 0 THEN CASE WHEN data->>'goal' IS NOT NULL AND period->>'nps' IS NOT NULL
				THEN @extschema@.nps_report_goal(words, 'lede', period, (data->>'goal')::numeric) END
			ELSE format(words->>CASE WHEN jsonb_array_length(moved) = 1 THEN 'lede.moved.1' ELSE 'lede.moved.n' END, @extschema@.nps_report_number(words, jsonb_array_length(moved)),
				@extschema@.nps_report_group(words, first),
				format(words->>CASE WHEN (first->>'change')::numeric < 0 THEN 'went.down' ELSE 'went.up' END,
					@extschema@.nps_report_points(words, (first->>'change')::numeric), @extschema@.nps_report_number(words, (first->>'nps')::numeric)),
				format(words->>CASE WHEN (first->>'rate_effect')::numeric < 0 THEN 'which.took' ELSE 'which.added' END,
					@extschema@.nps_report_points(words, (first->>'rate_effect')::numeric))) END,
		'distribution', CASE WHEN (period->>'responses')::bigint > 0 THEN format(words->>('distribution' || satisfaction),
			@extschema@.nps_report_share(words, (period->>'promoter_share')::numeric), @extschema@.nps_report_share(words, (period->>'detractor_share')::numeric)) END,
		'trend', CASE WHEN period->>'period_start' IS NOT NULL AND jsonb_array_length(data->'trend') > 0 THEN @extschema@.nps_report_turns(words, data) END,
		'moved', CASE
			WHEN jsonb_typeof(data->'groups'->'by_effect') IS DISTINCT FROM 'array' OR period->>'change' IS NULL THEN NULL
			WHEN (data->'groups'->>'change_tested')::bigint = 0 THEN words->>'moved.few'
			WHEN jsonb_array_length(moved) = 0 THEN words->>'moved.none'
			WHEN jsonb_array_length(moved) = 1 THEN format(words->>'moved.1', @extschema@.nps_report_effect(words, first, true))
			WHEN jsonb_array_length(moved) = 2 THEN format(words->>'moved.2', @extschema@.nps_report_effect(words, first, true), @extschema@.nps_report_effect(words, moved->1, false))
			ELSE format(words->>'moved.n', @extschema@.nps_report_number(words, jsonb_array_length(moved)), @extschema@.nps_report_effect(words, first, false)) END,
		'segments', CASE WHEN jsonb_typeof(data->'groups'->'by_impact') = 'array' THEN @extschema@.nps_report_apart(words, data->'groups') END,
		'causes', CASE
			WHEN causes IS NULL THEN NULL
			WHEN cardinality(most_named) = 0 THEN words->>'causes.none'
			WHEN cardinality(most_named) = 1 THEN format(words->>'causes.1', most_named[1], @extschema@.nps_report_counted(words, 'customers', (causes->0->>'respondents')::bigint))
			WHEN cardinality(most_named) = 2 THEN format(words->>'causes.2', most_named[1], most_named[2], @extschema@.nps_report_counted(words, 'customers', (causes->0->>'respondents')::bigint))
			ELSE format(words->>'causes.n', @extschema@.nps_report_number(words, cardinality(most_named)), @extschema@.nps_report_counted(words, 'customers', (causes->0->>'respondents')::bigint)) END,
		'loop', CASE
			WHEN data->'loop' IS NULL THEN NULL
			WHEN coalesce((opened->>'cases')::bigint, 0) = 0 THEN format(words->>'loop.none', @extschema@.nps_report_in(words, data->>'grain', (period->>'period_start')::date))
			ELSE format(words->>CASE WHEN (opened->>'cases')::bigint = 1 THEN 'loop.1' ELSE 'loop.n' END, @extschema@.nps_report_number(words, (opened->>'contacted')::bigint),
				@extschema@.nps_report_number(words, (opened->>'cases')::bigint), @extschema@.nps_report_number(words, (opened->>'contacted_in_time')::bigint)) END,
		'list', CASE
			WHEN jsonb_typeof(data->'list') IS DISTINCT FROM 'object' THEN NULL
			WHEN (data->'list'->>'open')::bigint = 0 THEN words->>'list.none'
			ELSE format(words->>'list.n', @extschema@.nps_report_counted(words, 'call', jsonb_array_length(data->'list'->'first')),
				@extschema@.nps_report_number(words, (data->'list'->>'late')::bigint), @extschema@.nps_report_counted(words, 'open', (data->'list'->>'open')::bigint)) END,
		'quotes', CASE WHEN jsonb_array_length(data->'quotes') > 0 THEN @extschema@.nps_report_counted(words, 'quotes', jsonb_array_length(data->'quotes')) END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_findings(jsonb, jsonb) IS 'part of nps_report_html(): all headings of a report, by rule';
