# Builds nps with PGXS:  make && sudo make install
# PG_CONFIG=/path/to/pg_config chooses the PostgreSQL to build for.
# make test, demo, bench and clients need no PostgreSQL beforehand: they set up their own.

EXTENSION  = nps
MODULE_big = nps
PGFILEDESC = "nps - Net Promoter Score"

OBJS = \
	$(WIN32RES) \
	src/module.o \
	src/category.o \
	src/case_fold.o \
	src/crowd.o \
	src/day_counts.o \
	src/followup_rules.o \
	src/rule_history.o \
	src/parse_score.o \
	src/parse_time.o \
	src/tally.o \
	src/aggregate.o \
	src/answer.o \
	src/as_owner.o \
	src/bar.o \
	src/statistics.o \
	src/weighted.o \
	src/mapping.o \
	src/mapping_name.o \
	src/survey_lock.o \
	src/maintain.o \
	src/cell.o \
	src/survey_relation.o \
	src/survey_query.o \
	src/case_columns.o \
	src/case_comments.o \
	src/named_causes.o \
	src/keyed_file.o \
	src/followup_case.o \
	src/followup_facts.o \
	src/followup_fault.o \
	src/followup_history.o \
	src/followup_load.o \
	src/followup_lookup.o \
	src/followup_undo.o \
	src/followup_copy.o \
	src/concern.o \
	src/followup.o \
	src/html.o \
	src/notify.o \
	src/people.o \
	src/period.o \
	src/rollup.o \
	src/rollup_attempt.o \
	src/rollup_build.o \
	src/rollup_change.o \
	src/rollup_expression.o \
	src/rollup_identity.o \
	src/rollup_leaf.o \
	src/rollup_mapping.o \
	src/rollup_note.o \
	src/rollup_part.o \
	src/rollup_partition.o \
	src/rollup_rows.o \
	src/rollup_serve.o \
	src/rollup_shape.o \
	src/rollup_tally.o \
	src/rollup_trigger.o \
	src/rollup_truncate.o \
	src/scale.o \
	src/segment.o \
	src/visibility.o \
	src/work_time.o \
	src/zone.o

# pg_regress looks for ./sql/NAME.sql before test/sql/NAME.sql, so a test must
# not be named like a file in sql/; check-tests sees to that.  Expected output
# is found in ./expected without being told: an option for it (--expecteddir)
# exists only since PostgreSQL 16.
REGRESS = \
	install \
	scale \
	category \
	parse \
	parse_time \
	period \
	overload \
	tally \
	aggregate \
	merging \
	distributed \
	statistics \
	weighted \
	bar \
	work_time \
	attach \
	attach_errors \
	attach_followup \
	attach_keys \
	attach_numbers \
	attach_security \
	attach_text \
	attach_spelling \
	cause \
	followup_case \
	followup_ended \
	followup_update \
	followup_reports \
	followup_index \
	followup_row_security \
	followup_security \
	followup_stranger \
	survey_tamper \
	people \
	day_counts \
	report \
	report_time \
	asked_at \
	report_page \
	report_days \
	respondent \
	report_plan \
	report_security \
	rollup \
	rollup_attempt \
	rollup_identity \
	rollup_note \
	rollup_part \
	rollup_security \
	rollup_source \
	rollup_tamper \
	rollup_serve \
	rollup_unusual \
	survey \
	survey_trust \
	as_owner \
	catalog \
	check_fit \
	check_name \
	check_fix \
	customer \
	privileges \
	limits \
	hostile_data

# The tests are in UTF-8, and expect it whatever the cluster has.
database_opts = --encoding=UTF8 --no-locale

REGRESS_OPTS = --inputdir=$(srcdir)/test --load-extension=$(EXTENSION) $(database_opts)

# What several sessions do at once: test/specs/NAME.spec.  PGXS has it put its
# output where no expected output lies; the last option counts.
ISOLATION = \
	followup_claim \
	followup_concern \
	followup_concurrent \
	forget \
	rollup_write \
	rollup_fold \
	rollup_truncate \
	rollup_detach \
	survey_lock

