/* nps/sql/parts/85_survey.sql */

CREATE FUNCTION @extschema@.nps_create_views(target text, scale text, zone text, score_column text, valid_rows text,
	segment_list text, scale_argument text, min_score smallint, max_score smallint, whole boolean)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, @extschema@, pg_temp
	AS $body$
/*
 * The report views of a survey, on top of its view answer.  No function that
 * can fail on data is called on the raw score: category is asked of a score
 * that was found valid, or of NULL.
 */
BEGIN
	EXECUTE format($sql$
		CREATE VIEW %1$I.response WITH (security_invoker = true) AS
		SELECT response_id, respondent, account, %2$s,
			nps_category(score%3$s) AS category,
			nps_points(score%3$s) AS nps_points,
			responded_at, comment,
			coalesce(btrim(comment) <> '', false) AS has_comment,
			%4$s revenue
		FROM %1$I.answer
		WHERE %5$s
		$sql$, target, score_column, scale_argument, segment_list, valid_rows);

	EXECUTE format($sql$
		CREATE VIEW %1$I.not_counted WITH (security_invoker = true) AS
		SELECT response_id, raw_score::text AS raw_score, rejection AS reason, respondent, responded_at
		FROM %1$I.answer
		WHERE score IS NULL
		$sql$, target);

	EXECUTE format($sql$
		CREATE VIEW %1$I.summary WITH (security_invoker = true) AS
		SELECT m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			t.unanswered, t.rejected,
			CASE WHEN t.unanswered > 0 THEN m.responses::double precision / t.answers END AS response_rate,
			t.comments / nullif(m.responses, 0)::double precision AS comment_share,
			s.goal, m.nps - s.goal AS gap, s.benchmark,
			(t.first_answer AT TIME ZONE %2$L)::date AS first_answer,
			(t.last_answer AT TIME ZONE %2$L)::date AS last_answer,
			nullif(concat_ws('; ',
				CASE WHEN m.detractors = m.responses AND m.responses > 0
					THEN 'every answer is a detractor: is the scale right?' END,
				CASE WHEN t.rejected > 0 THEN t.rejected || ' scores do not count, see not_counted' END), '') AS warning
		FROM (
			SELECT nps_tally_agg(score%3$s) AS tally,
				count(*) AS answers,
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered,
				count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer') AS rejected,
				count(*) FILTER (WHERE score IS NOT NULL AND btrim(comment) <> '') AS comments,
				min(responded_at) FILTER (WHERE score IS NOT NULL) AS first_answer,
				max(responded_at) FILTER (WHERE score IS NOT NULL) AS last_answer
			FROM %1$I.answer
		) t
		CROSS JOIN LATERAL nps_summary(t.tally) m
		LEFT JOIN %1$I.survey s ON true
		$sql$, target, zone, scale_argument);

	IF whole THEN
		EXECUTE format($sql$
			CREATE VIEW %1$I.distribution WITH (security_invoker = true) AS
			SELECT s.score::smallint AS score, nps_category(s.score%2$s) AS category,
				coalesce((nps_histogram(t.tally))[s.score - %3$s + 1], 0) AS responses,
				(nps_histogram(t.tally))[s.score - %3$s + 1]::double precision / nps_responses(t.tally) AS share
			FROM (SELECT nps_tally_agg(score%2$s) AS tally FROM %1$I.response) t
			CROSS JOIN generate_series(%3$s, %4$s) AS s(score)
			$sql$, target, scale_argument, min_score, max_score);
	ELSE
		EXECUTE format($sql$
			CREATE VIEW %1$I.distribution WITH (security_invoker = true) AS
			SELECT b.score, b.category, b.responses,
				b.responses::double precision / nullif(nps_responses(t.tally), 0) AS share
			FROM (SELECT nps_tally_agg(score%2$s) AS tally FROM %1$I.response) t
			CROSS JOIN nps_scales() s
			CROSS JOIN LATERAL (VALUES
				(s.detractor, 'detractor', nps_detractors(t.tally)),
				(s.passive, 'passive', nps_passives(t.tally)),
				(s.promoter, 'promoter', nps_promoters(t.tally))) AS b(score, category, responses)
			WHERE s.scale = %3$L
			$sql$, target, scale_argument, scale);
	END IF;

	/*
	 * A case is the unbroken run of answers that the playbook wants followed
	 * up, back from a respondent's newest one: it is named after the first of
	 * them, whose clock goes on, and shows the newest.
	 *
	 * Times are taken to be now at the latest, so that an impossible date in
	 * the source cannot push a deadline out of range.
	 */
	EXECUTE format($sql$
		CREATE VIEW %1$I.followup WITH (security_invoker = true) AS
		SELECT
			CASE WHEN d.personal THEN 1 WHEN d.next_due < now() THEN 2 ELSE 3 END AS priority,
			d.next_due < now() AS overdue,
			CASE WHEN NOT d.has_comment AND coalesce(d.open_tickets, 0) < d.many_tickets
				THEN 'ask for the reason'
				ELSE split_part(d.steps, ' → ', 1) END AS next_step,
			d.next_due, d.respondent, d.account, d.score, d.comment, d.owner, 'new'::text AS status, d.case_id,
			CASE WHEN d.personal THEN 'personal contact is due'
				WHEN d.next_due < now() THEN 'contact is late'
				ELSE 'open' END AS priority_reason,
			d.response_id, d.category, d.verdict, d.responded_at, d.previous_score, d.responses, d.channel, d.steps,
			CASE WHEN d.next_due < now()
				THEN extract(epoch FROM now() - d.next_due)::double precision / 3600 END AS overdue_hours,
			d.save_by, d.revenue, d.guidance
		FROM (
			SELECT newest.*, run.case_id, p.verdict, p.severity, p.personal, p.channel, p.guidance, s.many_tickets,
				-- a promise that was broken is what compensation is for, and none is recorded yet
				array_to_string(array_remove(string_to_array(p.steps, ' → '), 'compensate'), ' → ') AS steps,
				least(run.opened_at, now()) + make_interval(hours => p.contact_hours) AS next_due,
				least((least(newest.responded_at, now()) AT TIME ZONE %2$L)::date + s.follow_up_days,
					newest.renewal_at) AS save_by,
				coalesce(newest.mapped_owner, p.owner, s.fallback_owner) AS owner
			FROM (
				SELECT respondent,
					(array_agg(response_id ORDER BY age))[1] AS response_id,
					(array_agg(response_id ORDER BY age DESC))[1] AS case_id,
					(array_agg(responded_at ORDER BY age DESC))[1] AS opened_at
				FROM (
					SELECT r.respondent, r.response_id, r.responded_at,
						row_number() OVER newest_first AS age,
						count(*) FILTER (WHERE p.follow_up IS NOT TRUE) OVER newest_first AS better_since
					FROM %1$I.response r
					LEFT JOIN %1$I.playbook p ON r.score >= p.score_from AND floor(r.score) <= p.score_to
					WHERE r.respondent IS NOT NULL
					WINDOW newest_first AS (PARTITION BY r.respondent
						ORDER BY r.responded_at DESC NULLS LAST, r.response_id DESC)
				) history
				WHERE better_since = 0
				GROUP BY respondent
			) run
			JOIN (
				SELECT response_id, respondent, account, %3$s, nps_category(score%4$s) AS category, responded_at,
					comment, coalesce(btrim(comment) <> '', false) AS has_comment, revenue, renewal_at, churned_at,
					contactable, owner AS mapped_owner, open_tickets,
					count(*) OVER of_respondent AS responses,
					lead(%5$s) OVER newest_first AS previous_score
				FROM %1$I.answer
				WHERE %6$s AND respondent IS NOT NULL
				WINDOW of_respondent AS (PARTITION BY respondent),
					newest_first AS (PARTITION BY respondent ORDER BY responded_at DESC NULLS LAST, response_id DESC)
			) newest USING (response_id)
			JOIN %1$I.playbook p ON newest.score >= p.score_from AND floor(newest.score) <= p.score_to
			CROSS JOIN %1$I.survey s
			WHERE newest.contactable IS NOT FALSE AND newest.churned_at IS NULL
				AND (newest.responded_at IS NULL
					OR newest.responded_at > now() - make_interval(days => s.follow_up_days))
		) d
		ORDER BY priority, d.severity, d.next_due, d.revenue DESC NULLS LAST, d.case_id
		$sql$, target, zone, score_column, scale_argument, split_part(score_column, ' ', 1), valid_rows);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_views(text, text, text, text, text, text, text, smallint, smallint, boolean) IS 'part of nps_attach(): makes the report views of a survey';
