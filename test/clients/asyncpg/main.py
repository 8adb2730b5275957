"""asyncpg: the binary protocol, with prepared statements whose parameters have the server's types."""

import asyncio

import asyncpg
import checks
from checks import expect

pool = None
loop = asyncio.new_event_loop()
address = dict(host=checks.host, port=checks.port, user=checks.user, database=checks.database)


def check(function):
    def run():
        return loop.run_until_complete(function())

    run.__name__ = function.__name__
    checks.check(run)


async def expect_error(code, awaitable):
    try:
        await awaitable
    except asyncpg.PostgresError as error:
        expect(error.sqlstate, code)
        return error
    raise AssertionError(f"no error {code}")


async def case(case_id):
    return dict(await pool.fetchrow("SELECT * FROM feedback_nps.followup_all WHERE case_id = $1", case_id))


async def history(case_id):
    return [row["what_changed"] for row in await pool.fetch("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = $1 ORDER BY place", case_id)]


async def save(row, condition=""):
    """Writes a whole row, and reads it back: a step sets more than was sent.  None if it is not found."""
    columns = ", ".join(f'"{name}" = ${number}' for number, name in enumerate(row, 1))
    place = list(row).index("case_id") + 1
    return await pool.fetchrow(f"UPDATE feedback_nps.followup_all SET {columns} WHERE case_id = ${place} {condition} RETURNING *", *row.values())


async def start():
    global pool
    pool = await asyncpg.create_pool(**address, min_size=1, max_size=6)


loop.run_until_complete(start())


@check
async def introspect():
    async with pool.acquire() as connection:
        for (relation,) in await connection.fetch(checks.RELATIONS):
            statement = await connection.prepare(f"SELECT * FROM feedback_nps.{relation}")
            expect([a.name for a in statement.get_attributes() if a.type.schema != "pg_catalog"], [])


@check
async def read():
    for (relation,) in await pool.fetch(checks.RELATIONS):
        await pool.fetch(f"SELECT * FROM feedback_nps.{relation}")
    row = await case(1)
    expect((row["score"], row["responded_at"].microsecond, row["version"]), (1.0, 123456, 0))


@check
async def parameters():
    # A parameter has one type, the server's: nps_category($1) of a parameter without a type takes text.
    await pool.fetchval("SELECT nps_category($1)", "9")
    row = await pool.fetchrow("SELECT nps_category($1::integer) AS category, nps_parse_score($2) AS score, nps_score(x) AS nps FROM unnest($3::integer[]) x", 9, "10 - very", [10, 9, 0])
    expect((row["category"], row["score"], round(row["nps"], 3)), ("promoter", 10, 33.333))


@check
async def partial_save():
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('nps.actor', $1, true)", "ana")
        row = await connection.fetchrow(
            "UPDATE feedback_nps.followup SET status = 'contacted', channel = $1, note = $2 WHERE case_id = $3 RETURNING status, channel, version",
            (await case(1))["channel_advised"], "called", 1)
    expect(tuple(row), ("contacted", "phone", 1))
    expect(sorted(await history(1)), ["channel", "contacted_at", "status"])


@check
async def unchanged_save():
    expect((await save(await case(2)))["version"], 0)
    expect(await history(2), [])


@check
async def changed_save():
    expect((await save(await case(3) | {"plan": "send a voucher"}))["version"], 1)
    expect(await history(3), ["plan"])


@check
async def stale_version():
    read_before = await case(4)
    await pool.execute("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4")
    error = await expect_error("55000", save(read_before | {"plan": "theirs"}))
    expect("plan" in error.detail, True)


@check
async def stale_where():
    version = (await case(5))["version"]
    await pool.execute("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5")
    expect(await pool.execute("UPDATE feedback_nps.followup SET plan = 'theirs', version = $1 + 1 WHERE case_id = 5 AND version = $1", version), "UPDATE 0")


@check
async def two_saves():
    row = dict(await save(await case(6) | {"plan": "one", "version": 1}, "AND version = 0"))
    row = dict(await save(row | {"status": "contacted", "channel": "phone", "version": 2}, "AND version = 1"))
    expect((row["version"], sorted(await history(6))), (2, ["channel", "contacted_at", "plan", "status"]))
    expect(await save(row | {"plan": "three"}, "AND version = 1"), None)


@check
async def flush():
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')")
        await connection.execute("UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0")
    row = await case(7)
    expect((row["open_concerns"], row["version"]), (1, 1))


@check
async def batch():
    await pool.executemany("UPDATE feedback_nps.followup SET plan = $1 WHERE case_id = $2", [(f"plan {i}", i) for i in (8, 9, 10)])
    expect([((await case(i))["plan"], await history(i)) for i in (8, 9, 10)], [(f"plan {i}", ["plan"]) for i in (8, 9, 10)])


@check
async def concern_id():
    async with pool.acquire() as connection:
        made = await connection.fetchval("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited') RETURNING concern_id")
        expect(await connection.fetchval("SELECT lastval()"), made)


@check
async def call():
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await expect_error("25001", connection.execute("CALL nps_materialize('feedback_nps')"))
        await transaction.rollback()
    await pool.execute("CALL nps_materialize('feedback_nps')")


@check
async def claim():
    async def work(worker):
        handed = []
        while cases := await pool.fetch("SELECT case_id FROM nps_claim('feedback_nps', $1, NULL::bigint, 'ask for the reason', 7)", worker):
            handed.extend(row["case_id"] for row in cases)
        return handed

    handed = await asyncio.gather(*(work(f"worker {i}") for i in range(4)))
    expect(sorted(sum(handed, [])), list(range(101, 161)))


@check
async def retry():
    async def assign():
        for tries in range(1, 6):
            try:
                await pool.execute("UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12")
                return tries
            except asyncpg.SerializationError:
                pass

    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12")
        waiting = asyncio.ensure_future(assign())
        while not await pool.fetchval(checks.WAITING):
            await asyncio.sleep(0.05)
    tries = await asyncio.wait_for(waiting, 60)
    row = await case(12)
    expect((tries, row["assigned_to"], row["plan"]), (2, "bert", "mine"))


loop.run_until_complete(pool.close())
