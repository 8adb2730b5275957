#!/usr/bin/env python3
"""A second implementation of the follow-up rules over tiny data: the measure that the product is compared with.

    follow_up.py < steps.jsonl          replays steps, one JSON object a line, and prints after each what is seen then
    follow_up.py --last < steps.jsonl   prints only what is seen after the last

A step is {"at": "2026-03-02T09:00:00+01:00", "do": VERB, ...}; README.md lists the verbs and their columns.
What is seen is one JSON object: refused, followup, followup_all, and at the end also the reports.
"""

import json
import sys
from datetime import date, datetime, time, timezone

import recording
import reports
from rules import Rules
from world import Answer, Refused, World

TIMES = {"acknowledged_at", "asked_at", "attempted_at", "contacted_at", "resolved_at", "informed_at", "closed_at",
         "snoozed_until", "waiting_since", "received_at", "delivered_at", "fixed_at", "planned_at", "declined_at"}
DATES = {"churned_at", "renewal_at", "promised_for", "loop_since", "away_from", "away_until", "day"}
CLOCK_TIMES = {"work_from", "work_until"}


class Survey:
    """A survey that steps are done to, at moments that never go back."""

    def __init__(self):
        self.world = World()
        self.now = datetime(2000, 1, 1, tzinfo=timezone.utc)

    def rules(self):
        return Rules(self.world, self.now)

    def instant(self, text):
        """A time of a step; without offset it is one of the survey's zone."""
        if text is None or isinstance(text, datetime):
            return text
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return self.world.calendar().instant(moment.date(), moment.time())
        return moment.astimezone(timezone.utc)

    def typed(self, columns):
        out = {}
        for name, value in columns.items():
            if isinstance(value, str) and value != "now":
                if name in TIMES:
                    value = self.instant(value)
                elif name in DATES:
                    value = date.fromisoformat(value)
                elif name in CLOCK_TIMES:
                    value = None if value == "24:00" else time.fromisoformat(value)
            out[name] = value
        return out

    def apply(self, step):
        """Does one step; raises Refused where it may not be done."""
        step = dict(step)
        at, verb, _ = step.pop("at", None), step.pop("do"), step.pop("refused", None)
        if at is not None:
            self.now = max(self.now, self.instant(at))
        return getattr(self, "do_" + verb)(**step)

    # -- the source

    def do_clock(self):
        pass

    def do_answer(self, id, who, score, given="now", segments=None, **columns):
        day = None
        if given == "now":
            moment = self.now
        elif given is None:
            moment = None
        elif len(given) == 10:
            day = date.fromisoformat(given)
            moment = self.world.calendar().instant(day)
        else:
            moment = self.instant(given)
        self.world.answers[id] = Answer(id, who, self.world.valid_score(score), moment, day, segments=segments or {},
                                        **self.typed(columns))

    def do_change(self, id, **columns):
        """An UPDATE of the source: of one row."""
        answer = self.world.answers[id]
        for name, value in self.typed(columns).items():
            setattr(answer, name, self.world.valid_score(value) if name == "score" else value)

    def do_customer(self, who, **columns):
        """An UPDATE of the source: of all rows of a customer, as where they are joined from the customer's own table."""
        for answer in list(self.world.answers.values()):
            if answer.respondent == who:
                self.do_change(answer.response_id, **columns)

    def do_delete(self, id):
        del self.world.answers[id]

    # -- rules, which are stored as facts before they change (6)

    def record_before_edit(self):
        if self.world.stepped:
            recording.nps_record(self.world, self.now)

    def do_set(self, **columns):
        self.record_before_edit()
        self.world.edit_settings(self.now, self.typed(columns))

    def do_rule(self, score, **columns):
        self.record_before_edit()
        self.world.edit_rule(self.now, score, columns)

    def do_holiday(self, day, gone=False):
        self.record_before_edit()
        day = date.fromisoformat(day)
        (self.world.holidays.discard if gone else self.world.holidays.add)(day)

    def do_member(self, team, member, active=True, away_from=None, away_until=None):
        self.record_before_edit()
        self.world.members[team, member] = {"active": active,
                                            **self.typed({"away_from": away_from, "away_until": away_until})}

    def do_cause(self, cause, **columns):
        if "team" in columns:
            self.record_before_edit()
        row = self.world.causes.setdefault(cause, {
            "cause": cause, "words": None, "team": None, "fixed_at": None, "planned_at": None, "remedy": None,
            "broken_promise": False})
        row.update(self.typed(columns))

    def do_reason(self, reason):
        self.world.reasons.add(reason)

    # -- people and programs

    def do_step(self, case, by, **columns):
        return recording.step(self.world, self.now, case, by, self.typed(columns))

    def do_undo(self, case, by):
        return recording.undo(self.world, self.now, case, by)

    def do_concern(self, id, case, by, **columns):
        return recording.add_concern(self.world, self.now, id, case, by, self.typed(columns))

    def do_concern_set(self, id, by, **columns):
        return recording.change_concern(self.world, self.now, id, by, self.typed(columns))

    def do_told(self, cause, who, by):
        return recording.tell(self.world, self.now, cause, who, by)

    def do_record(self):
        return recording.nps_record(self.world, self.now)

    def do_claim(self, program):
        return recording.claim(self.world, self.now, program)

    # -- what is seen

    def followup(self):
        rules = self.rules()
        return [rules.row(view) for view in rules.followup()]

    def followup_all(self):
        rules = self.rules()
        return [{**rules.row(view), "outcome": reports.outcome(rules, view)} for view in rules.views]

    def closed_loop(self):
        return reports.closed_loop(self.rules())

    def seen(self, with_reports=False):
        out = {"now": self.now, "followup": self.followup(), "followup_all": self.followup_all()}
        if with_reports:
            rules = self.rules()
            people = sorted({a.respondent for a in self.world.answers.values() if a.respondent})
            out["closed_loop"] = [{"grain": g, "period_start": p, "segment": s, "value": v, **row}
                                  for (g, p, s, v), row in reports.closed_loop(rules).items()]
            out["respondent"] = [{"respondent": who, **row} for who, row in reports.respondent(rules).items()
                                 if not isinstance(who, tuple)]
            out["account"] = [{"account": name, **row} for name, row in reports.account(rules).items()]
            out["transition"] = [{"from_category": a, "to_category": b, "respondents": n}
                                 for (a, b), n in reports.transition(rules).items()]
            out["cause_customer"] = [{"cause": cause, "respondent": who, **row}
                                     for (cause, who), row in reports.cause_customer(rules).items()]
            out["cause_report"] = [{"cause": cause, **row} for cause, row in reports.cause_report(rules).items()]
            out["timeline"] = {who: reports.timeline(rules, who) for who in people}
        return out


def as_json(value):
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise TypeError(type(value))


def main():
    only_last = "--last" in sys.argv[1:]
    survey, lines = Survey(), [line for line in sys.stdin if line.strip()]
    for number, line in enumerate(lines, 1):
        refused, result = None, None
        try:
            result = survey.apply(json.loads(line))
        except Refused as error:
            refused = error.sqlstate_class
        last = number == len(lines)
        if last or not only_last:
            print(json.dumps({"step": number, "refused": refused, "claimed": result, **survey.seen(last)}, default=as_json))


if __name__ == "__main__":
    main()
