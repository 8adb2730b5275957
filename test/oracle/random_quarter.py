#!/usr/bin/env python3
"""Random quarters of a customer team: steps in the neutral form, and what must hold after each of them.

    random_quarter.py [SEED [SEEDS [STEPS]]]    checks that many quarters, from that seed on (1, 20, 150)
    random_quarter.py --emit SEED [STEPS]       prints one as JSON lines, each with "refused", the class or null

A driver replays the lines against a database, and compares what it sees with follow_up.py after every line.
"""

import copy
import json
import random
import sys
from datetime import timedelta

import recording
import reports
from follow_up import Survey, as_json
from world import Refused

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
STARTS = ("2026-02-20T07:00:00", "2026-09-25T07:00:00")
# What a fact is: no edit and no deletion changes these columns.  What looks at later answers, churn or the list is not.
FACTS = ("cases", "renewed", "contacted", "contacted_in_time", "contacted_backdated", "recontacted", "recontacted_in_time",
         "recontacted_backdated", "missed", "expired", "answered_better", "unreachable", "dismissed", "dismissed_late",
         "not_contactable", "resolved", "resolved_in_time", "resolve_judged", "informed", "informed_in_time", "inform_judged",
         "closed", "promises_kept", "promises_broken", "promises_moved", "waited_hours", "median_contact_hours",
         "median_resolve_hours", "coverage", "contact_in_time_rate", "recontact_in_time_rate", "resolve_in_time_rate")


