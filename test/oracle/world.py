"""What there is: the source's rows, the rules that a team set, and what people recorded.  No rule is applied here."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone

from clock import Calendar

# Scale: lowest and highest score, highest of the detractors, lowest of the promoters, whether only whole scores count.
SCALES = {"nps": (0, 10, 6, 9, True), "csat5": (1, 5, 2, 4, True), "csat7": (1, 7, 3, 5, True),
          "ces5": (1, 5, 2, 4, True), "ces7": (1, 7, 3, 5, True), "health": (0, 100, 34.999999, 70, False)}

# Columns of a rule that are dated; all else in it is current at once.
DATED = ("follow_up", "acknowledge_hours", "contact_hours", "resolve_hours")
DATED_SETTINGS = ("follow_up_days", "renew_after_days")

PLAYBOOK = [
    (0, 0, "really bad", "cancels immediately; dissuades others", True, "phone or in person", 24,
     "apologise, contact, listen, apologise, compensate, explain prevention, thank, turn it positive"),
    (1, 1, "bad", "very disappointed, expectations missed by far", True, "phone", 24,
     "apologise, contact, listen, compensate, explain prevention, thank"),
    (2, 2, "bad", "quite dissatisfied, may dissuade others", True, "phone", 24,
     "contact, apologise, listen, compensate, explain prevention, thank"),
    (3, 3, "bad", "partially satisfied", False, "phone", 48,
     "apologise, contact, listen, compensate, explain prevention, thank"),
    (4, 4, "bad", "still open, may choose another provider if nothing improves", False, "phone", 48,
     "contact, listen, apologise, compensate, explain prevention, thank"),
    (5, 5, "quite bad", "slightly negative, may leave without improvement", False, "phone", 48,
     "contact, listen, explain prevention, thank"),
    (6, 6, "not good, not all bad", "near miss", False, "e-mail", 48,
     "e-mail, ask what would raise the score, explain planned actions, thank"),
    (7, 8, "passive", None, False, "e-mail", None, "thank, ask what would make it a 9 or 10"),
    (9, 10, "promoter", None, False, "e-mail", None, "thank, ask for a review or a referral"),
]

SETTINGS = {
    "scale": "nps", "time_zone": "Europe/Berlin", "loop_since": date(2026, 1, 1), "follow_up_days": 90,
    "attempts": 3, "many_tickets": 5, "inform_hours": 48, "wants_contact_hours": 48, "wants_contact_steps": "contact, listen, answer what was asked, thank", "renew_after_days": 0,
    "recovery_days": 180, "undo_hours": 24, "resurvey_months": 2, "longest_promise_months": 6, "snooze_days": 30,
    "backdated_hours": 24, "lease_minutes": 10, "churn_days": 90, "fallback_owner": None, "escalate_hours": None,
    "escalate_to": None, "work_days": None, "work_from": None, "work_until": None,
}

CAUSES = ("service experience", "product or service quality", "expectations not met", "could not get help",
          "delivery or a broken promise", "price", "missing feature", "other", "unknown")
REASONS = ("duplicate", "opted_out", "not_a_customer", "test answer")
HOLDING_REASONS = ("opted_out", "not_a_customer")


class Refused(Exception):
    """A step that may not be recorded: the class of its SQLSTATE, and why."""

    def __init__(self, sqlstate_class, why):
        super().__init__(f"{sqlstate_class}: {why}")
        self.sqlstate_class = sqlstate_class


@dataclass
class Answer:
    response_id: str
    respondent: str | None = None
    score: float | None = None          # NULL where the row holds no valid score
    given: datetime | None = None       # responded_at; of a date, its beginning
    given_day: date | None = None       # set where responded_at is a date
    received_at: datetime | None = None
    account: str | None = None
    comment: str | None = None
    topic: str | None = None
    wants_contact: bool = False
    contactable: bool = True
    churned_at: date | None = None
    renewal_at: date | None = None
    revenue: float | None = None
    owner: str | None = None
    open_tickets: int = 0
    segments: dict = field(default_factory=dict)

    @property
    def key(self):
        """The order of answers: by time, those without one first, then by response_id."""
        return (self.given or datetime.min.replace(tzinfo=timezone.utc), self.response_id)

    @property
    def has_comment(self):
        return bool(self.comment and self.comment.strip())


@dataclass
class Contact:
    at: datetime
    recorded_at: datetime
    shown: tuple                        # key of the newest answer that was shown when it was recorded
    channel: str
    actor: str
    due: datetime | None = None         # until when it was due: a fact, as is whether it was about a renewal
    is_again: bool = False
    is_corrected: bool = False          # another time took the place of this one


@dataclass
class Case:
    """What is recorded of a case.  `facts` is what nps_record and every step store, and nothing derives again."""
    case_id: str
    respondent: str
    topic: str | None
    facts: dict
    answers: dict = field(default_factory=dict)   # response_id -> (Answer as it was, its due times)
    joined_late: set = field(default_factory=set) # those of its answers that arrived after it was finished
    status: str = "new"
    assigned_to: str | None = None
    team: str | None = None
    channel: str | None = None
    cause: str | None = None
    cause_at: datetime | None = None
    plan: str | None = None
    desired_outcome: str | None = None
    dismiss_reason: str | None = None
    snoozed_until: datetime | None = None
    snoozes: list = field(default_factory=list)   # [from, until] each
    acknowledged_at: datetime | None = None
    first_acknowledged: dict | None = None        # at, recorded_at: the first judgement stays
    asked_at: datetime | None = None
    attempts: list = field(default_factory=list)
    contacts: list = field(default_factory=list)
    resolved_at: datetime | None = None
    first_resolved: dict | None = None            # at, due, backdated: the first judgement stays
    informed_at: datetime | None = None
    inform_due: datetime | None = None
    first_informed: dict | None = None
    closed_at: datetime | None = None
    finished_at: datetime | None = None
    finish_shown: tuple | None = None             # key of the newest answer shown when it was finished
    finish_known: datetime | None = None
    reopened_at: datetime | None = None
    contact_again: datetime | None = None         # contact is due then: reopened, and not missed before
    resolve_again: datetime | None = None         # a resolve deadline that came later, in the place of the first
    has_no_resolve: bool = False                  # what renewed it has none
    waits: list = field(default_factory=list)     # [from, until or None] each
    last_note: str | None = None
    worked_on: bool = False
    version: int = 0
    steps: list = field(default_factory=list)     # (actor, at, the record before), for undo


@dataclass
class Concern:
    concern_id: str
    case_id: str
    added_at: datetime
    concern: str | None = None
    cause: str | None = None
    answer: str | None = None
    promise: str | None = None
    promised_for: date | None = None
    delivered_at: datetime | None = None
    declined_at: datetime | None = None
    moved: int = 0
    broken: bool = False                          # once broken, for ever
    backdated: bool = False                       # it was entered too late that it was kept

    @property
    def is_open(self):
        return not (self.delivered_at or self.declined_at or (self.answer and not self.promise))


class World:
    def __init__(self):
        self.settings = dict(SETTINGS)
        self.dated = {name: [(None, SETTINGS[name])] for name in DATED_SETTINGS}
        self.playbook = []
        for low, high, verdict, risk, personal, channel, contact, steps in PLAYBOOK:
            bad = contact is not None
            self.playbook.append({
                "score_from": low, "score_to": high, "verdict": verdict, "cancel_risk": risk, "personal": personal,
                "channel": channel, "steps": steps, "inform_manager": bad, "guidance": None, "owner": None, "team": None,
                "dated": [(None, {"follow_up": bad, "acknowledge_hours": None, "contact_hours": contact,
                                  "resolve_hours": 336 if bad else None})]})
        self.answers = {}
        self.cases = {}
        self.concerns = {}
        self.causes = {name: {"cause": name, "words": None, "team": None, "fixed_at": None, "planned_at": None,
                              "remedy": None, "broken_promise": name == "delivery or a broken promise"} for name in CAUSES}
        self.reasons = set(REASONS)
        self.members = {}               # (team, member) -> {"active": ..., "away_from": ..., "away_until": ...}
        self.holidays = set()
        self.told = []                  # (cause, respondent, at, actor)
        self.leases = {}                # case_id -> (program, until)
        self.events = []                # history: dicts with at, happened_at, kind, case_id, respondent, actor, text
        self.stepped = False            # whether anybody recorded a step yet
        self.step_number = 0

    def calendar(self):
        return Calendar(self.settings, self.holidays)

    # -- rules -------------------------------------------------------------------------------------------------------

    def rule_row(self, score):
        for row in self.playbook:
            if row["score_from"] <= score <= row["score_to"]:
                return row
        return None

    def rule(self, score, given):
        """Rule 2: follow-up and hours as they were when the answer was given, all else as it is now."""
        row = self.rule_row(score)
        if row is None:
            return {"follow_up": False, "acknowledge_hours": None, "contact_hours": None, "resolve_hours": None,
                    "personal": False, "owner": None, "team": None, "steps": "", "verdict": None, "cancel_risk": None,
                    "inform_manager": False, "guidance": None, "channel": None}
        return {**row, **in_force(row["dated"], given)}

    def setting(self, name, moment):
        """Rule 3: follow_up_days is dated as the hours are."""
        return in_force(self.dated[name], moment)

    def category(self, score):
        _, _, detractor, promoter, _ = SCALES[self.settings["scale"]]
        return "detractor" if score <= detractor else "promoter" if score >= promoter else "passive"

    def valid_score(self, raw):
        """The score in a value of the source, or NULL."""
        low, high, _, _, whole = SCALES[self.settings["scale"]]
        if raw is None or isinstance(raw, bool):
            return None
        if isinstance(raw, str):
            if not re.fullmatch(r"\s*\d+(\.\d+)?\s*", raw):
                return None
            raw = float(raw)
        if not low <= raw <= high or whole and raw != int(raw):
            return None
        return int(raw) if raw == int(raw) else float(raw)

    # -- edits: each returns nothing and knows nothing of cases --------------------------------------------------------

    def edit_rule(self, now, score, columns):
        """Rule 2: until a survey's first recorded step an edit replaces the rule; later it is in force from then on."""
        row = self.rule_row(score)
        changed = {name: value for name, value in columns.items() if name in DATED}
        row.update({name: value for name, value in columns.items() if name not in DATED})
        if changed:
            new = {**row["dated"][-1][1], **changed}
            row["dated"] = row["dated"] + [(now, new)] if self.stepped else [(None, new)]

    def edit_settings(self, now, columns):
        self.settings.update(columns)
        for name in DATED_SETTINGS:
            if name in columns:
                new = columns[name]
                self.dated[name] = self.dated[name] + [(now, new)] if self.stepped else [(None, new)]

    def add_event(self, now, kind, actor=None, case_id=None, respondent=None, happened_at=None, text=None):
        self.events.append({"number": len(self.events), "at": now, "happened_at": happened_at or now, "kind": kind,
                            "actor": actor, "case_id": case_id, "respondent": respondent, "text": text})


def in_force(dated, given):
    """The value in force at a time: the last that began before; of an answer without a time, the last of all."""
    value = dated[0][1]
    for since, later in dated[1:]:
        if given is None or since < given:
            value = later
    return value


def parse_time(text):
    return time.fromisoformat(text) if text and text != "24:00" else None
