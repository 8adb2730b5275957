# Puts the script together that updates the extension from one version to the
# next, out of the install scripts of both:  awk -f sql/update.awk OLD NEW
#
# Functions that are new are created, those that changed are replaced, and those
# that are gone are dropped, the last ones first.  Views and tables of surveys are
# no part of the extension: nps_refresh_views() brings them to the new version.
# So a function that they call can only be dropped by a version after the one in
# which they no longer do.  Of types, operators and aggregates nothing can be
# replaced: what changes in them is an error here, and to be written by hand.

function fail(message) {
	print "update.awk: " message | "cat 1>&2"
	failed = 1
	exit 1
}

# Whether what is quoted by dollars, or a body, is open behind the line.
function is_open(line,    at) {
	while (1) {
		if (quote == "") {
			if (!match(line, /\$[a-z]*\$/))
				break
			quote = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
		} else {
			at = index(line, quote)
			if (!at)
				return 1
			line = substr(line, at + length(quote))
			quote = ""
		}
	}
	if (line ~ /BEGIN ATOMIC/)
		in_body = 1
	else if (in_body && line ~ /^[ \t]*END;/)
		in_body = 0
	return in_body
}

# A function with the types of what it takes, and in "result" what it gives.
function signature(text,    at, depth, c, arguments, n, i, list, taken) {
	sub(/^CREATE /, "", text)
	at = index(text, "(")
	arguments = ""
	depth = 0
	for (i = at; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "(")
			depth++
		else if (c == ")" && --depth == 0)
			break
		# a comma within a default, such as one of numeric(3, 1), divides nothing
		arguments = arguments (c == "," && depth == 1 ? "\001" : c)
	}
	result = ""
	if (match(substr(text, i), /\n[ \t]*RETURNS [^\n]*/))
		result = substr(substr(text, i), RSTART, RLENGTH)
	n = split(substr(arguments, 2), list, "\001")
	taken = ""
	for (i = 1; i <= n; i++) {
		gsub(/[ \t\n]+/, " ", list[i])
		sub(/^ /, "", list[i])
		if (list[i] ~ /^OUT /) {
			result = result list[i]
			continue
		}
		sub(/ DEFAULT .*$/, "", list[i])
		taken = taken (taken == "" ? "" : ", ") list[i]
	}
	return substr(text, 1, at) taken ")"
}

# The statement is complete.
function statement(text,    name, first) {
	count[version]++
	if (text ~ /^CREATE (FUNCTION|PROCEDURE) /) {
		name = signature(text)
		if ((version, name) in function_text)
			fail("twice: " name)
		function_text[version, name] = text
		function_result[version, name] = result
		function_name[version, count[version]] = name
	} else {
		first = text
		sub(/\n.*$/, "", first)
		# COMMENT and the like can be said again; all else is there once
		if (text ~ /^CREATE / && text !~ /^CREATE TYPE [^\n]*;/)
			made[version, first] = text
		there[version, text] = 1
		function_name[version, count[version]] = ""
	}
	statements[version, count[version]] = text
}

FNR == 1 {
	version++
	text = ""
}

text == "" && (/^[ \t]*$/ || /^--/ || /^\\/) {
	next
}

text == "" && /^\/\*/ || in_comment {
	in_comment = !/\*\//
	next
}

{
	text = text (text == "" ? "" : "\n") $0
	if (!is_open($0) && /;$/) {
		statement(text)
		text = ""
	}
}

END {
	if (failed)
		exit 1
	if (version != 2 || text != "" || !count[1] || !count[2])
		fail("wants the install scripts of two versions")
	for (i = 1; i <= count[1]; i++) {
		text = statements[1, i]
		first = text
		sub(/\n.*$/, "", first)
		if (((1, first) in made) && (!((2, first) in made) || made[1, first] != made[2, first]))
			fail("cannot be updated like this: " first)
	}
	for (i = 1; i <= count[2]; i++) {
		text = statements[2, i]
		name = function_name[2, i]
		if (name == "") {
			if (!((1, text) in there))
				print text "\n"
		} else if (!((1, name) in function_text))
			print text "\n"
		else if (function_result[1, name] != function_result[2, name])
			print "DROP " name ";\n" text "\n"
		else if (function_text[1, name] != text) {
			sub(/^CREATE /, "CREATE OR REPLACE ", text)
			print text "\n"
		}
	}
	for (i = count[1]; i > 0; i--) {
		name = function_name[1, i]
		if (name != "" && !((2, name) in function_text))
			print "DROP " name ";"
	}
}
