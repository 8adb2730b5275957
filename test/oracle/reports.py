"""The reports over cases and customers: closed_loop, respondent, account, transition, cause_customer, timeline."""

from clock import GRAINS, days, hours, hours_between, next_period
from rules import View

ORDER_AT_ONE_INSTANT = ("answer", "reopened", "undone", "assigned", "team", "acknowledged", "asked", "attempt", "contact",
                        "cause", "concern", "promise", "moved", "answered", "delivered", "declined", "waiting",
                        "waiting ended", "resolved", "informed", "closed", "unreachable", "dismissed", "snoozed", "awake",
                        "plan", "wish", "told", "note")


def median(values):
    """"Medians (mean of the middle two)", over all cases: what is not done is longer than all."""
    values = sorted(values)
    if not values:
        return None
    middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
    return None if middle == float("inf") else middle


def rate(part, whole):
    return part / whole if whole else None


# -- what became of a customer --------------------------------------------------------------------------------------------------

def first_answer_after(rules, view, answer):
    """After the last contact; without, the next one after the answer in the order of answers (choice 1)."""
    answers = rules.groups[(view.respondent, view.topic)][0]
    if view.contacts:
        later = (a for a in answers if a.given and a.given > view.contacts[-1].at)
    else:
        later = (a for a in answers if a.given and answer.given and a.key > answer.key)
    return min(later, key=lambda a: a.key, default=None)


def opening_score(view):
    return view.record.facts["score"] if view.record else view.opening.score


def recovery(rules, view):
    """"Recovery = first answer after the last contact within recovery_days, of opening detractors old enough to know";
    "recovered by itself apart".  Gives (contacted, known, recovered)."""
    base = view.contacts[-1].at if view.contacts else view.opened_at
    if base is None or rules.world.category(opening_score(view)) != "detractor":
        return bool(view.contacts), False, False
    limit = base + days(rules.settings["recovery_days"])
    after = first_answer_after(rules, view, view.opening)
    good = bool(after and after.given < limit and rules.world.category(after.score) != "detractor")
    known = limit <= rules.now
    return bool(view.contacts), known, known and good


def outcome(rules, view):
    churned = rules.churn_day(view)
    if churned and view.opened_at and view.opened_at <= rules.calendar.instant(churned) <= rules.now:
        return "churned"
    base = view.contacts[-1].at if view.contacts else view.newest.given
    if base is None:
        return "unknown"
    limit = base + days(rules.settings["recovery_days"])
    after = first_answer_after(rules, view, view.newest)
    if after is None or after.given >= limit:
        return "pending" if rules.now < limit else "unknown"
    if rules.world.category(after.score) != "detractor" and rules.world.category(opening_score(view)) == "detractor":
        return "recovered"
    change = after.score - opening_score(view)
    return "improved" if change > 0 else "worsened" if change < 0 else "unchanged"


def churn(rules, view):
    """"Churn of contacted and not contacted compared only over those still there when contact was due": within the days
    of the assumption, of cases old enough to know.  Gives (known, left)."""
    due = rules.first_contact_due(view)
    if due is None or view.opened_at + days(rules.settings["churn_days"]) > rules.now:
        return False, False
    day = rules.churn_day(view)
    moment = rules.calendar.instant(day) if day else None
    if moment and moment <= due:
        return False, False
    return True, bool(moment and moment <= min(rules.now, view.opened_at + days(rules.settings["churn_days"])))


# -- closed_loop ---------------------------------------------------------------------------------------------------------------------

def segments_of(rules, view):
    person, team = rules.responsible_in_figures(view)
    found = [("all", None), ("person", person), ("team", team), ("cause", view.record.cause if view.record else None),
             ("score", opening_score(view))]
    return found + sorted(view.opening.segments.items())


def closed_loop(rules, grains=GRAINS):
    """One dict a (grain, period, segment, value); empty periods are there for the segment "all"."""
    cells = {}
    for view in rules.views:
        for grain in grains:
            start = rules.calendar.period(view.opened_at, grain) if view.opened_at else None
            for segment, value in segments_of(rules, view):
                cells.setdefault((grain, start, segment, value), []).append(view)
    for grain in grains:
        starts = sorted(start for g, start, segment, _ in cells if g == grain and segment == "all" and start)
        start = starts[0] if starts else None
        while start and start <= starts[-1]:
            cells.setdefault((grain, start, "all", None), [])
            start = next_period(start, grain)
    return {key: figures(rules, views) for key, views in cells.items()}


