#!/bin/bash
# sql/assemble.awk refuses what would come out wrong, and tells where; doc/ is what it makes.
set -euo pipefail
cd "$NPS_SOURCE"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/view" "$folder/table"
assemble() { LC_ALL=C "${awk-awk}" -f sql/assemble.awk sql/survey/placeholder.sql "$@"; }

refused() { # MESSAGE: the view, or table, on standard input is refused with it
    local kind=$1 message=$2 said
    cat > "$folder/$kind/tried.sql"
    if said=$(assemble "$folder/$kind/tried.sql" 2>&1 > "$folder/out"); then
        echo "not refused: $message"
        exit 1
    fi
    [ "$said" = "$folder/$kind/tried.sql:$message" ] || {
        echo "instead of:  $folder/$kind/tried.sql:$message"
        echo "it said:     $said"
        exit 1
    }
}

refused view '3: there is no placeholder <<zonne>>; placeholder.sql lists them' << 'E2'
-- a view
SELECT
	nps_local_time(responded_at, <<zonne>>) AS at -- when
FROM answer
E2
refused view '3: there is no placeholder <<mapping.score>>; placeholder.sql lists them' << 'E2'
-- a view
SELECT
	<<mapping.score>> AS score -- the mapping is for answer alone
FROM answer
E2
refused view '4: there is no placeholder <<union all over country>>; placeholder.sql lists them' << 'E2'
-- a view
SELECT
	score -- the score
-- <<union all over country>>
FROM answer
E2
refused view '3: half a placeholder' << 'E2'
-- a view
SELECT
	nps_local_time(responded_at, <<zone>) AS at -- when
FROM answer
E2
refused view '6: -- <<end>> ends what -- <<union all over ...>> begins' << 'E2'
-- a view
SELECT
	score -- the score
FROM answer
GROUP BY score
-- <<end>>
E2
refused view '3: tried: no comment behind score' << 'E2'
-- a view
SELECT
	score,
	comment -- what was said
FROM answer
E2
refused view '4: tried: no comment behind score' << 'E2'
-- a view
SELECT
	score
FROM answer
E2
refused view '4: a comment behind code describes a column; put this one on a line of its own' << 'E2'
-- a view
SELECT
	score -- the score
FROM answer -- of all
E2
refused view '3: a comment within an expression; put it on a line of its own' << 'E2'
-- a view
SELECT
	coalesce(score, -- the score
		0) AS score
FROM answer
E2
refused view '1: tried: the first line must be "-- " and what the view is for' << 'E2'
SELECT
	score -- the score
FROM answer
E2
refused table '2: the file is named tried, the table other' << 'E2'
-- a table
CREATE TABLE other (
	a integer -- something
);
E2
refused table '4: tried: no comment behind a' << 'E2'
-- a table
CREATE TABLE tried (
	a integer,
	b integer -- something
);
E2
refused table '5: behind a table stand indexes on it: CREATE INDEX [name] ON tried (...)' << 'E2'
-- a table
CREATE TABLE tried (
	a integer -- something
);
CREATE INDEX ON other (a);
E2

# keys
while read -r condition; do
    refused view '5: a key is compared without its operator, such as <<respondent_equals>>' << E2
-- a view
SELECT
	score -- the score
FROM answer a JOIN followup_case c ON true
WHERE $condition
E2
done << 'E2'
a.respondent = c.respondent
'x' <> a.respondent
a.response_id IN (1, 2)
case_id NOT IN (SELECT 1)
a.account IS DISTINCT FROM c.account
a.score IS NOT DISTINCT FROM c.case_id
nullif(a.respondent, '') IS NULL
EXISTS (SELECT FROM concern JOIN cause_told USING (respondent))
CASE a.respondent WHEN 'x' THEN true END
E2
# and what looks like it
cat > "$folder/view/tried.sql" << 'E2'
-- a view's purpose, with a quote
SELECT
	count(DISTINCT respondent) AS respondents, -- how many
	'it is -- no comment' AS words, -- it's words
	CASE WHEN score = 1
			THEN coalesce(score, 0) END
		AS one -- one
FROM answer a JOIN followup_case c ON c.case_id <<response_id_equals>> a.response_id
WHERE a.respondent IS NOT NULL AND open_respondents = 3
GROUP BY account
E2
assemble "$folder/view/tried.sql" | grep -F "'tried', " > "$folder/out"
diff "$folder/out" - << 'E2'
	(1, 'tried', 'view', $template$
	(1, 'tried', NULL, 'a view''s purpose, with a quote')
	, (1, 'tried', 'respondents', 'how many')
	, (1, 'tried', 'words', 'it''s words')
	, (1, 'tried', 'one', 'one')
E2

# a view stands behind those that it reads, in whatever order they are given
printf -- '-- one\nSELECT\n\ta -- a\nFROM two\n' > "$folder/view/one.sql"
printf -- '-- two\nSELECT\n\ta -- a\nFROM answer\n' > "$folder/view/two.sql"
[ "$(assemble "$folder"/view/{one,two}.sql | grep -o "([12], '[a-z]*', 'view'" | tr '\n' ' ')" = "(1, 'two', 'view' (2, 'one', 'view' " ]

# with any awk that is here
assemble sql/survey/view/*.sql > "$folder/out"
for awk in mawk gawk original-awk; do
    if command -v $awk > "$folder/which"; then assemble sql/survey/view/*.sql | cmp - "$folder/out"; fi
done
awk=awk

make -s check-docs
