"""Django: models that inspectdb writes, unmanaged.  save() sends every field."""

import io
import threading

import checks
import django
from checks import check, claim_all, expect, expect_error
from django.conf import settings

settings.configure(
    USE_TZ=True,
    TIME_ZONE="UTC",
    INSTALLED_APPS=[],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "HOST": checks.host, "PORT": checks.port, "USER": checks.user, "NAME": checks.database,
        # inspectdb sees what the search path shows
        "OPTIONS": {"options": "-c search_path=feedback_nps,public"}}},
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection, models, transaction  # noqa: E402
from django.db.models import Func, Value  # noqa: E402

source = io.StringIO()
call_command("inspectdb", include_views=True, include_partitions=False, stdout=source)
# A view has no key of its own: a model needs one, and so says who writes it.
written = source.getvalue()
in_use = written.replace("case_id = models.BigIntegerField(blank=True, null=True", "case_id = models.BigIntegerField(primary_key=True")
inspected = {"__name__": "inspected"}
exec(in_use.replace("    class Meta:\n", "    class Meta:\n        app_label = 'inspected'\n"), inspected)
models_of = [m for m in inspected.values() if isinstance(m, type) and issubclass(m, models.Model) and m is not models.Model]
Case = inspected["FollowupAll"]


class Concern(models.Model):
    """What inspectdb writes, with the defaults that the table has."""

    concern_id = models.BigAutoField(primary_key=True)
    case_id = models.BigIntegerField()
    cause = models.TextField(null=True)
    concern = models.TextField()
    answer = models.TextField(null=True)
    raised_at = models.DateTimeField(db_default=models.functions.Now())
    moved = models.IntegerField(db_default=0)
    broken = models.BooleanField(db_default=False)
    is_open = models.BooleanField(db_default=True)

    class Meta:
        managed = False
        app_label = "checks"
        db_table = "concern"


def code_of(error):
    return error.__cause__.sqlstate


def case(case_id):
    return Case.objects.get(pk=case_id)


