// postgres.js: tagged templates; parameters have the types that the server says.
import postgres from "postgres";
import { check, claimAll, database, expect, expectError, host, port, race, relations, schema, user, waiting } from "../lib/checks.mjs";

const sql = postgres({ host, port, user, database, max: 6, onnotice: () => {} });
const find = async (id) => (await sql`SELECT * FROM feedback_nps.followup_all WHERE case_id = ${id}`)[0];
const history = async (id) => (await sql`SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = ${id} ORDER BY place`).map((row) => row.what_changed);

// Writes a whole row, and reads it back: a step sets more than was sent.
const save = async (row) => (await sql`UPDATE feedback_nps.followup_all SET ${sql(row)} WHERE case_id = ${row.case_id} RETURNING *`)[0];

await check("introspect", async () => {
  for (const { relname } of await sql.unsafe(relations)) {
    const statement = await sql`SELECT * FROM ${sql(schema)}.${sql(relname)}`.describe();
    expect(statement.columns.filter((column) => column.type >= 16384).map((column) => column.name), []);
  }
});

await check("read", async () => {
  for (const { relname } of await sql.unsafe(relations)) await sql`SELECT * FROM ${sql(schema)}.${sql(relname)}`;
  const row = await find(1);
  expect([row.score, row.responded_at.getUTCMilliseconds(), row.version], [1, 123, 0]);
});

await check("parameters", async () => {
  const [row] = await sql`SELECT nps_category(${"9"}) AS text, nps_category(${9}::integer) AS category, nps_parse_score(${"10 - very"}) AS score, nps_score(x) AS nps FROM unnest(${[10, 9, 0]}::integer[]) x`;
  expect([row.text, row.category, row.score, Math.round(row.nps)], ["promoter", "promoter", 10, 33]);
});

await check("partial_save", async () => {
  await sql.begin(async (sql) => {
    await sql`SELECT set_config('nps.actor', ${"ana"}, true)`;
    const [{ channel_advised }] = await sql`SELECT channel_advised FROM feedback_nps.followup WHERE case_id = 1`;
    const [row] = await sql`UPDATE feedback_nps.followup SET status = 'contacted', channel = ${channel_advised}, note = ${"called"} WHERE case_id = ${1} RETURNING status, channel, version`;
    expect(row, { status: "contacted", channel: "phone", version: 1 });
  });
  expect((await history(1)).sort(), ["channel", "contacted_at", "status"]);
});

await check("unchanged_save", async () => {
  expect((await save(await find(2))).version, 0);
  expect((await save(await find(20))).version, 1);
  expect(await history(2), []);
});

await check("changed_save", async () => {
  expect((await save({ ...(await find(3)), plan: "send a voucher" })).version, 1);
  expect((await save({ ...(await find(20)), plan: "send a voucher" })).version, 2);
  expect([await history(3), (await history(20)).at(-1)], [["plan"], "plan"]);
});

await check("stale_version", async () => {
  const readBefore = await find(4);
  await sql`UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4`;
  expect(/plan/.test((await expectError("55000", () => save({ ...readBefore, plan: "theirs" }))).detail), true);
});

await check("stale_where", async () => {
  const { version } = await find(5);
  await sql`UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5`;
  expect((await sql`UPDATE feedback_nps.followup SET plan = 'theirs', version = ${version + 1} WHERE case_id = 5 AND version = ${version}`).count, 0);
});

await check("two_saves", async () => {
  let row = await save({ ...(await find(6)), plan: "one" });
  row = await save({ ...row, status: "contacted", channel: "phone" });
  row = await save({ ...row, plan: "two" });
  expect([row.version, (await history(6)).sort()], [3, ["channel", "contacted_at", "plan", "plan", "status"]]);
});

await check("flush", async () => {
  await sql.begin((sql) => [
    sql`INSERT INTO feedback_nps.concern ${sql({ case_id: 7, concern: "the price" })}`,
    sql`UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0`,
  ]);
  const row = await find(7);
  expect([row.open_concerns, row.version], ["1", 1]);
});

await check("batch", async () => {
  const plans = [8, 9, 10].map((id) => [id, `plan ${id}`]);
  expect((await sql`UPDATE feedback_nps.followup f SET plan = v.plan FROM (VALUES ${sql(plans)}) AS v(id, plan) WHERE f.case_id = v.id::bigint`).count, 3);
  for (const id of [8, 9, 10]) expect([(await find(id)).plan, await history(id)], [`plan ${id}`, ["plan"]]);
});

await check("concern_id", () =>
  sql.begin(async (sql) => {
    const made = await sql`INSERT INTO feedback_nps.concern ${sql({ case_id: 11, concern: "waited" })} RETURNING concern_id`;
    expect(await sql`SELECT lastval() AS concern_id`, made);
  }));

await check("call", async () => {
  await expectError("25001", () => sql.begin((sql) => sql`CALL nps_materialize('feedback_nps')`));
  await sql`CALL nps_materialize('feedback_nps')`;
});

await check("claim", () =>
  claimAll(async (worker) => (await sql`SELECT case_id FROM nps_claim('feedback_nps', ${worker}, NULL::bigint, 'ask for the reason', 7)`).map((row) => row.case_id)));

await check("retry", async () => {
  await race(
    (during) => sql.begin(async (sql) => {
      await sql`UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12`;
      await during();
    }),
    async () => await sql`UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12`,
    async () => (await sql.unsafe(waiting))[0].waiting);
  const row = await find(12);
  expect([row.assigned_to, row.plan], ["bert", "mine"]);
});

await sql.end();
