-- causes of dissatisfaction, words that suggest them, the team they belong to; edit them
CREATE TABLE cause (
	cause text PRIMARY KEY CHECK (cause <> ''), -- names the cause
	query text, -- words in comments that suggest the cause, as for a web search: words, "phrases", or, -not
	team text, -- the team that the cause belongs to
	remedy text, -- what usually helps
	planned_at timestamptz, -- when a fix was planned; NULL if none is
	planned_fix text, -- what is going to be done about it
	planned_for date, -- by when
	breaks_promise boolean NOT NULL DEFAULT false, -- whether the cause is that a promise was broken: then compensate is a step
	fixed_at timestamptz -- when the cause was fixed; NULL if it is not
);
INSERT INTO cause (cause, query, team, remedy) SELECT * FROM nps_default_causes();
