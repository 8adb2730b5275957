"""Objects that are saved: whole or in part, twice without being read again, stale, by several users at once.

Two surveys have the same answers.  In the first, programs save objects of cases as ORMs do.  In the second, each save
that the contract (doc/applications.md, Writing) lets pass is told as what the user meant: an UPDATE of the columns that
were edited and of no other, by somebody who has nothing else of the case.  After each save both surveys have recorded
the same, and the row that came back is the row that the view has.

    save.py SECONDS SEED
"""
import json
import random
import re
import sys
import time
from datetime import timedelta

import psycopg2

MINUTE = timedelta(minutes=1)
SETTABLE = ["status", "assigned_to", "team", "channel", "cause", "plan", "desired_outcome", "dismiss_reason", "snoozed_until", "waiting_since",
            "acknowledged_at", "asked_at", "attempted_at", "contacted_at", "resolved_at", "informed_at", "closed_at", "note", "actor"]
# What is shown beside a column to set: a new value is a mistake, unless the source changed it meanwhile.
SHOWN = ["responsible", "responsible_team", "channel_advised", "cause_suggested"]
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$")
# What the two surveys cannot have alike: the clock goes on while the second one is written, and copies are what only whole rows leave.
UNLIKE = ["last_note_at", "leased_until", "before_step"]
CAUSES = ["price", "other", "could not get help", "unknown"]
USERS = ["ann", "bob", "crm"]


class Fault(Exception):
    pass


def to_milliseconds(value):
    """As JavaScript has it."""
    if not isinstance(value, str) or not TIME.match(value):
        return value
    second, _, rest = value.partition(".")
    return value if not rest else f"{second}.{rest.split('+')[0][:3].ljust(3, '0')}+00:00"


class Object:
    """What a program has of a case, and how it saves that."""

    def __init__(self, user, view, case, image, choose):
        self.user, self.view, self.case, self.image = user, view, case, image
        # all columns; those that can be set, with the one that tells of a newer answer; those that were edited
        self.kind = choose.choice(["whole", "whole", "whole", "settable", "edited"])
        # the version is sent as it was read; in WHERE, and counted on; or it is not looked at
        self.lock = choose.choice(["sent", "counted", "counted"] + ([] if self.kind == "whole" else ["where"]) + (["none"] if self.kind == "edited" else []))
        self.milliseconds = choose.random() < 0.4
        # takes the row that comes back; who has no more than what can be set has to
        self.rereads = self.kind == "settable" or choose.random() < 0.3
        self.names_actor = choose.random() < 0.7                 # by the column, else by the setting
        self.is_new = True                                       # nothing was saved since it was read
        if self.milliseconds:
            self.image = {name: to_milliseconds(value) for name, value in image.items()}