def query(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def history(case_id):
    return [changed for (changed,) in query("SELECT what_changed FROM followup_event WHERE case_id = %s ORDER BY place", case_id)]


@check
def introspect():
    # a field of a type that it does not know would be a guess, and say so
    expect([line for line in written.splitlines() if "This field type is a guess" in line], [])
    expect("Unable to inspect" in written, False)
    names = {name for (name,) in query(checks.RELATIONS)}
    expect(names - {model._meta.db_table for model in models_of}, set())


@check
def read():
    for model in models_of:
        # a model without a key has an "id" that is not there
        list(model.objects.values_list(*[f.name for f in model._meta.concrete_fields if f.db_comment]))
    row = case(1)
    expect((row.score, row.responded_at.microsecond, row.version), (1.0, 123456, 0))


@check
def parameters():
    row = Case.objects.annotate(
        kind=Func(Value(9), function="nps_category", output_field=models.TextField()),
        parsed=Func(Value("10 - very"), function="nps_parse_score", output_field=models.FloatField())).get(pk=1)
    expect((row.kind, row.parsed), ("promoter", 10))
    score = models.Aggregate("score", function="nps_score", output_field=models.FloatField())
    score.name = "nps"
    expect(Case.objects.filter(pk__lt=20).aggregate(nps=score), {"nps": -100.0})


@check
def partial_save():
    with transaction.atomic():
        query("SELECT set_config('nps.actor', %s, true)", "ana")
        row = case(1)
        row.status = "contacted"
        row.channel = row.channel_advised
        row.note = "called"
        row.save(update_fields=["status", "channel", "note"])
    expect(sorted(history(1)), ["channel", "contacted_at", "status"])


@check
def unchanged_save():
    case(2).save()
    expect((history(2), case(2).version), ([], 0))


@check
def changed_save():
    row = case(3)
    row.plan = "send a voucher"
    row.save()
    expect((history(3), case(3).version), (["plan"], 1))


@check
def stale_version():
    row = case(4)
    Case.objects.filter(pk=4).update(plan="mine")
    row.plan = "theirs"
    error = expect_error("55000", code_of, row.save)
    expect("plan" in str(error), True)


@check
def stale_where():
    row = case(5)
    Case.objects.filter(pk=5).update(plan="mine")
    expect(Case.objects.filter(pk=5, version=row.version).update(plan="theirs", version=row.version + 1), 0)


@check
def two_saves():
    row = case(6)
    row.plan = "one"
    row.save(update_fields=["plan"])
    row.plan = "two"
    row.save(update_fields=["plan"])
    row.plan = "three"
    # A whole object is stale after its first save: Django reads nothing back.
    expect_error("55000", code_of, row.save)
    row.refresh_from_db()
    row.status = "contacted"
    row.channel = "phone"
    row.save()
    row.refresh_from_db()
    row.plan = "three"
    row.save()
    expect((sorted(history(6)), case(6).version), (["channel", "contacted_at", "plan", "plan", "plan", "status"], 4))
    # or whoever counts for it: what a step set besides comes back as it was, and is no change
    row = case(13)
    for changes in ({"status": "contacted", "channel": "phone", "note": "called"}, {}, {"assigned_to": "bert"}, {"plan": "call again"}):
        for name, value in ({"version": row.version + 1} | changes).items():
            setattr(row, name, value)
        row.save()
    expect((sorted(history(13)), case(13).version), (["assigned_to", "channel", "contacted_at", "plan", "status"], 4))
    return "counts no versions and reads nothing back: version += 1 before each save of a whole object, refresh_from_db(), or update_fields"


@check
def flush():
    with transaction.atomic():
        Concern.objects.create(case_id=7, concern="the price")
        row = case(7)
        row.status = "contacted"
        row.channel = "phone"
        row.save()
    expect((case(7).open_concerns, case(7).version), (1, 1))


@check
def batch():
    rows = list(Case.objects.filter(pk__in=[8, 9, 10]))
    for row in rows:
        row.plan = f"plan {row.pk}"
    rows[0].assigned_to = "bert"
    Case.objects.bulk_update(rows, ["plan", "assigned_to"])
    expect(sorted(map(len, (history(i) for i in (8, 9, 10)))), [1, 1, 2])


@check
def concern_id():
    with transaction.atomic():
        row = Concern.objects.create(case_id=11, concern="waited")
        expect(query("SELECT lastval()"), [(row.pk,)])
    row.refresh_from_db()
    row.answer = "sorry"
    row.save()
    row.refresh_from_db()
    expect(row.is_open, False)


@check
def call():
    with transaction.atomic():
        with transaction.atomic():
            pass
        expect_error("25001", code_of, lambda: query("CALL nps_materialize('feedback_nps')"))
        transaction.set_rollback(True)
    query("CALL nps_materialize('feedback_nps')")


@check
def claim():
    def claim_some(worker):
        cases = [row[0] for row in query("SELECT case_id FROM nps_claim('feedback_nps', %s, NULL::bigint, 'ask for the reason', 7)", worker)]
        if not cases:
            connection.close()
        return cases

    claim_all(claim_some)


@check
def retry():
    tries = []

    def assign():
        for _ in range(5):
            tries.append(1)
            try:
                with transaction.atomic():
                    Case.objects.filter(pk=12).update(assigned_to="bert")
                break
            except DatabaseError as error:
                if code_of(error) != "40001":
                    raise
        connection.close()

    def look():
        waits.append(query(checks.WAITING)[0][0])
        connection.close()

    def somebody_waits():
        looking = threading.Thread(target=look)
        looking.start()
        looking.join()
        return waits[-1]

    waits = []
    waiting = threading.Thread(target=assign)
    with transaction.atomic():
        Case.objects.filter(pk=12).update(plan="mine")
        waiting.start()
        checks.until(somebody_waits)
    waiting.join()
    row = case(12)
    expect((len(tries), row.assigned_to, row.plan), (2, "bert", "mine"))
