// TypeORM: an entity of the view as its tables would have one.  save() reads the row, and sends what differs.
import { EntitySchema, DataSource, In } from "typeorm";
import { check, claimAll, database, expect, expectError, host, port, race, relations, schema, user, waiting } from "../lib/checks.mjs";

const address = { type: "postgres", host, port, username: user, database, poolSize: 6 };

// The columns as TypeORM's own look at the tables has them.
const looking = await new DataSource(address).initialize();
const names = (await looking.query(relations)).map((row) => `${schema}.${row.relname}`);
const runner = looking.createQueryRunner();
const tables = [...(await runner.getTables(names)), ...(await runner.getViews(names))];
const entities = names.map((name) => {
  const table = tables.find((each) => each.name === name);
  return { name, columns: table.columns };
});
await runner.release();
await looking.destroy();

// What the view computes is never sent back.
const set = ["status", "assigned_to", "team", "channel", "cause", "plan", "desired_outcome", "dismiss_reason", "snoozed_until", "waiting_since", "acknowledged_at",
  "asked_at", "attempted_at", "contacted_at", "resolved_at", "informed_at", "closed_at", "note", "actor", "version"];

function entity({ name, columns }, key, as, updated) {
  const shape = Object.fromEntries(columns.map((column) => [column.name, {
    type: column.type, nullable: true, primary: column.name === key, update: !updated || updated.includes(column.name),
    generated: column.name === "concern_id" && key === "concern_id" ? "increment" : undefined }]));
  return new EntitySchema({ name: as, tableName: name.split(".")[1], schema, columns: shape, synchronize: false });
}
const of = (name) => entities.find((each) => each.name === `${schema}.${name}`);
const CaseSchema = entity(of("followup_all"), "case_id", "Case", set);
const PlainSchema = entity(of("followup_all"), "case_id", "Plain");
const ConcernSchema = entity({ ...of("concern"), columns: of("concern").columns.filter((column) => !["raised_at", "moved", "broken", "is_open"].includes(column.name)) }, "concern_id", "Concern");
const source = await new DataSource({ ...address, entities: [CaseSchema, PlainSchema, ConcernSchema] }).initialize();
const cases = source.getRepository("Case");
const plain = source.getRepository("Plain");
const rows = (query, ...parameters) => source.query(query, parameters);
const find = (id) => cases.findOneByOrFail({ case_id: id });
const history = async (id) => (await rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = $1 ORDER BY place", id)).map((row) => row.what_changed);

await check("introspect", async () => {
  expect(entities.filter((each) => each.columns.length === 0).map((each) => each.name), []);
});

await check("read", async () => {
  for (const { name, columns } of entities)
    await source.createQueryBuilder().select(columns.map((column) => `v."${column.name}"`)).from(name, "v").getRawMany();
  const row = await find(1);
  expect([row.score, row.responded_at.getUTCMilliseconds(), row.version], [1, 123, 0]);
});

await check("parameters", async () => {
  const [row] = await rows("SELECT nps_category($1) AS text, nps_category($2::integer) AS category, nps_parse_score($3) AS score, nps_score(x) AS nps FROM unnest($4::integer[]) x", "9", 9, "10 - very", [10, 9, 0]);
  expect([row.text, row.category, row.score, Math.round(row.nps)], ["promoter", "promoter", 10, 33]);
  expect(await cases.createQueryBuilder("c").select("nps_score(c.score)", "nps").where("c.case_id < :id", { id: 20 }).getRawOne(), { nps: -100 });
});

await check("partial_save", async () => {
  await source.transaction(async (manager) => {
    await manager.query("SELECT set_config('nps.actor', $1, true)", ["ana"]);
    const row = await manager.findOneByOrFail("Case", { case_id: 1 });
    Object.assign(row, { status: "contacted", channel: row.channel_advised, note: "called" });
    await manager.save("Case", row);
  });
  expect((await history(1)).sort(), ["channel", "contacted_at", "status"]);
});

await check("unchanged_save", async () => {
  for (const id of [2, 20]) {
    const before = await history(id);
    const { case_id, ...columns } = await find(id);
    await plain.update({ case_id }, columns);
    await cases.save({ case_id, ...columns });
    expect(await history(id), before);
  }
  // Where all that differs is computed, such as overdue_hours, save() of an entity of all columns sends that alone.
  const { case_id, ...columns } = await plain.findOneByOrFail({ case_id: 2 });
  await expectError("0A000", () => plain.save({ case_id, ...columns }));
  return "save() sends what differs, also where only the clock went on (0A000): map what the view computes with update: false";
});

await check("changed_save", async () => {
  for (const id of [3, 20]) {
    const { case_id, ...columns } = await find(id);
    await plain.update({ case_id }, { ...columns, plan: "send a voucher" });
    expect((await history(id)).at(-1), "plan");
  }
  expect(await history(3), ["plan"]);
});

await check("stale_version", async () => {
  const { case_id, ...columns } = await find(4);
  await rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4");
  await expectError("55000", () => plain.update({ case_id }, { ...columns, plan: "theirs" }));
  // save() compares with a row that it has just read, and sends the version that differs
  await expectError("55000", () => cases.save({ case_id, ...columns, plan: "theirs" }));
});

await check("stale_where", async () => {
  const { version } = await find(5);
  await rows("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5");
  expect((await cases.update({ case_id: 5, version }, { plan: "theirs" })).affected, 0);
});

await check("two_saves", async () => {
  let row = await find(6);
  row.plan = "one";
  await cases.save(row);
  row.plan = "two";
  // It reads back nothing but what it generates: the object still has the version of before, and sends it.
  await expectError("55000", () => cases.save(row));
  row = await find(6);
  row.plan = "two";
  await cases.save(row);
  await cases.update({ case_id: 6 }, { status: "contacted", channel: "phone" });
  expect((await history(6)).sort(), ["channel", "contacted_at", "plan", "plan", "status"]);
  return "reads nothing back: find it again before a whole object is saved again, or update() what changes";
});

await check("flush", async () => {
  await source.transaction(async (manager) => {
    await manager.save("Concern", { case_id: 7, concern: "the price" });
    await manager.update("Case", { case_id: 7, version: 0 }, { status: "contacted", channel: "phone" });
  });
  const row = await find(7);
  expect([Number(row.open_concerns), row.version], [1, 1]);
});

await check("batch", async () => {
  const some = await cases.findBy({ case_id: In([8, 9, 10]) });
  for (const row of some) row.plan = `plan ${row.case_id}`;
  await cases.save(some);
  for (const id of [8, 9, 10]) expect([(await find(id)).plan, await history(id)], [`plan ${id}`, ["plan"]]);
});

await check("concern_id", () =>
  source.transaction(async (manager) => {
    const made = await manager.save("Concern", { case_id: 11, concern: "waited" });
    expect(await manager.query("SELECT lastval() AS concern_id"), [{ concern_id: made.concern_id }]);
    await manager.save("Concern", { ...made, answer: "sorry" });
  }));

await check("call", async () => {
  await expectError("25001", () => source.transaction((manager) => manager.query("CALL nps_materialize('feedback_nps')")));
  await rows("CALL nps_materialize('feedback_nps')");
});

await check("claim", () =>
  claimAll(async (worker) => (await rows("SELECT case_id FROM nps_claim('feedback_nps', $1, NULL::bigint, 'ask for the reason', 7)", worker)).map((row) => row.case_id)));

await check("retry", async () => {
  await race(
    (during) => source.transaction(async (manager) => {
      await manager.update("Case", { case_id: 12 }, { plan: "mine" });
      await during();
    }),
    () => cases.update({ case_id: 12 }, { assigned_to: "bert" }),
    async () => (await rows(waiting))[0].waiting);
  const row = await find(12);
  expect([row.assigned_to, row.plan], ["bert", "mine"]);
});

await source.destroy();