class Quarter:
    def __init__(self, seed):
        self.random, self.survey, self.lines = random.Random(seed), Survey(), []
        r = self.random
        self.number = {"a": 0, "c": 0}
        self.people = [f"customer-{i}" for i in range(1, r.randint(4, 9))]
        self.staff = ("ana", "ben", "cleo")
        self.topics = r.choice(((None,), (None,), ("shop", "support")))
        self.knows_arrival = r.random() < 0.4
        self.source = {who: {"owner": r.choice((None, None, "otto")), "revenue": r.choice((None, 100, 5000, 100000)),
                             "account": r.choice((None, "acme", "beta")), "contactable": True, "churned_at": None,
                             "renewal_at": None, "open_tickets": r.choice((0, 0, 1, 6))} for who in self.people}
        settings = {"time_zone": r.choice(ZONES), "follow_up_days": r.choice((14, 30, 90)),
                    "renew_after_days": r.choice((0, 0, 7)), "fallback_owner": r.choice((None, "fred")),
                    "escalate_hours": r.choice((None, 48)), "escalate_to": "max"}
        if r.random() < 0.5:
            settings.update(work_days=r.choice(("Mon Tue Wed Thu Fri", "Sun Mon Tue Wed Thu Fri Sat")),
                            work_from=r.choice(("00:00", "02:30", "09:00")), work_until=r.choice(("06:00", "17:00")))
            if settings["work_from"] == "09:00":
                settings["work_until"] = "17:00"
        start = r.choice(STARTS)
        settings["loop_since"] = start[:10]
        self.do({"do": "set", **settings})
        self.survey.now = self.survey.instant(start)
        self.do({"do": "clock"})
        for cause, team in (("price", "sales"), ("missing feature", "product"), ("could not get help", "support")):
            self.do({"do": "cause", "cause": cause, "team": team, "words": cause.split()[-1]})
        for team, member in (("sales", "sue"), ("support", "sam"), ("support", "sid"), ("product", "pia")):
            self.do({"do": "member", "team": team, "member": member})
        self.do({"do": "rule", "score": 5, "acknowledge_hours": r.choice((None, 4))})

    # -- one step

    def do(self, step):
        if step["do"] != "clock":
            self.survey.now += timedelta(seconds=1)     # no two things happen at one moment
        step = {"at": as_json(self.survey.now), **step}
        refused = None
        try:
            self.survey.apply(step)
        except Refused as error:
            refused = error.sqlstate_class
        self.lines.append({**step, "refused": refused})
        return refused

    def chance(self):
        """A step of a kind by chance."""
        kinds = ((self.pass_time, 30), (self.new_answer, 16), (self.late_answer, 4), (self.record_step, 18),
                 (self.follow_advice, 18), (self.try_to_reach, 5), (self.reopen, 3), (self.wait, 2),
                 (self.add_concern, 5), (self.change_concern, 6), (self.undo, 3), (self.edit_customer, 5), (self.delete, 2),
                 (self.edit_rules, 4), (self.tell_or_fix, 2), (self.record, 3), (self.claim, 3), (self.merge, 1),
                 (self.correct, 1))
        kind = self.random.choices([k for k, _ in kinds], [weight for _, weight in kinds])[0]
        step = kind()
        if step:
            self.do(step)

    def pass_time(self):
        """To some moment later; often to the very moment at which a clock runs out, or one minute around it."""
        r, now = self.random, self.survey.now
        due = [row["next_due"] for row in self.survey.followup() if row["next_due"] and row["next_due"] > now]
        if due and r.random() < 0.4:
            then = min(due) if r.random() < 0.7 else r.choice(due)
            self.survey.now = max(now, then + timedelta(minutes=r.choice((-1, 0, 0, 1))))
        else:
            self.survey.now = now + timedelta(minutes=r.choice((1, 17, 60, 300, 1440, 4000, 9000)))
        return {"do": "clock"}

    def answer(self, who, given):
        r = self.random
        self.number["a"] += 1
        step = {"do": "answer", "id": f"a{self.number['a']:04d}", "who": who, "given": as_json(given),
                "score": r.choices((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, None), (4, 2, 3, 3, 4, 5, 4, 2, 2, 2, 2, 1))[0],
                "comment": r.choice((None, None, "the price", "I need a feature", "nobody helps", "  ")),
                "topic": r.choice(self.topics), "wants_contact": r.random() < 0.06, **self.source[who]}
        if self.knows_arrival:
            step["received_at"] = as_json(self.survey.now)
        return step

    def new_answer(self):
        return self.answer(self.random.choice(self.people), self.survey.now)

    def late_answer(self):
        back = timedelta(minutes=self.random.choice((5, 600, 3000, 20000, 60000)))
        return self.answer(self.random.choice(self.people), self.survey.now - back)

    def some_case(self):
        rows = self.survey.followup()
        if self.random.random() < 0.15 or not rows:
            rows = self.survey.followup_all()
        return self.random.choice(rows[:4] if self.random.random() < 0.6 else rows) if rows else None

    def record_step(self):
        r, row, now = self.random, self.some_case(), self.survey.now
        if row is None:
            return None
        earlier = as_json(now - timedelta(minutes=r.choice((0, 30, 600, 3000, 20000))))
        contact = {"status": "contacted", "channel": r.choice(("phone", "e-mail"))}
        step = r.choices((
            contact, {**contact, "contacted_at": earlier}, {**contact, "cause": "price", "note": "talked"},
            {"status": "contacted"}, {"attempted_at": "now"}, {"cause": r.choice(("price", "other", "missing feature"))},
            {"status": "resolved"}, {"resolved_at": earlier}, {"informed_at": "now"}, {"status": "closed"},
            {"status": "closed", "informed_at": "now"}, {"status": "unreachable"},
            {"status": "dismissed", "dismiss_reason": r.choice(("duplicate", "opted_out", "not_a_customer", "test answer"))},
            {"status": "reopened"}, {"assigned_to": r.choice(("ana", "ben", None))}, {"team": r.choice(("support", None))},
            {"snoozed_until": as_json(now + timedelta(days=r.choice((1, 5, 12, 40))))}, {"snoozed_until": None},
            {"waiting_since": r.choice(("now", None))}, {"acknowledged_at": r.choice(("now", earlier))}, {"asked_at": "now"}, {"note": "a note"},
            {"plan": "a plan"}, {"note": "stale", "version": row["version"] + r.choice((-1, 0, 1, 2))}),
            (9, 3, 5, 1, 6, 4, 5, 1, 5, 3, 4, 3, 3, 4, 3, 1, 3, 1, 3, 2, 2, 2, 1, 1))[0]
        return {"do": "step", "case": row["case_id"], "by": r.choice(self.staff), **step}

    def follow_advice(self):
        """What the list says is next, with what it needs."""
        row, r = self.some_case(), self.random
        if row is None or row["next_step"] is None:
            return None
        if row["next_step"] in ("deliver what was promised", "answer the concern"):
            return self.change_concern()
        step = {"contact": {"status": "contacted", "channel": "phone"}, "ask for the reason": {"asked_at": "now"},
                "establish the cause": {"cause": r.choice(("price", "other"))}, "resolve": {"status": "resolved"},
                "inform": {"informed_at": "now"}, "close": {"status": "closed"}}[row["next_step"]]
        return {"do": "step", "case": row["case_id"], "by": r.choice(self.staff), **step}

    def try_to_reach(self):
        """Attempts on the same case, until it may be given up."""
        cases = [c for c in self.survey.world.cases.values() if not c.finished_at]
        if not cases:
            return None
        case = max(cases, key=lambda c: (len(c.attempts), c.case_id))
        step = {"status": "unreachable"} if len(case.attempts) > 3 and self.random.random() < 0.6 else {"attempted_at": "now"}
        return {"do": "step", "case": case.case_id, "by": "ana", **step}

    def reopen(self):
        ids = [c.case_id for c in self.survey.world.cases.values() if c.finished_at]
        return {"do": "step", "case": self.random.choice(ids), "by": "ana", "status": "reopened"} if ids else None

    def wait(self):
        """Waits for a customer who was contacted, or does so no longer."""
        cases = [c for c in self.survey.world.cases.values() if c.status == "contacted"]
        if not cases:
            return None
        case = self.random.choice(cases)
        since = None if case.waits and case.waits[-1][1] is None else "now"
        return {"do": "step", "case": case.case_id, "by": "ana", "waiting_since": since}

    def add_concern(self):
        row, r = self.some_case(), self.random
        if row is None:
            return None
        self.number["c"] += 1
        step = {"do": "concern", "id": f"c{self.number['c']}", "case": row["case_id"], "by": r.choice(self.staff),
                "concern": "something", "cause": r.choice((None, "price"))}
        if r.random() < 0.7:
            step.update(promise="to mend it", promised_for=self.day_in(r.choice((0, 1, 5, 20, 400))))
        return step

    def day_in(self, number):
        return as_json(self.survey.world.calendar().day(self.survey.now) + timedelta(days=number))

    def change_concern(self):
        concerns = [c for c in self.survey.world.concerns.values() if c.is_open]
        if not concerns:
            return None
        concern, r = self.random.choice(concerns), self.random
        earlier = max(concern.added_at, self.survey.now - timedelta(minutes=r.choice((600, 3000))))
        change = r.choice(({"delivered_at": "now"}, {"delivered_at": as_json(earlier)}, {"answer": "explained", "promise": None, "promised_for": None},
                           {"declined_at": "now"}, {"promised_for": self.day_in(r.choice((2, 9)))}))
        if not concern.promise:
            change = r.choice(({"answer": "explained"}, {"declined_at": "now"}))
        return {"do": "concern_set", "id": concern.concern_id, "by": r.choice(self.staff), **change}

    def undo(self):
        done = [case for case in self.survey.world.cases.values() if case.steps]
        if not done:
            return None
        case = self.random.choice(done)
        by = case.steps[-1][0] if self.random.random() < 0.8 else "zoe"
        return {"do": "undo", "case": case.case_id, "by": by}

    def edit_customer(self):
        r, who = self.random, self.random.choice(self.people)
        columns = r.choice(({"contactable": r.random() < 0.5}, {"owner": r.choice((None, "olga", "otto"))},
                            {"churned_at": r.choice((None, self.day_in(-3), self.day_in(0), self.day_in(20)))},
                            {"revenue": r.choice((None, 7, 100000))}, {"renewal_at": self.day_in(40)}, {"open_tickets": 6}))
        self.source[who].update(columns)
        return {"do": "customer", "who": who, **columns}

    def delete(self):
        ids = sorted(self.survey.world.answers)
        return {"do": "delete", "id": self.random.choice(ids)} if ids else None

    def correct(self):
        """Corrects a score; but not where it depends on scores which contacts were about, as the oracle derives these anew."""
        if any(number for _, number in self.survey.world.dated["renew_after_days"]):
            return None
        ids = sorted(self.survey.world.answers)
        return {"do": "change", "id": self.random.choice(ids), "score": self.random.choice((0, 5, 9))} if ids else None

    def merge(self):
        """Two customers become one; but not with a case of which neither the opening nor the newest answer is there, as
        another answer of the customer is known only from nps_record on."""
        world = self.survey.world
        cannot_follow = {case.respondent for case in world.cases.values()
                         if not {case.case_id, max((a for a, _ in case.answers.values()), key=lambda a: a.key).response_id} & set(world.answers)}
        if len(self.people) < 4 or self.people[-1] in cannot_follow:
            return None
        gone = self.people.pop()
        return {"do": "customer", "who": gone, "respondent": self.people[0], **self.source[self.people[0]]}

    def edit_rules(self):
        r = self.random
        return r.choice((
            {"do": "rule", "score": r.choice((0, 3, 5, 6, 7)), "contact_hours": r.choice((4, 24, 72))},
            {"do": "rule", "score": r.choice((5, 6)), "follow_up": r.random() < 0.5},
            {"do": "rule", "score": r.choice((0, 2, 3)), "personal": r.random() < 0.5},
            {"do": "rule", "score": r.choice((3, 4)), "owner": r.choice((None, "petra"))},
            {"do": "set", "follow_up_days": r.choice((10, 30, 90))}, {"do": "set", "inform_hours": r.choice((8, 48))},
            {"do": "set", "renew_after_days": r.choice((0, 5))},
            {"do": "holiday", "day": self.day_in(r.choice((0, 1, 3)))},
            {"do": "member", "team": "support", "member": r.choice(("sid", "stan")), "active": r.random() < 0.5},
            {"do": "member", "team": "support", "member": "sam", "away_until": self.day_in(5)}))

    def tell_or_fix(self):
        if self.random.random() < 0.5:
            return {"do": "cause", "cause": "price", "fixed_at": as_json(self.survey.now)}
        return {"do": "told", "cause": "price", "who": self.random.choice(self.people), "by": "ana"}

    def record(self):
        return {"do": "record"}

    def claim(self):
        return {"do": "claim", "program": self.random.choice(("mailer", "mailer-2"))}


