#!/usr/bin/env python3
"""Replays histories and random quarters on a server whose clock can be moved, and compares it with the oracle after every step.

    replay.py CLOCK_FILE [--histories [NUMBER]] [--quarters SEED SEEDS STEPS]

CLOCK_FILE is what the server's clock is read from (libfaketime); the connection is that of the environment.
"""

import json
import os
import sys
from datetime import datetime, timezone
from decimal import Decimal

import psycopg2

import check_histories
import reports
from follow_up import Survey, as_json
from random_quarter import Quarter, edits_of_all
from world import HOLDING_REASONS, Refused

SOURCE = ("id", "who", "score", "given", "given_day", "received_at", "account", "comment", "topic", "wants_contact", "contactable",
          "churned_at", "renewal_at", "revenue", "owner", "open_tickets")
ATTACH = """
SELECT count(*) FROM nps_attach('answers', 'score', schema_name => 'loop', response_id => 'id', respondent => 'who', account => 'account',
    responded_at => %s, received_at => 'received_at', comment => 'comment', topic => 'topic', wants_contact => 'wants_contact',
    contactable => 'contactable', churned_at => 'churned_at', renewal_at => 'renewal_at', revenue => 'revenue', owner => 'owner',
    open_tickets => 'open_tickets', text_search_config => 'simple', time_zone => %s, loop_since => %s)"""
# Columns of followup_all by what the oracle calls them.
ROW = {"respondent": "respondent", "topic": "topic", "response_id": "response_id", "score": "score", "opened_at": "opened_at", "status": "status",
       "renewed": "is_renewed", "ended": "ended", "gone": "is_gone", "on_list": "is_open", "responsible": "responsible", "responsible_team": "responsible_team",
       "acknowledge_due": "acknowledge_due", "contact_due": "contact_due", "resolve_due": "resolve_due", "inform_due": "inform_due",
       "acknowledged_late": "acknowledged_late", "contacted_late": "contacted_late", "resolved_late": "resolved_late", "informed_late": "informed_late",
       "contact_hours": "hours_to_contact", "missed": "is_missed", "first_contacted_at": "first_contacted_at", "contacted_at": "contacted_at",
       "first_resolved_at": "first_resolved_at", "open_concerns": "open_concerns", "version": "version", "assigned_to": "assigned_to", "team": "team",
       "channel": "channel", "cause": "cause", "plan": "plan", "dismiss_reason": "dismiss_reason", "outcome": "outcome", "account": "account"}
LISTED = {"priority": "priority", "due": "due", "next_due": "next_due", "next_step": "next_step", "steps": "steps", "overdue_hours": "overdue_hours",
          "save_by": "save_by", "worst_score": "worst_score", "verdict": "verdict", "inform_manager": "inform_manager", "channel_advised": "channel_advised", "escalated_to": "escalated_to"}
OF_CASE = ("cause", "responsible", "case_id", "next_step")
FROM_SOURCE = ("responsible", "responsible_team", "account", "score", "response_id", "outcome")
KNOWN_OF_LOOSE = ("opened_at", "missed", "first_contacted_at", "contacted_at", "first_resolved_at", "resolved_at", "open_concerns", "version",
                  "assigned_to", "team", "channel", "cause", "plan", "dismiss_reason", "renewed", "contacted_late", "resolved_late", "informed_late",
                  "ended", "gone", "on_list", "acknowledge_due", "resolve_due", "inform_due", "acknowledged_late", "contact_hours", "status")
FIGURES = ("cases", "open", "renewed", "contacted", "contacted_in_time", "contacted_backdated", "recontacted", "recontacted_in_time", "recontacted_backdated",
           "missed", "expired", "answered_better", "unreachable", "dismissed", "dismissed_late", "not_contactable", "gone", "recorded", "resolved",
           "resolved_in_time", "informed", "informed_in_time", "closed", "promises", "promises_kept", "promises_broken", "promises_moved", "recovery_known", "recovered",
           "recovered_alone_known", "recovered_alone", "coverage", "contact_in_time_rate", "recontact_in_time_rate", "resolve_in_time_rate",
           "inform_in_time_rate", "recovery_rate", "recovered_alone_rate", "waited_hours", "acknowledged", "acknowledged_in_time", "acknowledge_in_time_rate", "churn_known_contacted", "churn_known_not_contacted",
           "churn_rate_contacted", "churn_rate_not_contacted")
