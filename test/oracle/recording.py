"""What people and programs record: steps, concerns, undo, leases, and the storing of facts.

A step that may not be done raises Refused with the class of its SQLSTATE and changes nothing.
"""

import copy
from datetime import timedelta

import reports
from clock import add_months, days, hours
from rules import Rules
from world import Case, Concern, Contact, Refused

STATUSES = ("new", "contacted", "resolved", "closed", "unreachable", "dismissed", "reopened", "renewed")
TIMES = ("acknowledged_at", "asked_at", "attempted_at", "contacted_at", "resolved_at", "informed_at", "closed_at")
TEXTS = ("assigned_to", "team", "channel", "cause", "plan", "desired_outcome", "note")
SETTABLE = ("status", "dismiss_reason", "snoozed_until", "waiting_since", "version") + TIMES + TEXTS
# 4. "Worked on means that a person recorded an attempt, contact, cause, plan, note or concern; assigning, snoozing, leases
# and programs are not."  What comes after contact is work, too.
WORK = ("status", "attempted_at", "contacted_at", "resolved_at", "informed_at", "closed_at", "cause", "plan", "note",
        "desired_outcome", "waiting_since")
ENDS_LEASE = ("status", "acknowledged_at", "asked_at", "attempts", "contacts", "resolved_at", "informed_at", "closed_at", "waits",
              "reopened_at")


# -- rule 6: facts ----------------------------------------------------------------------------------------------------------

def nps_record(world, now):
    """6. "Stores for every case that is open or whose deadline passed: opening score, due times, responsible person and
    team, contactable.  It is no work on the case." """
    follow_customers(world)
    rules = Rules(world, now)
    for view in rules.views:
        due = rules.first_contact_due(view)
        if rules.is_working(view) or view.record or due and now > due:
            store(world, rules, view)


def follow_customers(world):
    """A case whose opening answer is gone goes where the other answers of its customer went, once nobody has that name."""
    there = {answer.respondent for answer in world.answers.values() if answer.score is not None}
    for case in world.cases.values():
        opening = world.answers.get(case.case_id)
        if case.respondent in there or opening and opening.respondent is not None:
            continue
        stored = sorted(case.answers.values(), key=lambda pair: pair[0].key, reverse=True)
        for response_id in [answer.response_id for answer, _ in stored] + case.facts["of_person"]:
            answer = world.answers.get(response_id)
            if answer and answer.score is not None and answer.respondent is not None:
                case.respondent = answer.respondent
                break


def store(world, rules, view):
    case = world.cases.get(view.case_id)
    if case is None:
        opening = view.opening
        case = Case(view.case_id, view.respondent, view.topic, {
            "score": opening.score, "opened_at": view.opened_at, "contactable": rules.is_contactable(view),
            "stored_at": rules.now, "churned_at": rules.churn_day(view), "known": {a.response_id for a in view.answers}})
        world.cases[view.case_id] = case
        view.record = case
    case.respondent, case.topic = view.respondent, view.topic
    case.facts["of_person"] = [a.response_id for a in sorted(world.answers.values(), key=lambda a: a.key, reverse=True)
                               if a.respondent == view.respondent and a.score is not None] or case.facts.get("of_person", [])
    due, facts = rules.first_contact_due(view), case.facts
    if not facts.get("frozen"):
        overdue = due is not None and rules.now > due
        if "responsible" not in facts or not overdue:
            facts["responsible"], facts["team"] = rules.responsible(view)
            facts["churned_at"] = rules.churn_day(view)
        facts["frozen"] = overdue or view.worked_on
    if facts["contactable"] and "uncontactable_since" not in facts and not rules.is_contactable(view):
        facts["uncontactable_since"] = rules.now
    corrected = {}
    for response_id in list(case.answers):
        now_there = world.answers.get(response_id)
        if now_there and now_there.score != case.answers[response_id][0].score and response_id != case.case_id:
            # its score was corrected: it is judged by the new one
            corrected[response_id] = case.answers.pop(response_id)[1]
    for answer in view.answers:
        if answer.response_id not in case.answers:
            if view.finished:
                case.joined_late.add(answer.response_id)
            case.answers[answer.response_id] = (copy.copy(answer), rules.due_times(answer, corrected.get(answer.response_id)))
    # Whether a better answer ended the case is a fact, too: an edit of "personal" does not end it later.
    facts["stays_after"] = set(facts.get("stays_after", ())) | set(view.better_answers)
    if view.ended in ("expired", "answered better") and "ended" not in facts:
        facts["ended"], facts["ended_at"] = view.ended, view.ended_at


