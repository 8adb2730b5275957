-- counts by day and segments, which the reports read and the source's triggers write; made by nps_materialize(), do not edit
CREATE TABLE rollup (
	day date, -- day in the survey's time zone; NULL for answers without a usable date
	<<segment_types>> -- segment of the survey, as mapped
	added bigint[], -- answers that came, by score from 0 to 10, on a scale without whole scores by category after these; NULL for none
	removed bigint[], -- answers that went, likewise; NULL for none
	unanswered bigint, -- by how many the unanswered rows grew of customers who were asked on the day
	rejected bigint, -- by how many the rows grew, of customers who were asked on the day, whose score does not count
	with_comment bigint, -- by how many the answers with a comment grew
	answered bigint, -- by how many the answers grew of customers who were asked on the day, whenever they answered
	leaf bigint -- OID of the table that has the rows: the source, or one of its partitions
);
