-- figures that are often quoted, with where they come from; edit them
CREATE TABLE assumption (
	assumption text PRIMARY KEY, -- what the figure is about
	low double precision, -- the figure, or its lower end
	high double precision, -- the figure, or its upper end
	unit text NOT NULL, -- unit of the figure
	source text -- where it comes from
);
INSERT INTO assumption SELECT * FROM nps_default_assumptions();