ISOLATION_OPTS = --inputdir=$(srcdir)/test --outputdir=. --load-extension=$(EXTENSION) $(database_opts)

# Where the sources are: here, or where the Makefile is.
sources := $(dir $(firstword $(MAKEFILE_LIST)))

# The version is written down once, in the control file.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(sources)$(EXTENSION).control)

# The installed script is put together from these, in this order: a file stands
# behind those whose functions it calls in a body that is parsed at once.
sql_parts = \
	sql/library/category.sql \
	sql/library/parse.sql \
	sql/library/tally.sql \
	sql/library/aggregate.sql \
	sql/library/aggregate_score.sql \
	sql/library/aggregate_interval.sql \
	sql/library/statistics.sql \
	sql/library/segment.sql \
	sql/library/bar.sql \
	sql/library/html.sql \
	sql/library/weighted.sql \
	sql/library/period.sql \
	sql/library/work_time.sql \
	sql/survey/mapping.sql \
	sql/survey/mapping_try.sql \
	sql/survey/playbook.sql \
	sql/survey/cause.sql \
	sql/survey/placeholder.sql \
	$(survey_objects) \
	sql/survey/tables.sql \
	sql/survey/migrate.sql \
	sql/survey/views.sql \
	sql/survey/followup_trigger.sql \
	sql/survey/case_fold.sql \
	sql/survey/day_counts.sql \
	sql/survey/as_owner.sql \
	sql/survey/surveys.sql \
	sql/survey/answer.sql \
	sql/survey/build.sql \
	sql/survey/describe.sql \
	sql/survey/policy.sql \
	sql/survey/check_fit.sql \
	sql/survey/attach.sql \
	sql/survey/check.sql \
	sql/survey/check_followup.sql \
	sql/survey/check_index.sql \
	sql/survey/check_name.sql \
	sql/survey/check_rollup.sql \
	sql/survey/check_segment.sql \
	sql/survey/check_work.sql \
	sql/survey/check_zero.sql \
	sql/survey/record.sql \
	sql/survey/queue.sql \
	sql/survey/undo.sql \
	sql/survey/customer.sql \
	sql/survey/people.sql \
	sql/survey/forget.sql \
	sql/survey/rollup.sql \
	sql/survey/rollup_keeper.sql \
	sql/survey/rollup_build.sql \
	sql/survey/rollup_upkeep.sql \
	sql/report/phrase.sql \
	sql/report/format.sql \
	sql/report/read.sql \
	sql/report/finding.sql \
	sql/report/draw.sql \
	sql/report/score.sql \
	sql/report/trend.sql \
	sql/report/segment.sql \
	sql/report/followup.sql \
	sql/report/style.sql \
	sql/report/page.sql

# The views and tables of a survey, in the order in which somebody new looks at
# them.  A table stands behind those that it refers to.
survey_objects = \
	sql/survey/view/summary.sql \
	sql/survey/view/trend.sql \
	sql/survey/view/paired_trend.sql \
	sql/survey/view/segment.sql \
	sql/survey/view/segment_trend.sql \
	sql/survey/view/distribution.sql \
	sql/survey/view/distribution_trend.sql \
	sql/survey/view/followup.sql \
	sql/survey/view/followup_all.sql \
	sql/survey/view/closed_loop.sql \
	sql/survey/view/cause_report.sql \
	sql/survey/view/cause_customer.sql \
	sql/survey/view/timeline.sql \
	sql/survey/view/respondent.sql \
	sql/survey/view/resurvey.sql \
	sql/survey/view/account.sql \
	sql/survey/view/transition.sql \
	sql/survey/view/response.sql \
	sql/survey/view/not_counted.sql \
	sql/survey/view/counted.sql \
	sql/survey/view/case_answer.sql \
	sql/survey/view/newest_answer.sql \
	sql/survey/view/open_case.sql \
	sql/survey/view/any_case.sql \
	sql/survey/view/open_entry.sql \
	sql/survey/view/any_entry.sql \
	sql/survey/view/recorded_case.sql \
	sql/survey/view/gone_case.sql \
	sql/survey/view/present_member.sql \
	sql/survey/view/rule.sql \
	sql/survey/view/cause_mention.sql \
	sql/survey/view/answer.sql \
	sql/survey/table/playbook.sql \
	sql/survey/table/playbook_past.sql \
	sql/survey/table/cause.sql \
	sql/survey/table/team_member.sql \
	sql/survey/table/holiday.sql \
	sql/survey/table/assumption.sql \
	sql/survey/table/dismiss_reason.sql \
	sql/survey/table/followup_case.sql \
	sql/survey/table/concern.sql \
	sql/survey/table/followup_event.sql \
	sql/survey/table/cause_told.sql \
	sql/survey/table/rollup.sql \
	sql/survey/table/rollup_part.sql \
	sql/survey/table/survey_past.sql \
	sql/survey/table/survey.sql

