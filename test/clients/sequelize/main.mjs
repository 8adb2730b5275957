// Sequelize: a model of the view, made of what describeTable says.  save() sends what changed.
import { DataTypes, Op, QueryTypes, Sequelize } from "sequelize";
import { check, claimAll, database, expect, expectError, host, port, race, relations, schema, user, waiting } from "../lib/checks.mjs";

const sequelize = new Sequelize(database, user, "", { host, port, dialect: "postgres", logging: false, pool: { max: 6 } });
const rows = (query, replacements = {}, transaction) => sequelize.query(query, { type: QueryTypes.SELECT, replacements, transaction });
const history = async (id) => (await rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = :id ORDER BY place", { id })).map((row) => row.what_changed);

const types = {
  BIGINT: DataTypes.BIGINT, BOOLEAN: DataTypes.BOOLEAN, DATE: DataTypes.DATEONLY, INTEGER: DataTypes.INTEGER, NUMERIC: DataTypes.DECIMAL, TEXT: DataTypes.TEXT,
  SMALLINT: DataTypes.SMALLINT, UUID: DataTypes.UUID, "DOUBLE PRECISION": DataTypes.DOUBLE, "TIME WITHOUT TIME ZONE": DataTypes.TIME,
  "TIMESTAMP WITH TIME ZONE": DataTypes.DATE, "TIMESTAMP WITHOUT TIME ZONE": DataTypes.DATE,
};
async function model(tableName, key, options) {
  const columns = await sequelize.getQueryInterface().describeTable({ tableName, schema });
  const attributes = Object.entries(columns).map(([name, { type }]) => {
    if (!types[type]) throw new Error(`${tableName}.${name} is ${type}`);
    return [name, { type: types[type], primaryKey: name === key, autoIncrement: name === key && name === "concern_id" }];
  });
  return sequelize.define(tableName, Object.fromEntries(attributes), { schema, tableName, timestamps: false, freezeTableName: true, ...options });
}
// The version is counted, and looked at before each save.
const Case = await model("followup_all", "case_id", { version: "version" });
const PlainCase = sequelize.define("plain_case", Case.rawAttributes, { schema, tableName: "followup_all", timestamps: false });
const Concern = await model("concern", "concern_id");
for (const name of ["raised_at", "moved", "broken", "is_open"]) Concern.removeAttribute(name); // the table's defaults
const models = {};

await check("introspect", async () => {
  for (const { relname } of await rows(relations)) if (!sequelize.models[relname]) models[relname] = await model(relname, "", {});
  // It looks for comments by the names of tables alone.
  await rows("SELECT count(*) FROM nps_attach('feedback', 'score', 'second_nps', respondent => 'customer', responded_at => 'at', time_zone => 'UTC')");
  await expectError("21000", () => model("concern", "concern_id"));
  await model("followup_all", "case_id", { version: "version" });
  await rows("SELECT nps_detach('second_nps')");
  return "describeTable of a table fails where two surveys of a database have it; views can be described";
});

await check("read", async () => {
  for (const each of Object.values(models)) {
    each.removeAttribute("id");
    await each.findAll();
  }
  const row = await Case.findByPk(1);
  expect([row.score, row.responded_at.getUTCMilliseconds(), row.version], [1, 123, 0]);
});

await check("parameters", async () => {
  const [row] = await sequelize.query("SELECT nps_category($1) AS text, nps_category($2::integer) AS category, nps_parse_score($3) AS score, nps_score(x) AS nps FROM unnest($4::integer[]) x", { bind: ["9", 9, "10 - very", [10, 9, 0]], type: QueryTypes.SELECT });
  expect([row.text, row.category, row.score, Math.round(row.nps)], ["promoter", "promoter", 10, 33]);
  const nps = await PlainCase.findOne({ attributes: [[sequelize.fn("nps_score", sequelize.col("score")), "nps"]], where: { case_id: { [Op.lt]: 20 } }, raw: true });
  expect(nps, { nps: -100 });
});

await check("partial_save", async () => {
  await sequelize.transaction(async (transaction) => {
    await rows("SELECT set_config('nps.actor', 'ana', true)", {}, transaction);
    const row = await PlainCase.findByPk(1, { transaction });
    await row.update({ status: "contacted", channel: row.channel_advised, note: "called" }, { transaction, returning: true });
    expect([row.status, row.channel, row.version], ["contacted", "phone", 1]);
  });
  expect((await history(1)).sort(), ["channel", "contacted_at", "status"]);
});

// Writes every field of a row.
const saveAll = (row, changes = {}) => PlainCase.update({ ...row.get(), ...changes }, { where: { case_id: row.case_id } });

await check("unchanged_save", async () => {
  for (const id of [2, 20]) {
    const before = await history(id);
    expect(await saveAll(await PlainCase.findByPk(id)), [1]);
    expect(await history(id), before);
  }
});

await check("changed_save", async () => {
  for (const id of [3, 20]) {
    await saveAll(await PlainCase.findByPk(id), { plan: "send a voucher" });
    expect((await history(id)).at(-1), "plan");
  }
  expect(await history(3), ["plan"]);
});

await check("stale_version", async () => {
  const row = await PlainCase.findByPk(4);
  await PlainCase.update({ plan: "mine" }, { where: { case_id: 4 } });
  await expectError("55000", () => saveAll(row, { plan: "theirs" }));
});

await check("stale_where", async () => {
  const row = await Case.findByPk(5);
  await PlainCase.update({ plan: "mine" }, { where: { case_id: 5 } });
  row.plan = "theirs";
  const error = await row.save().catch((e) => e);
  expect(error.name, "SequelizeOptimisticLockError");
});

await check("two_saves", async () => {
  const row = await Case.findByPk(6);
  await row.update({ plan: "one" });
  await row.update({ status: "contacted", channel: "phone" }, { returning: true }); // what the step sets besides
  await row.update({ plan: "two" });
  expect([row.version, row.contacted_at instanceof Date, (await history(6)).sort()], [3, true, ["channel", "contacted_at", "plan", "plan", "status"]]);
});

await check("flush", async () => {
  await sequelize.transaction(async (transaction) => {
    await Concern.create({ case_id: 7, concern: "the price" }, { transaction });
    await (await Case.findByPk(7, { transaction })).update({ status: "contacted", channel: "phone" }, { transaction });
  });
  const row = await Case.findByPk(7);
  expect([Number(row.open_concerns), row.version], [1, 1]);
});

await check("batch", async () => {
  await PlainCase.update({ assigned_to: "bert" }, { where: { case_id: [8, 9, 10] } });
  for (const id of [8, 9, 10]) expect(await history(id), ["assigned_to"]);
  // its upsert is an INSERT, and cases are not inserted
  await expectError("42P10", () => PlainCase.bulkCreate([{ case_id: 8, plan: "x" }], { updateOnDuplicate: ["plan"] }));
  return "bulkCreate with updateOnDuplicate inserts, and a view of cases has no key (42P10): update(…, { where })";
});

await check("concern_id", () =>
  sequelize.transaction(async (transaction) => {
    const made = await Concern.create({ case_id: 11, concern: "waited" }, { transaction });
    expect(await rows("SELECT lastval() AS id", {}, transaction), [{ id: made.concern_id }]);
    await made.update({ answer: "sorry" }, { transaction });
  }));

await check("call", async () => {
  await expectError("25001", () => sequelize.transaction((transaction) => sequelize.query("CALL nps_materialize('feedback_nps')", { transaction })));
  await sequelize.query("CALL nps_materialize('feedback_nps')");
});

await check("claim", () =>
  claimAll(async (worker) => (await rows("SELECT case_id FROM nps_claim('feedback_nps', :worker, NULL::bigint, 'ask for the reason', 7)", { worker })).map((row) => row.case_id)));

await check("retry", async () => {
  await race(
    (during) => sequelize.transaction(async (transaction) => {
      await PlainCase.update({ plan: "mine" }, { where: { case_id: 12 }, transaction });
      await during();
    }),
    () => PlainCase.update({ assigned_to: "bert" }, { where: { case_id: 12 } }),
    async () => (await rows(waiting))[0].waiting);
  const row = await PlainCase.findByPk(12);
  expect([row.assigned_to, row.plan], ["bert", "mine"]);
});

await sequelize.close();
