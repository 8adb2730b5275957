"""The rules of DESIGN 3.3: which answers are a case, what is due, in which order, by whom.

Everything is computed anew from the world at a moment.  Sentences in quotation marks are the rules.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta

from clock import add_months, days, hours, hours_between
from world import HOLDING_REASONS, Answer

CLOCKS = ("acknowledge", "contact", "promise", "resolve", "inform")
MANY_ANSWERS = 1000


@dataclass
class View:
    """A case as it is seen at a moment."""
    case_id: str
    respondent: str
    topic: str | None
    opening: Answer
    opened_at: object
    record: object = None                          # what was recorded of it, if anything
    answers: list = field(default_factory=list)    # its answers to be followed up, in order
    newest_of_person: Answer = None
    gone: bool = False                             # its opening answer was deleted
    ended: str | None = None                       # expired, answered better, taken over
    ended_at: object = None
    taken_by: object = None                        # the view of the recorded case that took it over
    better: bool = False                           # severe, and answered better since
    better_answers: list = field(default_factory=list)

    @property
    def newest(self):
        return self.answers[-1]

    @property
    def contacts(self):
        return self.record.contacts if self.record else []

    @property
    def finished(self):
        return bool(self.record and self.record.finished_at)

    @property
    def worked_on(self):
        return bool(self.record and self.record.worked_on)

    @property
    def over_at(self):
        return self.record.finished_at if self.finished else self.ended_at


class Rules:
    def __init__(self, world, now):
        self.world, self.now = world, now
        self.settings, self.calendar = world.settings, world.calendar()
        self.loop_since = self.calendar.instant(self.settings["loop_since"])
        self.holds = self.find_holds()
        self.groups = self.find_groups()
        self.views = [view for group in sorted(self.groups, key=str) for view in self.fold(group)]
        self.by_id = {view.case_id: view for view in self.views}

    # -- rules 1 and 2: when an answer counts, and which answers are followed up ---------------------------------------

    def known_at(self, answer):
        """When the answer could be known: when it was given, or when its row arrived."""
        given = answer.given
        if given is None:
            return None
        if answer.given_day:
            given = self.calendar.end_of_day(answer.given_day)    # "A date opens at the end of its day."
        return max(given, answer.received_at) if answer.received_at else given

    def opens_at(self, answer):
        """1. "A case opens, and is counted, at the latest of responded_at, received_at and loop_since." """
        known = self.known_at(answer)
        return max(known, self.loop_since) if known else None

    def is_followed_up(self, answer):
        """2. "The playbook says per score whether an answer is to be followed up"; one that asks for contact always is.
        3. "Bad answers of the window before loop_since open on that day"; older ones are history."""
        if answer.given and answer.given < self.loop_since - days(self.world.setting("follow_up_days", self.loop_since)):
            return False
        return answer.wants_contact or bool(self.world.rule(answer.score, answer.given)["follow_up"])

    def due_times_by_rule(self, answer):
        """2. The hours in force when the answer was given; those of wants_contact where they are fewer."""
        rule, start = self.world.rule(answer.score, answer.given), self.opens_at(answer)
        contact = rule["contact_hours"] if rule["follow_up"] else None
        if answer.wants_contact:
            wanted = self.settings["wants_contact_hours"]
            contact = wanted if contact is None else min(contact, wanted)
        followed = rule["follow_up"]
        return {"acknowledge": self.calendar.add(start, rule["acknowledge_hours"]) if followed else None,
                "contact": self.calendar.add(start, contact),
                "resolve": self.calendar.add(start, rule["resolve_hours"]) if followed else None}

    def due_of(self, view, answer):
        """6. "What is stored is never derived again"; a corrected score can make it earlier, so that late stays late."""
        stored, due = view.record.answers.get(answer.response_id, (None, None)) if view.record else (None, None)
        if stored and (stored.score == answer.score or answer is view.opening):
            return due
        return self.due_times(answer, due)

    def due_times(self, answer, before=None):
        """By the rules; and no later than before."""
        found = self.due_times_by_rule(answer)
        return {clock: min([t for t in (due, (before or found)[clock]) if t], default=None) for clock, due in found.items()}

    def severity(self, answer):
        """Greater is worse."""
        return -answer.score

    # -- rule 7: who is held ---------------------------------------------------------------------------------------------

    def find_holds(self):
        """7. "opted_out and not_a_customer hold for the person until reopened or until an answer asks for contact." """
        holds = {}
        for case in self.world.cases.values():
            if case.status == "dismissed" and case.dismiss_reason in HOLDING_REASONS:
                respondent = self.respondent_of(case)
                asked = [a.given for a in self.world.answers.values()
                         if a.respondent == respondent and a.score is not None and a.wants_contact and a.given
                         and a.given > case.finished_at]
                holds.setdefault(respondent, []).append((case.finished_at, min(asked) if asked else None))
        return holds

    def is_held(self, respondent, answer):
        return not answer.wants_contact and answer.given is not None and any(
            since < answer.given and (until is None or answer.given < until)
            for since, until in self.holds.get(respondent, []))

    def whose(self, case):
        """The respondent and topic of a case: those of its opening answer, else as they were stored."""
        answer = self.world.answers.get(case.case_id)
        if answer and answer.respondent is not None:
            return answer.respondent, answer.topic
        return case.respondent, case.topic

    def respondent_of(self, case):
        return self.whose(case)[0]

    # -- rules 3 and 4: the case fold --------------------------------------------------------------------------------------

    def find_groups(self):
        """2. "Cases are per respondent and topic."  NULL respondents have none; "a respondent with more than 1,000 valid
        answers is not one person"."""
        groups, number = {}, {}
        for answer in self.world.answers.values():
            if answer.score is not None and answer.respondent is not None:
                number[answer.respondent] = number.get(answer.respondent, 0) + 1
                groups.setdefault((answer.respondent, answer.topic), [[], []])[0].append(answer)
        for case in self.world.cases.values():
            groups.setdefault(self.whose(case), [[], []])[1].append(case)
        return {key: group for key, group in groups.items() if number.get(key[0], 0) <= MANY_ANSWERS}

    def fold(self, key):
        """3. A case "takes in the bad answers of follow_up_days after it"; recorded ones keep theirs."""
        answers, records = self.groups[key]
        recorded = {case.case_id: case for case in records}
        present = {answer.response_id: answer for answer in answers}
        # 6, 14. Answers that were stored and are deleted, or no longer count, stand where they stood.
        stored = {response_id: (answer, case) for case in records for response_id, (answer, _) in case.answers.items()
                  if response_id not in present and response_id not in self.world.answers or response_id == case.case_id}
        rows = {**{i: answer for i, (answer, _) in stored.items() if i not in present}, **present}
        views, current, waiting = [], None, {}
        newest = max((a for a in self.world.answers.values() if a.respondent == key[0] and a.score is not None),
                     key=lambda a: a.key, default=None)
        for answer in sorted(rows.values(), key=lambda a: a.key):
            known, response_id = self.opens_at(answer), answer.response_id
            if response_id in recorded:
                current = self.open_recorded(views, current, recorded[response_id], answer, key, newest)
                current.answers = waiting.pop(response_id, []) + current.answers
            elif (owner := self.storing(records, answer)) or self.is_followed_up(answer):
                if owner:
                    view = next((v for v in views if v.record is owner), None)
                    if view:
                        self.take(view, answer)
                    else:
                        waiting.setdefault(owner.case_id, []).append(answer)
                    continue
                if self.is_held(key[0], answer):
                    continue
                if current and self.takes(current, answer, known):
                    self.take(current, answer)
                else:
                    if current and not current.finished and not current.ended and not self.keeps(current):
                        self.expire(current, known)
                    current = View(response_id, key[0], key[1], answer, known, answers=[answer], newest_of_person=newest)
                    views.append(current)
            else:
                for view in views:
                    self.answer_better(view, answer, known)
        for view in views:
            view.answers.sort(key=lambda a: a.key)
            self.finish_fold(view)
        return views

    @staticmethod
    def storing(records, answer):
        """The recorded case that an answer was stored with: it stays with that, unless its score was corrected."""
        return next((case for case in records if answer.response_id in case.answers
                     and case.answers[answer.response_id][0].score == answer.score), None)

    def open_recorded(self, views, current, record, answer, key, newest):
        view = View(record.case_id, key[0], key[1], answer, record.facts["opened_at"], record, [answer], newest,
                    gone=record.case_id not in self.world.answers)
        opens = self.opens_at(answer)
        if current and not current.ended and not current.finished and not self.keeps(current):
            if not self.within(current, opens):
                self.expire(current, opens)
            elif current.record is None:
                # 3. "A bad answer that arrives late joins the recorded case whose span it falls in (up to follow_up_days
                # before it, too)"; "A recorded case that opens within an untouched one takes it over."
                late = [a for a in current.answers if self.joins_before(view, a)]
                rest = [a for a in current.answers if a not in late]
                if rest:
                    current.answers, current.opening, current.case_id = rest, rest[0], rest[0].response_id
                    current.opened_at = self.opens_at(rest[0])
                else:
                    views.remove(current)
                view.answers = late + view.answers
            elif not current.worked_on and (current.opened_at is None or opens >= current.opened_at):
                self.end(current, "taken over", opens)
                current.taken_by = view
                view.answers = current.answers + view.answers
        views.append(view)
        if record.facts.get("ended") and not record.worked_on:
            view.ended, view.ended_at = record.facts["ended"], record.facts["ended_at"]
        return view

    def joins_before(self, view, answer):
        """5. "After a finished case a bad answer opens a new one, whenever its row arrives."  So does one that could be
        known only after a case without contact was over."""
        if view.finished:
            return self.shown_at_finish(view.record, answer)
        ended_at = view.record.facts.get("ended_at")
        if ended_at and not view.worked_on:
            return self.opens_at(answer) is None or self.opens_at(answer) < ended_at
        return self.keeps(view) or self.opens_at(answer) is None or self.within(view, self.opens_at(answer))

    def shown_at_finish(self, record, answer):
        return (answer.key <= record.finish_shown
                and (answer.received_at is None or answer.received_at <= record.finish_known))

    def window(self, view):
        return days(self.world.setting("follow_up_days", view.opening.given))

    def within(self, view, moment):
        """The first span: half-open, so that an answer at its very end opens a case of its own."""
        if view.opened_at is None or moment is None:
            return moment is None
        return moment < self.span_start(view) + self.window(view)

    def span_start(self, view):
        reopened = view.record.reopened_at if view.record else None
        return max(view.opened_at, reopened) if reopened else view.opened_at

    def keeps(self, view):
        """What does not expire: a case with contact, and one in which a promise is open."""
        return bool(view.contacts) or any(c.promise for c in self.open_concerns(view.case_id))

    def takes(self, view, answer, known):
        if view.finished:
            return self.shown_at_finish(view.record, answer)
        if view.ended:
            return False
        if self.keeps(view):
            return True
        return self.within(view, known)

    def take(self, view, answer):
        """A case opens with the answer of it that could be known first: one that arrives late changes no clock."""
        view.answers.append(answer)
        view.answers.sort(key=lambda a: a.key)
        view.better = False
        if view.ended == "answered better" and view.record and "ended" not in view.record.facts:
            view.ended = view.ended_at = None      # a better answer that arrived late, and an answer stored before
        if view.taken_by:
            self.take(view.taken_by, answer)
        if view.record is None:
            first = min(view.answers, key=lambda a: (self.opens_at(a) is not None, self.opens_at(a) or 0, a.key))
            view.opening, view.case_id, view.opened_at = first, first.response_id, self.opens_at(first)

    def end(self, view, how, moment):
        view.ended, view.ended_at = how, moment

    def answer_better(self, view, answer, known):
        """4. "An answer that is not to be followed up ends a case that nobody worked on, unless its rule is personal: then
        it stays, in order 3."  2. An answer that asks for contact: "no better answer ends that"."""
        if view.finished or view.ended or view.contacts or any(a.wants_contact for a in view.answers):
            return
        if self.expired_at(view) and known and known >= self.expired_at(view):
            return
        if self.is_personal(view) or view.record and answer.response_id in view.record.facts.get("stays_after", ()):
            view.better = True
            view.better_answers.append(answer.response_id)
        elif not view.worked_on and not view.gone:
            later = [t for t in (known, self.opens_at(view.newest)) if t]
            self.end(view, "answered better", max(later) if later else None)

    def expired_at(self, view):
        """3. "Without contact it ends, expired, follow_up_days after the newest of them." """
        if view.opened_at is None or self.keeps(view):
            return None
        moments = [self.opens_at(a) for a in view.answers if self.opens_at(a)] + [self.span_start(view)]
        return max(moments) + self.window(view)

    def expire(self, view, moment):
        """3. "A bad answer after the first span ends it": if that is before it would have expired."""
        self.end(view, "expired", min([t for t in (moment, self.expired_at(view)) if t], default=None))

    def finish_fold(self, view):
        if view.finished or view.ended:
            return
        expired_at = self.expired_at(view)
        if expired_at and self.now >= expired_at:
            self.end(view, "expired", expired_at)

    # -- rule 5: contact covers, and what it does not cover renews ---------------------------------------------------------

    @staticmethod
    def covers(contact, answer):
        """5. "Contact covers the answers given until then and shown when it was recorded." """
        return ((answer.given is None or answer.given <= contact.at) and answer.key <= contact.shown
                and (answer.received_at is None or answer.received_at <= contact.at))

    def judged(self, view):
        """The answers that the first contact covered, and those that none covers.  Without contact all are uncovered."""
        contacts, answers = [c for c in view.contacts if not c.is_corrected], view.answers
        if view.finished:
            # What joins a finished case, because it arrived late, renews nothing.
            answers = [a for a in answers if a.response_id in view.record.answers
                       and a.response_id not in view.record.joined_late]
        if not contacts:
            return [], list(answers)
        first = [a for a in answers if self.covers(contacts[0], a)]
        covered, remaining = list(first), [a for a in answers if a not in first]
        for before, contact in zip(contacts, contacts[1:]):
            remaining = self.news(before, covered, remaining)
            covered += [a for a in remaining if self.covers(contact, a)]
            remaining = [a for a in remaining if a not in covered]
        return first, self.news(contacts[-1], covered, remaining)

    def news(self, contact, covered, remaining):
        """5. "Within renew_after_days of contact only a worse answer renews." """
        kept = []
        for answer in remaining:
            soon = (answer.given and contact.at < answer.given
                    and answer.given < contact.at + days(self.world.setting("renew_after_days", contact.at)))
            worse = not covered or self.severity(answer) > self.severity(max(covered, key=lambda a: a.key))
            if soon and not worse and not answer.wants_contact:
                covered.append(answer)
            else:
                kept.append(answer)
        return kept

    def uncovered(self, view):
        return self.judged(view)[1]

    def is_renewed(self, view):
        return not view.finished and self.was_renewed(view)

    def was_renewed(self, view):
        """Giving up or dismissing the case is no contact: the call that was due was not made."""
        return bool(view.contacts and self.uncovered(view))

    def severe_answer(self, view):
        """Whom contact is about: the worst answer that nobody talked about yet, else the newest."""
        return max(self.uncovered(view), key=lambda a: (self.severity(a), a.key), default=view.newest)

    def is_personal(self, view):
        return bool(self.world.rule(self.severe_answer(view).score, self.severe_answer(view).given)["personal"])

    # -- clocks ----------------------------------------------------------------------------------------------------------------

    def earliest_due(self, view, answers):
        return min([t for t in (self.due_of(view, a)["contact"] for a in answers) if t], default=None)

    def first_contact_due(self, view):
        """6. What it was when contact was made is a fact: no answer that arrives later changes whether that was in time."""
        return view.contacts[0].due if view.contacts else self.first_due_by_answers(view)

    def first_due_by_answers(self, view):
        """The opening answer's; a later answer of the case may bring it forward, and never puts it off.  One given before
        the opening answer, which arrived after the case was recorded, changes nothing."""
        first, uncovered = self.judged(view)
        counting = [a for a in view.answers if not view.record or a.key >= view.opening.key
                    or a.response_id in view.record.facts["known"]]
        answers = [a for a in counting if a in (first if view.contacts else uncovered)]
        if view.contacts and not answers:
            # a call about such answers alone: the case had its deadline when that was recorded
            answers = [a for a in counting if a.key <= view.contacts[0].shown]
        if view.record and view.record.contact_again:
            base = view.record.contact_again
            later = self.earliest_due(view, [a for a in answers if a.key > (view.record.finish_shown or a.key)])
            return min(t for t in (base, later) if t)
        return self.earliest_due(view, answers)

    def contact_due(self, view):
        """5. Renewed: "contact is due from that answer with its own clock"."""
        return self.earliest_due(view, self.uncovered(view)) if self.was_renewed(view) else self.first_contact_due(view)

    def resolve_due(self, view):
        """8. "Waiting for the customer pauses the resolve clock only"; reopening "adds a resolve deadline"."""
        if view.record and (view.record.resolve_again or view.record.has_no_resolve):
            return view.record.resolve_again
        return self.due_of(view, view.opening)["resolve"]

    def is_waiting(self, view):
        return bool(view.record and view.record.waits and view.record.waits[-1][1] is None
                    and not self.is_renewed(view))

    def open_concerns(self, case_id):
        return [c for c in self.world.concerns.values() if c.case_id == case_id and c.is_open]

    def promise_due(self, concern):
        """A promise for a day is kept until the end of that day."""
        return self.calendar.end_of_day(concern.promised_for) if concern.promise and concern.promised_for else None

    def promise_broken(self, concern, moment=None):
        """A promise past its date was broken, whatever happens later."""
        due = self.promise_due(concern)
        kept = concern.delivered_at or concern.declined_at
        return bool(concern.broken or due and (kept or moment or self.now) > due)

    def is_working(self, view):
        return not view.finished and not view.ended

    def running(self, view):
        """10. The clocks that run: acknowledge, contact, promise, resolve, inform."""
        if not self.is_working(view):
            return []
        record, status = view.record, view.record.status if view.record else "new"
        found = []
        if not view.contacts and not (record and record.acknowledged_at):
            found.append((self.due_of(view, view.opening)["acknowledge"], "acknowledge"))
        if not view.contacts or self.is_renewed(view):
            found.append((self.contact_due(view), "contact"))
        for concern in self.open_concerns(view.case_id):
            found.append((self.promise_due(concern), "promise"))
        if status in ("new", "contacted") and not self.is_waiting(view):
            found.append((self.resolve_due(view), "resolve"))
        if status == "resolved" and record.informed_at is None:
            found.append((record.inform_due, "inform"))
        return sorted(((due, CLOCKS.index(name)) for due, name in found if due))

    # -- rule 7: who left --------------------------------------------------------------------------------------------------------

    def source_row(self, view):
        """What the source says of the customer: on the newest answer of the case that is still there."""
        there = [a for a in view.answers if a.response_id in self.world.answers]
        return there[-1] if there else view.newest_of_person or view.newest

    def churn_day(self, view):
        return self.source_row(view).churned_at

    def has_left(self, view):
        """7. "Gone is a churned_at between the newest answer and now." """
        churned = self.churn_day(view)
        if churned is None:
            return False
        moment, newest = self.calendar.instant(churned), view.newest_of_person or view.newest
        return moment <= self.now and (newest.given is None or newest.given <= moment)

    def is_contactable(self, view):
        return bool(self.source_row(view).contactable)

    def on_list(self, view):
        """7. A case that nobody worked on leaves the list when its customer unsubscribes or leaves.
        14. "It leaves the list only if the respondent has no answer left." """
        if not self.is_working(view) or not self.has_answers(view.respondent):
            return False
        held = any(until is None for _, until in self.holds.get(view.respondent, [])) and not any(
            a.wants_contact for a in view.answers)
        return view.worked_on or not (held or self.has_left(view) or not self.is_contactable(view))

    def has_answers(self, respondent):
        return any(a.respondent == respondent and a.score is not None for a in self.world.answers.values())

    # -- rule 9: who does it ---------------------------------------------------------------------------------------------------------

    def suggested_cause(self, view):
        """13. "Suggestions read all comments of the case."  The first cause, in order of names, of which a word is there."""
        text = " ".join(a.comment or "" for a in view.answers).lower()
        for name in sorted(self.world.causes):
            for word in (self.world.causes[name]["words"] or "").split():
                if re.search(rf"\b{re.escape(word)}\b", text):
                    return name
        return None

    def cause_for_rules(self, view):
        """13. "A person's cause beats a suggestion." """
        return view.record.cause if view.record and view.record.cause else self.suggested_cause(view)

    def rule_of(self, view):
        answer = self.severe_answer(view)
        return self.world.rule(answer.score, answer.given)

    def member_of(self, team, key):
        """9. "People of a team by rendezvous hashing, passing over who is inactive or away." """
        today = self.calendar.day(self.now)
        def there(member):
            return member["active"] and not (member["away_until"] and (member["away_from"] or today) <= today
                                             <= member["away_until"])
        names = [name for (t, name), member in self.world.members.items() if t == team and there(member)]
        return max(names, key=lambda name: hashlib.md5(f"{key}\x1f{name}".encode()).hexdigest(), default=None)

    def responsible(self, view):
        """9. "Whoever it was assigned to, else the owner in the source, else of the cause's team, else of the playbook,
        else the fallback."  Gives the person and the team."""
        record, row = view.record, self.source_row(view)
        rule, key = self.rule_of(view), row.account or view.respondent
        cause = self.world.causes.get(self.cause_for_rules(view))
        cause_team = cause["team"] if cause else None
        recorded_team = record.team if record else None
        team = recorded_team or cause_team or rule["team"]
        person = ((record.assigned_to if record else None)
                  or (self.member_of(recorded_team, key) if recorded_team else None)
                  or row.owner
                  or (self.member_of(cause_team, key) if cause_team else None)
                  or rule["owner"]
                  or (self.member_of(rule["team"], key) if rule["team"] else None)
                  or self.settings["fallback_owner"])
        return person, team

    def responsible_in_figures(self, view):
        """9. "Figures use the person and team that were responsible when the deadline passed or the case was worked on;
        open work follows the current rule." """
        facts = view.record.facts if view.record else {}
        due = self.first_contact_due(view)
        if facts.get("frozen") or "responsible" in facts and due and self.now > due:
            return facts["responsible"], facts["team"]
        return self.responsible(view)

    # -- judgements -------------------------------------------------------------------------------------------------------------------

    def horizon(self, view):
        """Until when a step could be done in time: the end of the case, or now; of one that was taken over, the contact
        in the other."""
        if view.taken_by:
            contacts = view.taken_by.contacts
            return contacts[0].at if contacts else self.horizon(view.taken_by)
        return view.over_at or self.now

    def could_be_contacted(self, view, due):
        """7. "As missed if contact was due already": not of somebody who had unsubscribed or left before."""
        opened, facts = view.opened_at, view.record.facts if view.record else None
        churned = facts["churned_at"] if facts else self.churn_day(view)
        left = churned and opened <= self.calendar.end_of_day(churned) and self.calendar.instant(churned) <= due
        if facts:
            since = facts.get("uncontactable_since")
            return facts["contactable"] and not left and not (since and since <= due)
        return self.is_contactable(view) and not left

    def is_missed(self, view):
        due = self.first_contact_due(view)
        return bool(not view.contacts and due and self.horizon(view) > due and self.could_be_contacted(view, due))

    def backdated(self, contact):
        """"Backdated (entered more than 24 h after it happened; not in time)." """
        return contact.recorded_at - contact.at > hours(self.settings["backdated_hours"])

    def contacted_late(self, view):
        due = self.first_contact_due(view)
        if due is None:
            return None
        return view.contacts[0].at > due if view.contacts else self.is_missed(view)

    def judge(self, view, first, due):
        """Whether a later step is late: as it was first done, or not done by now or by the end."""
        if first:
            return first["due"] is not None and first["at"] > first["due"]
        return None if due is None else self.horizon(view) > due

    # -- rules 10 to 12: the list --------------------------------------------------------------------------------------------------------

    def is_snoozed(self, view):
        """5. A renewal ends a snooze.  10. Snoozed: "never a renewed or broken one"."""
        until = view.record.snoozed_until if view.record else None
        return bool(until and until > self.now and not self.is_renewed(view))

    def broken_now(self, view):
        return any(self.promise_due(c) and self.now > self.promise_due(c) for c in self.open_concerns(view.case_id))

    def is_escalated(self, view):
        """10. "escalate_hours and escalate_to: past that, the case is shown to them too, order 1." """
        running, limit = self.running(view), self.settings["escalate_hours"]
        return bool(limit is not None and running and self.now - running[0][0] >= hours(limit))

    def priority(self, view):
        """10. "1 severe (personal) contact due or late, a broken promise, an escalated case; 2 late; 3 open; 4 snoozed." """
        running = self.running(view)
        late = bool(running and self.now > running[0][0])
        contact_is_due = not view.contacts or self.is_renewed(view)
        if self.broken_now(view):
            return 1
        if self.is_snoozed(view):
            return 4
        if self.is_escalated(view):
            return 1
        if view.better:
            return 3
        if contact_is_due and self.is_personal(view):
            return 1
        return 2 if late else 3

    def due_word(self, due):
        if due is None:
            return None
        if self.now > due:
            return "late"
        last = self.last_moment(due)
        if self.calendar.day(last) == self.calendar.day(self.now):
            return "today"
        return "this week" if self.calendar.period(last, "week") == self.calendar.period(self.now, "week") else "later"

    @staticmethod
    def last_moment(due):
        """What is due at midnight is due on the day that ends then."""
        return due - timedelta(microseconds=1)

    def was_asked(self, respondent):
        """12. "Programs ask for the reason once per person." """
        return any(c.asked_at and self.respondent_of(c) == respondent for c in self.world.cases.values())

    def program_may_ask(self, view):
        """12. "Only if no answer of the case has a comment, few tickets are open and the rule is not personal." """
        return (not view.gone and not view.contacts and not self.was_asked(view.respondent)
                and not any(a.has_comment or a.wants_contact for a in view.answers) and not self.is_personal(view)
                and self.source_row(view).open_tickets < self.settings["many_tickets"])

    def next_step(self, view):
        if not self.is_working(view):
            return None
        record, status = view.record, view.record.status if view.record else "new"
        if not view.contacts or self.is_renewed(view):
            return "ask for the reason" if self.program_may_ask(view) else "contact"
        if status == "resolved":
            return "close" if record.informed_at else "inform"
        if any(c.promise for c in self.open_concerns(view.case_id)):
            return "deliver what was promised"
        if self.open_concerns(view.case_id):
            return "answer the concern"
        return "resolve" if record.cause else "establish the cause"

    def steps(self, view):
        """11. "compensate where a promise was broken (a concern past its date, or the cause says so)."  Somebody with a good score who
        asks for contact is not asked for a review."""
        rule = self.rule_of(view)
        would_follow = self.world.rule(self.severe_answer(view).score, None)["follow_up"]    # as it is now
        if not would_follow and any(a.wants_contact for a in view.answers) and self.settings["wants_contact_steps"]:
            return self.settings["wants_contact_steps"]
        cause = self.world.causes.get(self.cause_for_rules(view))
        broken = bool(cause and cause["broken_promise"]) or any(
            self.promise_broken(c) for c in self.world.concerns.values() if c.case_id == view.case_id)
        listed = [step.strip() for step in (rule["steps"] or "").split(",")]
        return ", ".join(step for step in listed if step and (broken or step != "compensate"))

    def save_by(self, view):
        """"The earlier of answer + 90 days and the renewal date"; 7. of notice, that date."""
        row, newest = self.source_row(view), view.newest
        if row.churned_at and self.calendar.instant(row.churned_at) > self.now:
            return row.churned_at
        if newest.given is None:
            return None
        last = self.calendar.day(newest.given + days(self.settings["churn_days"]))
        renewal = row.renewal_at
        return min(last, renewal) if renewal and renewal >= self.calendar.day(newest.given) else last

    def sort_key(self, view):
        """10. "Then severity, the day due, revenue, the time due." """
        running = self.running(view)
        due, revenue = running[0][0] if running else None, self.source_row(view).revenue
        return (self.priority(view), -self.severity(self.severe_answer(view)),
                due is None, self.calendar.day(self.last_moment(due)).toordinal() if due else 0,
                revenue is None, -(revenue or 0), due.timestamp() if due else 0, view.case_id)

    def row(self, view):
        """One row of followup_all."""
        record, rule, source = view.record, self.rule_of(view), self.source_row(view)
        renewed, running, listed = self.is_renewed(view), self.running(view), self.on_list(view)
        due = running[0][0] if running else None
        responsible, team = (self.responsible if self.is_working(view) else self.responsible_in_figures)(view)
        first = view.contacts[0] if view.contacts else None
        last = view.contacts[-1] if view.contacts else None
        concerns = self.open_concerns(view.case_id)
        promises = [self.promise_due(c) for c in concerns if self.promise_due(c)]
        lease = self.world.leases.get(view.case_id)
        finished_day = self.calendar.day(record.finished_at) if view.finished else None
        return {
            "case_id": view.case_id, "respondent": view.respondent, "topic": view.topic,
            "response_id": (max((a for a in view.answers if a.response_id in self.world.answers),
                                key=lambda a: a.key, default=view.newest)).response_id,
            "score": view.newest.score, "opened_at": view.opened_at,
            "status": "renewed" if renewed else record.status if record else "new", "renewed": self.was_renewed(view),
            "ended": view.ended, "gone": view.gone, "on_list": listed,
            "priority": self.priority(view) if listed else None, "next_due": due,
            "clock": CLOCKS[running[0][1]] if running else None, "due": self.due_word(due),
            "late": bool(due and self.now > due), "overdue_hours": hours_between(due, self.now) if due and self.now > due else None,
            "next_step": self.next_step(view), "steps": self.steps(view), "channel_advised": rule["channel"],
            "worst_score": self.severe_answer(view).score, "verdict": rule["verdict"],
            "inform_manager": rule["inform_manager"], "cancel_risk": rule["cancel_risk"],
            "save_by": self.save_by(view), "responsible": responsible, "responsible_team": team,
            "escalated_to": self.settings["escalate_to"] if listed and self.is_escalated(view) else None,
            "acknowledge_due": self.due_of(view, view.opening)["acknowledge"], "contact_due": self.contact_due(view),
            "resolve_due": self.resolve_due(view), "inform_due": record.inform_due if record else None,
            "acknowledged_late": self.acknowledged_late(view), "contacted_late": self.contacted_late(view),
            "resolved_late": self.resolved_late(view),
            "informed_late": self.judge(view, record.first_informed, record.inform_due) if record else None,
            "contact_hours": max(0.0, hours_between(view.opened_at, first.at)) if first and view.opened_at else None,
            "contact_backdated": self.backdated(first) if first else None, "missed": self.is_missed(view),
            "first_contacted_at": first.at if first else None, "contacted_at": last.at if last else None,
            "first_resolved_at": record.first_resolved["at"] if record and record.first_resolved else None,
            "open_concerns": len(concerns), "next_promise_due": min(promises, default=None),
            "promise_broken": any(self.promise_broken(c) for c in self.world.concerns.values() if c.case_id == view.case_id),
            "cause_suggested": self.suggested_cause(view),
            "snoozed_until": record.snoozed_until if record and not renewed else None,
            "resurvey_due": add_months(finished_day, self.settings["resurvey_months"]) if finished_day else None,
            "leased_to": lease[0] if lease and lease[1] > self.now else None,
            "account": source.account, "version": record.version if record else 0,
            **{name: getattr(record, name) if record else None for name in
               ("assigned_to", "team", "channel", "cause", "plan", "desired_outcome", "dismiss_reason", "acknowledged_at",
                "asked_at", "resolved_at", "informed_at", "closed_at", "last_note")},
        }

    def acknowledged_late(self, view):
        due = self.due_of(view, view.opening)["acknowledge"]
        first = view.record.first_acknowledged if view.record else None
        done = [t for t in (first["at"] if first else None,
                            view.contacts[0].at if view.contacts else None) if t]
        return None if due is None else min(done, default=self.horizon(view)) > due

    def resolved_late(self, view):
        record = view.record
        if record and record.first_resolved:
            return self.judge(view, record.first_resolved, None)
        return False if self.is_waiting(view) else self.judge(view, None, self.resolve_due(view))

    def followup(self):
        return sorted((v for v in self.views if self.on_list(v)), key=self.sort_key)

    def find(self, response_id):
        """3. "WHERE case_id = any answer of a case finds it." """
        if response_id in self.by_id:
            return self.by_id[response_id]
        return next((v for v in self.views if any(a.response_id == response_id for a in v.answers)), None)

    def newer_case(self, view):
        return any(v is not view and (v.respondent, v.topic) == (view.respondent, view.topic)
                   and v.opening.key > view.opening.key for v in self.views)