# -- what must hold ---------------------------------------------------------------------------------------------------------------

class Broken(Exception):
    pass


def check(holds, text):
    if not holds:
        raise Broken(text)


def check_state(survey, before, step):
    rules = survey.rules()
    check_rates(rules)
    check_each_answer(survey, rules)
    check_list(survey, rules)
    check_asked_once(survey)
    check_history(survey, rules, before, step)


def check_rates(rules):
    """No rate is above 1; persons, teams, causes and scores each add up to all."""
    loop = reports.closed_loop(rules, ("month",))
    for key, row in loop.items():
        for name, value in row.items():
            if name.endswith("_rate") or name == "coverage" or name.startswith("churn_rate"):
                check(value is None or 0 <= value <= 1, f"{name} is {value} in {key}")
    for segment in ("person", "team", "cause", "score"):
        for name in ("cases", "contacted", "missed", "renewed", "open"):
            parts = sum(row[name] for (grain, _, s, _), row in loop.items() if grain == "month" and s == segment)
            whole = sum(row[name] for (grain, _, s, _), row in loop.items() if grain == "month" and s == "all")
            check(parts == whole, f"{name} by {segment} is {parts}, of all {whole}")


def check_each_answer(survey, rules):
    """No bad answer younger than the window is off the list without a person's act, a better answer, or the customer's
    own wish; and each is in one case."""
    world = survey.world
    for answer in world.answers.values():
        if answer.score is None or answer.respondent is None or not rules.is_followed_up(answer):
            continue
        views = [v for v in rules.views if any(a.response_id == answer.response_id for a in v.answers)
                 and v.ended != "taken over"]
        if len(views) > 1:
            check(False, f"{answer.response_id} is in {[v.case_id for v in views]}")
        opened = rules.opens_at(answer)
        window = timedelta(hours=24 * min(days for _, days in world.dated["follow_up_days"]))
        if opened + window <= survey.now or any(rules.on_list(v) for v in views):
            continue
        # 3. "A bad answer after the first span ends it and opens a new case": then that one is on the list.
        followed = any(v.ended == "expired" and rules.newer_case(v) for v in views) and any(
            rules.on_list(v) for v in rules.views if (v.respondent, v.topic) == (answer.respondent, answer.topic))
        acted = followed or any(v.finished for v in views) or any(
            case.finished_at and answer.key <= case.finish_shown for case in world.cases.values())
        rows = [a for a in world.answers.values() if a.respondent == answer.respondent and a.topic == answer.topic
                and a.score is not None]
        better = any(a.key > answer.key and not rules.is_followed_up(a) for a in rows) or any(v.better_answers or
                     v.record and v.record.facts.get("ended") == "answered better" for v in views)
        wish = (rules.is_held(answer.respondent, answer) or rules.holds.get(answer.respondent)
                or not all(a.contactable for a in rows) or any(a.churned_at for a in rows))
        check(acted or better or wish, f"{answer.response_id} ({answer.score}) of {answer.respondent} fell through")