# -- steps -------------------------------------------------------------------------------------------------------------------

def step(world, now, case_id, actor, columns):
    """One UPDATE of followup or followup_all.  A time may be "now"."""
    rules = Rules(world, now)
    view = rules.find(case_id)
    if view is None:
        raise Refused("02", "no such case")
    check_names(columns, rules.row(view))
    values = {name: now if value == "now" else value for name, value in columns.items()}
    check_version(values, view)
    # what was shown comes back
    if values.get("status") == rules.row(view)["status"]:
        del values["status"]
    if values.get("waiting_since", now) is None and not (view.record and view.record.waits and view.record.waits[-1][1] is None):
        del values["waiting_since"]
    if not set(values) - {"version"}:
        return
    check_values(world, rules, view, values)
    kept, events = copy.deepcopy(world.cases.get(view.case_id)), len(world.events)
    store(world, rules, view)
    case = view.record
    before = copy.deepcopy({k: v for k, v in vars(case).items() if k not in ("steps", "facts", "answers", "joined_late", "version")})
    try:
        record_step(world, rules, view, case, actor, values)
    except Refused:
        put_back(world, view.case_id, kept)
        del world.events[events:]
        raise
    if {name: getattr(case, name) for name in before} == before and not values.get("note"):
        put_back(world, view.case_id, kept)      # what came back as it was is no step
        return
    world.stepped = True
    world.step_number += 1
    case.version += 1
    case.steps.append((actor, now, before))
    # what others note leaves the case with the program that holds it
    if world.leases.get(case.case_id, ("",))[0] == actor or any(getattr(case, name) != before[name] for name in ENDS_LEASE):
        world.leases.pop(case.case_id, None)
    settle(world, now, case)


def put_back(world, case_id, kept):
    """What is refused leaves nothing behind, not even facts."""
    if kept is None:
        del world.cases[case_id]
    else:
        world.cases[case_id] = kept


def settle(world, now, case):
    """After a step the case's facts hold what the step made true, as who was responsible when it was worked on."""
    rules = Rules(world, now)
    if case.case_id in rules.by_id:
        store(world, rules, rules.by_id[case.case_id])


def check_names(columns, row):
    """"A shown column with a new value is 0A000 naming the column to set; so is a statement that names only computed
    columns." """
    computed = [name for name in columns if name not in SETTABLE]
    for name in computed:
        if name not in row:
            raise Refused("42", f"no column {name}")
        if row[name] != columns[name]:
            raise Refused("0A", f"{name} is shown, not recorded")
    if computed and len(computed) == len(columns):
        raise Refused("0A", "only computed columns")


def check_version(values, view):
    """"May write the current value or one more; another value is 55000." """
    current = view.record.version if view.record else 0
    if "version" in values and values["version"] not in (current, current + 1):
        raise Refused("55", "somebody changed the case meanwhile")


def check_values(world, rules, view, values):
    for name in TEXTS + ("status", "dismiss_reason"):
        if isinstance(values.get(name), str) and not values[name].strip():
            raise Refused("22", f"{name} is empty")
    if values.get("status") is not None and values["status"] not in STATUSES:
        raise Refused("22", "no such status")
    if values.get("cause") is not None and values["cause"] not in world.causes:
        raise Refused("23", "no such cause")
    if values.get("dismiss_reason") is not None and values["dismiss_reason"] not in world.reasons:
        raise Refused("23", "no such reason")
    for name in TIMES + ("waiting_since",):
        if values.get(name) is not None:
            if values[name] > rules.now:
                raise Refused("22", f"{name} is in the future")
            begins = view.answers[0].given
            if begins and values[name] < begins:
                raise Refused("22", f"{name} is before the answer")


