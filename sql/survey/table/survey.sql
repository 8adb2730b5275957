-- the settings of the survey in one row; edit goal, benchmark and those of follow-up, but not how it is attached
CREATE TABLE survey (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), -- always true: the table has one row
	scale text NOT NULL CHECK (nps_is_scale(scale)), -- scale of the score; set by nps_attach(), do not edit
	time_zone text NOT NULL, -- time zone of all dates; set by nps_attach(), do not edit
	goal double precision CHECK (goal BETWEEN -100 AND 100), -- the NPS to reach, in points
	benchmark double precision, -- an NPS to compare with, in points; an assumption, see benchmark_source
	benchmark_source text, -- where the benchmark comes from
	few_answers integer NOT NULL DEFAULT 30 CHECK (few_answers BETWEEN 1 AND 1000000000), -- a change between fewer answers on either side is left out of those that are looked at together (change_p_adjusted)
	follow_up_days integer NOT NULL DEFAULT 90 CHECK (follow_up_days BETWEEN 1 AND 10000), -- days after an answer in which it is worth following up; an assumption: half of the detractors are gone after 90
	assumed_churn double precision DEFAULT 0.5 CHECK (assumed_churn BETWEEN 0 AND 1), -- share of unhappy customers assumed to leave within follow_up_days, 0 to 1; shown beside what is measured
	assumed_churn_source text DEFAULT 'often quoted: half of the detractors leave within 90 days', -- where that comes from
	resurvey_months integer NOT NULL DEFAULT 2 CHECK (resurvey_months BETWEEN 0 AND 1000), -- months after a case was finished until the customer is asked again
	many_tickets integer NOT NULL DEFAULT 5, -- with as many open tickets a customer is not asked for the reason automatically
	attempts integer NOT NULL DEFAULT 3 CHECK (attempts BETWEEN 0 AND 1000), -- attempts to make contact before a customer is unreachable
	inform_hours integer DEFAULT 48 CHECK (inform_hours BETWEEN 1 AND 100000), -- hours from the solution until the customer is told; NULL for no deadline
	longest_promise_months integer NOT NULL DEFAULT 6 CHECK (longest_promise_months BETWEEN 0 AND 1000), -- a promise further off is refused
	work_days text CHECK (nps_is_work_days(work_days)), -- days on which people work, such as Mon Tue Wed Thu Fri; NULL for around the clock
	work_from time, -- when the working day begins, in the survey's time zone
	work_until time, -- when the working day ends
	fallback_owner text CHECK (fallback_owner <> ''), -- who is responsible where nothing else names anybody
	loop_since timestamptz NOT NULL, -- when follow-up began: what is older is history; set by nps_attach(), do not edit
	renew_after_days integer NOT NULL DEFAULT 0 CHECK (renew_after_days BETWEEN 0 AND 10000), -- days after contact in which only a worse answer makes contact due again
	wants_contact_hours integer DEFAULT 48 CHECK (wants_contact_hours BETWEEN 1 AND 100000), -- hours from an answer that asks for contact until it is made
	wants_contact_steps text DEFAULT 'contact, listen, answer what was asked, thank' CHECK (wants_contact_steps !~ '->|;|\n'), -- what to do then, in order, separated by commas, where the rule for the score would not follow up; NULL leaves that to the rule
	recovery_days integer NOT NULL DEFAULT 180 CHECK (recovery_days BETWEEN 1 AND 10000), -- days after the last contact within which a better answer counts as recovery
	undo_hours integer NOT NULL DEFAULT 24 CHECK (undo_hours BETWEEN 0 AND 10000), -- hours in which one's own last step can be taken back
	snooze_days integer NOT NULL DEFAULT 30 CHECK (snooze_days BETWEEN 0 AND 10000), -- days for which a case may rest in all
	escalate_hours integer CHECK (escalate_hours BETWEEN 0 AND 100000), -- hours past the deadline from which a case is shown to escalate_to as well; NULL for never
	escalate_to text CHECK (escalate_to <> ''), -- who sees such cases too
	attached_with text NOT NULL, -- the arguments of nps_attach(), as JSON; do not edit
	-- the views are made for them: attach anew to change them
	CONSTRAINT set_by_nps_attach CHECK (scale = attached_with::jsonb->>'scale' AND time_zone = attached_with::jsonb->>'time_zone'),
	CONSTRAINT working_time CHECK (num_nulls(work_days, work_from, work_until) IN (0, 3) AND work_from < work_until)
);