MEDIANS = {"median_contact_hours": "median_hours_to_contact", "median_resolve_hours": "median_hours_to_resolve"}
# Columns of followup_all that closed_loop counts by, and that nothing changes once a case is a fact.
FACTS = ("case_id", "opened_at", "opening_score", "ended", "acknowledge_due", "first_contact_due", "is_missed", "contacted_late", "first_contacted_at",
         "contact_backdated", "is_renewed", "renewals", "recontacted_in_time", "recontacted_late", "recontacted_backdated", "first_resolved_at",
         "first_resolve_due", "resolved_late", "first_informed_at", "first_inform_due", "informed_late", "is_contactable", "waited_hours", "promises",
         "kept_promises", "broken_promises", "moved_promises", "hours_to_contact", "hours_to_resolve", "hours_to_close", "acknowledged_late",
         "acknowledge_backdated")
# Columns of the other reports, by what the oracle calls them, and what names a row.
REPORTS = {
    "respondent": (("respondent",), "respondent IS NOT NULL",
                   ("responses", "last_score", "last_category", "previous_score", "change", "last_comment", "cause", "responsible", "case_id", "next_step",
                    "open_cases", "open_promises", "last_contact")),
    "account": (("account",), "true", ("responses", "nps", "revenue", "revenue_at_risk", "silent")),
    "transition": (("from_category", "to_category"), "true", ("respondents",)),
    "cause_customer": (("cause", "respondent"), "true", ("is_due", "plan_is_due")),
    "cause_report": (("cause",), "respondents > 0", ("team", "respondents"))}