def record_step(world, rules, view, case, actor, values):
    now, said = rules.now, []
    is_work = any(values.get(name) is not None and values.get(name) != getattr(case, name, None) for name in WORK)
    status = values.get("status")
    if status in ("new", "renewed"):
        raise Refused("22", f"status {status} cannot be set")
    if view.finished and status != "reopened":
        open_still = ("note", "cause", "version") + (("dismiss_reason",) if case.status == "dismissed" else ())
        if status or any(values.get(name) is not None for name in values if name not in open_still):
            raise Refused("55", "the case is finished; reopen it")
        case.dismiss_reason = values.get("dismiss_reason") or case.dismiss_reason
    if view.ended and not view.finished:
        revive(rules, view, is_work)
    if status == "reopened":
        reopen(rules, view, case)
        said.append("reopened")
        status = None
    for name in ("assigned_to", "team", "plan", "desired_outcome", "channel"):
        if name in values and values[name] != getattr(case, name):
            setattr(case, name, values[name])
            if values[name] is None:
                continue
            said.append({"assigned_to": "assigned", "desired_outcome": "wish"}.get(name, name))
    if values.get("acknowledged_at") and case.acknowledged_at != values["acknowledged_at"]:
        case.acknowledged_at = values["acknowledged_at"]
        case.first_acknowledged = case.first_acknowledged or {"at": case.acknowledged_at, "recorded_at": now}
        said.append("acknowledged")
    if values.get("asked_at") and values["asked_at"] != case.asked_at:
        if rules.was_asked(view.respondent):
            raise Refused("55", "the customer was asked before")
        case.asked_at = values["asked_at"]
        said.append("asked")
    if values.get("attempted_at"):
        case.attempts.append(values["attempted_at"])
        said.append("attempt")
    record_contact(rules, view, case, actor, values, status, said)
    if values.get("cause") and values["cause"] != case.cause:
        case.cause, case.cause_at = values["cause"], now
        said.append("cause")
    record_waiting(rules, view, case, values, said)
    record_end(world, rules, view, case, values, status, said)
    record_snooze(rules, view, case, values, said)
    if values.get("note"):
        case.last_note = values["note"]
        said.append("note")
    if is_work:
        case.worked_on = True
    times = {"contact": "contacted_at", "attempt": "attempted_at", "acknowledged": "acknowledged_at", "asked": "asked_at",
             "resolved": "resolved_at", "informed": "informed_at", "closed": "closed_at"}
    for kind in said:
        if kind == "channel":
            continue                             # it is told with the contact
        world.add_event(now, kind, actor, case.case_id, view.respondent, values.get(times.get(kind)),
                        values.get("note") if kind == "note" else None)


def revive(rules, view, is_work):
    """Work on a case that ended by itself takes it up again, within the limits of reopening."""
    if not is_work:
        raise Refused("55", f"the case has {view.ended}")
    if rules.newer_case(view):
        raise Refused("55", "there is a newer case")
    if view.ended_at and rules.now >= view.ended_at + rules.window(view):
        raise Refused("55", "the case has ended long ago")
    view.ended = view.ended_at = None
    view.record.reopened_at = rules.now
    rules.world.add_event(rules.now, "reopened", None, view.case_id, view.respondent)


def reopen(rules, view, case):
    """8. "Reopening is refused while a newer case exists and after follow_up_days; it adds a resolve deadline, first
    judgements stay." """
    if not view.finished:
        raise Refused("55", "the case is not finished")
    if rules.newer_case(view):
        raise Refused("55", "there is a newer case")
    if rules.now >= case.finished_at + rules.window(view):
        raise Refused("55", "the case was finished long ago")
    due, rule = rules.first_contact_due(view), rules.world.rule(case.facts["score"], view.opening.given)
    wanted = [rules.settings["wants_contact_hours"]] if any(a.wants_contact for a in view.answers) else []
    if not case.contacts and due and case.finished_at <= due:
        by_rule = [rule["contact_hours"]] if rule["follow_up"] and rule["contact_hours"] is not None else []
        case.contact_again = rules.calendar.add(rules.now, min(wanted + by_rule, default=None))
    case.resolve_again, case.has_no_resolve = rules.calendar.add(rules.now, rule["resolve_hours"] if rule["follow_up"] else None), False
    case.status = "contacted" if case.contacts else "new"
    case.reopened_at = rules.now
    case.resolved_at = case.informed_at = case.inform_due = case.closed_at = case.finished_at = case.dismiss_reason = None


