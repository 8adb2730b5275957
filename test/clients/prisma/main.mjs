// Prisma: a model of the view, written as db pull writes one, and its generated client.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { check, claimAll, expect, expectError, race, relations, schema, url, waiting } from "../lib/checks.mjs";

process.env.DATABASE_URL = `${url}?schema=${schema}`;
process.env.CHECKPOINT_DISABLE = process.env.PRISMA_HIDE_UPDATE_MESSAGE = "1";
const prismaCommand = (...words) => execFileSync("node_modules/.bin/prisma", [...words, "--config", "prisma.config.mjs"], { encoding: "utf8", stdio: "pipe" });

const types = {
  bigint: "BigInt", integer: "Int", smallint: "Int @db.SmallInt", boolean: "Boolean", text: "String", "double precision": "Float", numeric: "Decimal",
  "timestamp with time zone": "DateTime @db.Timestamptz(6)", "timestamp without time zone": "DateTime @db.Timestamp(6)", date: "DateTime @db.Date",
  "time without time zone": "DateTime @db.Time(6)", uuid: "String @db.Uuid",
};
const field = (type, mark) => types[type].replace(/^\w+/, (name) => name + mark);
const client = new pg.Client({ connectionString: url });
await client.connect();
const names = (await client.query(relations)).rows.map((row) => row.relname);
const models = [];
for (const name of names) {
  const columns = (await client.query("SELECT attname, format_type(atttypid, -1) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum", [`${schema}.${name}`])).rows;
  const key = { followup_all: "case_id", concern: "concern_id" }[name];
  // A view that is written is a model with a key.
  const lines = columns.map(({ attname, type }) => {
    if (attname === key) return `  ${attname} ${types[type]} @id${key === "concern_id" ? " @default(autoincrement())" : ""}`;
    if (attname === "version") return `  version Int @default(0)`;
    if (name === "concern" && ["moved", "broken", "is_open", "raised_at"].includes(attname)) return `  ${attname} ${field(type, "")} @default(dbgenerated())`;
    return `  ${attname} ${field(type, "?")}`;
  });
  // The client reads any model; one without a key it knows only as a view.
  models.push(`${key ? "model" : "view"} ${name} {\n${lines.join("\n")}\n}`);
}
await client.end();
writeFileSync("schema.prisma", `generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["views"]\n}\ndatasource db {\n  provider = "postgresql"\n}\n${models.join("\n\n")}\n`);
// Generating needs no engine, but looks for one.
let pulled;
writeFileSync("pulled.prisma", `datasource db {\n  provider = "postgresql"\n}\n`);
try {
  prismaCommand("db", "pull", "--print", "--schema", "pulled.prisma");
} catch (error) {
  pulled = error;
  process.env.PRISMA_SCHEMA_ENGINE_BINARY = "/bin/true";
}
prismaCommand("generate");
const { PrismaClient } = await import("@prisma/client");
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 6 }, { schema }) });

const find = (id) => prisma.followup_all.findUniqueOrThrow({ where: { case_id: id } });
const history = async (id) => (await prisma.$queryRaw`SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = ${id} ORDER BY place`).map((row) => row.what_changed);
const update = (id, data, version) => prisma.followup_all.updateMany({ where: { case_id: id, version }, data });
// The adapter keeps the server's code in meta.
async function refused(code, steps) {
  try {
    await steps();
  } catch (error) {
    const text = `${error.code} ${error.meta?.code} ${JSON.stringify(error.meta ?? {})} ${error.message}`;
    expect([text.includes(code) && code, text.slice(0, 300)], [code, text.slice(0, 300)]);
    return text;
  }
  throw new Error(`no error ${code}`);
}

await check("introspect", async () => {
  if (!pulled) return;
  if (!/binaries\.prisma\.sh/.test(`${pulled.stdout}${pulled.stderr}`)) throw pulled;
  return "db pull needs an engine that is in no package; where it cannot be downloaded, the schema is written from the catalog";
});

await check("read", async () => {
  for (const name of names) await prisma[name].findMany();
  const row = await find(1);
  expect([row.score, row.responded_at.getUTCMilliseconds(), row.version], [1, 123, 0]);
});

await check("parameters", async () => {
  const [row] = await prisma.$queryRaw`SELECT nps_category(${"9"}) AS text, nps_category(${9}::integer) AS category, nps_parse_score(${"10 - very"}) AS score, nps_score(x) AS nps FROM unnest(${[10, 9, 0]}::integer[]) x`;
  expect([row.text, row.category, Number(row.score), Math.round(row.nps)], ["promoter", "promoter", 10, 33]);
  // what returns nothing is executed: a query can have no column of type void
  await refused("void", () => prisma.$queryRaw`SELECT nps_grant('feedback_nps', 'pg_monitor')`);
  await prisma.$executeRaw`SELECT nps_grant('feedback_nps', 'pg_monitor')`;
});

