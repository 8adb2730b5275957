# Puts the install script together: awk -f sql/assemble.awk FILE...
#
# A file is copied as it is, but for those in a folder view/ or table/: one view
# or table each.  From these come, where the first of them stands, the functions
# nps_survey_templates() and nps_survey_comments().  With -v docs=view or table
# the result is the page of doc/ about them instead.
#
# A view or table begins with "-- purpose".  Behind each column that it has
# stands "-- comment"; all other comments stand on lines of their own.  A view is
# one SELECT, whose first list is at the indentation of one tab.  What is to be
# filled in when a survey is made, <<name>>, must be in the list of names: lines
# of placeholder.sql with a quoted name in front and a comment behind.  What two
# views have in common is in a file of folder part/ beside view/, which stands
# where they say "-- <<include NAME>>".
#
# All of it is ASCII: what is not has no place in the databases of some encodings,
# and CREATE EXTENSION would fail there.
#
# Functions and types of ours, and operators written OPERATOR(nps.-), get the
# schema of the extension: whoever may create there must not come before pg_catalog.

function fail(message) {
	print FILENAME ":" FNR ": " (part_line ? part ":" part_line ": " : "") message | "cat 1>&2"
	failed = 1
	exit 1
}

function check_ascii(line) {
	if (line ~ /[\200-\377]/)
		fail("a character that is not ASCII, which CREATE EXTENSION could not bring into every database")
}