def record_contact(rules, view, case, actor, values, status, said):
    """5. "Recording contact puts the case back to contacted and keeps first_contacted_at, history and first judgements." """
    at = values.get("contacted_at")
    if at is not None and view.contacts and at == view.contacts[-1].at:
        at = None
    if status != "contacted" and at is None:
        return
    renewed = rules.is_renewed(view)
    if status == "contacted" and case.status == "resolved" and not renewed:
        raise Refused("55", "the case is resolved")
    if not case.channel:
        raise Refused("55", "contact needs a channel")
    uncovered = rules.uncovered(view)
    contact = Contact(at or rules.now, rules.now, max(a.key for a in view.answers), case.channel, actor)
    if uncovered and not any(rules.covers(contact, a) for a in uncovered):
        raise Refused("22", "the contact was before the answer was known")
    if renewed:
        end_snooze(case, rules.now)
        end_waiting(rules, view, case, rules.now)
        if case.first_resolved:
            severe = rules.severe_answer(view)
            rule = rules.world.rule(severe.score, severe.given)
            case.resolve_again = rules.calendar.add(rules.opens_at(uncovered[-1]), rule["resolve_hours"])
            case.has_no_resolve = case.resolve_again is None
        case.resolved_at = case.informed_at = case.inform_due = None
    for before in case.contacts:
        before.is_corrected = before.is_corrected or contact.at < before.at
    case.contacts.append(contact)
    contact.is_again = renewed
    contact.due = (rules.earliest_due(view, [a for a in uncovered if rules.covers(contact, a)]) if renewed
                   else rules.first_due_by_answers(view) if len(case.contacts) == 1 else None)
    if case.status == "new" or renewed:
        case.status = "contacted"
    said.append("contact")


def record_waiting(rules, view, case, values, said):
    """8. "Waiting for the customer (waiting_since) pauses the resolve clock only." """
    if "waiting_since" not in values:
        return
    if values["waiting_since"] is None:
        if end_waiting(rules, view, case, rules.now):
            said.append("waiting ended")
        return
    if case.waits and case.waits[-1][1] is None and case.waits[-1][0] == values["waiting_since"]:
        return
    if case.status != "contacted" or rules.is_renewed(view):
        raise Refused("55", "waiting for the customer needs contact")
    if case.waits and case.waits[-1][1] is None:
        case.waits.pop()
    case.waits.append([values["waiting_since"], None])
    said.append("waiting")


def end_waiting(rules, view, case, at):
    """What remained of the time for resolving when the wait began remains when it ends."""
    if not case.waits or case.waits[-1][1] is not None:
        return False
    start, due = case.waits[-1][0], rules.resolve_due(view)
    case.waits[-1][1] = max(at, start)
    if due and start < due:
        case.resolve_again = rules.calendar.add(max(at, start), rules.calendar.between(start, due))
    return True


def record_end(world, rules, view, case, values, status, said):
    """8. "new -> contacted -> resolved -> closed; unreachable; dismissed."  "What a step lacks is told all at once." """
    now, renewed = rules.now, rules.is_renewed(view)
    closing = status == "closed" or values.get("closed_at") is not None and case.closed_at is None
    informing = values.get("informed_at") is not None and values["informed_at"] != case.informed_at
    resolving = (status == "resolved" or values.get("resolved_at") is not None and values["resolved_at"] != case.resolved_at
                 or closing and case.status != "resolved")
    lacking = []
    if resolving or closing or informing:
        if renewed:
            lacking.append("contact about the newest answer")
        if not view.contacts:
            lacking.append("contact")
    if resolving:
        if not case.cause:
            lacking.append("a cause")
    if (resolving or closing) and rules.open_concerns(case.case_id):
        lacking.append("an answer to each concern")
    if informing and not resolving and case.status != "resolved":
        lacking.append("a resolution")
    if closing and not informing and case.informed_at is None:
        lacking.append("that the customer was told")
    if status == "unreachable":
        lacking += lacks_attempts(rules, view, case)
    if status == "dismissed" and not values.get("dismiss_reason"):
        lacking.append("a reason")
    if status in ("unreachable", "dismissed") and any(c.promise for c in rules.open_concerns(case.case_id)):
        lacking.append("keeping what was promised")
    if lacking:
        raise Refused("55", "lacks " + ", ".join(lacking))
    if resolving:
        at = values.get("resolved_at") or values.get("informed_at") or now
        if at < view.contacts[0].at:
            raise Refused("22", "resolved before contact")
        end_waiting(rules, view, case, at)
        if case.first_resolved is None:
            case.first_resolved = {"at": at, "due": rules.resolve_due(view), "recorded_at": now}
        case.resolved_at, case.status = at, "resolved"
        case.inform_due = rules.calendar.add(at, rules.settings["inform_hours"])
        said.append("resolved")
    if informing:
        at = values["informed_at"]
        if case.resolved_at and at < case.resolved_at:
            raise Refused("22", "informed before resolved")
        case.informed_at = at
        case.first_informed = case.first_informed or {"at": at, "due": case.inform_due, "recorded_at": now}
        said.append("informed")
    if closing:
        case.closed_at = values.get("closed_at") or now
        if case.closed_at < case.informed_at:
            raise Refused("22", "closed before informed")
    if status == "dismissed":
        case.dismiss_reason = values["dismiss_reason"]
    if closing or status in ("dismissed", "unreachable"):
        case.status = "closed" if closing else status
        case.finished_at = case.closed_at if closing else now
        case.finish_shown, case.finish_known = max(a.key for a in view.answers), now
        end_snooze(case, now)
        end_waiting(rules, view, case, now)
        said.append(case.status)


