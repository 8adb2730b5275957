-- days on which nobody works; fill it in
CREATE TABLE holiday (
	day date PRIMARY KEY, -- date, in the survey's time zone
	name text -- what is celebrated
);
