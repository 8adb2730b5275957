"""psqlodbc, through pyodbc: parameters are described by the server; RETURNING and rowcount as BI tools see them."""

import threading

import checks
import pyodbc
from checks import check, claim_all, expect, expect_error

pyodbc.pooling = False
address = f"DRIVER=PostgreSQL Unicode;SERVER={checks.host};PORT={checks.port};DATABASE={checks.database};UID={checks.user};UseServerSidePrepare=1;BoolsAsChar=0"
local = threading.local()


def connection():
    """One for each thread."""
    if not hasattr(local, "connection"):
        local.connection = pyodbc.connect(address, autocommit=True)
    return local.connection


def code_of(error):
    return error.args[0]


def rows(query, *parameters):
    cursor = connection().execute(query, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row)) for row in cursor.fetchall()] if names else []


def case(case_id):
    return rows("SELECT * FROM feedback_nps.followup_all WHERE case_id = ?", case_id)[0]


def history(case_id):
    return [row["what_changed"] for row in rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = ? ORDER BY place", case_id)]


def save(row):
    """Writes a whole row; the number of rows found."""
    names = ", ".join(f'"{name}" = ?' for name in row)
    return connection().execute(f"UPDATE feedback_nps.followup_all SET {names} WHERE case_id = ?", *row.values(), row["case_id"]).rowcount


def update(query, *parameters):
    return connection().execute(query, parameters).rowcount


class transaction:
    def __enter__(self):
        connection().autocommit = False

    def __exit__(self, failure, *_):
        if failure:
            connection().rollback()
        else:
            connection().commit()
        connection().autocommit = True


@check
def introspect():
    for row in rows(checks.RELATIONS):
        columns = connection().cursor().columns(table=row["relname"], schema=checks.SCHEMA).fetchall()
        expect((row["relname"], len(columns) > 0, [c.column_name for c in columns if c.type_name == "unknown"]), (row["relname"], True, []))


@check
def read():
    for row in rows(checks.RELATIONS):
        rows(f"SELECT * FROM feedback_nps.{row['relname']}")
    row = case(1)
    expect((row["score"], row["responded_at"].microsecond, row["version"]), (1.0, 123456, 0))


@check
def parameters():
    row = rows("SELECT nps_category(?::integer) AS category, nps_parse_score(?) AS score", 9, "10 - very")[0]
    expect((row["category"], row["score"]), ("promoter", 10))


@check
def partial_save():
    with transaction():
        rows("SELECT set_config('nps.actor', ?, true)", "ana")
        row = rows("UPDATE feedback_nps.followup SET status = 'contacted', channel = ?, note = ? WHERE case_id = ? RETURNING status, version", case(1)["channel_advised"], "called", 1)[0]
    expect(row, {"status": "contacted", "version": 1})
    expect(sorted(history(1)), ["channel", "contacted_at", "status"])


@check
def unchanged_save():
    expect(save(case(2)), 1)
    expect((history(2), case(2)["version"]), ([], 0))


@check
def changed_save():
    expect(save(case(3) | {"plan": "send a voucher"}), 1)
    expect((history(3), case(3)["version"]), (["plan"], 1))


@check
def stale_version():
    row = case(4)
    update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4")
    expect_error("55000", code_of, lambda: save(row | {"plan": "theirs"}))


@check
def stale_where():
    version = case(5)["version"]
    update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5")
    expect(update("UPDATE feedback_nps.followup SET plan = 'theirs', version = ? WHERE case_id = 5 AND version = ?", version + 1, version), 0)


@check
def two_saves():
    save(case(6) | {"plan": "one"})
    save(case(6) | {"status": "contacted", "channel": "phone"})
    save(case(6) | {"plan": "two"})
    expect((sorted(history(6)), case(6)["version"]), (["channel", "contacted_at", "plan", "plan", "status"], 3))


@check
def flush():
    with transaction():
        update("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')")
        update("UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0")
    expect((case(7)["open_concerns"], case(7)["version"]), (1, 1))


@check
def batch():
    connection().cursor().executemany("UPDATE feedback_nps.followup SET plan = ? WHERE case_id = ?", [(f"plan {i}", i) for i in (8, 9, 10)])
    expect([(case(i)["plan"], history(i)) for i in (8, 9, 10)], [(f"plan {i}", ["plan"]) for i in (8, 9, 10)])


@check
def concern_id():
    made = rows("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited') RETURNING concern_id")[0]["concern_id"]
    expect(rows("SELECT lastval() AS id")[0]["id"], made)


@check
def call():
    def within():
        with transaction():
            update("CALL nps_materialize('feedback_nps')")

    expect_error("25001", code_of, within)
    update("CALL nps_materialize('feedback_nps')")


@check
def claim():
    claim_all(lambda worker: [row["case_id"] for row in rows("SELECT case_id FROM nps_claim('feedback_nps', ?, NULL::bigint, 'ask for the reason', 7)", worker)])


@check
def retry():
    tries = []

    def assign():
        for _ in range(5):
            tries.append(1)
            try:
                update("UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12")
                return
            except pyodbc.Error as error:
                expect(code_of(error), "40001")

    def waits():
        looking = pyodbc.connect(address, autocommit=True)
        answer = looking.execute(checks.WAITING).fetchval()
        looking.close()
        return answer in (True, 1, "1")

    waiting = threading.Thread(target=assign)
    with transaction():
        update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12")
        waiting.start()
        checks.until(waits)
    waiting.join()
    expect((len(tries), case(12)["assigned_to"], case(12)["plan"]), (2, "bert", "mine"))