# What some of the views include.
view_parts = \
	sql/survey/part/answer_entry.sql \
	sql/survey/part/answer_of_opening.sql \
	sql/survey/part/case_beside.sql \
	sql/survey/part/case_columns.sql \
	sql/survey/part/case_fold.sql \
	sql/survey/part/case_graded.sql \
	sql/survey/part/case_grades.sql \
	sql/survey/part/case_place.sql \
	sql/survey/part/case_shown.sql \
	sql/survey/part/day_cell.sql \
	sql/survey/part/entry_columns.sql \
	sql/survey/part/fold_arguments.sql \
	sql/survey/part/fold_entry.sql \
	sql/survey/part/period_cell.sql \
	sql/survey/part/recorded_columns.sql \
	sql/survey/part/score_bin.sql \
	sql/survey/part/tally_numbers.sql

sql_script := sql/$(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(sql_script)

# These goals must work where there is no pg_config (yet), so PGXS is left out
# when nothing else is asked for.
own_goals := help test versions demo bench clients check-tests docs check-docs check-ascii

ifneq (,$(filter-out $(own_goals),$(or $(MAKECMDGOALS),all)))

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq (,$(wildcard $(PGXS)))
$(error No PostgreSQL to build for: install postgresql-server-dev-NN (NN = major version), or set PG_CONFIG=/path/to/its/pg_config)
endif

# A server built with LLVM makes PGXS compile bitcode with the very clang that
# the server was built with.  Without that clang, do without bitcode: only the
# JIT would use it, and it works without.
ifeq (command line,$(origin CLANG))
bitcode_clang := $(CLANG)
else
bitcode_clang := $(shell sed -n 's/^CLANG *= *//p' $(dir $(PGXS))../Makefile.global)
endif
ifeq (,$(shell command -v $(bitcode_clang) 2>/dev/null))
override with_llvm := no
endif

include $(PGXS)

ifneq (,$(filter 9.% 10 11 12 13 14,$(MAJORVERSION)))
$(error nps needs PostgreSQL 15 or later, but $(PG_CONFIG) belongs to PostgreSQL $(VERSION))
endif

# PGXS knows nothing of headers.
$(OBJS) $(OBJS:.o=.bc): $(wildcard $(sources)src/*.h)

# A build outside of the sources has no folders yet.
ifneq (./,$(sources))
$(shell mkdir -p src sql)
endif

# The Makefile has the order of the parts.
$(sql_script): $(sql_parts) $(view_parts) sql/assemble.awk $(EXTENSION).control Makefile
	LC_ALL=C awk -f $(filter %.awk,$^) $(filter-out $(addprefix %,$(view_parts)),$(filter %.sql,$^)) > $@.tmp
	mv $@.tmp $@

endif

.PHONY: $(own_goals)

help:
	@echo "make                     build for the PostgreSQL of pg_config, or of PG_CONFIG=/path/to/pg_config"
	@echo "make install             install it there"
	@echo "make installcheck        the regression tests on a server that is running; REGRESS='tally bar' ISOLATION= for some"
	@echo "make test                all tests, on servers of their own: PostgreSQL 15, 17 and 18"
	@echo "make versions            the same on others: MAJORS='16 19'"
	@echo "make demo                a survey to look at"
	@echo "make bench               measures, beside what people write by hand"
	@echo "make clients             what applications do, with drivers and ORMs: CLIENTS='django prisma' for some"
	@echo "make docs                doc/views.md, doc/tables.md and doc/functions.md from what they describe"
	@echo "make check-tests         lists and generated pages; needs no server"
	@echo "doc/development.md has more."

# exec: an interrupt sent to make must reach the script that cleans up.
# /dev/null: nothing there may wait for the terminal.

# All tests, on the distribution's PostgreSQL and then on the other majors.
test:
	@exec bash test/versions.sh default 15 17 18 < /dev/null

# The same for chosen majors:  make versions MAJORS='17 18'
versions:
	@exec bash test/versions.sh $(MAJORS) < /dev/null

demo:
	@exec bash test/with_cluster.sh examples/demo.sh < /dev/null

bench:
	@bash bench/run.sh < /dev/null && bash bench/reports.sh < /dev/null && exec bash bench/rollup.sh < /dev/null

# Drivers and ORMs of several languages, each with the program that tests it:  make clients CLIENTS='django prisma'
clients:
	@exec bash test/clients/run.sh $(CLIENTS) < /dev/null

# doc/views.md and doc/tables.md are made from the files of the views and tables,
# doc/functions.md from the comments on functions.
pages := views tables functions
make_views = LC_ALL=C awk -v docs=view -f sql/assemble.awk sql/survey/placeholder.sql $(survey_objects)
make_tables = LC_ALL=C awk -v docs=table -f sql/assemble.awk sql/survey/placeholder.sql $(survey_objects)
make_functions = LC_ALL=C awk -f sql/functions.awk $(filter-out $(survey_objects),$(sql_parts))

docs:
	@$(foreach page,$(pages),$(make_$(page)) > doc/$(page).md.tmp && mv doc/$(page).md.tmp doc/$(page).md &&) true

check-docs:
	@$(foreach page,$(pages),{ $(make_$(page)) | cmp -s - doc/$(page).md || \
	  { echo "doc/$(page).md is not what make docs makes" >&2; exit 1; }; } &&) true

# The messages of the library go to clients and logs of every encoding.
check-ascii:
	@! LC_ALL=C grep -n '[^ -~	]' src/*.[ch] || { echo "not ASCII" >&2; exit 1; }

check-tests: check-docs check-ascii
	@for f in $(wildcard sql/*/*.sql sql/survey/view/*.sql sql/survey/table/*.sql sql/survey/part/*.sql); do \
	  case " $(strip $(sql_parts) $(view_parts)) " in *" $$f "*) ;; *) \
	    echo "$$f is not listed in the Makefile, so it is in no script" >&2; exit 1;; esac; \
	done
	@for t in $(notdir $(basename $(wildcard test/sql/*.sql))); do \
	  case " $(strip $(REGRESS)) " in *" $$t "*) ;; *) \
	    echo "test/sql/$$t.sql is not listed in REGRESS, so it never runs" >&2; exit 1;; esac; \
	done; \
	for t in $(notdir $(basename $(wildcard test/specs/*.spec))); do \
	  case " $(strip $(ISOLATION)) " in *" $$t "*) ;; *) \
	    echo "test/specs/$$t.spec is not listed in ISOLATION, so it never runs" >&2; exit 1;; esac; \
	done; \
	for t in $(ISOLATION); do \
	  test -f test/specs/$$t.spec || { echo "ISOLATION lists $$t, but there is no test/specs/$$t.spec" >&2; exit 1; }; \
	  test ! -e specs/$$t.spec || { echo "specs/$$t.spec would run in place of test/specs/$$t.spec" >&2; exit 1; }; \
	  test ! -e test/sql/$$t.sql || { echo "test/sql/$$t.sql and test/specs/$$t.spec would share expected/$$t.out" >&2; exit 1; }; \
	done; \
	for t in $(REGRESS); do \
	  test -f test/sql/$$t.sql || { echo "REGRESS lists $$t, but there is no test/sql/$$t.sql" >&2; exit 1; }; \
	  test ! -e sql/$$t.sql || { echo "sql/$$t.sql would run in place of test/sql/$$t.sql" >&2; exit 1; }; \
	done