def lacks_attempts(rules, view, case):
    """8. "Unreachable after attempts on at least two days, also from contacted": since the last contact, and since the
    answer that renewed the case."""
    since = [c.at for c in view.contacts[-1:]]
    since += [a.given for a in rules.uncovered(view) if a.given] if view.contacts else []
    tried = [at for at in case.attempts if not since or at >= max(since)]
    lacking = []
    if case.status not in ("new", "contacted") and not rules.is_renewed(view):
        lacking.append("an open contact")
    if len(tried) < rules.settings["attempts"]:
        lacking.append("attempts")
    if len({rules.calendar.day(at) for at in tried}) < 2:
        lacking.append("attempts on two days")
    return lacking


def record_snooze(rules, view, case, values, said):
    """10. "4 snoozed (never a renewed or broken one; the total is limited to 30 days)." """
    if "snoozed_until" not in values or values["snoozed_until"] == case.snoozed_until:
        return
    until = values["snoozed_until"]
    if until is None:
        end_snooze(case, rules.now)
        said.append("awake")
        return
    if until <= rules.now:
        raise Refused("22", "snoozed_until is past")
    if case.finished_at or rules.is_renewed(view) or rules.broken_now(view):
        raise Refused("55", "a renewed case or a broken promise cannot wait")
    slept = sum((min(end, rules.now) - start for start, end in case.snoozes), timedelta(0))
    if slept + (until - rules.now) > days(rules.settings["snooze_days"]):
        raise Refused("22", "snoozed for more than 30 days")
    end_snooze(case, rules.now)
    case.snoozes.append([rules.now, until])
    case.snoozed_until = until
    said.append("snoozed")


def end_snooze(case, now):
    if case.snoozes:
        case.snoozes[-1][1] = min(case.snoozes[-1][1], now)
    case.snoozed_until = None


def undo(world, now, case_id, actor):
    """8. "nps_undo takes back one's own last step within undo_hours; history keeps both." """
    rules = Rules(world, now)
    view = rules.find(case_id)
    case = view.record if view else None
    if case is None or not case.steps:
        raise Refused("55", "there is no step to undo")
    by, at, before = case.steps[-1]
    if by != actor:
        raise Refused("55", "the last step is somebody else's")
    if now - at > hours(rules.settings["undo_hours"]):
        raise Refused("55", "the last step is too old")
    if view.finished and before["finished_at"] is None and rules.newer_case(view):
        raise Refused("55", "there is a newer case")
    if any(c.added_at >= at for c in rules.open_concerns(view.case_id)) and (case.finished_at is None and before["finished_at"] is not None
                                              or case.reopened_at != before["reopened_at"]):
        raise Refused("55", "the case would be over, and a concern was raised since")
    case.steps.pop()
    vars(case).update(copy.deepcopy(before))
    case.worked_on = case.worked_on or any(c.case_id == case.case_id for c in world.concerns.values())
    case.version += 1
    world.add_event(now, "undone", actor, case.case_id, view.respondent)
    settle(world, now, case)


# -- concerns, what customers are told, programs ---------------------------------------------------------------------------------

def add_concern(world, now, concern_id, case_id, actor, columns):
    rules = Rules(world, now)
    view = rules.find(case_id)
    if view is None:
        raise Refused("23", "no such case")
    if view.finished:
        raise Refused("55", "the case is finished; reopen it")
    check_concern(world, rules, columns)
    kept = copy.deepcopy(world.cases.get(view.case_id))
    store(world, rules, view)
    if view.ended:
        try:
            revive(rules, view, True)
        except Refused:
            put_back(world, view.case_id, kept)
            raise
    case = view.record
    case.worked_on, world.stepped = True, True
    concern = world.concerns[concern_id] = Concern(concern_id, case.case_id, now, **columns)
    concern.backdated = is_backdated(rules, concern)
    for kind in ["concern"] + (["promise"] if columns.get("promise") else []):
        world.add_event(now, kind, actor, case.case_id, view.respondent)
    settle(world, now, case)