function quoted(text) {
	gsub(/'/, "''", text)
	return "'" text "'"
}

# Ends the view or table before.
function finish() {
	if (object == "")
		return
	if (column != "")
		fail(object ": no comment behind " column)
	if (!columns)
		fail(object ": no columns")
	if (is_repeating)
		fail(object ": -- <<union all over ...>> without -- <<end>>")
	object = ""
}

function start(    path, parts) {
	finish()
	kind = ""
	parts = split(FILENAME, path, "/")
	if (parts < 2 || (path[parts - 1] != "view" && path[parts - 1] != "table")) {
		in_placeholders = path[parts] == "placeholder.sql"
		return
	}
	kind = path[parts - 1]
	object = path[parts]
	sub(/\.sql$/, "", object)
	objects++
	name_of[objects] = object
	kind_of[object] = kind
	columns = 0
	column = ""
	depth = 0
	in_list = 0
	list_is_over = 0
	if (substr($0, 1, 3) != "-- ")
		fail(object ": the first line must be \"-- \" and what the " kind " is for")
	purpose[object] = substr($0, 4)
}

function comment_on(name, text) {
	columns++
	column_of[object, columns] = name
	comment_of[object, columns] = text
	column_count[object] = columns
	column = ""
}

# What stands in the code must be known; mapping.x is the expression of column x of the view answer.
function check_placeholders(code,    name) {
	if (code ~ /-- <<end>>/ || code ~ /-- <<union all over /) {
		if ((code ~ /-- <<end>>/) != is_repeating)
			fail("-- <<end>> ends what -- <<union all over ...>> begins")
		is_repeating = !is_repeating
	}
	while (match(code, /<<[^<>]*>>/)) {
		name = substr(code, RSTART + 2, RLENGTH - 4)
		code = substr(code, RSTART + RLENGTH)
		if (name ~ /^mapping\.[a-z_]+$/ && object == "answer")
			continue
		if (name == "end" || name ~ /^union all over (grain|segment|segment, grain)$/)
			continue
		if (!(name in placeholders))
			fail("there is no placeholder <<" name ">>; placeholder.sql lists them")
	}
	if (code ~ /<<[a-z]/ || code ~ /[a-z]>>/)
		fail("half a placeholder")
}

# The keys are of any type: which operator compares them, only a placeholder knows.
function check_keys(code,    key) {
	gsub(/<<[^<>]*>>/, "@", code)
	key = "(response_id|respondent|account|case_id)"
	if (code ~ ("(^|[^a-z_])" key " *[=<>!]") || code ~ ("[=<>!] *([a-z_]+[.])?" key "($|[^a-z_])") ||
		code ~ ("(^|[^a-z_])" key " (NOT )?(IN|BETWEEN|LIKE|ILIKE|SIMILAR)($|[^A-Z])") ||
		code ~ ("(^|[^a-z_])" key " IS (NOT )?DISTINCT") || code ~ ("IS (NOT )?DISTINCT FROM ([a-z_]+[.])?" key "($|[^a-z_])") ||
		tolower(code) ~ ("nullif *[(]([^()]*[^a-z_])?" key "[^a-z_]") || code ~ ("CASE ([a-z_]+[.])?" key " WHEN") || code ~ /USING *[(]/)
		fail("a key is compared without its operator, such as <<respondent_equals>>")
}

# The line up to its comment, which does not begin within quotes.
function code_of(line,    at, before) {
	at = 0
	while (match(substr(line, at + 1), /[ \t]-- /)) {
		at += RSTART
		before = substr(line, 1, at)
		if (gsub(/'/, "", before) % 2 == 0)
			return substr(line, 1, at - 1)
	}
	return line
}

# Names of ours with their schema.
function qualified(code) {
	gsub(/nps_tally($|[^_a-z])/, "@extschema@.&", code)
	gsub(/nps_[a-z_0-9]+[(]/, "@extschema@.&", code)
	gsub(/OPERATOR[(]nps[.]/, "OPERATOR(@extschema@.", code)
	return code
}

# How far the parentheses are open behind the code.
function open_after(code,    n) {
	gsub(/'[^']*'/, "", code)
	n = gsub(/[(]/, "", code)
	return depth + n - gsub(/[)]/, "", code)
}

function view_line(code, text,    name) {
	check_keys(code)
	if (code == "SELECT" && !list_is_over) {
		in_list = 1
		return
	}
	if (in_list && substr(code, 1, 1) != "\t") {
		if (column != "")
			fail(object ": no comment behind " column)
		in_list = 0
		list_is_over = 1
	}
	# a part with columns of one view may be below those of another
	if (!in_list && text != "" && !part_line)
		fail("a comment behind code describes a column; put this one on a line of its own")
	depth = open_after(code)
	if (!in_list)
		return
	name = code
	sub(/,$/, "", name)
	if (name !~ /^\t<<[a-z_.]+>>$/)
		sub(/^.*[^a-z_0-9]/, "", name)
	sub(/^\t/, "", name)
	if (text != "") {
		if (depth != 0)
			fail("a comment within an expression; put it on a line of its own")
		comment_on(name, text)
	} else if (depth == 0 && code ~ /,$/)
		fail(object ": no comment behind " name)
	else
		column = name
}

function table_line(code, text,    words) {
	if (code ~ /^CREATE TABLE /) {
		split(code, words, " ")
		if (words[3] != object)
			fail("the file is named " object ", the table " words[3])
		in_list = 1
		return "("
	}
	if (code ~ /^\);/)
		in_list = 0
	# nps_fit_table() makes the table under another name, and so its indexes
	if (code ~ /^CREATE / && code !~ ("^CREATE (UNIQUE )?INDEX ([a-z_]+ )?ON " object " "))
		fail("behind a table stand indexes on it: CREATE INDEX [name] ON " object " (...)")
	if (in_list && code ~ /^\t[a-z<]/) {
		if (column != "")
			fail(object ": no comment behind " column)
		split(substr(code, 2), words, " ")
		column = words[1]
	}
	if (text != "") {
		if (column == "")
			fail("a comment behind code describes a column; put this one on a line of its own")
		comment_on(column, text)
	}
	return code
}

# What stands in another file, instead of the line that names it.
function include(line,    path, text, got, name, outer, outer_line) {
	outer = part
	outer_line = part_line
	name = line
	gsub(/^\t*-- <<include |>>$/, "", name)
	path = FILENAME
	if (name !~ /^[a-z_]+$/ || !sub(/view\/[^\/]*$/, "part/" name ".sql", path) || name == part)
		fail("there is nothing to include in: " line)
	part = name
	part_line = 0
	while ((got = (getline text < path)) > 0) {
		part_line++
		check_ascii(text)
		object_line(text)
	}
	if (got < 0 || !part_line)
		fail("cannot read " path)
	close(path)
	part = outer
	part_line = outer_line
}

function object_line(line,    code, text) {
	if (line ~ /^\t*-- <<include /) {
		include(line)
		return
	}
	# a comment of its own; but <<...>> in it is meant for whoever fills the template in
	if (line ~ /^\t*--/) {
		if (line ~ /-- <</) {
			check_placeholders(line)
			template[object] = template[object] "\n" line
		}
		return
	}
	code = code_of(line)
	text = substr(line, length(code) + 1)
	sub(/^[ \t]*-- /, "", text)
	sub(/[ \t]+$/, "", code)
	check_placeholders(code)
	if (kind == "view")
		view_line(code, text)
	else
		code = table_line(code, text)
	template[object] = template[object] "\n" qualified(code)
}

# The views before those that read them.
function read_by(object,    words, n, i, name) {
	if (state[object] == "done")
		return
	if (state[object] == "open") {
		print "the view " object " reads itself" | "cat 1>&2"
		failed = 1
		exit 1
	}
	state[object] = "open"
	n = split(template[object], words, /[ \t\n(),]+/)
	for (i = 1; i < n; i++)
		if (words[i] == "FROM" || words[i] == "JOIN") {
			name = words[i + 1]
			if (kind_of[name] == "view")
				read_by(name)
		}
	state[object] = "done"
	ordered[++order] = object
}

function emit(    i, j, object) {
	print "/* nps/sql/survey/view, nps/sql/survey/table */\n"
	print "CREATE FUNCTION @extschema@.nps_survey_templates(OUT place integer, OUT object text, OUT kind text, OUT template text)"
	# in PL/pgSQL, which keeps the plan in a session: what stands in them is long, and asked for many times a call
	print "\tRETURNS SETOF record\n\tLANGUAGE plpgsql IMMUTABLE STRICT ROWS 30\n\tSET search_path = pg_catalog, pg_temp\n\tAS $body$\nBEGIN\n\tRETURN QUERY VALUES"
	for (i = 1; i <= objects; i++)
		if (kind_of[name_of[i]] == "table")
			ordered[++order] = name_of[i]
	for (i = 1; i <= objects; i++)
		if (kind_of[name_of[i]] == "view")
			read_by(name_of[i])
	for (i = 1; i <= order; i++) {
		object = ordered[i]
		print "\t(" i ", " quoted(object) ", " quoted(kind_of[object]) ", $template$" template[object] "$template$)" (i < order ? "," : ";")
	}
	print "END\n$body$;"
	print "COMMENT ON FUNCTION @extschema@.nps_survey_templates() IS 'part of nps_attach(): the tables and views of a survey, in the order in which they are made';\n"
	print "CREATE FUNCTION @extschema@.nps_survey_comments(OUT place integer, OUT object text, OUT \"column\" text, OUT comment text)"
	print "\tRETURNS SETOF record\n\tLANGUAGE plpgsql IMMUTABLE STRICT ROWS 500\n\tSET search_path = pg_catalog, pg_temp\n\tAS $body$\nBEGIN\n\tRETURN QUERY VALUES"
	for (i = 1; i <= objects; i++) {
		object = name_of[i]
		print (i > 1 ? "\t, (" : "\t(") i ", " quoted(object) ", NULL, " quoted(purpose[object]) ")"
		for (j = 1; j <= column_count[object]; j++)
			print "\t, (" i ", " quoted(object) ", " quoted(column_of[object, j]) ", " quoted(comment_of[object, j]) ")"
	}
	print "\t;\nEND\n$body$;"
	print "COMMENT ON FUNCTION @extschema@.nps_survey_comments() IS 'what the tables and views of a survey and their columns mean, in the order in which somebody new looks at them';\n"
	emitted = 1
}

function cell(text) {
	gsub(/[|]/, "\\|", text)
	gsub(/</, "\\&lt;", text)
	return text
}

function emit_docs(    i, j, object, name) {
	print (docs == "view" ? "# The views of a survey" : "# The tables of a survey")
	print "\n<!-- Made by make docs from sql/survey/" docs "/. -->"
	for (i = 1; i <= objects; i++) {
		object = name_of[i]
		if (kind_of[object] != docs)
			continue
		print "\n## " object "\n\n" toupper(substr(purpose[object], 1, 1)) substr(purpose[object], 2) ".\n\n| column | |\n|---|---|"
		for (j = 1; j <= column_count[object]; j++) {
			name = column_of[object, j]
			print "| " (name ~ /^<</ ? "*segments*" : "`" name "`") " | " cell(comment_of[object, j]) " |"
		}
	}
}

{
	check_ascii($0)
}

FNR == 1 {
	start()
	if (kind != "")
		next
	if (objects && !emitted && docs == "")
		emit()
}

kind == "" {
	if (in_placeholders && match($0, /^\t+'[a-z_]+',[ \t]/) && $0 ~ /-- ./) {
		name = substr($0, RSTART, RLENGTH)
		gsub(/[\t', ]/, "", name)
		placeholders[name] = 1
	}
	if (docs == "")
		print
	next
}

{
	object_line($0)
}

END {
	if (failed)
		exit 1
	finish()
	if (docs != "")
		emit_docs()
	else if (objects && !emitted)
		emit()
}
