-- people who take turns in a team; fill it in
CREATE TABLE team_member (
	team text NOT NULL, -- the team, as in cause
	person text NOT NULL, -- who
	active boolean NOT NULL DEFAULT true, -- whether the person takes turns now
	PRIMARY KEY (team, person)
);