def check_list(survey, rules):
    rows = survey.followup()
    order = [row["priority"] for row in rows]
    check(order == sorted(order) and set(order) <= {1, 2, 3, 4}, f"order {order}")
    for row in rows:
        check(row["next_step"], f"{row['case_id']} has nothing to do")
        check((row["due"] == "late") == row["late"] and (row["overdue_hours"] is not None) == row["late"], "late or not")
        check(row["priority"] != 4 or not row["renewed"], "a renewed case sleeps")
        check(not (row["late"] and row["priority"] == 3) or rules.by_id[row["case_id"]].better, "late in order 3")


def check_asked_once(survey):
    """Nobody is asked twice by a program."""
    undone = sum(1 for event in survey.world.events if event["kind"] == "undone")
    asked = [event["respondent"] for event in survey.world.events if event["kind"] == "asked"]
    check(undone or len(asked) == len(set(asked)), f"asked {asked}")


def check_history(survey, rules, before, step):
    """What is recorded stays: cases, deadlines, what was missed, first contacts; unless a person does something to it."""
    if before is None:
        return
    touched = step.get("case")
    for case_id, old in before.items():
        view = rules.by_id.get(case_id)
        check(view is not None, f"case {case_id} is no longer there")
        if step["do"] in ("step", "undo", "concern", "concern_set") and rules.find(touched or case_id) is view:
            continue
        check(not old["missed"] or rules.is_missed(view), f"{case_id} is no longer missed")
        check(step["do"] == "change" or old["due"] is None or rules.first_contact_due(view) is None
              or rules.first_contact_due(view) <= old["due"], f"the deadline of {case_id} moved")
        check(old["contacts"] == len(view.contacts), f"contacts of {case_id}")
        if old["missed"]:
            check(old["who"] == rules.responsible_in_figures(view)[0], f"the miss of {case_id} is somebody else's")