def figures(rules, views):
    out = dict.fromkeys((
        "cases", "open", "renewed", "contacted", "contacted_in_time", "contacted_backdated", "recontacted",
        "recontacted_in_time", "recontacted_backdated", "missed", "expired", "answered_better", "unreachable", "dismissed",
        "dismissed_late", "not_contactable", "gone", "recorded", "resolved", "resolved_in_time", "resolve_judged", "informed",
        "informed_in_time", "inform_judged", "closed", "promises", "promises_kept", "promises_broken", "promises_moved",
        "recovery_known", "recovered", "recovered_alone_known", "recovered_alone", "churn_known_contacted",
        "churned_contacted", "acknowledged", "acknowledged_in_time", "acknowledge_judged", "churn_known_not_contacted", "churned_not_contacted", "recontact_judged", "contact_judged"), 0)
    out["waited_hours"] = 0.0
    contact_hours, resolve_hours = [], []
    for view in views:
        record = view.record
        due, status = rules.first_contact_due(view), record.status if record else "new"
        contacted, missed = bool(view.contacts), rules.is_missed(view)
        backdated = contacted and rules.backdated(view.contacts[0])
        add(out, cases=1, open=rules.on_list(view), contacted=contacted, contacted_backdated=backdated, missed=missed,
            contacted_in_time=contacted and due is not None and view.contacts[0].at <= due and not backdated,
            contact_judged=missed or contacted and due is not None,
            expired=view.ended == "expired", answered_better=view.ended == "answered better",
            unreachable=status == "unreachable", dismissed=status == "dismissed",
            dismissed_late=status == "dismissed" and not contacted and due is not None and record.finished_at > due,
            not_contactable=not (record.facts["contactable"] if record else rules.is_contactable(view)),
            gone=view.gone, recorded=record is not None, closed=status == "closed")
        due, acknowledged = rules.due_of(view, view.opening)["acknowledge"], record.first_acknowledged if record else None
        add(out, acknowledged=bool(acknowledged or contacted) and view.opened_at is not None,
            acknowledged_in_time=due is not None and (
                contacted and view.contacts[0].at <= due and not backdated or
                acknowledged is not None and acknowledged["at"] <= due
                and acknowledged["recorded_at"] - acknowledged["at"] <= hours(rules.settings["backdated_hours"])),
            acknowledge_judged=due is not None and (acknowledged is not None or contacted or bool(rules.acknowledged_late(view))))
        for contact in view.contacts:
            if contact.is_again:
                late_entry = rules.backdated(contact)
                add(out, renewed=1, recontacted=1, recontacted_backdated=late_entry, recontact_judged=contact.due is not None,
                    recontacted_in_time=contact.due is not None and contact.at <= contact.due and not late_entry)
        if rules.was_renewed(view):
            due = rules.contact_due(view)
            add(out, renewed=1, recontact_judged=due is not None and rules.horizon(view) > due)
        judged_step(rules, view, out, "resolve", record.first_resolved if record else None, rules.resolved_late(view))
        judged_step(rules, view, out, "inform", record.first_informed if record else None,
                    rules.judge(view, record.first_informed, record.inform_due) if record else None)
        for concern in rules.world.concerns.values():
            if concern.case_id == view.case_id and (concern.promise or concern.broken or concern.moved):
                broken = rules.promise_broken(concern)
                add(out, promises=1, promises_broken=broken, promises_kept=not broken and not concern.backdated and concern.delivered_at is not None,
                    promises_moved=concern.moved)
        for start, end in record.waits if record else []:
            out["waited_hours"] += hours_between(start, end or rules.now)
        if view.opened_at and not missed_by_choice(view, missed):
            contact_hours.append(max(0.0, hours_between(view.opened_at, view.contacts[0].at)) if contacted else float("inf"))
            done = record.first_resolved if record else None
            resolve_hours.append(max(0.0, hours_between(view.opened_at, done["at"])) if done else float("inf"))
        was_contacted, known, good = recovery(rules, view)
        add(out, recovery_known=was_contacted and known, recovered=was_contacted and good,
            recovered_alone_known=not was_contacted and known, recovered_alone=not was_contacted and good)
        churn_known, left = churn(rules, view)
        kind = "contacted" if contacted else "not_contacted"
        add(out, **{f"churn_known_{kind}": churn_known, f"churned_{kind}": left})
    out["median_contact_hours"], out["median_resolve_hours"] = median(contact_hours), median(resolve_hours)
    out["coverage"] = rate(out["contacted"] + out["recontacted"], out["cases"] + out["renewed"])
    out["contact_in_time_rate"] = rate(out["contacted_in_time"], out["contact_judged"])
    out["recontact_in_time_rate"] = rate(out["recontacted_in_time"], out["recontact_judged"])
    out["acknowledge_in_time_rate"] = rate(out["acknowledged_in_time"], out["acknowledge_judged"])
    out["resolve_in_time_rate"] = rate(out["resolved_in_time"], out["resolve_judged"])
    out["inform_in_time_rate"] = rate(out["informed_in_time"], out["inform_judged"])
    out["recovery_rate"] = rate(out["recovered"], out["recovery_known"])
    out["recovered_alone_rate"] = rate(out["recovered_alone"], out["recovered_alone_known"])
    out["churn_rate_contacted"] = rate(out["churned_contacted"], out["churn_known_contacted"])
    out["churn_rate_not_contacted"] = rate(out["churned_not_contacted"], out["churn_known_not_contacted"])
    return out


