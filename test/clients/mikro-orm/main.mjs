// MikroORM: a schema of the view with a version; a unit of work that sends what changed.
import { EntityGenerator } from "@mikro-orm/entity-generator";
import { EntitySchema, MikroORM } from "@mikro-orm/postgresql";
import { check, claimAll, database, expect, expectError, host, port, race, relations, schema, url, user, waiting } from "../lib/checks.mjs";

const address = host.startsWith("/") ? { host, port, user, dbName: database } : { clientUrl: url };
const looking = await MikroORM.init({ ...address, extensions: [EntityGenerator], discovery: { warnWhenNoEntities: false } });
const columnsOf = (name) => looking.em.getConnection().execute(
  "SELECT attname AS name, format_type(atttypid, -1) AS type FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 ORDER BY attnum", [`${schema}.${name}`]);
const types = { "timestamp with time zone": "datetime", "double precision": "double", numeric: "decimal" };

async function entity(table, key, name, more = {}, without = []) {
  const properties = {};
  for (const column of await columnsOf(table))
    if (!without.includes(column.name))
      properties[column.name] = {
        type: types[column.type] ?? column.type, fieldName: column.name, nullable: true, ...(column.name === key ? { primary: true, nullable: false } : {}), ...more[column.name] };
  return new EntitySchema({ name, tableName: table, schema, properties });
}
const Case = await entity("followup_all", "case_id", "Case", { version: { type: "integer", version: true, nullable: false } });
const PlainCase = await entity("followup_all", "case_id", "PlainCase");
const Concern = await entity("concern", "concern_id", "Concern", { concern_id: { type: "bigint", primary: true, autoincrement: true } }, ["raised_at", "moved", "broken", "is_open"]);
const orm = await MikroORM.init({ ...address, entities: [Case, PlainCase, Concern], discovery: { checkDuplicateTableNames: false }, pool: { min: 0, max: 6 } });
const rows = (query, ...parameters) => orm.em.getConnection().execute(query, parameters);
const history = async (id) => (await rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = ? ORDER BY place", id)).map((row) => row.what_changed);
const find = (id) => orm.em.fork().findOneOrFail(PlainCase, { case_id: id });
const saveAll = (row, changes = {}) => {
  const { case_id, ...columns } = row;
  return orm.em.fork().nativeUpdate(PlainCase, { case_id }, { ...columns, ...changes });
};

await check("introspect", async () => {
  const files = (await looking.entityGenerator.generate({ schema })).join("\n");
  for (const { relname } of await rows(relations.replace("'r', 'p', 'v'", "'r', 'p'"))) expect([relname, files.includes(`'${relname}'`) || files.toLowerCase().includes(`class ${relname.replaceAll("_", "")}`)], [relname, true]);
  return "its generator writes entities of tables only: one for a view is written by hand";
});

await check("read", async () => {
  for (const { relname } of await rows(relations)) await rows(`SELECT * FROM ${schema}.${relname}`);
  const row = await find(1);
  expect([row.score, row.responded_at.getUTCMilliseconds(), row.version], [1, 123, 0]);
});

await check("parameters", async () => {
  const [row] = await rows("SELECT nps_category(?) AS text, nps_category(?::integer) AS category, nps_parse_score(?) AS score", "9", 9, "10 - very");
  expect([row.text, row.category, row.score], ["promoter", "promoter", 10]);
});

await check("partial_save", async () => {
  await orm.em.fork().transactional(async (em) => {
    await em.execute("SELECT set_config('nps.actor', ?, true)", ["ana"]);
    const row = await em.findOneOrFail(Case, { case_id: 1 });
    Object.assign(row, { status: "contacted", channel: row.channel_advised, note: "called" });
  });
  expect((await history(1)).sort(), ["channel", "contacted_at", "status"]);
});

await check("unchanged_save", async () => {
  for (const id of [2, 20]) {
    const before = await history(id);
    expect(await saveAll(await find(id)), 1);
    expect(await history(id), before);
  }
});

await check("changed_save", async () => {
  for (const id of [3, 20]) {
    await saveAll(await find(id), { plan: "send a voucher" });
    expect((await history(id)).at(-1), "plan");
  }
  expect(await history(3), ["plan"]);
});

await check("stale_version", async () => {
  const row = await find(4);
  await rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4");
  await expectError("55000", () => saveAll(row, { plan: "theirs" }));
});

await check("stale_where", async () => {
  const em = orm.em.fork();
  const row = await em.findOneOrFail(Case, { case_id: 5 });
  await rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5");
  row.plan = "theirs";
  const error = await em.flush().catch((e) => e);
  expect(error.name, "OptimisticLockError");
});

await check("two_saves", async () => {
  const em = orm.em.fork();
  const row = await em.findOneOrFail(Case, { case_id: 6 });
  row.plan = "one";
  await em.flush();
  Object.assign(row, { status: "contacted", channel: "phone" });
  await em.flush();
  row.plan = "two";
  await em.flush();
  expect([row.version, (await history(6)).sort()], [3, ["channel", "contacted_at", "plan", "plan", "status"]]);
  // what the step set besides
  await em.refresh(row);
  expect(row.contacted_at instanceof Date, true);
});

await check("flush", async () => {
  const em = orm.em.fork();
  const row = await em.findOneOrFail(Case, { case_id: 7 });
  Object.assign(row, { status: "contacted", channel: "phone" });
  em.create(Concern, { case_id: 7n, concern: "the price" });
  await em.flush();
  const now = await find(7);
  expect([Number(now.open_concerns), now.version], [1, 1]);
});

await check("batch", async () => {
  // A flush of several rows is one statement: SET plan = CASE WHEN case_id = 8 THEN … ELSE plan END
  const em = orm.em.fork();
  const some = await em.find(PlainCase, { case_id: { $in: [8, 9, 10] } });
  for (const row of some) row.plan = `plan ${row.case_id}`;
  some[0].assigned_to = "bert";
  await em.flush();
  expect((await Promise.all([8, 9, 10].map(history))).flat().sort(), ["assigned_to", "plan", "plan", "plan"]);
});

await check("concern_id", () =>
  orm.em.fork().transactional(async (em) => {
    const made = em.create(Concern, { case_id: 11n, concern: "waited" });
    await em.flush();
    const [{ id }] = await em.execute("SELECT lastval() AS id");
    expect(Number(id), Number(made.concern_id));
    made.answer = "sorry";
  }));

await check("call", async () => {
  await expectError("25001", () => orm.em.fork().transactional((em) => em.execute("CALL nps_materialize('feedback_nps')")));
  await rows("CALL nps_materialize('feedback_nps')");
});

await check("claim", () =>
  claimAll(async (worker) => (await rows("SELECT case_id FROM nps_claim('feedback_nps', ?, NULL::bigint, 'ask for the reason', 7)", worker)).map((row) => row.case_id)));

await check("retry", async () => {
  await race(
    (during) => orm.em.fork().transactional(async (em) => {
      await em.nativeUpdate(PlainCase, { case_id: 12 }, { plan: "mine" });
      await during();
    }),
    () => orm.em.fork().nativeUpdate(PlainCase, { case_id: 12 }, { assigned_to: "bert" }),
    async () => (await rows(waiting))[0].waiting);
  const row = await find(12);
  expect([row.assigned_to, row.plan], ["bert", "mine"]);
});

await looking.close();
await orm.close();