await check("partial_save", async () => {
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT set_config('nps.actor', ${"ana"}, true)`;
    const { channel_advised } = await tx.followup_all.findUniqueOrThrow({ where: { case_id: 1 } });
    const row = await tx.followup_all.update({ where: { case_id: 1 }, data: { status: "contacted", channel: channel_advised, note: "called" } });
    expect([row.status, row.channel, row.version], ["contacted", "phone", 1]);
  });
  expect((await history(1)).sort(), ["channel", "contacted_at", "status"]);
});

await check("unchanged_save", async () => {
  for (const id of [2, 20]) {
    const before = await history(id);
    const row = await find(id);
    expect((await prisma.followup_all.update({ where: { case_id: id }, data: row })).version, row.version);
    expect(await history(id), before);
  }
});

await check("changed_save", async () => {
  for (const id of [3, 20]) {
    const row = await find(id);
    expect((await prisma.followup_all.update({ where: { case_id: id }, data: { ...row, plan: "send a voucher" } })).version, row.version + 1);
    expect((await history(id)).at(-1), "plan");
  }
  expect(await history(3), ["plan"]);
});

await check("stale_version", async () => {
  const row = await find(4);
  await update(4, { plan: "mine" });
  await refused("55000", () => prisma.followup_all.update({ where: { case_id: 4 }, data: { ...row, plan: "theirs" } }));
});

await check("stale_where", async () => {
  const { version } = await find(5);
  await update(5, { plan: "mine" });
  expect(await update(5, { plan: "theirs", version: { increment: 1 } }, version), { count: 0 });
  await refused("P2025", () => prisma.followup_all.update({ where: { case_id: 5, version }, data: { plan: "theirs" } }));
});

await check("two_saves", async () => {
  const where = (row) => ({ case_id: row.case_id, version: row.version });
  let row = await find(6);
  row = await prisma.followup_all.update({ where: where(row), data: { ...row, plan: "one" } });
  row = await prisma.followup_all.update({ where: where(row), data: { ...row, status: "contacted", channel: "phone" } });
  row = await prisma.followup_all.update({ where: where(row), data: { ...row, plan: "two" } });
  expect([row.version, (await history(6)).sort()], [3, ["channel", "contacted_at", "plan", "plan", "status"]]);
});

await check("flush", async () => {
  await prisma.$transaction([
    prisma.concern.create({ data: { case_id: 7, concern: "the price" } }),
    prisma.followup_all.update({ where: { case_id: 7, version: 0 }, data: { status: "contacted", channel: "phone" } }),
  ]);
  const row = await find(7);
  expect([Number(row.open_concerns), row.version], [1, 1]);
});

await check("batch", async () => {
  expect(await prisma.followup_all.updateMany({ where: { case_id: { in: [8, 9, 10] } }, data: { plan: "call" } }), { count: 3 });
  await prisma.$transaction([8, 9, 10].map((id) => prisma.followup_all.update({ where: { case_id: id }, data: { assigned_to: `somebody ${id}` } })));
  for (const id of [8, 9, 10]) expect(await history(id), ["plan", "assigned_to"]);
});

await check("concern_id", () =>
  prisma.$transaction(async (tx) => {
    const made = await tx.concern.create({ data: { case_id: 11, concern: "waited" } });
    const [{ id }] = await tx.$queryRaw`SELECT lastval() AS id`;
    expect([Number(id), made.is_open], [Number(made.concern_id), true]);
    expect((await tx.concern.update({ where: { concern_id: made.concern_id }, data: { answer: "sorry" } })).is_open, false);
  }));

await check("call", async () => {
  await refused("25001", () => prisma.$transaction((tx) => tx.$executeRaw`CALL nps_materialize('feedback_nps')`));
  await prisma.$executeRaw`CALL nps_materialize('feedback_nps')`;
});

await check("claim", () =>
  claimAll(async (worker) => (await prisma.$queryRaw`SELECT case_id FROM nps_claim('feedback_nps', ${worker}, NULL::bigint, 'ask for the reason', 7)`).map((row) => row.case_id)));

await check("retry", async () => {
  await race(
    (during) => prisma.$transaction(async (tx) => {
      await tx.followup_all.update({ where: { case_id: 12 }, data: { plan: "mine" } });
      await during();
    }, { timeout: 60000 }),
    // P2034 is what it makes of 40001
    () => update(12, { assigned_to: "bert" }).catch((error) => {
      throw error.code === "P2034" ? Object.assign(error, { code: "40001" }) : error;
    }),
    async () => (await prisma.$queryRawUnsafe(waiting))[0].waiting);
  const row = await find(12);
  expect([row.assigned_to, row.plan], ["bert", "mine"]);
});

await prisma.$disconnect();
