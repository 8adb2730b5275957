/* nps/sql/survey/followup.sql */

CREATE FUNCTION @extschema@.nps_case_facts(facts jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The pieces that the views about cases are put together from.
 *
 * A case is named after the answer that opened it.  It is one that somebody took
 * on, which followup_case tells, or else the unbroken run of answers that the
 * playbook wants followed up, and that no finished case covers.  Of two answers
 * the newer is the one with the later time; of two at the same time, that with
 * the greater response_id.
 *
 * all_cases is that definition, for every case there ever was: it sorts all
 * answers.  open_cases is what is open now.  Where an index finds the answers of
 * a respondent it looks at the answers of the last weeks and at nothing else;
 * where there is none, it is taken out of all_cases.  Tests compare the two.
 */
DECLARE
	named jsonb;
	alias text;
	dated CONSTANT boolean := (facts->>'dated')::boolean;
	untaken jsonb;				-- cases that nobody took on: how they are looked up
	ranked boolean;
BEGIN
	/*
	 * All settings and rules in one row: for each column of the playbook an
	 * array with the value for each score.  That the row is one the planner
	 * learns from LIMIT; what is not asked for is not computed.
	 */
	named := facts || jsonb_build_object(
		'oldest_first', 'responded_at NULLS FIRST, response_id',
		'newest_first', 'responded_at DESC NULLS LAST, response_id DESC',
		'work_time', @extschema@.nps_fill('<<zone>>, s.work_days, s.work_from, s.work_until, s.holidays', facts),
		'settings', @extschema@.nps_fill($sql$(
			SELECT s.*, r.*, now() - make_interval(days => s.follow_up_days) AS since,
				(SELECT array_agg(h.day) FROM <<holiday>> h) AS holidays
			FROM <<survey>> s
			CROSS JOIN (
				SELECT <<arrays>>,
					coalesce(array_agg(i.score) FILTER (WHERE p.follow_up), '{}') AS followed
				FROM generate_series(<<lowest>>, <<highest>>) AS i(score)
				LEFT JOIN <<playbook>> p ON i.score BETWEEN p.score_from AND p.score_to) r
			LIMIT 1)$sql$, facts || jsonb_build_object('arrays', (
				SELECT string_agg(format('array_agg(p.%1$s ORDER BY i.score) AS rule_%1$s', c), ', ' ORDER BY place)
				FROM unnest(ARRAY['follow_up', 'verdict', 'severity', 'personal', 'channel', 'steps', 'acknowledge_hours', 'contact_hours',
					'resolve_hours', 'guidance', 'owner']) WITH ORDINALITY AS u(c, place)))));
	FOREACH alias IN ARRAY ARRAY['n', 'x', 'o', 'q', 'a'] LOOP
		named := named || jsonb_build_object(
			'newest_' || alias, format('%1$s.responded_at DESC NULLS LAST, %1$s.response_id DESC', alias),
			'valid_' || alias, replace(facts->>'valid_of', '<alias>', alias),
			'whole_' || alias, format(facts->>'whole_of', format('%s.%s', alias, facts->>'score')));
	END LOOP;
	named := named || jsonb_build_object(
		'newer_x_n', @extschema@.nps_fill($sql$(x.responded_at > n.responded_at
				OR x.responded_at = n.responded_at AND x.response_id <<response_id_greater>> n.response_id
				OR n.responded_at IS NULL AND (x.responded_at IS NOT NULL OR x.response_id <<response_id_greater>> n.response_id))$sql$, named),
		-- an open case has all answers of its respondent, a finished one those until then
		'covered_q', @extschema@.nps_fill($sql$(EXISTS (
				SELECT FROM <<followup_case>> c
				WHERE c.respondent <<respondent_equals>> q.respondent AND c.taken
					AND (c.is_open OR c.finished_at >= q.responded_at OR c.dismiss_reason = 'opted_out'
						OR q.responded_at IS NULL AND (c.opened_at IS NOT NULL OR NOT q.response_id <<response_id_greater>> c.case_id)))
				-- IS NOT NULL is true; asked inside, it keeps the planner from hashing all cases for one look-up
				OR EXISTS (SELECT FROM <<followup_case>> c WHERE c.case_id <<response_id_equals>> q.response_id AND c.taken AND q.response_id IS NOT NULL))$sql$, named));
	FOREACH alias IN ARRAY ARRAY['n', 'o', 'a'] LOOP
		named := named || jsonb_build_object('clock_' || alias, @extschema@.nps_fill(replace(
			'CASE WHEN @extschema@.nps_local_time(<alias>.responded_at, <<zone>>) IS NOT NULL THEN least(<alias>.responded_at, now()) END',
			'<alias>', alias), named));
	END LOOP;

	/*
	 * From one start to the next is a unit: the answers of a case, and behind
	 * them those that are none of it.  An open case that somebody took on has
	 * the newest answer of its respondent, wherever that stands.
	 */
	named := named || jsonb_build_object('all_cases', @extschema@.nps_fill($sql$(
		SELECT respondent, case_id, opened_at, opening_score, is_recorded, is_recorded_open, opted_out, responses, left_at,
			CASE WHEN shows_newest THEN newest_id WHEN is_answer THEN response_id END AS response_id,
			CASE WHEN shows_newest THEN newest_score ELSE score END AS score,
			CASE WHEN shows_newest THEN newest_at ELSE responded_at END AS responded_at,
			CASE WHEN shows_newest THEN newest_revenue ELSE revenue END AS revenue,
			CASE WHEN shows_newest THEN newest_contactable ELSE contactable END AS contactable,
			CASE WHEN shows_newest THEN newest_churned_at ELSE churned_at END AS churned_at,
			CASE WHEN shows_newest THEN second_score ELSE previous_score END AS previous_score,
			CASE WHEN NOT shows_newest THEN next_score END AS next_score,
			CASE WHEN NOT shows_newest THEN next_at END AS next_at,
			is_last AND NOT is_covered AS is_current
		FROM (
			SELECT u.*, member AND NOT coalesce(lead(member) OVER of_unit, false) AS is_newest,
				coalesce(is_recorded_open, false) AS shows_newest
			FROM (
				SELECT respondent, response_id, is_answer, score, responded_at, revenue, contactable, churned_at, left_at, unit, is_last, is_covered,
					responses, previous_score, next_score, next_at, opted_out, second_score,
					CASE WHEN newest_is_answer THEN newest_id END AS newest_id, newest_score, newest_at, newest_revenue,
					newest_contactable, newest_churned_at,
					first_value(response_id) OVER of_unit AS case_id,
					first_value(clock) OVER of_unit AS opened_at,
					first_value(score) OVER of_unit AS opening_score,
					first_value(is_recorded) OVER of_unit AS is_recorded,
					first_value(is_open) OVER of_unit AS is_recorded_open,
					CASE WHEN first_value(is_recorded) OVER of_unit
						THEN is_recorded OR coalesce(first_value(is_open) OVER of_unit, false)
							OR coalesce(responded_at <= finished_before, false)
						ELSE free_bad END AS member
				FROM (
					SELECT started.*, count(*) FILTER (WHERE starts) OVER of_respondent AS unit
					FROM (
						SELECT bound.*,
							is_recorded OR free_bad AND NOT coalesce(lag(free_bad) OVER of_respondent, false) AS starts
						FROM (
							SELECT known.*, is_answer AND bad AND NOT belongs AS free_bad
							FROM (
								SELECT e.*,
									is_recorded OR coalesce(bool_or(is_open) OVER of_respondent, false)
										OR coalesce(responded_at <= max(finished_at) OVER of_respondent, false) AS belongs,
									max(finished_at) OVER of_respondent AS finished_before,
									coalesce(bool_or(opts_out) OVER of_respondent, false) AS opted_out,
									coalesce(bool_or(is_open) OVER every, false) OR coalesce(bool_or(opts_out) OVER every, false)
										OR coalesce(max(finished_at) OVER every >= responded_at, false)
										OR responded_at IS NULL AND coalesce(bool_or(is_dated_case) OVER every, false) AS is_covered,
									is_answer AND row_number() OVER newest_first = 1 AS is_last,
									first_value(is_answer) OVER newest_first AS newest_is_answer,
									first_value(response_id) OVER newest_first AS newest_id,
									first_value(score) OVER newest_first AS newest_score,
									CASE WHEN first_value(is_answer) OVER newest_first THEN first_value(responded_at) OVER newest_first END AS newest_at,
									first_value(revenue) OVER newest_first AS newest_revenue,
									first_value(contactable) OVER newest_first AS newest_contactable,
									first_value(churned_at) OVER newest_first AS newest_churned_at,
									nth_value(score, 2) OVER (newest_first ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second_score,
									CASE WHEN is_answer THEN lead(score) OVER newest_first ELSE lag(score) OVER of_respondent END AS previous_score,
									lag(score) OVER newest_first AS next_score,
									lag(responded_at) OVER newest_first AS next_at,
									count(*) FILTER (WHERE is_answer) OVER every AS responses,
									max(churned_at) OVER every AS left_at
								FROM (
									SELECT a.respondent, a.response_id, a.<<score>> AS score, a.responded_at,
										CASE WHEN c.case_id IS NOT NULL THEN c.opened_at ELSE <<clock_a>> END AS clock,
										a.revenue, a.contactable, a.churned_at,
										true AS is_answer, coalesce(s.rule_follow_up[<<whole_a>> - <<lowest>> + 1], false) AS bad,
										c.case_id IS NOT NULL AS is_recorded, c.is_open, c.finished_at,
										c.finished_at IS NOT NULL AND c.dismiss_reason = 'opted_out' AS opts_out,
										c.finished_at IS NOT NULL AND c.opened_at IS NOT NULL AS is_dated_case
									FROM <<answer>> a
									CROSS JOIN <<settings>> s
									LEFT JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> a.response_id AND c.taken
									WHERE <<valid_a>> AND a.respondent IS NOT NULL
									UNION ALL
									-- a case whose answer was deleted or corrected away is still work
									SELECT c.respondent, c.case_id, NULL, c.opened_at, c.opened_at, NULL, NULL, NULL,
										false, false, true, c.is_open, c.finished_at,
										c.finished_at IS NOT NULL AND c.dismiss_reason = 'opted_out', c.finished_at IS NOT NULL AND c.opened_at IS NOT NULL
									FROM <<followup_case>> c
									WHERE c.taken AND NOT EXISTS (
										SELECT FROM <<answer>> a
										WHERE a.response_id <<response_id_equals>> c.case_id AND <<valid_a>> AND a.respondent IS NOT NULL)
								) e
								WINDOW every AS (PARTITION BY respondent),
									of_respondent AS (PARTITION BY respondent ORDER BY <<oldest_first>>),
									newest_first AS (PARTITION BY respondent ORDER BY is_answer DESC, <<newest_first>>)
							) known
						) bound
						WINDOW of_respondent AS (PARTITION BY respondent ORDER BY <<oldest_first>>)
					) started
					WINDOW of_respondent AS (PARTITION BY respondent ORDER BY <<oldest_first>>)
				) counted
				WHERE unit > 0
				WINDOW of_unit AS (PARTITION BY respondent, unit ORDER BY <<oldest_first>>)
			) u
			WINDOW of_unit AS (PARTITION BY respondent, unit ORDER BY <<oldest_first>>)
		) u
		WHERE u.is_newest AND <gate>)$sql$, named));
	named := named || jsonb_build_object('judged_cases', @extschema@.nps_fill($sql$
			SELECT w.*,
				CASE WHEN w.is_recorded THEN coalesce(w.is_recorded_open, false) AND w.contactable IS NOT FALSE
					ELSE w.is_current AND w.contactable IS NOT FALSE AND w.churned_at IS NULL
						AND (w.responded_at IS NULL OR w.responded_at > now() - make_interval(days => s.follow_up_days)) END AS is_open
			FROM <<all_cases>> w
			CROSS JOIN (SELECT * FROM <<survey>> LIMIT 1) s$sql$, named));

	-- on the one relation there: so the planner leaves all of it out where there is an index
	named := named || jsonb_build_object(
		'gated_cases', replace(named->>'judged_cases', '<gate>', 'NOT ' || @extschema@.nps_fill('@extschema@.nps_is_indexed(<<answer_name>>::regclass)', named)),
		'judged_cases', replace(named->>'judged_cases', '<gate>', 'true'));
	named := named || jsonb_build_object('kept_cases', @extschema@.nps_fill($sql$
			SELECT w.case_id, w.respondent, w.opened_at, w.opening_score, w.response_id, w.score, w.revenue, w.responses, w.previous_score
			FROM (<<gated_cases>>) w
			WHERE w.is_open
			UNION ALL
			-- taken on, and open: with its answer, to whomever that belongs now
			SELECT c.case_id, o.respondent, c.opened_at, o.<<score>> AS opening_score, n.response_id, n.score, n.revenue, NULL, NULL
			FROM <<followup_case>> c
			JOIN <<answer>> o ON o.response_id <<response_id_equals>> c.case_id AND <<valid_o>> AND o.respondent IS NOT NULL
			LEFT JOIN LATERAL (<<newest_of_o>>) n ON true
			WHERE c.is_open AND n.contactable IS NOT FALSE AND @extschema@.nps_is_indexed(<<answer_name>>::regclass)
			UNION ALL
			-- or with an answer that was deleted or corrected away
			SELECT o.case_id, o.respondent, o.opened_at, NULL, n.response_id, n.score, n.revenue, NULL, NULL
			FROM <<followup_case>> o
			LEFT JOIN LATERAL (<<newest_of_o>>) n ON true
			WHERE o.is_open AND n.contactable IS NOT FALSE AND @extschema@.nps_is_indexed(<<answer_name>>::regclass)
				AND NOT EXISTS (
					SELECT FROM <<answer>> a
					WHERE a.response_id <<response_id_equals>> o.case_id AND <<valid_a>> AND a.respondent IS NOT NULL)$sql$,
		named || jsonb_build_object('newest_of_o', @extschema@.nps_fill($sql$
				SELECT n.response_id, n.<<score>> AS score, n.revenue, n.contactable
				FROM <<answer>> n
				WHERE n.respondent <<respondent_equals>> o.respondent AND <<valid_n>>
				ORDER BY <<newest_n>>
				LIMIT 1$sql$, named))));

	/*
	 * The others, where an index finds the answers of a respondent: all at once,
	 * or rank by rank of the list.  A rank is a priority and a rule of the
	 * playbook.  What comes out of the ranks in their order is sorted within each
	 * only, so a reader of the first page pays for the most severe ones alone.
	 */
	named := named || jsonb_build_object(
		'ranks', @extschema@.nps_fill($sql$(
			SELECT s.*, u.rank, k.rank_severity, k.scores
			FROM <<settings>> s
			CROSS JOIN (
				SELECT p.severity AS rank_severity, p.personal AS is_personal,
					array(SELECT generate_series(p.score_from::integer, p.score_to::integer)) AS scores
				FROM <<playbook>> p
				WHERE p.follow_up
				OFFSET 0) k
			JOIN (VALUES (1), (2), (3)) AS u(rank) ON (u.rank = 1) = k.is_personal
			ORDER BY u.rank, k.rank_severity)$sql$, named));
	FOREACH ranked IN ARRAY ARRAY[false, true] LOOP
		untaken := named || jsonb_build_object(
			'from', CASE WHEN ranked THEN '(SELECT) once' ELSE @extschema@.nps_fill('<<settings>> s', named) END,
			'scores', CASE WHEN ranked THEN 's.scores' ELSE 's.followed' END);
		FOREACH alias IN ARRAY ARRAY['n', 'o'] LOOP
			untaken := untaken || jsonb_build_object('due_' || alias, @extschema@.nps_fill(replace(
				'@extschema@.nps_due(<<clock_<alias>>>, s.rule_contact_hours[<<whole_<alias>>> - <<lowest>> + 1], <<work_time>>)', '<alias>', alias), named));
			untaken := untaken || jsonb_build_object(
				-- that it asks for n keeps the planner from looking at the time of all answers there ever were
				'in_rank_' || alias, CASE WHEN ranked THEN @extschema@.nps_fill(replace(
					'AND s.rank = CASE WHEN s.rank = 1 THEN 1 WHEN n.response_id IS NOT NULL AND <<due_<alias>>> < now() THEN 2 ELSE 3 END', '<alias>', alias), untaken) ELSE '' END,
				'with_due_' || alias, CASE WHEN ranked THEN ', ' || (untaken->>('due_' || alias)) || ' AS next_due' ELSE '' END);
		END LOOP;
		FOREACH alias IN ARRAY ARRAY['dated', 'undated'] LOOP
			-- answers without a time are always in the window; that they come apart makes the time an index condition
			untaken := untaken || jsonb_build_object('newest_' || alias, @extschema@.nps_fill($sql$
			FROM <<from>> JOIN <<answer>> n ON <<time>>
				AND <<whole_n>> = ANY (<<scores>>) AND <<valid_n>> AND n.respondent IS NOT NULL
				AND n.contactable IS NOT FALSE AND n.churned_at IS NULL$sql$, untaken || jsonb_build_object('time', CASE alias
					WHEN 'dated' THEN CASE WHEN dated THEN 'n.responded_at > s.since' ELSE 'true' END
					ELSE CASE WHEN dated THEN 'n.responded_at IS NULL' ELSE 'false' END END)));
			/*
			 * A newest answer with the answer that opened its case: the first of
			 * those behind the last that ends a case.  As that is joined, a look-up
			 * by case_id can begin with it.
			 */
			untaken := untaken || jsonb_build_object(alias || '_with_opening', @extschema@.nps_fill($sql$
			SELECT o.response_id, o.respondent, <<clock_o>>, o.<<score>>, n.response_id, n.<<score>>, n.revenue<<with_due_o>>
			<<newest>>
			-- = ANY (ARRAY[]) can be looked up by index, either way, and not hashed: that would read all answers
			JOIN <<answer>> o ON o.respondent <<respondent_equals>> ANY (ARRAY[n.respondent])
				AND n.respondent <<respondent_equals>> ANY (ARRAY[o.respondent]) AND o.response_id <<response_id_equals>> ANY (ARRAY[(
				SELECT r.response_id
				FROM (
					SELECT q.response_id, q.responded_at,
						bool_or(NOT <<whole_q>> = ANY (s.followed) OR <<covered_q>>) OVER newest_first
							-- n is not the newest
							OR NOT first_value(q.response_id) OVER newest_first <<response_id_equals>> n.response_id AS is_over
					FROM <<answer>> q
					WHERE q.respondent <<respondent_equals>> n.respondent AND <<valid_q>>
					WINDOW newest_first AS (ORDER BY <<newest_q>>)) r
				WHERE NOT r.is_over
				ORDER BY r.responded_at NULLS FIRST, r.response_id
				LIMIT 1)])
			WHERE @extschema@.nps_is_indexed(<<answer_name>>::regclass) <<in_rank_o>>$sql$, untaken || jsonb_build_object('newest', untaken->('newest_' || alias))));
		END LOOP;
		named := named || jsonb_build_object(CASE WHEN ranked THEN 'cases_of_rank' ELSE 'untaken_cases' END, @extschema@.nps_fill($sql$
			-- by the newest answer, which is the first that went wrong
			SELECT n.response_id AS case_id, n.respondent, <<clock_n>> AS opened_at, n.<<score>> AS opening_score,
				n.response_id, n.<<score>> AS score, n.revenue<<with_due_n>>
			<<newest_dated>>
			WHERE @extschema@.nps_is_indexed(<<answer_name>>::regclass) <<in_rank_n>>
				-- no NOT EXISTS: that the planner would join, row by row
				AND (EXISTS (
					SELECT FROM <<followup_case>> c WHERE c.respondent <<respondent_equals>> n.respondent AND c.taken)) IS FALSE
				AND (EXISTS (
					SELECT FROM <<followup_case>> c WHERE c.case_id <<response_id_equals>> n.response_id AND c.taken)) IS FALSE
				AND coalesce((
					SELECT false FROM <<answer>> x
					WHERE x.respondent <<respondent_equals>> n.respondent AND <<valid_x>>
						AND NOT x.response_id <<response_id_equals>> n.response_id
						AND (<<whole_x>> = ANY (s.followed) OR <<newer_x_n>>)
					LIMIT 1), true)
			UNION ALL
			-- by the newest answer of a respondent with others that went wrong, or with a case before
			<<dated_with_opening>>
				-- as an equation: of that the planner thinks that little is left, and does not read all answers to join them
				AND n.response_id <<response_id_equals>> CASE
					WHEN EXISTS (
						SELECT FROM <<answer>> x
						WHERE x.respondent <<respondent_equals>> n.respondent AND <<valid_x>>
							AND NOT x.response_id <<response_id_equals>> n.response_id AND <<whole_x>> = ANY (s.followed))
					OR EXISTS (
						SELECT FROM <<followup_case>> c WHERE c.respondent <<respondent_equals>> n.respondent AND c.taken)
					THEN n.response_id END
			UNION ALL
			<<undated_with_opening>>$sql$, untaken));
	END LOOP;
	named := named || jsonb_build_object('open_cases', @extschema@.nps_fill($sql$
			<<kept_cases>>
			UNION ALL
			SELECT b.case_id, b.respondent, b.opened_at, b.opening_score, b.response_id, b.score, b.revenue, NULL, NULL
			FROM (<<untaken_cases>>) b$sql$, named));
	RETURN named;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_case_facts(jsonb) IS 'part of nps_attach(): what the definitions of the views about cases are put together from';

CREATE FUNCTION @extschema@.nps_followup_views(named jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The views followup and followup_all: the same columns out of open_cases and
 * out of all_cases.
 *
 * What the order needs is computed below, what is shown above: of the many rows
 * of the list somebody reads the first.
 */
DECLARE
	graded text;				-- cases with what the order needs
	shown text;				-- the columns that both views have
	beside text;				-- what these columns are taken from
BEGIN
	graded := $view$
			SELECT graded.*,
				CASE WHEN is_snoozed THEN 4 WHEN personal AND status = 'new' THEN 1 WHEN next_due < now() THEN 2 ELSE 3 END AS priority
			FROM (
			SELECT b.*, k.open_concerns, k.next_promise_due,
				coalesce(k.promises, 0) AS promises, coalesce(k.broken_promises, 0) AS broken_promises,
				coalesce(c.status, 'new') AS status, c.snoozed_until > now() AS is_snoozed, r.rule, <<opening_rule>> AS opening_rule,
				s.rule_severity[r.rule] AS severity, s.rule_personal[r.rule] AS personal,
				-- the clocks are those of the answer that opened the case: nothing later makes them run anew
				CASE WHEN c.status = 'contacted' AND k.next_promise_due IS NOT NULL
						-- a promise for a day is kept until that day is over
						THEN @extschema@.nps_time(k.next_promise_due + 1, <<zone>>)
					WHEN c.status = 'resolved' AND c.informed_at IS NULL
						THEN @extschema@.nps_due(c.resolved_at, s.inform_hours, <<work_time>>)
					WHEN coalesce(c.status, 'new') IN ('new', 'contacted')
						THEN @extschema@.nps_due(b.opened_at, CASE c.status WHEN 'contacted'
							THEN s.rule_resolve_hours[<<opening_rule>>] ELSE s.rule_contact_hours[<<opening_rule>>] END, <<work_time>>) END AS next_due
			FROM (<<cases>>) b
			CROSS JOIN <<settings>> s
			-- an answer that is better does not change what the case is about
			CROSS JOIN LATERAL (SELECT CASE WHEN s.rule_follow_up[<<latest_rule>>] THEN <<latest_rule>> ELSE <<opening_rule>> END AS rule) r
			LEFT JOIN (<<recorded>>) c ON c.case_id <<response_id_equals>> b.case_id
			LEFT JOIN (
				SELECT p.case_id AS concern_of, count(*) FILTER (WHERE p.is_open) AS open_concerns,
					min(p.promised_for) FILTER (WHERE p.is_open) AS next_promise_due,
					count(p.promised_for) AS promises, count(*) FILTER (WHERE p.is_broken) AS broken_promises
				FROM (<<promises>>) p
				GROUP BY p.case_id) k ON k.concern_of <<response_id_equals>> b.case_id
			) graded$view$;
	shown := $view$
			q.priority,
			coalesce(q.next_due < now(), false) AS overdue,
			CASE q.status
				WHEN 'new' THEN CASE
					WHEN NOT coalesce(<<has_comment_a>>, false) AND coalesce(a.open_tickets, 0) < s.many_tickets
						AND NOT EXISTS (SELECT FROM <<followup_case>> before
							WHERE before.respondent <<respondent_equals>> q.respondent AND before.asked_at IS NOT NULL)
						THEN 'ask for the reason'
					ELSE split_part(t.steps, ' → ', 1) END
				WHEN 'contacted' THEN CASE
					WHEN q.next_promise_due IS NOT NULL THEN 'deliver what was promised'
					WHEN q.open_concerns > 0 THEN 'answer the concerns'
					WHEN c.cause IS NULL THEN 'find the cause'
					ELSE 'resolve' END
				WHEN 'resolved' THEN CASE WHEN c.informed_at IS NULL THEN 'tell the customer' ELSE 'close' END
				END AS next_step,
			q.next_due, q.respondent, a.account, q.score, a.comment,
			t.owner, q.status, q.case_id,
			CASE WHEN q.is_snoozed THEN 'snoozed'
				WHEN q.personal AND q.status = 'new' THEN CASE WHEN q.next_due < now() THEN 'personal contact is late' ELSE 'personal contact is due' END
				WHEN q.next_due < now() THEN CASE q.status WHEN 'new' THEN 'contact is late'
					WHEN 'contacted' THEN CASE WHEN q.next_promise_due IS NULL THEN 'solution is late' ELSE 'promise is broken' END
					ELSE 'customer waits for news' END
				ELSE 'open' END AS priority_reason,
			q.response_id, @extschema@.nps_category(q.score<<scale_argument>>) AS category, s.rule_verdict[q.rule] AS verdict, a.responded_at,
			CASE WHEN q.responses IS NOT NULL THEN q.previous_score ELSE (
				SELECT x.<<score>> FROM <<answer>> x WHERE x.respondent <<respondent_equals>> q.respondent AND <<valid_x>>
				ORDER BY <<newest_x>> OFFSET 1 LIMIT 1) END AS previous_score,
			coalesce(q.responses, (
				SELECT count(*) FROM <<answer>> x WHERE x.respondent <<respondent_equals>> q.respondent AND <<valid_x>>)) AS responses,
			c.cause, t.cause_suggested, t.team,
			coalesce(c.channel, s.rule_channel[q.rule]) AS channel, t.steps,
			CASE WHEN q.next_due < now() THEN extract(epoch FROM now() - q.next_due)::double precision / 3600 END AS overdue_hours,
			c.acknowledged_at, c.asked_at, c.contacted_at, c.resolved_at, c.informed_at,
			coalesce(c.attempts, 0) AS attempts, coalesce(q.open_concerns, 0) AS open_concerns, q.next_promise_due, c.snoozed_until,
			least(@extschema@.nps_local_time(<<clock_a>>, <<zone>>)::date + s.follow_up_days, a.renewal_at) AS save_by,
			a.revenue, CASE WHEN a.churned_at IS NULL THEN a.revenue ELSE 0 END AS revenue_at_risk,
			s.rule_guidance[q.rule] AS guidance, c.plan, c.last_note, NULL::text AS note, NULL::text AS actor,
			c.desired_outcome, c.dismiss_reason, c.attempted_at, c.closed_at$view$;
	beside := $view$
		LEFT JOIN (<<recorded>>) c ON c.case_id <<response_id_equals>> q.case_id
		LEFT JOIN <<answer>> a ON a.response_id <<response_id_equals>> q.response_id AND <<valid_a>>
		CROSS JOIN <<settings>> s
		/*
		 * What takes a look at other tables, each thing once.  The team is that
		 * which somebody set, or that of the cause, or of the only cause that the
		 * comment suggests.  People of a team take turns until somebody takes the
		 * case.  A promise that was broken is what compensation is for.
		 */
		CROSS JOIN LATERAL (
			SELECT t.*, coalesce(c.owner, a.owner,
				CASE WHEN EXISTS (SELECT FROM <<team_member>> t WHERE t.active) THEN (
					SELECT m.person
					FROM (SELECT m.person, row_number() OVER (ORDER BY m.person) - 1 AS place, count(*) OVER () AS people
						FROM <<team_member>> m WHERE m.team = t.team AND m.active) m
					WHERE m.place = (hashtext(q.case_id::text) & 2147483647) % m.people) END,
				s.rule_owner[q.rule], s.fallback_owner) AS owner
			FROM (
				SELECT t.*, coalesce(c.team, (
					SELECT k.team FROM <<cause>> k WHERE k.cause = coalesce(c.cause,
						CASE WHEN position(' → ' IN t.cause_suggested) = 0 THEN t.cause_suggested END))) AS team
				FROM (
					SELECT (SELECT string_agg(k.cause, ' → ' ORDER BY k.cause)
							FROM (SELECT <<words_a>> AS words OFFSET 0) said
							JOIN <<cause>> k ON said.words @@ k.search) AS cause_suggested,
						CASE WHEN q.broken_promises > 0 THEN s.rule_steps[q.rule]
							ELSE array_to_string(array_remove(string_to_array(s.rule_steps[q.rule], ' → '), 'compensate'), ' → ') END AS steps
					OFFSET 0
				) t
				OFFSET 0
			) t
			OFFSET 0
		) t$view$;
	named := named || jsonb_build_object(
		'words_a', format('to_tsvector(%s, left(a.comment, 10000))', named->>'text_search'),
		'opening_rule', format(named->>'whole_of', 'b.opening_score') || format(' - %s + 1', named->>'lowest'),
		'recorded', @extschema@.nps_fill('SELECT * FROM <<followup_case>> WHERE recorded', named),
		'latest_rule', format(named->>'whole_of', 'b.score') || format(' - %s + 1', named->>'lowest'),
		'next_rule', format(named->>'whole_of', 'next_answer.score') || format(' - %s + 1', named->>'lowest'),
		'promises', @extschema@.nps_fill($view$
			SELECT o.*, CASE WHEN o.delivered_at IS NOT NULL THEN @extschema@.nps_local_time(o.delivered_at, <<zone>>)::date > o.promised_for
				WHEN o.declined_at IS NOT NULL THEN @extschema@.nps_local_time(o.declined_at, <<zone>>)::date > o.promised_for
				ELSE @extschema@.nps_period(now(), <<zone>>, 'day') > o.promised_for END AS is_broken
			FROM <<concern>> o$view$, named));

	name := 'followup';
	definition := @extschema@.nps_fill('SELECT' || shown || $view$
		FROM (
			(SELECT <<columns>> FROM (<<graded>>) g
			ORDER BY priority, severity, next_due, revenue DESC NULLS LAST, case_id)
			UNION ALL
			(SELECT <<columns>>
			FROM <<ranks>> s
			CROSS JOIN LATERAL (
				SELECT b.*, s.rank AS priority, s.rank_severity AS severity, s.rank = 1 AS personal, 'new' AS status, false AS is_snoozed,
					<<latest_rule>> AS rule, NULL::bigint AS responses, b.score AS previous_score,
					NULL::date AS next_promise_due, NULL::bigint AS open_concerns, 0::bigint AS broken_promises
				FROM (<<cases_of_rank>>) b) g
			ORDER BY s.rank, s.rank_severity, next_due, revenue DESC NULLS LAST, case_id)
		) q$view$ || beside || $view$
		ORDER BY q.priority, q.severity, q.next_due, q.revenue DESC NULLS LAST, q.case_id
		$view$, named || jsonb_build_object('columns', (
				SELECT string_agg('g.' || c, ', ')
				FROM unnest(ARRAY['priority', 'severity', 'next_due', 'revenue', 'case_id', 'respondent', 'response_id', 'score', 'responses',
					'previous_score', 'status', 'is_snoozed', 'personal', 'rule', 'next_promise_due', 'open_concerns', 'broken_promises']) c)) || jsonb_build_object('graded', @extschema@.nps_fill(graded, named || jsonb_build_object('cases', named->'kept_cases'))));
	RETURN NEXT;

	/*
	 * The outcome is what the customer did next: left, or answered after the
	 * case was finished; or, without such an answer, after contact was made.
	 * As long as nobody made contact, an answer that makes the case worse or
	 * keeps it open is no outcome.
	 */
	name := 'followup_all';
	definition := @extschema@.nps_fill('SELECT' || shown || $view$,
			q.is_open,
			CASE WHEN q.left_at >= coalesce(q.opened_at, q.left_at) THEN 'churned'
				WHEN next_answer.score IS NOT NULL THEN CASE
					WHEN NOT coalesce(s.rule_follow_up[<<next_rule>>], false) THEN 'recovered'
					WHEN next_answer.score <> q.opening_score AND (next_answer.score > q.opening_score) <> <<is_reversed>> THEN 'improved'
					WHEN next_answer.score = q.opening_score THEN 'unchanged'
					ELSE 'worsened' END
				WHEN q.is_open OR coalesce(c.closed_at, q.opened_at) > now() - make_interval(days => s.follow_up_days) THEN 'pending'
				ELSE 'unknown' END AS outcome,
			CASE WHEN q.left_at >= coalesce(q.opened_at, q.left_at) THEN q.left_at ELSE next_answer.at END AS outcome_at,
			(@extschema@.nps_local_time(c.closed_at, <<zone>>) + make_interval(months => s.resurvey_months))::date AS resurvey_on,
			q.opened_at, q.opening_score,
			due.acknowledge_due, coalesce(least(c.acknowledged_at, c.contacted_at), until.at) > due.acknowledge_due AS acknowledged_late,
			due.contact_due, coalesce(c.contacted_at, until.at) > due.contact_due AS contacted_late,
			due.resolve_due, coalesce(c.resolved_at, until.at) > due.resolve_due AS resolved_late,
			due.inform_due, coalesce(c.informed_at, until.at) > due.inform_due AS informed_late,
			<<hours_to_acknowledge>>, <<hours_to_contact>>, <<hours_to_resolve>>, <<hours_to_inform>>, <<hours_to_close>>,
			-- what came after the window changes nothing
			NOT q.is_recorded AND NOT q.opted_out AND q.contactable IS NOT FALSE
				AND q.responded_at <= now() - make_interval(days => s.follow_up_days)
				AND NOT coalesce(least(q.next_at, q.left_at) < q.responded_at + make_interval(days => s.follow_up_days), false) AS is_expired,
			q.contactable IS NOT FALSE AND NOT coalesce(q.opted_out AND NOT q.is_recorded, false) AS is_contactable,
			q.promises, q.broken_promises, c.reopened_at, q.left_at AS churned_at, q.is_recorded, c.finished_at
		FROM (<<graded>>) q$view$ || beside || $view$
		-- the answer that tells the outcome
		CROSS JOIN LATERAL (
			SELECT CASE WHEN NOT q.is_open AND q.next_score IS NOT NULL THEN q.next_score
					WHEN q.responded_at > c.contacted_at
						OR c.contacted_at IS NULL AND NOT q.is_open AND NOT q.response_id <<response_id_equals>> q.case_id THEN q.score END AS score,
				CASE WHEN NOT q.is_open AND q.next_score IS NOT NULL THEN q.next_at
					WHEN q.responded_at > c.contacted_at
						OR c.contacted_at IS NULL AND NOT q.is_open AND NOT q.response_id <<response_id_equals>> q.case_id THEN q.responded_at END AS at) next_answer
		-- until when a step could have been made
		CROSS JOIN LATERAL (SELECT coalesce(c.finished_at, CASE WHEN NOT q.is_open AND NOT coalesce(s.rule_follow_up[<<next_rule>>], true) THEN next_answer.at END,
			least(q.left_at, now()), now()) AS at) until
		CROSS JOIN LATERAL (SELECT @extschema@.nps_due(q.opened_at, s.rule_acknowledge_hours[q.opening_rule], <<work_time>>) AS acknowledge_due,
			@extschema@.nps_due(q.opened_at, s.rule_contact_hours[q.opening_rule], <<work_time>>) AS contact_due,
			@extschema@.nps_due(q.opened_at, s.rule_resolve_hours[q.opening_rule], <<work_time>>) AS resolve_due,
			@extschema@.nps_due(c.resolved_at, s.inform_hours, <<work_time>>) AS inform_due) due
		$view$, named || jsonb_build_object('is_reversed', CASE WHEN named->>'scale' = quote_literal('ces5_reversed') THEN 'true' ELSE 'false' END,
			'graded', @extschema@.nps_fill(graded, named || jsonb_build_object('cases', named->'judged_cases')))
		|| (SELECT jsonb_object_agg('hours_to_' || step.name, @extschema@.nps_fill($sql$
			@extschema@.nps_hours_between(q.opened_at, <<column>>, <<zone>>, NULL, NULL, NULL, NULL) AS hours_to_<<step>>,
			@extschema@.nps_hours_between(q.opened_at, <<column>>, <<work_time>>) AS work_hours_to_<<step>>$sql$,
				named || jsonb_build_object('step', step.name, 'column', step."column")))
			FROM (VALUES ('acknowledge', 'least(c.acknowledged_at, c.contacted_at)'), ('contact', 'c.contacted_at'),
				('resolve', 'c.resolved_at'), ('inform', 'c.informed_at'), ('close', 'c.closed_at')) AS step(name, "column")));
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_followup_views(jsonb) IS 'part of nps_attach(): the definitions of followup and followup_all';