def remember(survey):
    rules = survey.rules()
    return {view.case_id: {"missed": rules.is_missed(view), "due": rules.first_contact_due(view),
                           "contacts": len(view.contacts), "who": rules.responsible_in_figures(view)[0]}
            for view in rules.views if view.record}


def check_facts_stay(quarter):
    """Once cases are facts, figures do not change by edits of playbook, settings, holidays, teams, owners,
    contactability, churn, or deletion of answers."""
    survey = copy.deepcopy(quarter.survey)
    survey.world.stepped = True
    recording.nps_record(survey.world, survey.now)
    before = figures_of_recorded(survey)
    for step in edits_of_all(quarter):
        survey.apply(step)
        after = figures_of_recorded(survey)
        for key, row in before.items():
            for name, value in row.items():
                check(after.get(key, {}).get(name) == value,
                      f"{json.dumps(step, default=as_json)} changes {name} of {key}: {value}, "
                      f"then {after.get(key, {}).get(name)}")


def edits_of_all(quarter):
    """What changes no figure of cases that are facts."""
    r = random.Random(len(quarter.lines))
    return (
            {"do": "rule", "score": 3, "contact_hours": 1}, {"do": "rule", "score": 4, "follow_up": False},
            {"do": "rule", "score": 0, "personal": False}, {"do": "rule", "score": 6, "owner": "nobody"},
            {"do": "set", "follow_up_days": 5}, {"do": "set", "inform_hours": 1}, {"do": "set", "renew_after_days": 60},
            {"do": "set", "work_days": "Sun", "work_from": "10:00", "work_until": "11:00"},
            {"do": "holiday", "day": quarter.day_in(1)}, {"do": "member", "team": "support", "member": "sam", "active": False},
            {"do": "set", "fallback_owner": "nobody"},
            *({"do": "customer", "who": who, "contactable": False, "owner": "nobody"} for who in quarter.people),
            *({"do": "customer", "who": who, "churned_at": quarter.day_in(-1)} for who in quarter.people),
            *({"do": "delete", "id": i} for i in r.sample(sorted(quarter.survey.world.answers), len(quarter.survey.world.answers))))


