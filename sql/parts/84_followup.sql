/* nps/sql/parts/84_followup.sql */

CREATE FUNCTION @extschema@.nps_case_facts(facts jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The pieces that the views about cases are put together from.
 *
 * Which answers are a case is decided by nps_case_fold().  It is asked once for each
 * answer that may open a case, over all answers of that respondent: so a condition
 * on case_id or on respondent reaches an index, and the whole list takes one sort.
 */
DECLARE
	named jsonb;
	alias text;
	opening text;
BEGIN
	/*
	 * All settings and rules in one row: for each column of the playbook an
	 * array with the value for each score.  That the row is one the planner
	 * learns from LIMIT; what is not asked for is not computed.
	 */
	named := facts || jsonb_build_object(
		'work_time', @extschema@.nps_fill('<<zone>>, s.work_days, s.work_from, s.work_until, s.holidays', facts),
		'settings', @extschema@.nps_fill($sql$(
			SELECT s.*, r.*,
				(SELECT array_agg(h.day) FROM <<holiday>> h) AS holidays
			FROM <<survey>> s
			CROSS JOIN (
				SELECT <<arrays>>,
					array_agg(array_to_string(array_remove(string_to_array(p.steps, ' → '), 'compensate'), ' → ') ORDER BY i.score) AS rule_steps_without_compensation
				FROM generate_series(<<lowest>>, <<highest>>) AS i(score)
				LEFT JOIN <<playbook>> p ON i.score BETWEEN p.score_from AND p.score_to) r
			LIMIT 1)$sql$, facts || jsonb_build_object('arrays', (
				SELECT string_agg(format('array_agg(p.%1$s ORDER BY i.score) AS rule_%1$s', c), ', ' ORDER BY place)
				FROM unnest(ARRAY['follow_up', 'verdict', 'severity', 'personal', 'channel', 'steps', 'acknowledge_hours', 'contact_hours',
					'resolve_hours', 'guidance', 'owner']) WITH ORDINALITY AS u(c, place)))));

	/*
	 * Since when, and which scores.  Where an index finds the answers of a
	 * respondent in one place, the planner computes these in advance and knows how
	 * few answers there are to look up.  Over partitions, and where there is no
	 * index, it must not know: then it hashes.
	 */
	named := named || jsonb_build_object(
		'since', @extschema@.nps_fill('@extschema@.nps_window_start(<<survey_name>>::regclass)', named),
		'followed', @extschema@.nps_fill('@extschema@.nps_followed_scores(<<playbook_name>>::regclass)', named),
		'rules', '');
	IF NOT (facts->>'is_plain')::boolean THEN
		named := named || jsonb_build_object('since', 'rules.since', 'followed', 'rules.followed',
			'rules', @extschema@.nps_fill('CROSS JOIN (SELECT <<since>> AS since, <<followed>> AS followed OFFSET 0) rules', named));
	END IF;
	FOREACH alias IN ARRAY ARRAY['n', 'o', 'e', 'a', 'q'] LOOP
		named := named || jsonb_build_object(
			'valid_' || alias, replace(facts->>'valid_of', '<alias>', alias),
			'whole_' || alias, format(facts->>'whole_of', format('%s.%s', alias, facts->>'score')));
		named := named || jsonb_build_object(
			'bad_' || alias, @extschema@.nps_fill(format('<<whole_%s>> = ANY (<<followed>>)', alias), named),
			'clock_' || alias, @extschema@.nps_fill(replace(
				'CASE WHEN @extschema@.nps_local_time(<alias>.responded_at, <<zone>>) IS NOT NULL THEN least(<alias>.responded_at, now()) END',
				'<alias>', alias), named));
	END LOOP;

	named := named || jsonb_build_object(
		'taken', @extschema@.nps_fill('(SELECT * FROM <<followup_case>> WHERE taken)', named));
	named := named || jsonb_build_object(
		-- a case whose answer was deleted or corrected away is still work
		'gone', @extschema@.nps_fill($sql$(
				SELECT c.* FROM <<taken>> c
				LEFT JOIN (SELECT a.response_id FROM <<answer>> a WHERE <<valid_a>> AND a.respondent IS NOT NULL) a
					ON a.response_id <<response_id_equals>> c.case_id
				WHERE a.response_id IS NULL)$sql$, named),
		-- the bits of case_fold.h
		'known_case', 'CASE WHEN c.is_open THEN 24 ELSE 8 END + CASE WHEN c.opened_at IS NULL THEN 0 ELSE 32 END'
			' + CASE WHEN c.dismiss_reason = ''opted_out'' THEN 64 ELSE 0 END');
	FOREACH opening IN ARRAY ARRAY['all', 'open'] LOOP
		named := named || jsonb_build_object('opening', @extschema@.nps_fill(CASE opening WHEN 'all' THEN $sql$
					SELECT o.respondent, o.response_id AS case_id, c.case_id IS NOT NULL AS is_recorded, c.is_open AS is_recorded_open,
						CASE WHEN c.case_id IS NULL THEN o.responded_at ELSE c.opened_at END AS opened_at, o.<<score>> AS opening_score
					FROM <<answer>> o
					<<rules>>
					LEFT JOIN <<taken>> c ON c.case_id <<response_id_equals>> o.response_id
					WHERE <<valid_o>> AND o.respondent IS NOT NULL AND <<bad_o>>
					UNION ALL
					SELECT o.respondent, o.response_id, true, c.is_open, c.opened_at, o.<<score>>
					FROM <<answer>> o
					<<rules>>
					JOIN <<taken>> c ON c.case_id <<response_id_equals>> o.response_id
					WHERE <<valid_o>> AND o.respondent IS NOT NULL AND NOT <<bad_o>>
					UNION ALL
					SELECT c.respondent, c.case_id, true, c.is_open, c.opened_at, NULL
					FROM <<gone>> c$sql$
			ELSE $sql$
					SELECT o.respondent, o.response_id AS case_id, false AS is_recorded, false AS is_recorded_open, o.responded_at AS opened_at, o.<<score>> AS opening_score
					FROM <<answer>> o
					<<rules>>
					LEFT JOIN <<taken>> c ON c.case_id <<response_id_equals>> o.response_id
					WHERE <<valid_o>> AND <<bad_o>> AND c.case_id IS NULL AND o.respondent <<respondent_equals>> ANY (
						SELECT n.respondent
						FROM <<answer>> n
						<<rules>>
						WHERE <<valid_n>> AND <<bad_n>> AND (n.responded_at > <<since>> OR n.responded_at IS NULL)
							AND n.respondent IS NOT NULL AND n.contactable IS NOT FALSE AND n.churned_at IS NULL)
					UNION ALL
					SELECT o.respondent, o.response_id, true, true, c.opened_at, o.<<score>>
					FROM <<answer>> o
					JOIN <<taken>> c ON c.case_id <<response_id_equals>> o.response_id
					WHERE <<valid_o>> AND o.respondent IS NOT NULL AND c.is_open
					UNION ALL
					SELECT c.respondent, c.case_id, true, true, c.opened_at, NULL
					FROM <<gone>> c
					WHERE c.is_open$sql$ END, named));
		named := named || jsonb_build_object(opening || '_cases', @extschema@.nps_fill($sql$(
			SELECT q.respondent, q.case_id, q.is_recorded, q.is_recorded_open,
				CASE WHEN q.is_recorded THEN q.opened_at WHEN @extschema@.nps_local_time(q.opened_at, <<zone>>) IS NOT NULL THEN least(q.opened_at, now()) END AS opened_at,
				q.opening_score, CASE WHEN q.score IS NOT NULL THEN q.response_id END AS response_id, q.score, q.responded_at, q.revenue,
				q.contactable, (q.folded).responses, (q.folded).previous_score::<<score_type>>, (q.folded).next_score::<<score_type>>, (q.folded).next_at,
				(q.folded).left_at, (q.folded).opted_out,
				CASE WHEN q.is_recorded THEN coalesce(q.is_recorded_open, false)
					ELSE (q.folded).is_current AND q.churned_at IS NULL AND (q.responded_at IS NULL OR q.responded_at > <<since>>) END
					AND q.contactable IS NOT FALSE AS is_open
			FROM (
				SELECT e.*, @extschema@.nps_case_fold(e.known, e.score, e.responded_at, e.finished_at, e.churned_at) OVER (
					PARTITION BY e.respondent, e.case_id ORDER BY e.responded_at NULLS FIRST, e.response_id<<response_id_order>>) AS folded
				FROM (
					SELECT o.*, e.response_id, e.<<score>> AS score, e.responded_at, e.revenue, e.contactable, e.churned_at, c.finished_at,
						CASE WHEN e.response_id <<response_id_equals>> o.case_id THEN 3 ELSE 2 END + CASE WHEN <<bad_e>> THEN 4 ELSE 0 END
							+ CASE WHEN c.case_id IS NULL THEN 0 ELSE <<known_case>> END + CASE WHEN e.churned_at IS NULL THEN 0 ELSE 128 END AS known
					FROM (<<opening>>) o
					JOIN <<answer>> e ON e.respondent <<respondent_equals>> o.respondent AND <<valid_e>>
					<<rules>>
					LEFT JOIN <<taken>> c ON c.case_id <<response_id_equals>> e.response_id
					UNION ALL
					SELECT o.*, c.case_id, NULL, c.opened_at, NULL, NULL, NULL, c.finished_at,
						CASE WHEN c.case_id <<response_id_equals>> o.case_id THEN 1 ELSE 0 END + <<known_case>>
					FROM (<<opening>>) o
					JOIN <<gone>> c ON c.respondent <<respondent_equals>> o.respondent
				) e
			) q
			<<rules>>
			-- and not IS NOT NULL: of that the planner would think that it leaves nearly all rows
			WHERE (q.folded).responses >= 0)$sql$, named));
	END LOOP;
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
 * The views followup and followup_all: the same columns of the open cases and of all.
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
			FROM <<cases>> b
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
						AND NOT EXISTS (SELECT 1 FROM <<followup_case>> before
							WHERE before.respondent <<respondent_equals>> q.respondent AND before.asked_at IS NOT NULL)
						THEN 'ask for the reason'
					ELSE split_part(<<steps>>, ' → ', 1) END
				WHEN 'contacted' THEN CASE
					WHEN q.next_promise_due IS NOT NULL THEN 'deliver what was promised'
					WHEN q.open_concerns > 0 THEN 'answer the concerns'
					WHEN c.cause IS NULL THEN 'find the cause'
					ELSE 'resolve' END
				WHEN 'resolved' THEN CASE WHEN c.informed_at IS NULL THEN 'tell the customer' ELSE 'close' END
				END AS next_step,
			q.next_due, q.respondent, a.account, q.score, a.comment,
			coalesce(c.owner, a.owner,
				-- people of a team take turns until somebody takes the case
				CASE WHEN EXISTS (SELECT 1 FROM <<team_member>> t WHERE t.active) THEN (
					SELECT m.person
					FROM (SELECT m.person, row_number() OVER (ORDER BY m.person) - 1 AS place, count(*) OVER () AS people
						FROM <<team_member>> m WHERE m.team = <<team>> AND m.active) m
					WHERE m.place = (hashtext(q.case_id::text) & 2147483647) % m.people) END,
				s.rule_owner[q.rule], s.fallback_owner) AS owner, q.status, q.case_id,
			CASE WHEN q.is_snoozed THEN 'snoozed'
				WHEN q.personal AND q.status = 'new' THEN CASE WHEN q.next_due < now() THEN 'personal contact is late' ELSE 'personal contact is due' END
				WHEN q.next_due < now() THEN CASE q.status WHEN 'new' THEN 'contact is late'
					WHEN 'contacted' THEN CASE WHEN q.next_promise_due IS NULL THEN 'solution is late' ELSE 'promise is broken' END
					ELSE 'customer waits for news' END
				ELSE 'open' END AS priority_reason,
			q.response_id, @extschema@.nps_category(q.score<<scale_argument>>) AS category, s.rule_verdict[q.rule] AS verdict, a.responded_at,
			q.previous_score, q.responses,
			c.cause, t.cause_suggested, <<team>> AS team,
			coalesce(c.channel, s.rule_channel[q.rule]) AS channel, <<steps>> AS steps,
			CASE WHEN q.next_due < now() THEN extract(epoch FROM now() - q.next_due)::double precision / 3600 END AS overdue_hours,
			c.acknowledged_at, c.asked_at, c.contacted_at, c.resolved_at, c.informed_at,
			coalesce(c.attempts, 0) AS attempts, coalesce(q.open_concerns, 0) AS open_concerns, q.next_promise_due, c.snoozed_until,
			least(@extschema@.nps_local_time(<<clock_a>>, <<zone>>)::date + s.follow_up_days, a.renewal_at) AS save_by,
			a.revenue, CASE WHEN a.churned_at IS NULL THEN a.revenue ELSE 0 END AS revenue_at_risk,
			s.rule_guidance[q.rule] AS guidance, c.plan, c.last_note, NULL::text AS note, NULL::text AS actor,
			c.desired_outcome, c.dismiss_reason, c.attempted_at, c.closed_at$view$;
	beside := $view$
		LEFT JOIN (<<recorded>>) c ON c.case_id <<response_id_equals>> q.case_id
		LEFT JOIN <<answer>> a ON a.response_id <<response_id_equals>> q.response_id AND a.respondent <<respondent_equals>> q.respondent AND <<valid_a>>
		CROSS JOIN <<settings>> s
		-- once for the row: many columns ask for it
		CROSS JOIN LATERAL (
			SELECT (SELECT string_agg(k.cause, ' → ' ORDER BY k.cause)
				FROM (SELECT <<words_a>> AS words WHERE a.comment IS NOT NULL OFFSET 0) said
				JOIN <<cause>> k ON said.words @@ k.search) AS cause_suggested
			OFFSET 0
		) t$view$;
	named := named || jsonb_build_object(
		-- that which somebody set, or that of the cause, or of the only cause that the comment suggests
		'team', @extschema@.nps_fill($sql$coalesce(c.team, CASE WHEN coalesce(c.cause, t.cause_suggested) IS NOT NULL THEN (
				SELECT k.team FROM <<cause>> k WHERE k.cause = coalesce(c.cause,
					CASE WHEN position(' → ' IN t.cause_suggested) = 0 THEN t.cause_suggested END)) END)$sql$, named),
		-- a promise that was broken is what compensation is for
		'steps', 'CASE WHEN q.broken_promises > 0 THEN s.rule_steps[q.rule] ELSE s.rule_steps_without_compensation[q.rule] END',
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
		-- in order before what is shown is joined: of the many rows of the list somebody reads the first
		FROM (
			SELECT g.* FROM (<<graded>>) g
			WHERE g.is_open
			ORDER BY priority, severity, next_due, revenue DESC NULLS LAST, case_id) q$view$ || beside || $view$
		ORDER BY q.priority, q.severity, q.next_due, q.revenue DESC NULLS LAST, q.case_id
		$view$, named || jsonb_build_object('graded', @extschema@.nps_fill(graded, named || jsonb_build_object('cases', named->'open_cases'))));
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
			'graded', @extschema@.nps_fill(graded, named || jsonb_build_object('cases', named->'all_cases')))
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
