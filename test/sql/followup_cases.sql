-- Which cases there are, what each is called, which answer is its newest and
-- whether it is open: the views followup and followup_all against a loop over
-- the answers of each respondent, and against one another, with an index that
-- finds the answers of a respondent and without, on made-up data of every kind.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
SET jit = off;
BEGIN;
CREATE SCHEMA followup_cases;
SET search_path = followup_cases, public;

--
-- The definition once more, as a loop
--
-- Of the answers that count, of known respondents, the oldest first.  An answer
-- without a time is older than any other; at one time, the lesser key is older.
-- A recorded case stands where its answer stands; where the source no longer has
-- that answer, at the time at which the case opened.
--
-- * What comes while a recorded case is open belongs to it, good or bad.
-- * What was given up to the time at which a recorded case was finished belongs to it.
-- * What else the playbook wants followed up is a case that nobody has recorded,
--   together with those of its kind before it without anything in between.
-- * Anything else is none of any case, and ends such a run.
--
-- Open is a recorded case whose status says so, unless the newest answer says that
-- the customer must not be contacted.  One that is not recorded is open if its
-- newest answer is the respondent's, within the window, of one who can be
-- contacted, has not left and never opted out, and if no case was finished since.
-- The newest answer of an open case is that of its respondent.
CREATE TABLE expected_case (case_id text, respondent text, response_id text, is_open boolean, has_answer boolean);

