-- what the rollup counts, and which changes could not be counted; made by nps_materialize(), do not edit
CREATE TABLE rollup_part (
	leaf bigint, -- OID of a table whose rows are counted: the source, or one of its partitions; NULL: a change was not counted
	identity text, -- the triggers that saw each change of it since, and for the source the mapping; if they are other ones now, reports read the source
	trouble text, -- why a change was not counted; until the rollup is made anew, reports read the source
	noted_at timestamptz -- begin of the transaction that wrote the row
);
