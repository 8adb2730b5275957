-- settings as they were that decide which answers are a case; writes itself
CREATE TABLE survey_past (
	until timestamptz PRIMARY KEY, -- when they were changed
	follow_up_days integer NOT NULL, -- days after an answer in which it was followed up
	renew_after_days integer NOT NULL -- days after contact in which only a worse answer renewed a case
);
