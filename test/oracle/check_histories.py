#!/usr/bin/env python3
"""Runs the histories of histories.txt on the oracle, and says where it sees something else than a careful person.

    check_histories.py [--json NUMBER] [FILE]

--json prints the steps of one history as JSON lines, for follow_up.py or a database.
The form of a line is told at the head of histories.txt.  A line that begins with "set", "rule", "member" or "cause" happens
before the first that has a time.  given= is responded_at ("none": NULL; a date alone: a date), received= received_at.
"""

import json
import os
import shlex
import sys
from datetime import date, datetime

import reports
from follow_up import Survey
from world import Refused

GRAIN_OF_LENGTH = {4: "year", 7: "month", 10: "day"}
ALIASES = {"received": "received_at"}


def value_of(text):
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def pairs(words):
    out = {}
    for word in words:
        name, _, value = word.partition("=")
        out[ALIASES.get(name, name)] = value_of(value)
    return out


def rows_of(words):
    """The rows of a list: each ends at a word with a semicolon behind it."""
    rows = [[]]
    for word in words:
        rows[-1].append(word.removesuffix(";"))
        if word.endswith(";"):
            rows.append([])
    return rows


def step_of(verb, words):
    """A step in the neutral form, of the words of a line."""
    if verb == "answer":
        columns = pairs(words[3:])
        if columns.get("given") == "none":
            columns["given"] = None
        return {"do": "answer", "id": words[0], "who": words[1], "score": value_of(words[2]), **columns}
    if verb == "change":
        return {"do": "change", "id": words[0], **pairs(words[1:])}
    if verb == "customer":
        return {"do": "customer", "who": words[0], **pairs(words[1:])}
    if verb in ("delete", "claim"):
        return {"do": verb, {"delete": "id", "claim": "program"}[verb]: words[0]}
    if verb == "set":
        return {"do": "set", **pairs(words)}
    if verb == "rule":
        return {"do": "rule", "score": int(words[0]), **pairs(words[1:])}
    if verb == "holiday":
        return {"do": "holiday", "day": words[0]}
    if verb == "member":
        return {"do": "member", "team": words[0], "member": words[1], **pairs(words[2:])}
    if verb == "cause":
        return {"do": "cause", "cause": words[0], **pairs(words[1:])}
    if verb in ("step", "undo"):
        return {"do": verb, "case": words[0], **pairs(words[1:])}
    if verb == "concern":
        return {"do": "concern", "id": words[0], "case": words[1], **pairs(words[2:])}
    if verb == "concern-set":
        return {"do": "concern_set", "id": words[0], **pairs(words[1:])}
    if verb == "told":
        return {"do": "told", "cause": words[0], "who": words[1], **pairs(words[2:])}
    if verb == "record":
        return {"do": "record"}
    raise ValueError(f"no such verb: {verb}")


def comparable(survey, value):
    """As it stands in the file: local time to the minute, plain numbers, null."""
    if isinstance(value, datetime):
        return value.astimezone(survey.world.calendar().zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 6)
    return value


class History:
    def __init__(self, title):
        self.title, self.survey, self.faults, self.steps = title, Survey(), [], []

    def fault(self, line, text):
        self.faults.append(f"    {line}\n        {text}")

    def compare(self, line, wanted, row):
        for name, value in wanted.items():
            seen = comparable(self.survey, row[name]) if row is not None and name in row else None
            if row is not None and name not in row:
                self.fault(line, f"there is no column {name}")
            elif seen != value:
                self.fault(line, f"{name} is {seen!r}, expected {value!r}")

    def run(self, line):
        words = shlex.split(line)
        at = None
        if words[0][0].isdigit():
            at, words = f"{words[0]}T{words[1]}", words[2:]
            self.survey.apply({"do": "clock", "at": at})
        verb, rest = words[0], words[1:]
        if hasattr(self, "see_" + verb):
            getattr(self, "see_" + verb)(line, rest)
        elif verb == "refused":
            self.do(line, at, rest[1], rest[2:], rest[0].split(","))
        else:
            self.do(line, at, verb, rest, None)

    def do(self, line, at, verb, words, classes):
        expected = words[words.index("->") + 1:] if "->" in words else None
        step = step_of(verb, words)
        self.steps.append({**({"at": self.survey.now.isoformat()} if at else {}), **step,
                           "refused": classes[0] if classes else None})
        try:
            result = self.survey.apply(step)
            if classes:
                self.fault(line, "was accepted")
            if expected is not None:
                names = [name.strip(",") for name in expected if name != "-"]
                if names != result:
                    self.fault(line, f"gave {result}")
        except Refused as refused:
            if not classes or refused.sqlstate_class not in classes:
                self.fault(line, f"was refused: {refused}")

    # -- what is seen

    def see_list(self, line, words):
        rows = self.survey.followup()
        wanted = rows_of(words) if words != ["-"] else []
        names = [part[0] for part in wanted]
        if names != [row["case_id"] for row in rows]:
            self.fault(line, f"the list is {[row['case_id'] for row in rows]}")
            return
        for part, row in zip(wanted, rows):
            self.compare(line, pairs(part[1:]), row)

    def see_case(self, line, words):
        view = self.survey.rules().find(words[0])
        row = next((r for r in self.survey.followup_all() if view and r["case_id"] == view.case_id), None)
        if row is None:
            self.fault(line, "there is no such case")
        self.compare(line, pairs(words[1:]), row)

    def see_figures(self, line, words):
        period, wanted = words[0], pairs(words[1:])
        segment = next((name for name in ("person", "team", "cause", "score") if name in wanted), None)
        value = wanted.pop(segment) if segment else None
        start = date.fromisoformat(period + "-01-01"[len(period) - 4:] if len(period) < 10 else period)
        row = self.survey.closed_loop().get((GRAIN_OF_LENGTH[len(period)], start, segment or "all", value))
        self.compare(line, wanted, row)

    def see_who(self, line, words):
        self.compare(line, pairs(words[1:]), reports.respondent(self.survey.rules()).get(words[0]))

    def see_account(self, line, words):
        self.compare(line, pairs(words[1:]), reports.account(self.survey.rules()).get(words[0]))

    def see_transition(self, line, words):
        number = reports.transition(self.survey.rules()).get((words[0], words[1]), 0)
        self.compare(line, pairs(words[2:]), {"respondents": number})

    def see_cares(self, line, words):
        self.compare(line, pairs(words[2:]), reports.cause_customer(self.survey.rules()).get((words[0], words[1])))

    def see_timeline(self, line, words):
        wanted = [word.strip(",") for word in words[1:]]
        seen = reports.timeline(self.survey.rules(), words[0])
        if wanted != seen:
            self.fault(line, f"the timeline is {seen}")


def read_histories(path):
    current = None
    with open(path, encoding="utf-8") as file:
        for raw in file:
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("history "):
                current = [line, []]
                yield current
            else:
                current[1].append(line)


def main():
    arguments = sys.argv[1:]
    wanted = None
    if arguments[:1] == ["--json"]:
        wanted, arguments = int(arguments[1]), arguments[2:]
    path = arguments[0] if arguments else os.path.join(os.path.dirname(os.path.abspath(__file__)), "histories.txt")
    failed = number = 0
    for title, lines in list(read_histories(path)):
        if wanted is not None and int(title.split()[1]) != wanted:
            continue
        history = History(title)
        for line in lines:
            history.run(line)
        number += 1
        if wanted is not None:
            print("\n".join(json.dumps(step) for step in history.steps))
        elif history.faults:
            failed += 1
            print(title, *history.faults, sep="\n")
    if wanted is None:
        print(f"{number} histories, {failed} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