CREATE FUNCTION expect_cases(survey text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	e record;
	n_before integer := 0;			-- the respondent under way
	this_case text;					-- the case that the loop is in
	this_recorded boolean := false;
	this_open boolean;
	in_run boolean := false;		-- the entry before is in a case that nobody has recorded
	open_case boolean := false;		-- a recorded one is open
	finished timestamptz;			-- the latest end of a case so far
	n_case integer := 0;
BEGIN
	TRUNCATE expected_case;
	CREATE TEMPORARY TABLE entry (who integer, place integer, case_no integer, is_answer boolean, member boolean) ON COMMIT DROP;
	CREATE TEMPORARY TABLE made (no integer, who integer, case_id text, respondent text, recorded boolean, was_open boolean) ON COMMIT DROP;
	CREATE TEMPORARY TABLE all_entries (who integer, place integer, id text, respondent text, at timestamptz, bad boolean, may_contact boolean,
		gone boolean, is_answer boolean, recorded boolean, is_open boolean, finished_at timestamptz, opts_out boolean, in_window boolean) ON COMMIT DROP;
	EXECUTE replace($q$
		INSERT INTO all_entries
		SELECT dense_rank() OVER (ORDER BY respondent), row_number() OVER (ORDER BY respondent, at NULLS FIRST, id),
			id::text, respondent::text, at, bad, may_contact, gone, is_answer, recorded, is_open, finished_at, opts_out, in_window
		FROM (
			SELECT a.respondent, a.response_id AS id, a.responded_at AS at,
				coalesce((SELECT p.follow_up FROM SURVEY.playbook p WHERE floor(a.score) BETWEEN p.score_from AND p.score_to), false) AS bad,
				coalesce(a.contactable, true) AS may_contact, a.churned_at IS NOT NULL AS gone, true AS is_answer,
				c.case_id IS NOT NULL AS recorded, c.status IN ('new', 'contacted', 'resolved') AS is_open,
				CASE c.status WHEN 'closed' THEN c.closed_at WHEN 'dismissed' THEN c.dismissed_at WHEN 'unreachable' THEN c.unreachable_at END AS finished_at,
				c.status = 'dismissed' AND c.dismiss_reason = 'opted_out' AS opts_out,
				a.responded_at IS NULL OR a.responded_at > now() - (SELECT s.follow_up_days FROM SURVEY.survey s) * interval '1 day' AS in_window
			FROM SURVEY.answer a LEFT JOIN SURVEY.followup_case c ON c.recorded AND c.case_id = a.response_id
			WHERE a.score IS NOT NULL AND a.respondent IS NOT NULL
			UNION ALL
			SELECT c.respondent, c.case_id, c.opened_at, false, true, false, false, true, c.status IN ('new', 'contacted', 'resolved'),
				CASE c.status WHEN 'closed' THEN c.closed_at WHEN 'dismissed' THEN c.dismissed_at WHEN 'unreachable' THEN c.unreachable_at END,
				c.status = 'dismissed' AND c.dismiss_reason = 'opted_out', false
			FROM SURVEY.followup_case c
			WHERE c.recorded AND c.case_id NOT IN (SELECT a.response_id FROM SURVEY.answer a WHERE a.score IS NOT NULL AND a.respondent IS NOT NULL)
		) e$q$, 'SURVEY', quote_ident(survey));

	FOR e IN SELECT * FROM all_entries ORDER BY place LOOP
		IF e.who <> n_before THEN
			n_before := e.who;
			this_case := NULL;
			in_run := false;
			open_case := false;
			finished := NULL;
		END IF;
		IF e.recorded THEN
			n_case := n_case + 1;
			this_case := e.id;
			INSERT INTO made VALUES (n_case, e.who, e.id, e.respondent, true, e.is_open);
			open_case := open_case OR e.is_open;
			finished := greatest(finished, e.finished_at);
			in_run := false;
		ELSIF open_case OR e.at <= finished THEN
			in_run := false;
		ELSIF e.bad THEN
			IF NOT in_run THEN
				n_case := n_case + 1;
				this_case := e.id;
				INSERT INTO made VALUES (n_case, e.who, e.id, e.respondent, false, false);
			END IF;
			in_run := true;
		ELSE
			in_run := false;
			CONTINUE;
		END IF;
		INSERT INTO entry VALUES (e.who, e.place, n_case, e.is_answer, true);
	END LOOP;

	ANALYZE all_entries, entry, made;
	INSERT INTO expected_case
	SELECT m.case_id, m.respondent,
		CASE WHEN m.was_open THEN newest.id ELSE own.id END,
		CASE WHEN m.recorded THEN m.was_open AND coalesce(newest.may_contact, true)
			ELSE own.place = newest.place AND newest.may_contact AND NOT newest.gone AND newest.in_window
				AND NOT EXISTS (SELECT FROM all_entries c WHERE c.who = m.who AND c.recorded
					AND (c.opts_out OR c.finished_at >= newest.at OR c.place > newest.place)) END,
		own.id IS NOT NULL
	FROM made m
	LEFT JOIN (SELECT DISTINCT ON (a.who) a.* FROM all_entries a WHERE a.is_answer ORDER BY a.who, a.place DESC) newest ON newest.who = m.who
	LEFT JOIN (SELECT DISTINCT ON (i.case_no) i.case_no, a.id, a.place FROM entry i JOIN all_entries a ON a.place = i.place
		WHERE a.is_answer ORDER BY i.case_no, a.place DESC) own ON own.case_no = m.no;
	DROP TABLE entry, made, all_entries;
END
$$;

-- How many rows are in one of the two and not in the other.
CREATE FUNCTION differences(one text, other text, OUT rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*) FROM ((%1$s EXCEPT ALL %2$s) UNION ALL (%2$s EXCEPT ALL %1$s)) d', one, other) INTO rows;
END
$$;

-- The two views as they are executed now, against what there must be and against one another.
CREATE FUNCTION compare(survey text, OUT followup_all bigint, OUT followup bigint, OUT two_views bigint) LANGUAGE plpgsql AS $$
DECLARE
	shared CONSTANT text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = format('%I.followup', survey)::regclass AND attnum > 0);
BEGIN
	EXECUTE format('CREATE TEMPORARY TABLE shown AS SELECT * FROM %I.followup', survey);
	EXECUTE format('CREATE TEMPORARY TABLE shown_all AS SELECT * FROM %I.followup_all', survey);
	followup_all := differences('SELECT case_id, lower(respondent), response_id, is_open FROM expected_case',
		-- what a finished case shows whose answers are gone is not said
		'SELECT f.case_id::text, lower(f.respondent::text), CASE WHEN x.has_answer OR x.is_open THEN f.response_id::text END, f.is_open
			FROM shown_all f LEFT JOIN expected_case x ON x.case_id = f.case_id::text');
	followup := differences('SELECT case_id, lower(respondent), response_id FROM expected_case WHERE is_open',
		'SELECT case_id::text, lower(respondent::text), response_id::text FROM shown');
	two_views := differences(format('SELECT %s FROM shown', shared), format('SELECT %s FROM shown_all WHERE is_open', shared));
	DROP TABLE shown, shown_all;
END
$$;
