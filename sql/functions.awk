# The page of doc/ about the functions that people call:
#   awk -f sql/functions.awk FILE...
#
# A chapter for each file that has a title here; all else of the install script is
# for nobody to call.  Left out is also what by its comment is a part of another
# function, a trigger, or what makes a type, an operator or an aggregate work.
# Functions of one name that differ in the type of the score alone are one entry.

BEGIN {
	title["category"] = "Scores"
	title["parse"] = "Text and times"
	title["tally"] = "Tallies"
	title["aggregate"] = "Aggregates: tallies"
	title["aggregate_score"] = "Aggregates: the score"
	title["aggregate_interval"] = "Aggregates: the interval"
	title["statistics"] = "Statistics"
	title["segment"] = "Segments"
	title["bar"] = "Pictures"
	title["weighted"] = "Weights"
	title["period"] = "Periods"
	title["work_time"] = "Working time"
	title["attach"] = "Surveys: to make, update and drop"
	title["surveys"] = "Surveys: which there are"
	title["describe"] = "Surveys: what is in them"
	title["check"] = "Surveys: what is wrong"
	title["record"] = "Follow-up: facts"
	title["queue"] = "Follow-up: rights, programs and notifications"
	title["undo"] = "Follow-up: taking a step back"
	title["customer"] = "Follow-up: one customer"
	title["people"] = "Personal data: what is stored of a person"
	title["forget"] = "Personal data: erasing a person"
	title["rollup_upkeep"] = "Rollup"
	print "# Functions\n\n<!-- Made by make docs from the comments in sql/library/ and sql/survey/. -->\n"
	print "What people call, with arguments, defaults and results. `[...]` in a result are the columns of its rows."
	print "The same by what you want to do: [README](../README.md#functions-on-one-page)."
}

function is_internal(text) {
	return text ~ /^(part of|the work of|trigger |implementation of|aggregate |planner support|I\/O|hash|less-equal|cast |conversion )/
}

# The arguments up to the parenthesis that closes, one in each element of list; the length of it all in taken.
function arguments(text,    i, c, depth, quoted, n, one) {
	n = 0
	one = ""
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "'")
			quoted = !quoted
		if (!quoted && c == "(")
			depth++
		if (!quoted && (c == ")" && depth == 0 || c == "," && depth == 0)) {
			if (one != "")
				list[++n] = one
			one = ""
			if (c == ")")
				break
			continue
		}
		if (!quoted && c == ")")
			depth--
		if (c == " " && one == "")
			continue
		one = one c
	}
	taken = i
	return n
}

# What is created: name, what it takes and gives.
function created(text,    kind, n, i, shown, key, score_type, result, columns) {
	gsub(/@extschema@[.]/, "", text)
	gsub(/[ \t\n]+/, " ", text)
	kind = text ~ /^CREATE AGGREGATE/ ? "aggregate" : text ~ /^CREATE PROCEDURE/ ? "procedure" : "function"
	sub(/^CREATE [A-Z]+ /, "", text)
	name = substr(text, 1, index(text, "(") - 1)
	text = substr(text, length(name) + 2)
	n = arguments(text)
	text = substr(text, taken + 1)
	shown = key = columns = ""
	score_type = ""
	for (i = 1; i <= n; i++) {
		if (sub(/^OUT /, "", list[i])) {
			columns = columns (columns == "" ? "" : ", ") list[i]
			continue
		}
		if (list[i] ~ /^score [a-z ]+$/) {
			score_type = substr(list[i], 7)
			key = key (key == "" ? "" : ", ") "score"
			shown = shown (shown == "" ? "" : ", ") "score \001"
		} else {
			key = key (key == "" ? "" : ", ") list[i]
			shown = shown (shown == "" ? "" : ", ") list[i]
		}
	}
	result = ""
	if (kind == "function") {
		if (match(text, /RETURNS TABLE ?[(]/)) {
			n = arguments(substr(text, RSTART + RLENGTH))
			for (i = 1; i <= n; i++)
				columns = columns (columns == "" ? "" : ", ") list[i]
			result = "[" columns "]"
		} else if (columns != "")
			result = (text ~ /RETURNS SETOF/ ? "[" columns "]" : columns)
		else if (match(text, /RETURNS /)) {
			result = substr(text, RSTART + 8)
			if (sub(/^SETOF /, "", result))
				result = "[" result "]"
			if (result == "void")
				result = ""
		}
	}
	entry = name "(" key ")"
	kind_of[entry] = kind
	shown_as[entry] = shown
	result_of[entry] = result
	if (score_type != "") {
		if (score_type == "text")
			takes_text[entry] = 1
		else if (score_type == "double precision" || score_type == "numeric" || !(entry in number_type))
			number_type[entry] = score_type
		types[entry]++
	}
}

function name_of(entry) {
	return substr(entry, 1, index(entry, "(") - 1)
}

# The call, in lines that are not too long.
function call(entry,    text, line, out, words, n, i) {
	text = shown_as[entry]
	if (types[entry] > 1)
		gsub(/\001/, takes_text[entry] ? "number or text" : "number", text)
	else
		gsub(/\001/, takes_text[entry] ? "text" : number_type[entry], text)
	text = name_of(entry) "(" text ")" (result_of[entry] == "" ? "" : " -> " result_of[entry])
	if (kind_of[entry] == "procedure")
		text = "CALL " text
	gsub(/, /, ",\n", text)
	gsub(/ -> /, "\n-> ", text)
	n = split(text, words, "\n")
	line = "   "
	out = ""
	for (i = 1; i <= n; i++) {
		if (length(line) + length(words[i]) > 112 && i > 1) {
			out = out line "\n"
			line = "       "
		}
		line = line " " words[i]
	}
	return out line
}

FNR == 1 {
	file = FILENAME
	sub(/^.*\//, "", file)
	sub(/[.]sql$/, "", file)
	statement = ""
}

!(file in title) {
	next
}

/^CREATE (FUNCTION|AGGREGATE|PROCEDURE) / {
	statement = $0
	in_head = !/^CREATE AGGREGATE/
	next
}

# what follows is how it does it
in_head && /^\t(AS|LANGUAGE|SFUNC) / {
	in_head = 0
}

in_head {
	statement = statement "\n" $0
	next
}

/^COMMENT ON (FUNCTION|AGGREGATE|PROCEDURE) / {
	comment = $0
	sub(/^COMMENT ON [A-Z]+ .*[)] IS '/, "", comment)
	sub(/';$/, "", comment)
	gsub(/''/, "'", comment)
	if (statement == "") {
		print FILENAME ":" FNR ": a comment without what it is on" | "cat 1>&2"
		exit 1
	}
	if (!is_internal(comment)) {
		created(statement)
		if (!(entry in comment_of)) {
			entries[file] = entries[file] (entries[file] == "" ? "" : "\n") entry
			comment_of[entry] = comment
			if (!(file in seen))
				files[++file_count] = file
			seen[file] = 1
		}
	}
	statement = ""
}

END {
	for (i = 1; i <= file_count; i++) {
		print "\n## " title[files[i]]
		n = split(entries[files[i]], of_file, "\n")
		last = ""
		for (j = 1; j <= n; j++) {
			entry = of_file[j]
			name = name_of(entry)
			text = comment_of[entry]
			gsub(/</, "\\&lt;", text)
			if (name != last && !(name in headed))
				print "\n### " name
			headed[name] = 1
			last = name
			print "\n" call(entry) "\n\n" toupper(substr(text, 1, 1)) substr(text, 2) "."
		}
	}
}