def add(out, **numbers):
    for name, number in numbers.items():
        out[name] += int(number)


def missed_by_choice(view, missed):
    """Cases that ended before anybody had to do anything are in no median."""
    return not view.contacts and not missed and view.over_at is not None


def judged_step(rules, view, out, name, done, late):
    """"Each clock in time / (done or due by now)"; what was entered more than 24 hours later is not in time."""
    if name == "resolve":
        # Resolving is due from those who were contacted; of the others contact is what was missed.
        late = late if view.contacts else None
    backdated = done is not None and done["recorded_at"] - done["at"] > hours(rules.settings["backdated_hours"])
    past = {"resolve": "resolved", "inform": "informed"}[name]
    add(out, **{past: done is not None, f"{past}_in_time": done is not None and done["due"] is not None and not late
                and not backdated, f"{name}_judged": bool(late) or done is not None and done["due"] is not None})


# -- customers --------------------------------------------------------------------------------------------------------------------------

def newest_answers(rules):
    """respondent -> answers in order; an unknown respondent is somebody else each time."""
    people = {}
    for answer in rules.world.answers.values():
        if answer.score is not None:
            people.setdefault(answer.respondent or ("unknown", answer.response_id), []).append(answer)
    return {who: sorted(answers, key=lambda a: a.key) for who, answers in people.items()}


def respondent(rules):
    out = {}
    for who, answers in newest_answers(rules).items():
        last, before = answers[-1], answers[-2] if len(answers) > 1 else None
        listed = [v for v in rules.followup() if v.respondent == who]
        case = listed[0] if listed else None
        row = rules.row(case) if case else {}
        recorded = sorted((v for v in rules.views if v.respondent == who and v.record),
                          key=lambda v: (v.opened_at is not None, v.opened_at or 0, v.case_id))
        comments = [a.comment for a in answers if a.has_comment]
        causes = [v.record.cause for v in recorded if v.record.cause]
        # that of the case which is shown beside it, else of the newest that has one
        shown = case.record.cause if case and case.record else None
        out[who] = {
            "responses": len(answers), "last_score": last.score, "last_category": rules.world.category(last.score),
            "previous_score": before.score if before else None, "change": last.score - before.score if before else None,
            "last_comment": comments[-1] if comments else None, "cause": shown or (causes[-1] if causes else None),
            "responsible": row.get("responsible"), "case_id": row.get("case_id"), "next_step": row.get("next_step"),
            "open_cases": len(listed),
            "open_promises": sum(1 for v in recorded for c in rules.open_concerns(v.case_id) if c.promise),
            "last_contact": max((c.at for v in recorded for c in v.contacts if not c.is_corrected), default=None)}
    return out


def has_gone(rules, answer):
    churned = answer.churned_at
    return bool(churned and rules.calendar.instant(churned) <= rules.now
                and (answer.given is None or answer.given <= rules.calendar.instant(churned)))


