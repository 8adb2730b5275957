/* nps/sql/survey/report.sql */

CREATE FUNCTION @extschema@.nps_fill(template text, facts jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	RETURN (
		/* in one pass, so that nothing in a fact is taken for a part of the template */
		SELECT pg_catalog.string_agg(
			CASE WHEN place OPERATOR(pg_catalog.%) 2 OPERATOR(pg_catalog.=) 1 THEN piece
				ELSE facts OPERATOR(pg_catalog.->>) piece END, '' ORDER BY place)
		FROM pg_catalog.regexp_split_to_table(template, '<<|>>') WITH ORDINALITY AS piece(piece, place)
	);
COMMENT ON FUNCTION @extschema@.nps_fill(text, jsonb) IS 'part of nps_attach(): a view definition with each <<name>> replaced by the fact of that name';

CREATE FUNCTION @extschema@.nps_periods_between(period date, next_period date, step interval)
	RETURNS SETOF date
	/*
	 * STRICT keeps it from being inlined: as plain generate_series it would be
	 * taken for 1,000 rows, where most often there is none.
	 */
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 1
	BEGIN ATOMIC
	SELECT start::date
	FROM pg_catalog.generate_series(period OPERATOR(pg_catalog.+) step,
		next_period OPERATOR(pg_catalog.-) interval '1 day', step) AS start;
	END;
COMMENT ON FUNCTION @extschema@.nps_periods_between(date, date, interval) IS 'first days of the periods that lie between two';

CREATE FUNCTION @extschema@.nps_report_views(facts jsonb, segment_names text[])
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The report views of a survey, in the order in which they can be created.
 *
 * No function that can fail on data is called on a raw score: category is asked
 * of a score that was found valid, or of NULL.  An answer whose time is no
 * usable date counts, without a date.
 */
DECLARE
	grains CONSTANT text[] := ARRAY['day', 'week', 'month', 'quarter', 'year'];
	grain text;
	segment text;
	cells text[] := '{}';
	by_grain text[] := '{}';
	by_segment text[] := '{}';
	by_both text[] := '{}';
	totals text;				-- of the whole survey
	whole text;				-- its tally
	named jsonb := facts;		-- and what the reports read where there is a rollup
BEGIN
	/*
	 * With a rollup each report has two parts, of which the planner leaves one
	 * out: the source, or the rollup for those whom it serves.
	 */
	named := named || jsonb_build_object('nothing', 'CROSS JOIN (SELECT FROM generate_series(1, 1)) AS nothing WHERE false');
	named := named || CASE WHEN facts ? 'rollup' THEN jsonb_build_object(
		-- the planner leaves a join out whose condition is false, but not every scan
		'unless_served', replace(named->>'nothing', 'WHERE false',
			format('WHERE NOT @extschema@.nps_rollup_serves(%L::regclass)', facts->>'rollup')),
		'served', @extschema@.nps_fill('<<rollup>> WHERE @extschema@.nps_rollup_serves(<<rollup_name>>::regclass)',
			facts || jsonb_build_object('rollup_name', quote_literal(facts->>'rollup'))),
		'net', '@extschema@.nps_rollup_net(@extschema@.nps_tally_agg(added), @extschema@.nps_tally_agg(removed)) AS tally, '
			'coalesce(sum(unanswered), 0)::bigint AS unanswered, coalesce(sum(rejected), 0)::bigint AS rejected, '
			'coalesce(sum(with_comment), 0)::bigint AS comments',
		'not_empty', '@extschema@.nps_responses(tally) > 0 OR unanswered <> 0 OR rejected <> 0'
		) ELSE jsonb_build_object('unless_served', '') END;

	name := 'response';
	definition := @extschema@.nps_fill($view$
		SELECT response_id, respondent, account, <<score_column>>,
			@extschema@.nps_category(score<<scale_argument>>) AS category,
			@extschema@.nps_points(score<<scale_argument>>) AS nps_points,
			responded_at, comment,
			coalesce(<<has_comment>>, false) AS has_comment,
			<<segment_list>> revenue
		FROM <<answer>>
		WHERE <<valid>>
		$view$, facts);
	RETURN NEXT;

	name := 'not_counted';
	definition := @extschema@.nps_fill($view$
		SELECT response_id, raw_score::text AS raw_score, rejection AS reason, respondent, responded_at
		FROM <<answer>>
		WHERE score IS NULL
		$view$, facts);
	RETURN NEXT;

	totals := $view$
			SELECT @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally,
				count(*) AS answers,
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
				count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer') AS rejected,
				count(*) FILTER (WHERE score IS NOT NULL AND <<has_comment>>) AS comments,
				min(<<local_time>>) FILTER (WHERE score IS NOT NULL) AS first_answer,
				max(<<local_time>>) FILTER (WHERE score IS NOT NULL) AS last_answer
			FROM <<answer>> <<unless_served>>
$view$;
	IF facts ? 'rollup' THEN
		totals := $view$
			SELECT @extschema@.nps_tally_agg(tally) AS tally, sum(answers)::bigint AS answers, sum(unanswered)::bigint AS unanswered,
				sum(rejected)::bigint AS rejected, sum(comments)::bigint AS comments,
				min(first_answer) AS first_answer, max(last_answer) AS last_answer
			FROM ($view$ || totals || $view$
				UNION ALL
				SELECT tally, @extschema@.nps_responses(tally) + unanswered + rejected, unanswered, rejected, comments,
					CASE WHEN @extschema@.nps_responses(tally) > 0 THEN day::timestamp END,
					CASE WHEN @extschema@.nps_responses(tally) > 0 THEN day::timestamp END
				FROM (SELECT day, <<net>> FROM <<served>> GROUP BY day) days
			) parts$view$;
	END IF;
	name := 'summary';
	definition := @extschema@.nps_fill($view$
		SELECT m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			t.unanswered, t.rejected,
			CASE WHEN t.unanswered > 0 THEN m.responses::double precision / t.answers END AS response_rate,
			t.comments / nullif(m.responses, 0)::double precision AS comment_share,
			s.goal, m.nps - s.goal AS gap, s.benchmark,
			t.first_answer::date AS first_answer, t.last_answer::date AS last_answer,
			nullif(concat_ws('; ',
				CASE WHEN m.detractors = m.responses AND m.responses > 0
					THEN 'every answer is a detractor: is the scale right?' END,
				CASE WHEN t.rejected > 0 THEN t.rejected || CASE t.rejected WHEN 1 THEN ' score does' ELSE ' scores do' END || ' not count, see not_counted' END), '') AS warning
			<<satisfied_columns>>
		FROM (<<totals>>) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_share_interval(m.promoters, m.responses) w ON true
		LEFT JOIN (SELECT * FROM <<survey>> LIMIT 1) s ON true
		$view$, named || jsonb_build_object('totals', @extschema@.nps_fill(totals, named), 'satisfied_columns', CASE WHEN (facts->>'satisfaction')::boolean
			-- for those who look for CSAT or CES by name
			THEN ', m.promoter_share AS satisfied_share, w.low AS satisfied_low, w.high AS satisfied_high' ELSE '' END));
	RETURN NEXT;

	whole := CASE WHEN facts ? 'rollup' THEN $view$
			SELECT @extschema@.nps_tally_agg(tally) AS tally FROM (
				SELECT @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally FROM <<response>> <<unless_served>>
				UNION ALL
				SELECT tally FROM (SELECT <<net>> FROM <<served>>) t) parts$view$
		ELSE 'SELECT @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally FROM <<response>>' END;
	name := 'distribution';
	definition := @extschema@.nps_fill(CASE WHEN (facts->>'whole')::boolean THEN $view$
		SELECT s.score::smallint AS score, @extschema@.nps_category(s.score<<scale_argument>>) AS category,
			coalesce((@extschema@.nps_histogram(t.tally))[s.score - <<min_score>> + 1], 0) AS responses,
			(@extschema@.nps_histogram(t.tally))[s.score - <<min_score>> + 1]::double precision / @extschema@.nps_responses(t.tally) AS share
		FROM (<<whole_survey>>) t
		CROSS JOIN generate_series(<<min_score>>, <<max_score>>) AS s(score)
		$view$ ELSE $view$
		SELECT b.score, b.category, b.responses,
			b.responses::double precision / nullif(@extschema@.nps_responses(t.tally), 0) AS share
		FROM (<<whole_survey>>) t
		CROSS JOIN @extschema@.nps_scales() s
		CROSS JOIN LATERAL (VALUES
			(s.detractor, 'detractor', @extschema@.nps_detractors(t.tally)),
			(s.passive, 'passive', @extschema@.nps_passives(t.tally)),
			(s.promoter, 'promoter', @extschema@.nps_promoters(t.tally))) AS b(score, category, responses)
		WHERE s.scale = <<scale>>
		$view$ END, named || jsonb_build_object('whole_survey', @extschema@.nps_fill(whole, named)));
	RETURN NEXT;

	/*
	 * A UNION ALL of the grains below windows that are partitioned by grain:
	 * WHERE grain = 'month' reaches down to the one branch that is needed.
	 *
	 * The inner UNION ALL with nothing keeps the planner from taking each time
	 * for a period of its own: where it knows nothing of a column it assumes few
	 * values, and counts them in parallel.
	 */
	FOREACH grain IN ARRAY grains LOOP
		cells := cells || @extschema@.nps_fill($view$
				SELECT '<<grain>>'::text AS grain, interval '<<step>>' AS step,
					period,
					@extschema@.nps_tally_agg(score<<scale_argument>>) AS tally,
					count(*) AS answers,
					count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
					count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer') AS rejected,
					count(*) FILTER (WHERE score IS NOT NULL AND <<has_comment>>) AS comments
				FROM (
					SELECT score, rejection, comment, <<period>> AS period FROM <<answer>> <<unless_served>>
					UNION ALL
					SELECT score, rejection, comment, <<period>> FROM <<answer>> <<nothing>>
				) a
				GROUP BY period
			$view$ || CASE WHEN facts ? 'rollup' THEN $view$
				UNION ALL
				SELECT '<<grain>>', interval '<<step>>', period, tally,
					@extschema@.nps_responses(tally) + unanswered + rejected, unanswered, rejected, comments
				FROM (SELECT @extschema@.nps_period(day, '<<grain>>') AS period, <<net>> FROM <<served>> GROUP BY 1) c
				WHERE <<not_empty>>
			$view$ ELSE '' END, named || jsonb_build_object('grain', grain,
				'period', format('@extschema@.nps_period(responded_at, %s, %L)', facts->>'zone', grain), 'step',
				CASE grain WHEN 'quarter' THEN '3 months' ELSE '1 ' || grain END));
	END LOOP;
	name := 'trend';
	definition := @extschema@.nps_fill($view$
		SELECT t.grain, t.period_start, (t.period_start + t.step - interval '1 day')::date AS period_end,
			t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			t.unanswered, t.rejected,
			CASE WHEN t.knows_unanswered AND t.answers > 0
				THEN m.responses::double precision / t.answers END AS response_rate,
			t.comments / nullif(m.responses, 0)::double precision AS comment_share,
			k.change, k.low AS change_low, k.high AS change_high, k.p_value AS change_p_value
		FROM (
			SELECT c.grain, c.step, f.period_start, f.first_of_cell, c.today, c.knows_unanswered,
				CASE WHEN f.first_of_cell THEN c.tally ELSE '{}' END AS tally,
				CASE WHEN f.first_of_cell THEN c.previous END AS previous,
				CASE WHEN f.first_of_cell THEN c.answers ELSE 0 END AS answers,
				CASE WHEN f.first_of_cell THEN c.unanswered ELSE 0 END AS unanswered,
				CASE WHEN f.first_of_cell THEN c.rejected ELSE 0 END AS rejected,
				CASE WHEN f.first_of_cell THEN c.comments ELSE 0 END AS comments
			FROM (
				SELECT cell.*, @extschema@.nps_period(now(), <<zone>>, 'day') AS today,
					(@extschema@.nps_period(now(), <<zone>>, grain) + step)::date AS end_of_time,
					lead(period) OVER (PARTITION BY grain ORDER BY period) AS next_period,
					CASE WHEN period IS NOT NULL AND @extschema@.nps_responses(tally) > 0
						THEN lag(tally) OVER (PARTITION BY grain, @extschema@.nps_responses(tally) > 0 ORDER BY period) END AS previous,
					coalesce(sum(unanswered) FILTER (WHERE period IS NOT NULL) OVER (PARTITION BY grain), 0) > 0
						AS knows_unanswered
				FROM (<<cells>>) cell
			) c
			-- a period without answers is a row too, up to the running one
			CROSS JOIN LATERAL (
				SELECT c.period AS period_start, true AS first_of_cell
				UNION ALL
				SELECT gap, false
				FROM @extschema@.nps_periods_between(c.period, least(c.next_period, c.end_of_time), c.step) gap
				WHERE c.period + c.step < least(c.next_period, c.end_of_time)
			) f
		) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_compare(t.previous, t.tally) k ON true
		$view$, facts || jsonb_build_object('cells', array_to_string(cells, 'UNION ALL')));
	RETURN NEXT;

	FOREACH segment IN ARRAY segment_names LOOP
		by_segment := by_segment || @extschema@.nps_fill($view$
				SELECT <<segment>>::text AS segment, <<column>>::text AS value, @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally
				FROM <<response>> <<unless_served>>
				GROUP BY <<column>>::text
			$view$ || CASE WHEN facts ? 'rollup' THEN $view$
				UNION ALL
				SELECT <<segment>>, value, tally
				FROM (SELECT <<column>>::text AS value, <<net>> FROM <<served>> GROUP BY <<column>>::text) c
				WHERE @extschema@.nps_responses(tally) > 0
			$view$ ELSE '' END, named || jsonb_build_object('segment', quote_literal(segment), 'column', quote_ident(segment)));
		FOREACH grain IN ARRAY grains LOOP
			by_both := by_both || @extschema@.nps_fill($view$
				SELECT '<<grain>>'::text AS grain, interval '<<step>>' AS step,
					period, <<segment>>::text AS segment, value,
					@extschema@.nps_tally_agg(score<<scale_argument>>) AS tally
				FROM (
					SELECT score, <<column>>::text AS value, <<period>> AS period FROM <<response>> <<unless_served>>
					UNION ALL
					SELECT score, <<column>>::text, <<period>> FROM <<response>> <<nothing>>
				) a
				GROUP BY period, value
			$view$ || CASE WHEN facts ? 'rollup' THEN $view$
				UNION ALL
				SELECT '<<grain>>', interval '<<step>>', period, <<segment>>, value, tally
				FROM (SELECT @extschema@.nps_period(day, '<<grain>>') AS period, <<column>>::text AS value, <<net>>
					FROM <<served>> GROUP BY 1, <<column>>::text) c
				WHERE @extschema@.nps_responses(tally) > 0
			$view$ ELSE '' END, named || jsonb_build_object('grain', grain,
				'period', format('@extschema@.nps_period(responded_at, %s, %L)', facts->>'zone', grain), 'step',
				CASE grain WHEN 'quarter' THEN '3 months' ELSE '1 ' || grain END,
				'segment', quote_literal(segment), 'column', quote_ident(segment)));
		END LOOP;
	END LOOP;
	-- without segments: views of the same shape, without rows
	IF segment_names = '{}' THEN
		by_segment := ARRAY[$view$
				SELECT NULL::text AS segment, NULL::text AS value, '{}'::@extschema@.nps_tally AS tally WHERE false
			$view$];
		by_both := ARRAY[$view$
				SELECT NULL::text AS grain, NULL::interval AS step, NULL::date AS period,
					NULL::text AS segment, NULL::text AS value, '{}'::@extschema@.nps_tally AS tally WHERE false
			$view$];
	END IF;

	name := 'segment';
	definition := @extschema@.nps_fill($view$
		SELECT t.segment, t.value,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			m.responses::double precision / @extschema@.nps_responses(t.whole) AS share,
			@extschema@.nps_contribution(t.tally, t.whole) AS contribution,
			@extschema@.nps_impact(t.tally, t.whole) AS impact,
			d.change AS difference, d.low AS difference_low, d.high AS difference_high, d.p_value AS difference_p_value
		FROM (
			SELECT cell.*, @extschema@.nps_tally_agg(tally) OVER (PARTITION BY segment) AS whole
			FROM (<<cells>>) cell
		) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_compare(t.whole OPERATOR(@extschema@.-) t.tally, t.tally) d ON true
		$view$, facts || jsonb_build_object('cells', array_to_string(by_segment, 'UNION ALL')));
	RETURN NEXT;

	/*
	 * Each cell is put into its own period, and as what was before into the
	 * next period that has answers, where a value that is gone gets a row too:
	 * without it the effects would not sum to the change of the whole.
	 */
	name := 'segment_trend';
	definition := @extschema@.nps_fill($view$
		SELECT t.grain, t.period_start, (t.period_start + t.step - interval '1 day')::date AS period_end,
			t.period_start <= t.today AND t.today < t.period_start + t.step AS is_partial,
			t.segment, t.value,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			m.responses::double precision / nullif(@extschema@.nps_responses(t.whole), 0) AS share,
			@extschema@.nps_contribution(t.tally, t.whole) AS contribution,
			@extschema@.nps_impact(t.tally, t.whole) AS impact,
			d.change AS difference, d.low AS difference_low, d.high AS difference_high, d.p_value AS difference_p_value,
			k.change, k.low AS change_low, k.high AS change_high, k.p_value AS change_p_value,
			e.rate_effect, e.mix_effect
		FROM (
			SELECT pair.*, @extschema@.nps_period(now(), <<zone>>, 'day') AS today,
				@extschema@.nps_tally_agg(tally) OVER of_period AS whole,
				@extschema@.nps_tally_agg(previous) OVER of_period AS whole_before
			FROM (
				SELECT c.grain, c.step, p.period_start, c.segment, c.value,
					@extschema@.nps_tally_agg(p.tally) AS tally, @extschema@.nps_tally_agg(p.previous) AS previous
				FROM (
					SELECT cell.*,
						min(period) OVER (PARTITION BY grain, segment ORDER BY period
							GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS next_period
					FROM (<<cells>>) cell
				) c
				CROSS JOIN LATERAL (
					SELECT c.period AS period_start, c.tally, '{}'::@extschema@.nps_tally AS previous
					UNION ALL
					SELECT c.next_period, '{}', c.tally WHERE c.next_period IS NOT NULL
				) p
				GROUP BY c.grain, c.step, p.period_start, c.segment, c.value
			) pair
			WINDOW of_period AS (PARTITION BY grain, segment, period_start)
		) t
		CROSS JOIN LATERAL @extschema@.nps_summary(t.tally) m
		LEFT JOIN LATERAL @extschema@.nps_compare(t.whole OPERATOR(@extschema@.-) t.tally, t.tally) d ON true
		LEFT JOIN LATERAL @extschema@.nps_compare(t.previous, t.tally) k ON true
		LEFT JOIN LATERAL @extschema@.nps_effects(t.previous, t.whole_before, t.tally, t.whole) e ON true
		$view$, facts || jsonb_build_object('cells', array_to_string(by_both, 'UNION ALL')));
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_views(jsonb, text[]) IS 'part of nps_attach(): the definitions of the report views of a survey';