def check_concern(world, rules, columns):
    """"Promise ... no more than 6 months out." """
    if columns.get("cause") is not None and columns["cause"] not in world.causes:
        raise Refused("23", "no such cause")
    if columns.get("promise") and not columns.get("promised_for"):
        raise Refused("23", "a promise needs a date")
    promised, today = columns.get("promised_for"), rules.calendar.day(rules.now)
    if promised and promised > add_months(today, rules.settings["longest_promise_months"]):
        raise Refused("22", "the promise is too far out")


def is_backdated(rules, concern):
    """It was entered after the day of the promise, and more than 24 hours after it happened, that it was kept."""
    since = rules.now - hours(rules.settings["backdated_hours"])
    return bool(concern.delivered_at and concern.promised_for and concern.delivered_at < since
                and rules.calendar.day(since) > concern.promised_for)


def change_concern(world, now, concern_id, actor, columns):
    rules = Rules(world, now)
    concern = world.concerns.get(concern_id)
    if concern is None:
        raise Refused("02", "no such concern")
    check_concern(world, rules, columns)
    if concern.is_open and world.cases[concern.case_id].finished_at and columns.get("promise") and not (
            columns.get("delivered_at") or columns.get("declined_at")):
        raise Refused("55", "nobody works on a case that is over")
    view = rules.by_id.get(concern.case_id)
    after = copy.copy(concern)
    for name, value in columns.items():
        setattr(after, name, value)
    if view and view.ended and not view.finished and after != concern and (concern.is_open or after.is_open):
        try:
            revive(rules, view, True)
        except Refused:
            # what was promised can always be kept or taken back, and a question answered: but that alone
            if after.is_open:
                raise
    # kept in time is kept, also if that is entered some hours later
    done = {name: now if columns.get(name) == "now" else columns.get(name) for name in ("delivered_at", "declined_at")}
    concern.broken = rules.promise_broken(concern, done["declined_at"] or done["delivered_at"])
    kinds = []
    for name, value in columns.items():
        value = now if value == "now" else value
        if name in ("delivered_at", "declined_at") and value and (value > now or value < concern.added_at):
            raise Refused("22", f"{name} cannot be then")
        if name == "promised_for" and concern.promised_for and value and value != concern.promised_for:
            concern.moved += 1
            kinds.append("moved")
        setattr(concern, name, value)
        if name == "delivered_at":
            concern.backdated = is_backdated(rules, concern)
        kinds += {"delivered_at": ["delivered"], "declined_at": ["declined"], "answer": ["answered"]}.get(name, [])
    case = world.cases[concern.case_id]
    case.worked_on = True
    for kind in kinds:
        world.add_event(now, kind, actor, case.case_id, Rules(world, now).respondent_of(case),
                        concern.delivered_at if kind == "delivered" else None)
    settle(world, now, case)


def tell(world, now, cause, respondent, actor):
    if cause not in world.causes:
        raise Refused("23", "no such cause")
    # whom nobody has to tell is in no row
    if ((cause, respondent) not in reports.cause_customer(Rules(world, now))
            or not all(answer.contactable for answer in world.answers.values() if answer.respondent == respondent)):
        return
    world.told.append((cause, respondent, now, actor))
    world.add_event(now, "told", actor, None, respondent, text=cause)


def claim(world, now, program):
    """12. Programs ask and acknowledge, "they never contact"; each case is held by one of them at a time."""
    rules, given, asked = Rules(world, now), [], set()
    for view in rules.followup():
        lease = world.leases.get(view.case_id)
        waits = rules.running(view) and rules.running(view)[0][1] == 0
        asks = rules.next_step(view) == "ask for the reason"
        if (asks or waits) and not rules.is_snoozed(view):
            if asks and view.respondent in asked:
                continue                         # nobody is asked twice: the first of a person's cases asks
            if asks:
                asked.add(view.respondent)
            if not (lease and lease[1] > now):
                world.leases[view.case_id] = (program, now + timedelta(minutes=rules.settings["lease_minutes"]))
                given.append(view.case_id)
                store(world, rules, view)
    return given
