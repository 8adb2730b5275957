-- people who take turns in a team; fill it in
CREATE TABLE team_member (
	team text NOT NULL, -- the team, as in cause
	person text NOT NULL, -- who
	active boolean NOT NULL DEFAULT true, -- whether the person takes cases at all
	away_from date, -- first day on which the person takes none
	away_until date, -- last such day
	PRIMARY KEY (team, person)
);