def account(rules):
    newest, out = {}, {}
    for answers in newest_answers(rules).values():
        newest.setdefault(answers[-1].account, []).append(answers[-1])
    for name in {a.account for a in rules.world.answers.values() if a.account is not None}:
        rows, all_rows = newest.get(name, []), [a for a in rules.world.answers.values() if a.account == name]
        points = [{"detractor": -100, "passive": 0, "promoter": 100}[rules.world.category(a.score)] for a in rows]
        revenue = max((a.revenue for a in all_rows if a.revenue is not None), default=None)
        # all of it has left, and nobody answered since
        left = [rules.calendar.instant(a.churned_at) if a.churned_at else None for a in all_rows]
        last = max((a.given for a in all_rows if a.given and a.score is not None), default=None)
        has_left = all(moment and moment <= rules.now for moment in left) and not (last and last > max(left))
        at_risk = any(rules.world.category(a.score) == "detractor" for a in rows) and not has_left
        out[name] = {"responses": len(rows), "nps": sum(points) / len(points) if points else None, "revenue": revenue,
                     "revenue_at_risk": revenue if at_risk else 0,
                     "silent": all(a.score is None for a in all_rows),
                     "open_cases": sum(rules.source_row(v).account == name for v in rules.followup())}
    return out


def transition(rules):
    out = {}
    for who, answers in newest_answers(rules).items():
        if isinstance(who, tuple):
            continue
        last, category = answers[-1], rules.world.category
        if has_gone(rules, last):
            move = (category(last.score), "churned")
        elif len(answers) == 1:
            move = (category(last.score), "no answer yet")
        else:
            move = (category(answers[-2].score), category(last.score))
        out[move] = out.get(move, 0) + 1
    return out


def cause_customer(rules):
    """13. "cause_customer.is_due: named it since they were last told, and before the fix."  A person names a cause in a
    comment, and by the cause that somebody established of it, when it is given; in a concern, when that is raised.  A person's
    cause beats what the comment suggests, what promoters praise names nothing, and of answers that are gone nobody is told."""
    world, named = rules.world, {}
    for view in rules.views:
        if view.case_id not in world.answers:
            continue
        if view.record and view.record.cause and view.record.status != "dismissed":
            named.setdefault((view.record.cause, view.respondent), []).append(view.opening.given)
        for concern in world.concerns.values():
            if concern.case_id == view.case_id and concern.cause:
                named.setdefault((concern.cause, view.respondent), []).append(concern.added_at)
    for answer in world.answers.values():
        record = world.cases.get(answer.response_id)
        if answer.score is None or rules.world.category(answer.score) == "promoter" or record and record.cause or not answer.respondent:
            continue
        shown = View(answer.response_id, answer.respondent, answer.topic, answer, None, answers=[answer])
        cause = rules.suggested_cause(shown)
        if cause and answer.given:
            named.setdefault((cause, answer.respondent), []).append(answer.given)
    out = {}
    for (cause, who), times in named.items():
        told = max((at for name, person, at, _ in world.told if (name, person) == (cause, who)), default=None)
        row = {"named_at": max(times), "told_at": told}
        for column, event in (("is_due", "fixed_at"), ("plan_is_due", "planned_at")):
            moment = world.causes[cause][event]
            row[column] = bool(moment and moment <= rules.now
                               and any(at <= moment and (told is None or at > told) for at in times))
        out[(cause, who)] = row
    return out


def cause_report(rules):
    """"Prioritise causes by how many distinct customers name them." """
    people = {}
    for cause, who in cause_customer(rules):
        people.setdefault(cause, set()).add(who)
    return {cause: {"team": rules.world.causes[cause]["team"], "respondents": len(people[cause])}
            for cause in sorted(people, key=lambda cause: (-len(people[cause]), cause))}


def timeline(rules, who):
    """Everything that happened to a respondent; at one instant in the order in which it is done."""
    rows = [(a.given, ORDER_AT_ONE_INSTANT.index("answer"), 0, "answer") for a in rules.world.answers.values()
            if a.respondent == who and a.score is not None and a.given]
    for event in rules.world.events:
        case = rules.world.cases.get(event["case_id"])
        if (rules.respondent_of(case) if case else event["respondent"]) == who:
            kind = event["kind"]
            rank = ORDER_AT_ONE_INSTANT.index(kind) if kind in ORDER_AT_ONE_INSTANT else len(ORDER_AT_ONE_INSTANT)
            rows.append((event["happened_at"], rank, event["number"], kind))
    return [kind for _, _, _, kind in sorted(rows)]
