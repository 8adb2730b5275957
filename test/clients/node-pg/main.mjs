// node-pg: plain SQL with parameters.  Times are JavaScript's, in milliseconds; bigint and numeric are strings.
import pg from "pg";
import { check, claimAll, database, expect, expectError, host, port, race, relations, user, waiting } from "../lib/checks.mjs";

const pool = new pg.Pool({ host, port, user, database, max: 6 });
const rows = async (query, ...parameters) => (await pool.query(query, parameters)).rows;
const find = async (id) => (await rows("SELECT * FROM feedback_nps.followup_all WHERE case_id = $1", id))[0];
const history = async (id) => (await rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = $1 ORDER BY place", id)).map((row) => row.what_changed);

// Writes a whole row, and reads it back: a step sets more than was sent.  Nothing if it is not found.
async function save(row, condition = "") {
  const columns = Object.keys(row);
  const set = columns.map((name, i) => `"${name}" = $${i + 1}`).join(", ");
  return (await rows(`UPDATE feedback_nps.followup_all SET ${set} WHERE case_id = $${columns.indexOf("case_id") + 1} ${condition} RETURNING *`, ...Object.values(row)))[0];
}

async function transaction(steps) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await steps(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

await check("introspect", async () => {
  const names = new Set(Object.values(pg.types.builtins));
  for (const { relname } of await rows(relations)) {
    const { fields } = await pool.query(`SELECT * FROM feedback_nps.${relname} LIMIT 0`);
    expect(fields.filter((field) => !names.has(field.dataTypeID)).map((field) => field.name), []);
  }
});

await check("read", async () => {
  for (const { relname } of await rows(relations)) await rows(`SELECT * FROM feedback_nps.${relname}`);
  const row = await find(1);
  expect([row.score, row.responded_at.getUTCMilliseconds(), row.version], [1, 123, 0]);
});

await check("parameters", async () => {
  // A parameter has one type, the server's choice: without a cast, nps_category($1) takes text.
  const [row] = await rows("SELECT nps_category($1) AS text, nps_category($2::integer) AS category, nps_parse_score($3) AS score, nps_score(x) AS nps FROM unnest($4::integer[]) x", "9", 9, "10 - very", [10, 9, 0]);
  expect([row.text, row.category, row.score, Math.round(row.nps)], ["promoter", "promoter", 10, 33]);
});

await check("partial_save", async () => {
  const row = await transaction(async (client) => {
    await client.query("SELECT set_config('nps.actor', $1, true)", ["ana"]);
    const { channel_advised } = await find(1);
    return (await client.query("UPDATE feedback_nps.followup SET status = 'contacted', channel = $1, note = $2 WHERE case_id = $3 RETURNING status, channel, version", [channel_advised, "called", 1])).rows[0];
  });
  expect(row, { status: "contacted", channel: "phone", version: 1 });
  expect((await history(1)).sort(), ["channel", "contacted_at", "status"]);
  expect(await rows("SELECT DISTINCT actor FROM feedback_nps.followup_event WHERE case_id = 1"), [{ actor: "ana" }]);
});

await check("unchanged_save", async () => {
  expect((await save(await find(2))).version, 0);
  // one that has times, too
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
  await rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4");
  const error = await expectError("55000", () => save({ ...readBefore, plan: "theirs" }));
  expect(/plan/.test(error.detail), true);
});

await check("stale_where", async () => {
  const { version } = await find(5);
  await rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5");
  expect((await pool.query("UPDATE feedback_nps.followup SET plan = 'theirs', version = $1 + 1 WHERE case_id = 5 AND version = $1", [version])).rowCount, 0);
});

await check("two_saves", async () => {
  let row = await save({ ...(await find(6)), plan: "one", version: 1 }, "AND version = 0");
  row = await save({ ...row, status: "contacted", channel: "phone", version: 2 }, "AND version = 1");
  row = await save({ ...row, plan: "two", version: 3 }, "AND version = 2");
  expect([row.version, (await history(6)).sort()], [3, ["channel", "contacted_at", "plan", "plan", "status"]]);
  expect(await save({ ...row, plan: "three" }, "AND version = 2"), undefined);
  // one that is not read again, and counts its versions itself
  row = await find(13);
  for (const changes of [{ status: "contacted", channel: "phone", note: "called" }, {}, { assigned_to: "bert" }, { plan: "call again" }]) {
    row = { ...row, ...changes, version: row.version + 1 };
    await save(row);
  }
  expect([(await history(13)).sort(), (await find(13)).version], [["assigned_to", "channel", "contacted_at", "plan", "status"], 4]);
});

await check("flush", async () => {
  await transaction(async (client) => {
    await client.query("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')");
    await client.query("UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0");
  });
  const row = await find(7);
  expect([row.open_concerns, row.version], ["1", 1]);
});

await check("batch", async () => {
  const { rowCount } = await pool.query("UPDATE feedback_nps.followup f SET plan = v.plan FROM jsonb_to_recordset($1) AS v(id bigint, plan text) WHERE f.case_id = v.id", [JSON.stringify([8, 9, 10].map((id) => ({ id, plan: `plan ${id}` })))]);
  expect(rowCount, 3);
  for (const id of [8, 9, 10]) expect([(await find(id)).plan, await history(id)], [`plan ${id}`, ["plan"]]);
});

await check("concern_id", () =>
  transaction(async (client) => {
    const made = await client.query("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited') RETURNING concern_id");
    expect((await client.query("SELECT lastval() AS concern_id")).rows, made.rows);
  }));

await check("call", async () => {
  await expectError("25001", () => transaction((client) => client.query("CALL nps_materialize('feedback_nps')")));
  await rows("CALL nps_materialize('feedback_nps')");
});

await check("claim", () =>
  claimAll(async (worker) => (await rows("SELECT case_id FROM nps_claim('feedback_nps', $1, NULL::bigint, 'ask for the reason', 7)", worker)).map((row) => row.case_id)));

await check("retry", async () => {
  await race(
    (during) => transaction(async (client) => {
      await client.query("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12");
      await during();
    }),
    () => rows("UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12"),
    async () => (await rows(waiting))[0].waiting);
  const row = await find(12);
  expect([row.assigned_to, row.plan], ["bert", "mine"]);
});

await pool.end();