class Test:
    def __init__(self, seed):
        self.random, self.log = random.Random(seed), []
        self.connection = psycopg2.connect("")
        self.cursor = self.connection.cursor()
        self.saves = self.refused = self.recorded = 0
        self.begin()

    # -- the database

    def run(self, query, values=None):
        self.cursor.execute(query, values)

    def rows(self, query, values=None):
        self.run(query, values)
        return [json.loads(row[0], parse_float=str, parse_int=str) for row in self.cursor.fetchall()]

    def begin(self):
        self.run("SET client_min_messages = error; SET TimeZone = 'UTC'; SET jit = off")
        for survey in ("first", "second"):
            self.run(f"""CREATE TABLE {survey}_answers (id integer PRIMARY KEY, who text, firm text, score integer, at timestamptz, words text, owner text, worth numeric);
                SELECT FROM nps_attach('{survey}_answers', 'score', schema_name => '{survey}', respondent => 'who', account => 'firm', responded_at => 'at',
                    comment => 'words', owner => 'owner', revenue => 'worth', time_zone => 'UTC', loop_since => now() - interval '30 days');
                UPDATE {survey}.survey SET fallback_owner = 'fred', attempts = 2;
                INSERT INTO {survey}.team_member VALUES ('support', 'sue'), ('support', 'sam');
                CREATE INDEX ON {survey}_answers (who, at NULLS FIRST, id)""")
        self.connection.commit()
        self.answers = 0

    def both(self, query, values=None):
        """Runs it in the one survey and in the other; gives the outcomes."""
        return [self.attempt(query.replace("@", survey), values) for survey in ("first", "second")]

    def attempt(self, query, values=None):
        """The rows that come back, and what is wrong, which leaves nothing behind."""
        self.run("SAVEPOINT attempt")
        try:
            self.run(query, values)
            found = [json.loads(row[0], parse_float=str, parse_int=str) for row in self.cursor.fetchall()] if self.cursor.description else None
            self.run("RELEASE attempt")
            return found, None
        except psycopg2.Error as error:
            self.run("ROLLBACK TO attempt")
            return None, (error.pgcode, error.diag.message_primary)

    def shown(self, survey, view, case):
        found = self.rows(f"SELECT to_jsonb(f)::text FROM {survey}.{view} f WHERE case_id = %s", (case,))
        return found[0] if found else None

    # -- what happens

    def new_answers(self):
        choose = self.random
        for _ in range(choose.randrange(1, 4)):
            self.answers += 1
            values = (self.answers, f"c{self.answers}", f"f{self.answers % 7}", choose.choice([0, 1, 3, 4, 5, 6]), f"{choose.randrange(1, 20000)} minutes",
                      choose.choice([None, "too expensive", "nobody helps", "slow delivery"]), choose.choice([None, "otto", "olga"]), choose.choice([None, 100, 2500.50]))
            for survey in ("first", "second"):
                self.run(f"INSERT INTO {survey}_answers VALUES (%s, %s, %s, %s, now() - %s::interval, %s, %s, %s)", values)

    def beside(self, objects):
        """Something that others do: to the source, to concerns, to the queue, or that nobody does."""
        choose = self.random
        case = choose.choice([o.case for o in objects] or [1])
        what = choose.choice(["better", "worse", "owner", "words", "worth", "concern", "promise", "answered", "claim", "record", "undo", "team"])
        self.log.append(("beside", what, case))
        if what in ("better", "worse"):
            self.answers += 1
            self.both("INSERT INTO @_answers SELECT %s, who, firm, %s, greatest(now() - %s::interval, at), NULL, owner, worth FROM @_answers WHERE id = %s RETURNING 1::text",
                      (self.answers, 9 if what == "better" else choose.randrange(7), f"{choose.randrange(3000)} minutes", case))
        elif what in ("owner", "words", "worth"):
            value = {"owner": choose.choice(["otto", "olga", None]), "words": choose.choice(["too expensive", "nobody helps", None]), "worth": choose.randrange(9999)}[what]
            self.both(f"UPDATE @_answers SET {what} = %s WHERE who = (SELECT who FROM @_answers WHERE id = %s)", (value, case))
        elif what in ("concern", "promise"):
            promise = ("mend it", f"{choose.randrange(-2, 9)} days") if what == "promise" else (None, None)
            self.both("INSERT INTO @.concern (case_id, concern, promise, promised_for) VALUES (%s, 'a concern', %s, current_date + %s::interval) RETURNING 1::text", (case, *promise))
        elif what == "answered":
            self.both("UPDATE @.concern SET delivered_at = now() WHERE case_id = %s AND is_open RETURNING 1::text", (case,))
        elif what == "claim":
            self.both("SELECT to_json(c)::text FROM nps_claim('@', 'mailer', max_rows => 2, lease => '1 hour') c")
        elif what == "record":
            self.both("SELECT nps_record('@')::text")
        elif what == "undo":
            self.run("SELECT set_config('nps.actor', %s, true)", (choose.choice(USERS),))
            self.both("SELECT nps_undo('@', %s)::text", (str(case),))
        else:
            self.both("UPDATE @.team_member SET away_until = %s WHERE person = 'sue'", (choose.choice([None, "2999-01-01"]),))

    def edits(self, now, image):
        """What a user changes in a form: columns and values that are not what the form shows."""
        choose = self.random
        some_time = (now - choose.randrange(0, 5000) * MINUTE).isoformat()
        later = (now + choose.randrange(1, 20000) * MINUTE).isoformat()
        this_moment = now.isoformat()
        forms = [
            {"status": "contacted", "channel": choose.choice(["phone", "e-mail"])}, {"status": "contacted"}, {"contacted_at": some_time, "channel": "phone"},
            {"contacted_at": this_moment}, {"status": "resolved"}, {"status": "resolved", "channel": "phone", "cause": choose.choice(CAUSES)}, {"resolved_at": this_moment},
            {"informed_at": this_moment}, {"status": "closed", "informed_at": this_moment}, {"status": "closed", "channel": "phone", "cause": "price", "informed_at": this_moment},
            {"status": "dismissed", "dismiss_reason": choose.choice(["duplicate", "opted_out"])}, {"status": "dismissed"}, {"status": "unreachable"}, {"status": "reopened"},
            {"attempted_at": some_time}, {"attempted_at": this_moment}, {"assigned_to": choose.choice(["bert", "carla", None])}, {"team": choose.choice(["support", "sales", None])},
            {"cause": choose.choice(CAUSES + [None])}, {"cause": "nonsense"}, {"plan": choose.choice(["call", "wait", "x", None])}, {"desired_outcome": choose.choice(["stays", None])},
            {"note": choose.choice(["was away", "is angry", "is glad"])}, {"snoozed_until": later}, {"snoozed_until": None}, {"waiting_since": this_moment}, {"waiting_since": None},
            {"acknowledged_at": some_time}, {"asked_at": this_moment}, {"responsible": "eve"}, {"responsible_team": "other"}, {"channel": choose.choice(["phone", "letter"])}, {}]
        likely = {
            "new": [{"status": "contacted", "channel": "phone"}, {"attempted_at": some_time}, {"snoozed_until": later}, {"cause": choose.choice(CAUSES)}],
            "contacted": [{"status": "resolved", "cause": "price"}, {"waiting_since": this_moment}, {"cause": choose.choice(CAUSES)}, {"contacted_at": this_moment}, {"snoozed_until": later}],
            "renewed": [{"status": "contacted"}, {"contacted_at": this_moment, "cause": "price"}, {"status": "resolved", "contacted_at": this_moment, "cause": "price"}],
            "resolved": [{"informed_at": this_moment}, {"status": "closed", "informed_at": this_moment}, {"contacted_at": this_moment}]
            }.get(image["status"], [{"status": "reopened"}]) + [{"plan": choose.choice("abc")}, {"note": choose.choice(["was away", "is angry"])}, {"assigned_to": choose.choice(["bert", "carla"])},
            {"team": choose.choice(["support", "sales"])}]
        if choose.random() < 0.6:
            forms = likely
        meant = {}
        for _ in range(choose.choice([1, 1, 1, 2, 3])):
            meant.update(choose.choice(forms))
        return {name: value for name, value in meant.items() if image.get(name) != value}

    # -- the contract

    def expected(self, it, sent, current):
        """What must come of it: nothing matches, a refusal, what was meant; or one of several."""
        version = int(it.image["version"])
        if current is None or it.lock in ("where", "counted") and version != int(current["version"]):
            return {"nothing"}
        if it.lock == "sent" and it.kind != "edited" and version != int(current["version"]):
            return {"stale"}
        if "response_id" in sent and it.image["response_id"] != current["response_id"]:
            return {"newer"}
        possible = {"meant"}
        # the source changed what is shown: it cannot be told from a mistake
        if any(name in sent and not self.alike(it.image[name], current[name]) for name in SHOWN):
            possible.add("shown")
        return possible

    @staticmethod
    def alike(one, other):
        return to_milliseconds(one) == to_milliseconds(other)

    def save(self, it):
        view = it.view
        self.run("SELECT now()")
        now = self.cursor.fetchone()[0]
        meant = self.edits(now, it.image)
        if it.milliseconds:
            meant = {name: to_milliseconds(value) for name, value in meant.items() if to_milliseconds(value) != it.image.get(name)}
        # a statement with nothing in it is none; and who wants to change what is only shown says so
        if it.kind == "edited" and not meant:
            return
        image = {**it.image, **meant}
        sent = dict(image) if it.kind == "whole" else {name: image[name] for name in SETTABLE + ["response_id"]} if it.kind == "settable" else dict(meant)
        sent.pop("version", None)
        if it.kind == "settable":
            sent.update({name: meant[name] for name in SHOWN if name in meant})
        if it.names_actor:
            sent["actor"] = it.user
        elif it.kind != "edited":
            sent["actor"] = None
        self.run("SELECT set_config('nps.actor', %s, true)", (it.user,))
        current = self.shown("first", view, it.case)
        what = self.expected(it, sent, current)
        self.log.append((it.user, it.case, view, it.kind, it.lock, "ms" if it.milliseconds else "", "new" if it.is_new else "again", meant, what))

        columns, values = [f'"{name}" = %s' for name in sent], list(sent.values())
        condition = "case_id = %s"
        if it.lock == "counted":
            columns.append('"version" = %s')
            values.append(int(it.image["version"]) + 1)
        elif it.lock == "sent" and it.kind != "edited":
            columns.append('"version" = %s')
            values.append(it.image["version"])
        values.append(it.case)
        if it.lock in ("where", "counted"):
            condition += " AND version = %s"
            values.append(it.image["version"])
        order = list(range(len(columns)))
        self.random.shuffle(order)
        columns, values = [columns[i] for i in order], [values[i] for i in order] + values[len(columns):]
        before = self.recorded_of("first")
        rows, fault = self.attempt(f"UPDATE first.{view} f SET {', '.join(columns)} WHERE {condition} RETURNING to_jsonb(f)::text", values)

        self.saves += 1
        if what == {"nothing"}:
            if rows != []:
                raise Fault(f"it matches nothing, and {rows or fault} came back")
            self.forget(it)
            return
        if fault is not None and self.recorded_of("first") != before:
            raise Fault(f"it was refused with {fault}, and something is recorded")
        if fault is not None and fault[0] == "55000" and "stale" in what and "changed by somebody else meanwhile" in fault[1] \
                or fault is not None and fault[0] == "55000" and "newer" in what and "a newer answer arrived" in fault[1] \
                or fault is not None and fault[0] == "0A000" and "shown" in what and "is shown, not recorded" in fault[1]:
            self.refused += 1
            self.forget(it)
            return
        if "meant" not in what:
            raise Fault(f"it must be refused as {what}, and {rows or fault} came back")

        # what was meant, by somebody who has nothing else of the case
        told = {name: value for name, value in meant.items()}
        if it.names_actor:
            told["actor"] = it.user
        assignments = [f'"{name}" = %s' for name in told] + (["version = version + 1"] if it.lock == "counted" else [])
        if not meant and it.lock != "counted":
            other_rows, other_fault = [current], None
        else:
            other_rows, other_fault = self.attempt(f"UPDATE second.{view} f SET {', '.join(assignments)} WHERE case_id = %s RETURNING to_jsonb(f)::text",
                                                   list(told.values()) + [it.case])
        if fault != other_fault:
            raise Fault(f"it came to {fault}, what was meant to {other_fault}")
        if fault is None and len(rows) != len(other_rows):
            raise Fault(f"{len(rows)} rows came back, {len(other_rows)} where it was told")
        self.compare()
        if fault is not None:
            self.refused += 1
            self.forget(it)
            return
        shown = self.shown("first", "followup_all", it.case)
        for name, value in rows[0].items():
            if shown[name] != value:
                raise Fault(f"{name} came back as {value}, and the view has {shown[name]}")
        self.recorded += 1
        if it.rereads:
            self.take(it, rows[0])
        else:
            it.image, it.is_new = image, False
            if it.lock == "counted":
                it.image["version"] = str(int(it.image["version"]) + 1)

    def forget(self, it):
        """What was refused is read again; what is no longer on the list is not looked at any more."""
        self.take(it, self.shown("first", it.view, it.case))

    def take(self, it, image):
        it.image, it.is_new = image, True
        if it.milliseconds and image is not None:
            it.image = {name: to_milliseconds(value) for name, value in image.items()}

    # -- what was recorded

    def recorded_of(self, survey):
        return (self.rows(f"SELECT (to_jsonb(c) {''.join(f' - {name!r}' for name in UNLIKE)})::text FROM {survey}.followup_case c ORDER BY case_id"),
                self.rows(f"SELECT (to_jsonb(e) - 'event_id' - 'at')::text FROM {survey}.followup_event e WHERE what_changed <> 'leased_until' ORDER BY case_id, place, what_changed"))

    def compare(self):
        for mine, told in zip(self.recorded_of("first"), self.recorded_of("second")):
            if mine != told:
                differ = [(m, t) for m, t in zip(mine, told) if m != t] or [(mine[len(told):], told[len(mine):])]
                m, t = differ[0]
                if isinstance(m, dict):
                    raise Fault("recorded otherwise than meant: " + ", ".join(f"{name} {m[name]!r} for {t[name]!r}" for name in m if m[name] != t.get(name)) + f" of case {m['case_id']}")
                raise Fault(f"recorded otherwise than meant: {m} for {t}")

    def round(self, steps):
        choose, objects = self.random, []
        self.log = []
        self.new_answers()
        self.connection.commit()
        for _ in range(steps):
            if choose.random() < 0.12:
                self.beside(objects)
            elif not objects or choose.random() < 0.25:
                case = choose.randrange(max(1, self.answers - 8), self.answers + 1)
                view = choose.choice(["followup", "followup_all", "followup_all"])
                image = self.shown("first", view, case)
                if image is not None:
                    objects = objects[-5:] + [Object(choose.choice(USERS), view, case, image, choose)]
            else:
                self.save(choose.choice(objects))
                objects = [it for it in objects if it.image is not None]
            self.connection.commit()


def main():
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    until, rounds = time.monotonic() + seconds, 0
    test = Test(seed)
    try:
        while rounds == 0 or time.monotonic() < until:
            rounds += 1
            test.round(40)
    except Fault as fault:
        for line in test.log[-12:]:
            print("   ", *line)
        print(f"seed {seed}, round {rounds}: {fault}")
        return 1
    print(f"seed {seed}: {test.saves} saves in {rounds} rounds, {test.recorded} recorded, {test.refused} refused; each as it was meant")
    return 0 if test.recorded and test.refused else 1


if __name__ == "__main__":
    sys.exit(main())