def figures_of_recorded(survey):
    """Figures of recorded cases, of all and of the persons whose deadline passed or who worked on them."""
    rules = survey.rules()
    rules.views = [v for v in rules.views if v.record]
    loop = {key: {name: row[name] for name in FACTS} for key, row in reports.closed_loop(rules, ("month",)).items()
            if key[2] == "all"}
    rules.views = [v for v in rules.views if v.record.facts.get("frozen")]
    loop.update({key: {name: row[name] for name in FACTS} for key, row in reports.closed_loop(rules, ("month",)).items()
                 if key[2] in ("person", "team", "score")})
    return loop


def run(seed, steps):
    quarter = Quarter(seed)
    for number in range(steps):
        before = remember(quarter.survey)
        done = len(quarter.lines)
        quarter.chance()
        if len(quarter.lines) == done:
            continue
        try:
            check_state(quarter.survey, before, quarter.lines[-1])
            if number % 25 == 24:
                check_facts_stay(quarter)
        except Broken as broken:
            raise Broken(f"seed {seed}, step {number}: {json.dumps(quarter.lines[-1], default=as_json)}: {broken}")
    return quarter


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--emit"]:
        quarter = Quarter(int(arguments[1]))
        for _ in range(int(arguments[2]) if len(arguments) > 2 else 150):
            quarter.chance()
        print("\n".join(json.dumps(line, default=as_json) for line in quarter.lines))
        return 0
    first, seeds, steps = (list(map(int, arguments)) + [1, 20, 150][len(arguments):])[:3]
    failed = 0
    for seed in range(first, first + seeds):
        try:
            run(seed, steps)
        except Broken as broken:
            failed += 1
            print(broken, flush=True)
    print(f"{seeds} quarters of {steps} steps, {failed} broke a rule")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
