"""psycopg 3: plain SQL with parameters, which are sent apart from it."""

import threading

import checks
import psycopg
from checks import check, claim_all, expect, expect_error
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

address = dict(host=checks.host, port=checks.port, user=checks.user, dbname=checks.database)
# A pool between has no prepared statements of one session.
pool = ConnectionPool(kwargs=dict(address, row_factory=dict_row, prepare_threshold=None), min_size=1, max_size=6)


def code_of(error):
    return error.sqlstate


def rows(query, *parameters):
    with pool.connection() as connection:
        return connection.execute(query, parameters).fetchall()


def case(case_id):
    return rows("SELECT * FROM feedback_nps.followup_all WHERE case_id = %s", case_id)[0]


def history(case_id):
    return [row["what_changed"] for row in rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = %s ORDER BY place", case_id)]


def save(row, condition=""):
    """Writes a whole row, and reads it back: a step sets more than was sent.  None if it is not found."""
    columns = psycopg.sql.SQL(", ").join(psycopg.sql.SQL("{} = {}").format(psycopg.sql.Identifier(c), psycopg.sql.Placeholder(c)) for c in row)
    statement = psycopg.sql.SQL("UPDATE feedback_nps.followup_all SET {} WHERE case_id = %(case_id)s " + condition + " RETURNING *").format(columns)
    with pool.connection() as connection:
        return connection.execute(statement, row).fetchone()


@check
def introspect():
    with pool.connection() as connection:
        for row in connection.execute(checks.RELATIONS).fetchall():
            cursor = connection.execute(psycopg.sql.SQL("SELECT * FROM {} LIMIT 0").format(psycopg.sql.Identifier(checks.SCHEMA, row["relname"])))
            unknown = [c.name for c in cursor.description if psycopg.adapters.types.get(c.type_code) is None]
            expect(unknown, [])


@check
def read():
    for row in rows(checks.RELATIONS):
        with pool.connection() as connection:
            connection.execute(psycopg.sql.SQL("SELECT * FROM {}").format(psycopg.sql.Identifier(checks.SCHEMA, row["relname"]))).fetchall()
    row = case(1)
    expect((row["score"], row["responded_at"].microsecond, row["version"]), (1.0, 123456, 0))


@check
def parameters():
    row = rows("SELECT nps_category(%s) AS category, nps_parse_score(%s) AS score, nps_score(x) AS nps FROM unnest(%s::integer[]) x", 9, "10 - very", [10, 9, 0])[0]
    expect((row["category"], row["score"], round(row["nps"], 3)), ("promoter", 10, 33.333))


@check
def partial_save():
    with pool.connection() as connection:
        connection.execute("SELECT set_config('nps.actor', 'ana', true)")
        row = connection.execute(
            """UPDATE feedback_nps.followup SET status = 'contacted', channel = %s, note = %s WHERE case_id = %s
            RETURNING status, channel, version""", (case(1)["channel_advised"], "called", 1)).fetchone()
    expect(row, {"status": "contacted", "channel": "phone", "version": 1})
    expect(sorted(history(1)), ["channel", "contacted_at", "status"])
    expect(rows("SELECT DISTINCT actor FROM feedback_nps.followup_event WHERE case_id = 1"), [{"actor": "ana"}])


@check
def unchanged_save():
    expect(save(case(2))["version"], 0)
    expect((history(2), case(2)["version"]), ([], 0))


@check
def changed_save():
    expect(save(case(3) | {"plan": "send a voucher"})["plan"], "send a voucher")
    expect((history(3), case(3)["version"]), (["plan"], 1))


@check
def stale_version():
    read_before = case(4)
    rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4 RETURNING 1")
    error = expect_error("55000", code_of, lambda: save(read_before | {"plan": "theirs"}))
    expect("plan" in error.diag.message_detail, True)


@check
def stale_where():
    read_before = case(5)
    rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5 RETURNING 1")
    version = read_before["version"]
    with pool.connection() as connection:
        expect(connection.execute("UPDATE feedback_nps.followup SET plan = 'theirs', version = %s WHERE case_id = 5 AND version = %s", (version + 1, version)).rowcount, 0)


@check
def two_saves():
    row = save(case(6) | {"plan": "one", "version": 1}, "AND version = 0")
    row = save(row | {"status": "contacted", "channel": "phone", "version": 2}, "AND version = 1")
    row = save(row | {"plan": "two", "version": 3}, "AND version = 2")
    expect(save(row | {"plan": "three"}, "AND version = 2"), None)
    expect((sorted(history(6)), case(6)["version"]), (["channel", "contacted_at", "plan", "plan", "status"], 3))
    # one that is not read again, and counts its versions itself
    row = case(13)
    for changes in ({"status": "contacted", "channel": "phone", "note": "called"}, {}, {"assigned_to": "bert"}, {"plan": "call again"}):
        row = row | changes | {"version": row["version"] + 1}
        save(row)
    expect((sorted(history(13)), case(13)["version"]), (["assigned_to", "channel", "contacted_at", "plan", "status"], 4))


@check
def flush():
    with pool.connection() as connection:
        connection.execute("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')")
        connection.execute("UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0")
    expect((case(7)["open_concerns"], case(7)["version"]), (1, 1))


@check
def batch():
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.executemany("UPDATE feedback_nps.followup SET plan = %s WHERE case_id = %s", [(f"plan {i}", i) for i in (8, 9, 10)])
        expect(cursor.rowcount, 3)
    expect([(case(i)["plan"], history(i)) for i in (8, 9, 10)], [(f"plan {i}", ["plan"]) for i in (8, 9, 10)])


@check
def concern_id():
    with pool.connection() as connection:
        made = connection.execute("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited') RETURNING concern_id").fetchone()["concern_id"]
        expect(connection.execute("SELECT lastval() AS id").fetchone()["id"], made)


@check
def call():
    expect_error("25001", code_of, lambda: rows("CALL nps_materialize('feedback_nps')"))
    with pool.connection() as connection:
        connection.autocommit = True
        connection.execute("CALL nps_materialize('feedback_nps')")
        connection.autocommit = False


@check
def claim():
    claim_all(lambda worker: [row["case_id"] for row in rows("SELECT * FROM nps_claim(%s, %s, NULL::bigint, 'ask for the reason', 7)", "feedback_nps", worker)])


@check
def retry():
    def assign(tries):
        for _ in range(5):
            tries.append(1)
            try:
                with pool.connection() as connection:
                    connection.execute("UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12")
                return
            except psycopg.errors.SerializationFailure:
                pass

    tries = []
    waiting = threading.Thread(target=assign, args=(tries,))
    with pool.connection() as connection:
        connection.execute("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12")
        waiting.start()
        checks.until(lambda: rows(checks.WAITING)[0]["waiting"])
    waiting.join()
    expect((len(tries), case(12)["assigned_to"], case(12)["plan"]), (2, "bert", "mine"))


pool.close()