class Database:
    def __init__(self, clock):
        self.clock, self.connection = clock, psycopg2.connect("")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.run("SET client_min_messages = error")
        self.run("SET TimeZone = 'UTC'")
        self.run("SET jit = off")

    def run(self, query, values=None):
        self.cursor.execute(query, values)
        return self.cursor

    def rows(self, query, values=None):
        self.run(query, values)
        names = [column.name for column in self.cursor.description]
        return [dict(zip(names, row)) for row in self.cursor.fetchall()]

    def move(self, moment):
        with open(self.clock + ".new", "w", encoding="ascii") as file:
            file.write(moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S") + "\n")
        os.rename(self.clock + ".new", self.clock)


class Replay:
    """One survey, in the database and in the oracle."""

    def __init__(self, database, title):
        self.db, self.title, self.survey, self.faults, self.attached = database, title, Survey(), [], False
        self.before, self.is_day, self.concerns = [], False, {}
        self.loose = set()                               # of these cases only the facts are compared
        self.is_merging = False                          # customers became one, and nps_record did not let their cases follow yet
        self.db.run("DROP SCHEMA IF EXISTS loop CASCADE; DROP TABLE IF EXISTS answers")
        self.db.run("CREATE TABLE answers (id text COLLATE \"C\" PRIMARY KEY, who text, score text, given timestamptz, given_day date, received_at timestamptz, "
                    "account text, comment text, topic text, wants_contact boolean, contactable boolean, churned_at date, renewal_at date, "
                    "revenue double precision, owner text, open_tickets integer)")

    def attach(self):
        if self.attached:
            return
        self.attached = True
        settings = self.survey.world.settings
        self.db.run(ATTACH, ("given_day" if self.is_day else "given", settings["time_zone"],
                             self.survey.world.calendar().instant(settings["loop_since"])))
        self.db.run("UPDATE loop.playbook SET acknowledge_hours = NULL; DELETE FROM loop.cause WHERE cause NOT IN ("
                    + ", ".join(["%s"] * len(self.survey.world.causes)) + ")", tuple(self.survey.world.causes))
        self.db.run("UPDATE loop.cause SET query = NULL, team = NULL, remedy = NULL, breaks_promise = cause = 'delivery or a broken promise'")
        self.db.run("INSERT INTO loop.cause (cause) SELECT c FROM unnest(%s) c ON CONFLICT DO NOTHING", (list(self.survey.world.causes),))
        self.db.run("INSERT INTO loop.dismiss_reason (reason) SELECT r FROM unnest(%s) r ON CONFLICT DO NOTHING", (list(self.survey.world.reasons),))
        for step in self.before:
            self.in_database(step)

    def apply(self, step):
        """Does a step in both; gives the class that the oracle refused it with, or None."""
        refused = None
        self.loosen(step)
        self.db.move(max(self.survey.now, self.survey.instant(step.get("at", self.survey.now.isoformat()))))
        try:
            claimed = self.survey.apply(dict(step))
        except Refused as error:
            refused = error.sqlstate_class
        # the days in which a customer can be kept are those of the window
        self.survey.world.settings["churn_days"] = self.survey.world.settings["follow_up_days"]
        if not self.attached and step["do"] in ("set", "rule", "member", "cause", "holiday", "clock", "reason"):
            self.before.append(step)
            return refused
        self.attach()
        self.is_merging = self.is_merging and step["do"] != "record" or step["do"] in ("change", "customer") and "respondent" in step
        seen = None
        try:
            given = self.in_database(step)
            if step["do"] == "claim" and given != claimed:
                self.fault(step, f"the oracle hands out {claimed}, the server {given}")
        except psycopg2.Error as error:
            if error.pgcode is None or error.pgcode[:2] == "XX":
                raise
            seen = f"{error.pgcode} {str(error).splitlines()[0]}"
        if (refused is None) != (seen is None):
            self.fault(step, f"the oracle says {refused}, the server {seen}")
        return refused

    def loosen(self, step):
        """The server stores the deadlines of the answers of a case, not the answers: where these are deleted, or customers
        become one, it has no more than the facts."""
        for case in self.survey.world.cases.values():
            if (step["do"] == "delete" and step["id"] in case.answers and step["id"] != case.case_id
                    or step["do"] in ("change", "customer") and "respondent" in step
                    and (case.respondent in (step.get("who"), step["respondent"]) or step.get("id") in case.answers)):
                self.loose.add(case.case_id)

    def fault(self, what, text):
        self.faults.append(f"    {what}\n        {text}")

    def instant(self, value):
        return None if value is None else self.survey.now if value == "now" else self.survey.instant(value)

    def typed(self, columns):
        return {name: self.survey.now if value == "now" else value for name, value in self.survey.typed(columns).items()}

    def update(self, table, columns, condition, values, actor=None):
        if actor is not None:
            self.db.run("SELECT set_config('nps.actor', %s, false)", (actor,))
        self.db.run(f"UPDATE {table} SET " + ", ".join(f"{name} = %s" for name in columns) + f" WHERE {condition}",
                    tuple(columns.values()) + tuple(values))
        return self.db.cursor.rowcount

    def in_database(self, step):
        step = {name: value for name, value in step.items() if name not in ("at", "refused")}
        verb = step.pop("do")
        return getattr(self, "db_" + verb)(**step)

    def db_clock(self):
        pass

    def db_answer(self, id, who, score, given="now", segments=None, **columns):
        answer = self.survey.world.answers[id]
        row = {"id": id, "who": who, "score": None if score is None else str(score), "given": answer.given, "given_day": answer.given_day,
               "contactable": True, "wants_contact": False, "open_tickets": 0, **self.typed(columns)}
        self.db.run(f"INSERT INTO answers ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", tuple(row.values()))

    def source_columns(self, columns):
        names = {"respondent": "who"}
        return {names.get(name, name): str(value) if name == "score" and value is not None else value for name, value in self.typed(columns).items()}

    def db_change(self, id, **columns):
        columns = self.source_columns(columns)
        if "given" in columns:
            columns["given"] = self.survey.world.answers[id].given
        self.update("answers", columns, "id = %s", (id,))

    def db_customer(self, who, **columns):
        self.update("answers", self.source_columns(columns), "who = %s", (who,))

    def db_delete(self, id):
        self.db.run("DELETE FROM answers WHERE id = %s", (id,))

    def db_set(self, **columns):
        known = {name: value for name, value in self.typed(columns).items() if name not in ("time_zone", "loop_since", "churn_days", "lease_minutes", "backdated_hours")}
        for name in ("work_from", "work_until"):
            if columns.get(name) is not None:
                known[name] = columns[name]
        if known:
            self.update("loop.survey", known, "true", ())

    def db_rule(self, score, **columns):
        self.update("loop.playbook", columns, "%s BETWEEN score_from AND score_to", (score,))

    def db_holiday(self, day, gone=False):
        if gone:
            self.db.run("DELETE FROM loop.holiday WHERE day = %s", (day,))
        else:
            self.db.run("INSERT INTO loop.holiday (day) VALUES (%s) ON CONFLICT DO NOTHING", (day,))

    def db_member(self, team, member, active=True, away_from=None, away_until=None):
        self.db.run("INSERT INTO loop.team_member (team, person, active, away_from, away_until) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (team, person) "
                    "DO UPDATE SET active = excluded.active, away_from = excluded.away_from, away_until = excluded.away_until",
                    (team, member, active, away_from, away_until))

    def db_cause(self, cause, **columns):
        columns = {{"words": "query", "broken_promise": "breaks_promise"}.get(name, name): value for name, value in self.typed(columns).items()}
        if columns.get("query"):
            columns["query"] = " or ".join(columns["query"].split())
        self.db.run("INSERT INTO loop.cause (cause) VALUES (%s) ON CONFLICT DO NOTHING", (cause,))
        if columns:
            self.update("loop.cause", columns, "cause = %s", (cause,))

    def db_reason(self, reason):
        self.db.run("INSERT INTO loop.dismiss_reason (reason) VALUES (%s) ON CONFLICT DO NOTHING", (reason,))

    def case_of(self, case):
        view = self.survey.rules().find(case)
        return view.case_id if view else case

    def db_step(self, case, by, **columns):
        if self.update("loop.followup_all", self.typed(columns), "case_id = %s", (self.case_of(case),), by) == 0:
            raise psycopg2.errors.NoData("no such case")

    def db_undo(self, case, by):
        self.db.run("SELECT set_config('nps.actor', %s, false)", (by,))
        self.db.run("SELECT nps_undo('loop', %s)", (self.case_of(case),))

    def db_concern(self, id, case, by, **columns):
        self.db.run("SELECT set_config('nps.actor', %s, false)", (by,))
        columns = {"concern": "-", **self.typed(columns)}
        self.db.run(f"INSERT INTO loop.concern (case_id, {', '.join(columns)}) VALUES (%s{', %s' * len(columns)}) RETURNING concern_id",
                    (self.case_of(case), *columns.values()))
        self.concerns[id] = self.db.cursor.fetchone()[0]

    def db_concern_set(self, id, by, **columns):
        if id not in self.concerns:
            raise psycopg2.errors.NoData("no such concern")
        self.update("loop.concern", self.typed(columns), "concern_id = %s", (self.concerns[id],), by)

    def db_told(self, cause, who, by):
        self.update("loop.cause_customer", {"told_at": self.survey.now}, "cause = %s AND respondent = %s", (cause, who), by)

    def db_record(self):
        self.db.run("SELECT nps_record('loop')")

    def db_claim(self, program):
        # as long as the oracle's, whose leases are free again at the very moment at which they end
        return [row["case_id"] for row in self.db.rows("SELECT * FROM nps_claim('loop', %s, max_rows => 1000, lease => '599 seconds')", (program,))]

    # -- comparison

    def same(self, mine, theirs):
        if isinstance(mine, float) or isinstance(theirs, float) or isinstance(theirs, Decimal):
            return mine is not None and theirs is not None and abs(float(mine) - float(theirs)) < 1e-6
        if isinstance(mine, datetime) and isinstance(theirs, datetime):
            return mine == theirs
        return mine == theirs

    def compare(self, what, mine, theirs, names):
        for name, column in names.items():
            if name not in mine:
                continue
            if column not in theirs:
                self.fault(what, f"there is no column {column}")
            elif not self.same(mine[name], theirs[column]):
                self.fault(what, f"{mine.get('case_id', '')} {column}: oracle {mine[name]!r}, server {theirs[column]!r}")

    def look(self, what, with_figures=False):
        if not self.attached or self.faults:
            return
        rules = self.survey.rules()
        listed = [rules.row(view) for view in rules.followup()]
        shown = self.db.rows("SELECT * FROM loop.followup")
        if {row["case_id"] for row in listed} != {row["case_id"] for row in shown}:
            self.fault(what, f"on the list: oracle {[row['case_id'] for row in listed]}, server {[row['case_id'] for row in shown]}")
        # of a case whose answers are gone the source tells nothing, not even where it stands
        unknown = self.loose | {row["case_id"] for row in listed if row["gone"]}
        listed, shown = ([row for row in rows if row["case_id"] not in unknown] for rows in (listed, shown))
        if [row["case_id"] for row in listed] != [row["case_id"] for row in shown]:
            self.fault(what, f"the list: oracle {[row['case_id'] for row in listed]}, server {[row['case_id'] for row in shown]}")
        else:
            for mine, theirs in zip(listed, shown):
                # nor, until nps_record, whether they were asked who are one customer now
                self.compare(what, mine, theirs, {name: column for name, column in LISTED.items() if name != "next_step" or not self.is_merging})
        all_mine = {view.case_id: {**rules.row(view), "outcome": reports.outcome(rules, view)} for view in rules.views}
        all_theirs = {row["case_id"]: row for row in self.db.rows("SELECT * FROM loop.followup_all")}
        if set(all_mine) != set(all_theirs):
            self.fault(what, f"the cases: oracle {sorted(all_mine)}, server {sorted(all_theirs)}")
        for case_id in sorted(set(all_mine) & set(all_theirs)):
            row = all_mine[case_id]
            self.compare(what, row, all_theirs[case_id], {
                name: column for name, column in ROW.items()
                if (name in KNOWN_OF_LOOSE if case_id in self.loose else not row["gone"] or name not in FROM_SOURCE)})
        if not self.faults:
            self.look_at_answers(what, rules)
        if with_figures and not self.faults:
            self.look_at_figures(what, rules)
        if with_figures and not self.faults and not self.is_merging:
            self.look_at_reports(what, rules)

    def look_at_answers(self, what, rules):
        """Any answer of a case finds it."""
        mine = {answer.response_id: view.case_id for view in rules.views if view.ended != "taken over" for answer in view.answers
                if answer.response_id in self.survey.world.answers or answer.response_id == view.case_id}
        theirs = {row["response_id"]: row["case_id"] for row in self.db.rows("SELECT response_id, case_id FROM loop.case_answer")}
        loose = {view.case_id for view in rules.views if view.case_id in self.loose}
        for name in sorted(set(mine) | set(theirs)):
            if mine.get(name) != theirs.get(name) and not {mine.get(name), theirs.get(name)} & loose:
                self.fault(what, f"{name} is an answer of {mine.get(name)}, of {theirs.get(name)} on the server")

    def look_at_figures(self, what, rules):
        mine = reports.closed_loop(rules)
        theirs = {(row["grain"], row["period_start"], row["segment"], row["value"] if row["segment"] != "all" else None): row
                  for row in self.db.rows("SELECT * FROM loop.closed_loop")}
        for (grain, start, segment, value), row in mine.items():
            key = (grain, start, segment, str(value) if value is not None and segment == "score" else value)
            if key not in theirs:
                self.fault(what, f"closed_loop has no {key}")
            else:
                self.compare(f"{what} {key}", row, theirs[key], {**{name: name for name in FIGURES}, **MEDIANS})
            if self.faults:
                return

    def may_be_told(self, who):
        world = self.survey.world
        newest = max((answer for answer in world.answers.values() if answer.respondent == who and answer.score is not None), key=lambda a: a.key, default=None)
        return ((newest is None or newest.contactable)
                and not any(case.respondent == who and case.status == "dismissed" and case.dismiss_reason in HOLDING_REASONS for case in world.cases.values()))

    def look_at_reports(self, what, rules):
        unclear = {case.respondent for case in rules.views if case.gone or case.case_id in self.loose}
        for view, (key, condition, names) in REPORTS.items():
            mine = {tuple(as_tuple(name)): row for name, row in getattr(reports, view)(rules).items()}
            mine = {name: row if isinstance(row, dict) else {"respondents": row} for name, row in mine.items() if not isinstance(name[0], tuple)}
            theirs = {tuple(row[name] for name in key): row for row in self.db.rows(f"SELECT * FROM loop.{view} WHERE {condition}")}
            if view in ("cause_customer", "cause_report"):
                # nobody is told who wants no contact
                mine, theirs = ({name: row for name, row in rows.items() if name in theirs or view == "cause_customer" and self.may_be_told(name[1])}
                                for rows in (mine, theirs))
            if set(mine) != set(theirs):
                self.fault(what, f"{view}: oracle {sorted(mine, key=str)}, server {sorted(theirs, key=str)}")
            for name in sorted(set(mine) & set(theirs), key=str):
                # which of a person's cases comes first depends on answers that are gone
                shown = [column for column in names if view != "respondent" or name[0] not in unclear or column not in OF_CASE]
                self.compare(f"{what} {view} {name}", mine[name], theirs[name], {column: column for column in shown})
        for who in sorted({answer.respondent for answer in self.survey.world.answers.values() if answer.respondent}):
            mine = without_notes_at_once([kind for kind in reports.timeline(rules, who) if kind not in ("told", "waiting ended", "awake")])
            theirs = [{"concern answered": "answered"}.get(row["kind"], row["kind"]) for row in self.db.rows("SELECT kind FROM loop.timeline WHERE respondent = %s AND at IS NOT NULL "
                                                  "AND kind NOT IN ('churned', 'leaves', 'awake', 'told', 'waiting ended') ORDER BY at, place", (who,))]
            theirs = without_notes_at_once(theirs)
            if mine != theirs:
                self.fault(what, f"timeline of {who}: oracle {mine}, server {theirs}")


def check_facts_stay(replay, quarter):
    """What is a fact in the database stays so, whatever is edited or deleted."""
    query = f"SELECT {', '.join(FACTS)} FROM loop.followup_all WHERE is_recorded"
    replay.db_record()
    before = {row["case_id"]: row for row in replay.db.rows(query)}
    for step in edits_of_all(quarter):
        step = json.loads(json.dumps(step, default=as_json))
        replay.in_database(step)
        after = {row["case_id"]: row for row in replay.db.rows(query)}
        for case_id, row in before.items():
            for name, value in row.items():
                if after.get(case_id, {}).get(name, "gone") != value:
                    replay.fault(step, f"{case_id} {name}: {value!r}, then {after.get(case_id, {}).get(name, 'gone')!r}")
        if replay.faults:
            return


def without_notes_at_once(kinds):
    """A clock that stands still cannot tell two notes apart."""
    return [kind for place, kind in enumerate(kinds) if kind != "note" or place == 0 or kinds[place - 1] != "note"]


def as_tuple(name):
    return name if isinstance(name, tuple) and name[0] != "unknown" else (name,)


def run_history(database, title, lines):
    history = check_histories.History(title)
    for line in lines:
        history.run(line)
    replay = Replay(database, title)
    replay.is_day = any(step.get("given") and len(str(step["given"])) == 10 for step in history.steps if step["do"] == "answer")
    for step in history.steps:
        replay.apply(step)
        replay.look(json.dumps(step), True)
        if replay.faults:
            break
    return replay.faults


def main():
    database, arguments = Database(sys.argv[1]), sys.argv[2:]
    failed = number = 0
    if not arguments or arguments[0] == "--histories":
        wanted = int(arguments[1]) if len(arguments) > 1 else None
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "histories.txt")
        for title, lines in list(check_histories.read_histories(path)):
            if wanted is not None and int(title.split()[1]) != wanted:
                continue
            number += 1
            faults = run_history(database, title, lines)
            if faults:
                failed += 1
                print(title, *faults[:4], sep="\n", flush=True)
        print(f"{number} histories, {failed} differ")
    else:
        first, seeds, steps = (int(word) for word in arguments[1:4])
        for seed in range(first, first + seeds):
            quarter = Quarter(seed)
            for _ in range(steps):
                quarter.chance()
            lines = [json.loads(json.dumps(line, default=as_json)) for line in quarter.lines]
            replay = Replay(database, f"seed {seed}")
            for place, step in enumerate(lines):
                replay.apply(step)
                replay.look(f"{place} {json.dumps(step)}", place == len(lines) - 1)
                if replay.faults:
                    break
            if not replay.faults:
                check_facts_stay(replay, quarter)
            number += 1
            if replay.faults:
                failed += 1
                print(f"seed {seed}", *replay.faults[:4], sep="\n", flush=True)
        print(f"{number} quarters, {failed} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
