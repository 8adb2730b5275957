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
-- A case that somebody has taken on stands where its answer stands; where the source no longer has
-- that answer, at the time at which the case opened.
--
-- * What comes while a case that somebody has taken on is open belongs to it, good or bad.
-- * What was given up to the time at which a case that somebody has taken on was finished belongs to it.
-- * What else the playbook wants followed up is a case that nobody has taken on,
--   together with those of its kind before it without anything in between.
-- * Anything else is none of any case, and ends such a run.
--
-- Open is a case that somebody has taken on whose status says so, unless the newest answer says that
-- the customer must not be contacted.  Another is open if its
-- newest answer is the respondent's, within the window, of one who can be
-- contacted, has not left and never opted out, and if no case was finished since.
-- The newest answer of an open case is that of its respondent.
CREATE TABLE expected_case (case_id text, respondent text, response_id text, is_open boolean, has_answer boolean);

CREATE FUNCTION expect_cases(survey text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	e record;
	n_before integer := 0;			-- the respondent under way
	this_case integer;				-- the latest case so far
	this_taken boolean;				-- somebody took it on
	open_case integer;				-- the latest open one that somebody has taken on
	finished timestamptz;			-- the latest end of a case so far
	in_run boolean := false;		-- the entry before is in a case that nobody has taken on
	n_case integer := 0;
BEGIN
	TRUNCATE expected_case;
	CREATE TEMPORARY TABLE entry (place integer, case_no integer) ON COMMIT DROP;
	CREATE TEMPORARY TABLE made (no integer, who integer, case_id text, respondent text, taken boolean, was_open boolean) ON COMMIT DROP;
	CREATE TEMPORARY TABLE all_entries (who integer, place integer, id text, respondent text, at timestamptz, bad boolean, may_contact boolean,
		gone boolean, is_answer boolean, taken boolean, is_open boolean, finished_at timestamptz, opts_out boolean, in_window boolean) ON COMMIT DROP;
	EXECUTE replace($q$
		INSERT INTO all_entries
		SELECT dense_rank() OVER (ORDER BY respondent), row_number() OVER (ORDER BY respondent, at NULLS FIRST, id),
			id::text, respondent::text, at, bad, may_contact, gone, is_answer, taken, is_open, finished_at, opts_out, in_window
		FROM (
			SELECT a.respondent, a.response_id AS id, a.responded_at AS at,
				coalesce((SELECT p.follow_up FROM SURVEY.playbook p WHERE floor(a.score) BETWEEN p.score_from AND p.score_to), false) AS bad,
				coalesce(a.contactable, true) AS may_contact, a.churned_at IS NOT NULL AS gone, true AS is_answer,
				c.case_id IS NOT NULL AS taken, c.status IN ('new', 'contacted', 'resolved') AS is_open,
				CASE c.status WHEN 'closed' THEN c.closed_at WHEN 'dismissed' THEN c.dismissed_at WHEN 'unreachable' THEN c.unreachable_at END AS finished_at,
				c.status = 'dismissed' AND c.dismiss_reason = 'opted_out' AS opts_out,
				a.responded_at IS NULL OR a.responded_at > now() - (SELECT s.follow_up_days FROM SURVEY.survey s) * interval '1 day' AS in_window
			FROM SURVEY.answer a LEFT JOIN SURVEY.followup_case c ON c.taken AND c.case_id = a.response_id
			WHERE a.score IS NOT NULL AND a.respondent IS NOT NULL
			UNION ALL
			SELECT c.respondent, c.case_id, c.opened_at, false, true, false, false, true, c.status IN ('new', 'contacted', 'resolved'),
				CASE c.status WHEN 'closed' THEN c.closed_at WHEN 'dismissed' THEN c.dismissed_at WHEN 'unreachable' THEN c.unreachable_at END,
				c.status = 'dismissed' AND c.dismiss_reason = 'opted_out', false
			FROM SURVEY.followup_case c
			WHERE c.taken AND c.case_id NOT IN (SELECT a.response_id FROM SURVEY.answer a WHERE a.score IS NOT NULL AND a.respondent IS NOT NULL)
		) e$q$, 'SURVEY', quote_ident(survey));

	FOR e IN SELECT * FROM all_entries ORDER BY place LOOP
		IF e.who <> n_before THEN
			n_before := e.who;
			in_run := false;
			open_case := NULL;
			finished := NULL;
		END IF;
		IF e.taken OR (e.bad AND NOT in_run AND open_case IS NULL AND (e.at <= finished) IS NOT TRUE) THEN
			n_case := n_case + 1;
			INSERT INTO made VALUES (n_case, e.who, e.id, e.respondent, e.taken, e.taken AND e.is_open);
			this_case := n_case;
			this_taken := e.taken;
			in_run := NOT e.taken;
			IF e.taken AND e.is_open THEN
				open_case := n_case;
			END IF;
			finished := greatest(finished, e.finished_at);
		ELSIF e.at <= finished THEN
			in_run := false;
			-- what a finished case covers is none of a later one that nobody took on
			CONTINUE WHEN NOT this_taken;
		ELSIF open_case IS NOT NULL THEN
			this_case := open_case;
			this_taken := true;
		ELSIF NOT e.bad THEN
			in_run := false;
			CONTINUE;
		END IF;
		INSERT INTO entry VALUES (e.place, this_case);
	END LOOP;
	ANALYZE all_entries, entry, made;
	INSERT INTO expected_case
	SELECT m.case_id, m.respondent,
		CASE WHEN m.was_open THEN newest.id ELSE own.id END,
		CASE WHEN m.taken THEN m.was_open AND coalesce(newest.may_contact, true)
			ELSE own.place = newest.place AND newest.may_contact AND NOT newest.gone AND newest.in_window
				AND NOT EXISTS (SELECT FROM all_entries c WHERE c.who = m.who AND c.taken
					AND (c.opts_out OR c.finished_at >= newest.at OR c.place > newest.place)) END,
		own.id IS NOT NULL OR m.was_open
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

-- The index that nps_check() proposes for the answers of a respondent, if it proposes one.
CREATE FUNCTION make_index(survey text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE coalesce((SELECT replace(fix, 'CREATE INDEX ON', 'CREATE INDEX who ON') FROM nps_check(survey)
		WHERE finding = 'missing index' AND detail LIKE '%answers of a respondent%'), 'SELECT');
END
$$;

-- What nps_check() advises after customers were merged; of two open cases of one customer the second is a duplicate.
CREATE FUNCTION follow_answers(survey text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	moved record;
BEGIN
	FOR moved IN EXECUTE format('SELECT c.case_id::text, a.respondent::text FROM %1$I.followup_case c JOIN %1$I.answer a ON a.response_id = c.case_id
		WHERE c.taken AND a.respondent <> c.respondent ORDER BY 1', survey)
	LOOP
		BEGIN
			EXECUTE format('UPDATE %1$I.followup_case c SET respondent = a.respondent FROM %1$I.answer a
				WHERE a.response_id = c.case_id AND c.case_id::text = %2$L', survey, moved.case_id);
		EXCEPTION WHEN unique_violation THEN
			EXECUTE format('UPDATE %1$I.followup_case c SET respondent = a.respondent, status = ''dismissed'', dismiss_reason = ''duplicate''
				FROM %1$I.answer a WHERE a.response_id = c.case_id AND c.case_id::text = %2$L', survey, moved.case_id);
		END;
	END LOOP;
END
$$;

-- What there must be, and how many rows are otherwise, summed over ways to execute: must be 0.
CREATE FUNCTION check_cases(survey text, source regclass, planner_option text,
	OUT cases bigint, OUT open bigint, OUT followup_all bigint, OUT followup bigint, OUT two_views bigint) LANGUAGE plpgsql AS $$
DECLARE
	way text;
	found record;
BEGIN
	PERFORM expect_cases(survey);
	SELECT count(*), count(*) FILTER (WHERE is_open) INTO cases, open FROM expected_case;
	followup_all := 0;
	followup := 0;
	two_views := 0;
	PERFORM make_index(survey);
	FOREACH way IN ARRAY ARRAY['index', 'index, otherwise', 'no index'] LOOP
		CONTINUE WHEN way = 'index, otherwise' AND planner_option IS NULL;
		IF way = 'no index' THEN
			DROP INDEX IF EXISTS who;
		END IF;
		IF way = 'index, otherwise' THEN
			PERFORM set_config(planner_option, 'off', true);
		END IF;
		SELECT * INTO found FROM compare(survey);
		followup_all := followup_all + found.followup_all;
		followup := followup + found.followup;
		two_views := two_views + found.two_views;
	END LOOP;
	IF planner_option IS NOT NULL THEN
		PERFORM set_config(planner_option, 'on', true);
	END IF;
END
$$;

--
-- Cases by hand
--
CREATE TABLE story (id integer PRIMARY KEY, who text, score integer, days_ago integer, may_contact boolean, gone timestamptz, at timestamptz);
CREATE INDEX who ON story (who, at DESC NULLS LAST, id DESC);
CREATE FUNCTION set_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.at := now() - NEW.days_ago * interval '1 day';
	RETURN NEW;
END
$$;
CREATE TRIGGER set_time BEFORE INSERT OR UPDATE ON story FOR EACH ROW EXECUTE FUNCTION set_time();
SELECT count(*) > 0 AS attached FROM nps_attach('story', 'score', respondent => 'who', responded_at => 'at',
	contactable => 'may_contact', churned_at => 'gone', schema_name => 'stories', time_zone => 'UTC', loop_since => '-infinity');
-- each row: what the views show, and that the loop above and the two ways to execute agree with it
CREATE VIEW told AS
	SELECT f.respondent, f.case_id, (now()::date - f.opened_at::date) AS opened_days_ago, f.response_id, f.score, f.previous_score AS previous, f.responses,
		f.status, f.is_open, f.next_due - f.opened_at AS due_after
	FROM stories.followup_all f ORDER BY f.respondent COLLATE "C", f.opened_at NULLS FIRST, f.case_id;
CREATE FUNCTION close(id integer, days_ago integer, how text DEFAULT 'closed') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF how = 'closed' THEN
		UPDATE stories.followup SET status = 'closed', channel = 'phone', cause = 'price', contacted_at = t, resolved_at = t, informed_at = t, closed_at = t
		FROM (SELECT now() - days_ago * interval '1 day' AS t) t WHERE case_id = id;
	ELSE
		UPDATE stories.followup SET status = 'dismissed', dismiss_reason = how WHERE case_id = id;
	END IF;
END
$$;
CREATE FUNCTION check_stories(OUT cases bigint, OUT open bigint, OUT followup_all bigint, OUT followup bigint, OUT two_views bigint) LANGUAGE plpgsql AS $$
BEGIN
	DROP INDEX IF EXISTS who;
	SELECT * INTO cases, open, followup_all, followup, two_views FROM check_cases('stories', 'story', NULL);
	CREATE INDEX who ON story (who, at DESC NULLS LAST, id DESC);
END
$$;

SAVEPOINT no_stories;
-- A better answer takes its giver off the list; while somebody is at work on the case it does not.
INSERT INTO story VALUES (1, 'better later', 3, 20), (2, 'better later', 9, 10),
	(3, 'better while at work', 3, 20), (5, 'worse while at work', 6, 20);
UPDATE stories.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 3;
UPDATE stories.followup SET owner = 'olga' WHERE case_id = 5;
INSERT INTO story VALUES (4, 'better while at work', 9, 10), (6, 'worse while at work', 0, 10);
-- Repeats are one case, and its clock starts with the first; a better answer in between begins another.
INSERT INTO story VALUES (10, 'repeats', 2, 30), (11, 'repeats', 5, 20), (12, 'repeats', 6, 10),
	(13, 'relapses', 2, 30), (14, 'relapses', 7, 20), (15, 'relapses', 6, 10);
SELECT * FROM told;
SELECT * FROM check_stories();

-- After a case is closed, a bad answer opens a new one; what was given before the closing does not.
ROLLBACK TO no_stories;
INSERT INTO story VALUES (21, 'unhappy again', 3, 30), (31, 'said so before', 3, 30), (51, 'dismissed', 3, 30), (61, 'opted out', 3, 30);
SELECT close(21, 20), close(31, 10), close(51, 0, 'misclick'), close(61, 0, 'opted_out');
INSERT INTO story VALUES (22, 'unhappy again', 4, 15), (23, 'unhappy again', 5, 5), (32, 'said so before', 0, 15),
	(52, 'dismissed', 4, -1), (62, 'opted out', 4, -1);
SELECT * FROM told;
SELECT case_id, respondent, response_id FROM stories.followup ORDER BY case_id;
SELECT * FROM check_stories();

-- The window, those who left and those who must not be contacted: cases, and no work.
ROLLBACK TO no_stories;
INSERT INTO story VALUES (71, 'in the window', 3, 89), (72, 'out of it', 3, 91), (73, 'began before it', 3, 91), (74, 'began before it', 3, 5),
	(77, 'at work, out of the window', 3, 95), (78, 'at work, then not to be called', 3, 5), (80, 'at work, then left', 3, 5);
INSERT INTO story VALUES (75, 'must not be called', 3, 5, false, NULL), (76, 'left', 3, 5, NULL, now());
UPDATE stories.followup_all SET owner = 'olga' WHERE respondent LIKE 'at work%';
INSERT INTO story VALUES (79, 'at work, then not to be called', 3, 4, false, NULL), (81, 'at work, then left', 3, 4, NULL, now());
SELECT * FROM told;
SELECT case_id, respondent, response_id FROM stories.followup ORDER BY case_id;
SELECT * FROM check_stories();

-- The answer of a case that somebody has taken on goes, or counts no longer: an open case is still work,
-- and shows the newest answer that there is; its name, its clock and its history stay.
ROLLBACK TO no_stories;
INSERT INTO story VALUES (101, 'deleted', 3, 9), (102, 'deleted, other before', 9, 30), (103, 'deleted, other before', 3, 9),
	(104, 'deleted, other later', 3, 9), (105, 'deleted, other later', 4, 5), (106, 'no score now', 3, 9),
	(108, 'deleted, not to be called', 3, 9),
	(109, 'better now', 3, 9), (110, 'deleted when closed', 3, 9), (111, 'deleted when closed, bad before', 9, 8), (112, 'deleted when closed, bad before', 3, 7),
	(113, 'moved in time', 3, 9), (115, 'nobody now', 3, 9), (116, 'somebody', 3, 9), (118, 'deleted when opted out, bad before', 9, 8), (119, 'deleted when opted out, bad before', 3, 7);
INSERT INTO story VALUES (107, 'deleted, not to be called', 8, 30, false);
UPDATE stories.followup SET owner = 'olga';
SELECT close(110, 2), close(112, 2), close(119, 0, 'opted_out');
DELETE FROM story WHERE who LIKE 'deleted%' AND id IN (101, 103, 104, 108, 110, 112, 119);
UPDATE story SET score = NULL WHERE id = 106;
UPDATE story SET score = 9 WHERE id = 109;
UPDATE story SET score = 3 WHERE id IN (111, 118);
UPDATE story SET days_ago = 3 WHERE id = 113;
UPDATE story SET who = NULL WHERE id = 115;
UPDATE story SET who = 'somebody else' WHERE id = 116;
SELECT finding, fix FROM nps_check('stories') WHERE finding LIKE 'cases of%';
SELECT follow_answers('stories');
SELECT count(*) AS nothing_to_do FROM nps_check('stories') WHERE finding LIKE 'cases of%';
SELECT * FROM told;
SELECT case_id, respondent, response_id, score FROM stories.followup ORDER BY case_id;
SELECT * FROM check_stories();

-- Clocks go wrong: closed is closed, wherever in time the answer stands.
ROLLBACK TO no_stories;
INSERT INTO story VALUES (201, 'in the future', 3, -5), (202, 'never', 3, NULL), (203, 'later than closed', 3, 30), (204, 'no time, greater key', 3, 30);
SELECT close(201, 0), close(202, 0), close(203, 20), close(204, 20);
UPDATE story SET days_ago = 10 WHERE id = 203;
INSERT INTO story VALUES (205, 'no time, greater key', 2, NULL), (206, 'no time, greater key', 4, 10), (207, 'never', 5, NULL);
SELECT * FROM told;
SELECT case_id, respondent, response_id FROM stories.followup ORDER BY case_id;
SELECT * FROM check_stories();

-- A case that goes on takes all later answers, also those of a case that was closed since.
ROLLBACK TO no_stories;
INSERT INTO story VALUES (301, 'goes on', 3, 30);
SELECT close(301, 25);
INSERT INTO story VALUES (302, 'goes on', 4, 20);
SELECT close(302, 15);
INSERT INTO story VALUES (303, 'goes on', 5, 10), (304, 'goes on', 8, 5);
UPDATE stories.followup_all SET status = 'reopened' WHERE case_id = 301;
SELECT * FROM told;
SELECT case_id, respondent, response_id, score FROM stories.followup ORDER BY case_id;
SELECT * FROM check_stories();
ROLLBACK TO no_stories;
DROP INDEX who;

--
-- Made-up data, the same in every run
--
CREATE FUNCTION dice(sides integer, what text) RETURNS integer LANGUAGE sql IMMUTABLE
	RETURN ('x' || substr(md5(what), 1, 7))::bit(28)::integer % sides;

CREATE FUNCTION some_time(what text) RETURNS timestamptz LANGUAGE sql STABLE
	RETURN CASE dice(40, 'kind of time ' || what)
		WHEN 0 THEN NULL WHEN 1 THEN NULL WHEN 2 THEN 'infinity' WHEN 3 THEN '-infinity'
		WHEN 4 THEN now() WHEN 5 THEN now() + dice(3, what) * interval '1 day'
		-- few different ones, so that there are ties
		ELSE now() - dice(30, what) * interval '4 days' END;

CREATE FUNCTION some_answers(first integer, last integer, people integer,
	OUT n integer, OUT person integer, OUT points integer, OUT at timestamptz, OUT may_contact boolean, OUT gone timestamptz, OUT words text)
	RETURNS SETOF record LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT i, nullif(dice(people, 'who' || i), 0),
		CASE dice(20, 'kind of score' || i) WHEN 0 THEN NULL WHEN 1 THEN 42 ELSE dice(11, 'score' || i) END,
		some_time(i::text),
		CASE dice(20, 'may contact' || i) WHEN 0 THEN false WHEN 1 THEN true END,
		CASE WHEN dice(20, 'gone' || i) = 0 THEN now() - dice(50, 'gone when' || i) * interval '1 day' END,
		CASE WHEN dice(2, 'words' || i) = 0 THEN 'too slow' END
	FROM generate_series(first, last) i;
END;

-- People record what they did: some of everything, with times between the opening and now.
CREATE FUNCTION work(survey text, turn text, OUT recorded bigint, OUT refused bigint) LANGUAGE plpgsql AS $$
DECLARE
	roll CONSTANT text := format('dice(10, %L || f.case_id::text)', turn);
	earlier CONSTANT text := format('greatest((SELECT least(a.responded_at, now()) FROM %I.answer a WHERE a.response_id = f.case_id),
		now() - dice(60, %L || f.case_id::text) * interval ''1 day'')', survey, turn || 'when');
	step text;
	rows bigint;
BEGIN
	recorded := 0;
	refused := 0;
	FOREACH step IN ARRAY ARRAY[
		'owner = ''olga'' WHERE <roll> = 0',
		'status = ''contacted'', channel = ''phone'', contacted_at = <earlier> WHERE <roll> = 1 AND status = ''new''',
		'status = ''resolved'', channel = ''phone'', cause = ''price'', contacted_at = coalesce(contacted_at, <earlier>), resolved_at = now()
			WHERE <roll> = 2 AND status IN (''new'', ''contacted'')',
		'status = ''closed'', channel = ''phone'', cause = ''price'', contacted_at = coalesce(contacted_at, <earlier>),
			resolved_at = coalesce(resolved_at, contacted_at, <earlier>), informed_at = coalesce(resolved_at, contacted_at, <earlier>),
			closed_at = coalesce(resolved_at, contacted_at, <earlier>) WHERE <roll> IN (3, 4, 5)',
		'status = ''dismissed'', dismiss_reason = CASE WHEN dice(2, f.case_id::text) = 0 THEN ''opted_out'' ELSE ''misclick'' END WHERE <roll> IN (6, 7)',
		'status = ''unreachable'' WHERE <roll> = 8 AND status = ''new''']
	LOOP
		BEGIN
			EXECUTE format('UPDATE %I.followup f SET %s', survey, replace(replace(step, '<roll>', roll), '<earlier>', earlier));
			GET DIAGNOSTICS rows = ROW_COUNT;
			recorded := recorded + rows;
		EXCEPTION WHEN OTHERS THEN
			refused := refused + 1;
		END;
	END LOOP;
	-- handed out to a program that recorded nothing: no case
	PERFORM nps_claim(survey, 'program', NULL, 5);
	-- time passes: what was finished just now was finished some time ago
	EXECUTE format('ALTER TABLE %I.followup_case DISABLE TRIGGER rules', survey);
	EXECUTE format('UPDATE %I.followup_case f SET dismissed_at = CASE WHEN dismissed_at IS NOT NULL THEN %2$s END,
		unreachable_at = CASE WHEN unreachable_at IS NOT NULL THEN %2$s END
		WHERE (dismissed_at = now() OR unreachable_at = now()) AND dice(4, f.case_id::text) > 0', survey, earlier);
	EXECUTE format('ALTER TABLE %I.followup_case ENABLE TRIGGER rules', survey);
END
$$;

-- Of some who have no open case that somebody has taken on, one that is finished goes on.
CREATE FUNCTION reopen(survey text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	rows bigint;
BEGIN
	EXECUTE replace($q$
		UPDATE SURVEY.followup_all SET status = 'reopened'
		WHERE case_id IN (
			SELECT DISTINCT ON (c.respondent) c.case_id FROM SURVEY.followup_case c
			WHERE c.taken AND c.status IN ('closed', 'dismissed', 'unreachable')
				AND NOT EXISTS (SELECT FROM SURVEY.followup_case o WHERE o.respondent = c.respondent AND o.is_open)
				AND dice(3, 'reopen' || c.respondent::text) = 0
			ORDER BY c.respondent, dice(1000, 'which' || c.case_id::text))$q$, 'SURVEY', quote_ident(survey));
	GET DIAGNOSTICS rows = ROW_COUNT;
	RETURN rows;
END
$$;

-- A survey lives: the source's table has the columns of some_answers(), and those
-- that the survey maps are made of them.
CREATE FUNCTION life(survey text, source regclass, people integer, enough integer, planner_options text[] DEFAULT '{}')
	RETURNS TABLE (step text, enough_cases boolean, enough_open boolean, followup_all bigint, followup bigint, two_views bigint, refused bigint)
	LANGUAGE plpgsql AS $$
DECLARE
	turn integer := 0;
	found record;
	done record;
BEGIN
	EXECUTE format('UPDATE %I.survey SET attempts = 0', survey);
	FOREACH step IN ARRAY ARRAY['answers', 'work', 'later answers', 'work again', 'reopened', 'scores corrected', 'times corrected',
		'respondents corrected', 'customers merged', 'answers deleted', 'playbook edited']
	LOOP
		turn := turn % greatest(cardinality(planner_options), 1) + 1;
		refused := NULL;
		IF step LIKE 'work%' THEN
			-- as it is done where there is much to do
			PERFORM make_index(survey);
			EXECUTE format('ANALYZE %s', source);
			done := work(survey, step);
			refused := CASE WHEN done.recorded > enough / 5 THEN done.refused END;
			DROP INDEX IF EXISTS who;
		ELSIF step = 'reopened' THEN
			refused := CASE WHEN reopen(survey) > enough / 30 THEN 0 END;
		ELSIF step = 'playbook edited' THEN
			EXECUTE replace($q$
				UPDATE SURVEY.playbook SET follow_up = true WHERE severity = 8;
				DELETE FROM SURVEY.playbook WHERE severity = 5;
				UPDATE SURVEY.survey SET follow_up_days = 30$q$, 'SURVEY', quote_ident(survey));
		ELSE
			EXECUTE format(CASE step
				WHEN 'answers' THEN 'INSERT INTO %s SELECT * FROM some_answers(1, %s, %s)'
				WHEN 'later answers' THEN 'INSERT INTO %s SELECT * FROM some_answers(%2$s + 1, %2$s + %2$s / 3, %3$s)'
				WHEN 'scores corrected' THEN 'UPDATE %s SET points = dice(11, ''corrected'' || n) WHERE dice(20, ''is corrected'' || n) = 0'
				WHEN 'times corrected' THEN 'UPDATE %s SET at = some_time(''corrected'' || n) WHERE dice(20, ''time is corrected'' || n) = 0'
				WHEN 'respondents corrected' THEN 'UPDATE %s SET person = nullif(dice(%3$s, ''corrected'' || n), 0) WHERE dice(30, ''who is corrected'' || n) = 0'
				WHEN 'customers merged' THEN 'UPDATE %s SET person = person - 1 WHERE dice(20, ''is merged'' || person) = 0 AND person > 1'
				WHEN 'answers deleted' THEN 'DELETE FROM %s WHERE dice(20, ''is deleted'' || n) = 0'
				END, source, people * 5, people);
			PERFORM follow_answers(survey);
		END IF;
		-- what came before is in the last, too
		CONTINUE WHEN planner_options = '{}' AND step NOT IN ('work', 'work again', 'playbook edited');
		found := check_cases(survey, source, planner_options[turn]);
		enough_cases := found.cases > enough;
		enough_open := found.open > enough / 10;
		followup_all := found.followup_all;
		followup := found.followup;
		two_views := found.two_views;
		RETURN NEXT;
	END LOOP;
END
$$;

--
-- Whole numbers, at any time
--
CREATE TABLE opinion (n integer PRIMARY KEY, person integer, points integer, at timestamptz, may_contact boolean, gone timestamptz, words text,
	who integer GENERATED ALWAYS AS (person) STORED);
SELECT count(*) > 0 AS attached FROM nps_attach('opinion', 'points', respondent => 'who', responded_at => 'at', comment => 'words',
	churned_at => 'gone', contactable => 'may_contact', schema_name => 'opinions', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM life('opinions', 'opinion', 100, 140,
	ARRAY['enable_hashjoin', 'enable_nestloop', 'enable_indexscan', 'enable_mergejoin', 'enable_material', 'enable_sort']);

--
-- Keys that are no numbers, of people who write their names as they like; text as
-- scores, times without a zone, and a source in parts
--
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext') THEN
		CREATE EXTENSION IF NOT EXISTS citext;
		CREATE DOMAIN any_case AS citext;
	ELSE
		CREATE DOMAIN any_case AS text;
	END IF;
END
$$;
CREATE TABLE letter (n integer PRIMARY KEY, person integer, points integer, at timestamptz, may_contact boolean, gone timestamptz, words text,
	id uuid GENERATED ALWAYS AS (md5(n::text)::uuid) STORED,
	who any_case GENERATED ALWAYS AS (CASE n % 2 WHEN 0 THEN 'Person ' ELSE 'pERSON ' END || person) STORED,
	score text GENERATED ALWAYS AS (CASE n % 11 WHEN 0 THEN 'n/a' ELSE points::text END) STORED,
	local_time timestamp GENERATED ALWAYS AS (at AT TIME ZONE 'UTC') STORED)
	PARTITION BY RANGE (n);
CREATE TABLE letter_1 PARTITION OF letter FOR VALUES FROM (MINVALUE) TO (120);
CREATE TABLE letter_2 PARTITION OF letter FOR VALUES FROM (120) TO (MAXVALUE);
SELECT count(*) > 0 AS attached FROM nps_attach('letter', 'score', response_id => 'id', respondent => 'who', responded_at => 'local_time',
	comment => 'words', churned_at => 'gone', contactable => 'may_contact', schema_name => 'letters', time_zone => 'Europe/Berlin', loop_since => '-infinity');
SELECT * FROM life('letters', 'letter', 45, 40);

--
-- Fractions, and text in an order of its own
--
CREATE TABLE health (n integer PRIMARY KEY, person integer, points integer, at timestamptz, may_contact boolean, gone timestamptz, words text,
	id text COLLATE "POSIX" GENERATED ALWAYS AS (md5(n::text)) STORED,
	who text COLLATE "C" GENERATED ALWAYS AS ('person ' || person) STORED,
	score numeric GENERATED ALWAYS AS (CASE points WHEN 3 THEN 34.99 WHEN 4 THEN 35 WHEN 5 THEN 12.5 WHEN 6 THEN 0.1 ELSE points * 10 END) STORED);
SELECT count(*) > 0 AS attached FROM nps_attach('health', 'score', response_id => 'id', respondent => 'who', responded_at => 'at',
	churned_at => 'gone', contactable => 'may_contact', scale => 'health', schema_name => 'healths', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM life('healths', 'health', 30, 30);

--
-- A scale that is read backwards, no times, and not all rows; nobody is known to have left
--
CREATE TABLE effort (n bigint PRIMARY KEY, person integer, points integer, at timestamptz, may_contact boolean, gone timestamptz, words text,
	who smallint GENERATED ALWAYS AS (person) STORED,
	score smallint GENERATED ALWAYS AS (points % 6) STORED);
SELECT count(*) > 0 AS attached FROM nps_attach('effort', 'score', respondent => 'who', filter => 'n % 10 <> 0',
	scale => 'ces5_reversed', schema_name => 'efforts', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM life('efforts', 'effort', 30, 20);

--
-- A view as the source: there is never an index
--
CREATE TABLE base (n integer PRIMARY KEY, person integer, points integer, at timestamptz, may_contact boolean, gone timestamptz, words text,
	who integer GENERATED ALWAYS AS (person) STORED);
CREATE VIEW seen AS SELECT n, who, points AS score, at, may_contact, gone FROM base WHERE n % 10 <> 0;
SELECT count(*) > 0 AS attached FROM nps_attach('seen', 'score', response_id => 'n', respondent => 'who', responded_at => 'at',
	churned_at => 'gone', contactable => 'may_contact', schema_name => 'seens', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM life('seens', 'base', 30, 30);

--
-- Nobody is known: there are no cases
--
SELECT count(*) > 0 AS attached FROM nps_attach('base', 'points', responded_at => 'at', schema_name => 'nobody', time_zone => 'UTC');
SELECT (SELECT count(*) FROM nobody.followup) AS followup, (SELECT count(*) FROM nobody.followup_all) AS followup_all,
	(SELECT count(*) > 30 FROM nobody.response WHERE category = 'detractor') AS there_are_detractors;
ROLLBACK;
