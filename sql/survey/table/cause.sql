-- causes of dissatisfaction, words that suggest them, the team they belong to; edit them
CREATE TABLE cause (
	cause text PRIMARY KEY CHECK (cause <> ''), -- names the cause
	query text, -- words in comments that suggest the cause, as for a web search: words, "phrases", or, -not
	team text, -- the team that the cause belongs to
	remedy text, -- what usually helps
	fixed_at timestamptz, -- when the cause was fixed; NULL if it is not
	-- parsed once and not for each comment
	search tsquery GENERATED ALWAYS AS (websearch_to_tsquery(<<text_search>>, query)) STORED -- the query, parsed
);
INSERT INTO cause (cause, query, team, remedy) SELECT * FROM nps_default_causes();
