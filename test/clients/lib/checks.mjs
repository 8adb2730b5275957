// What the Node programs of test/clients share.
// A check has a name and a function.  What the function returns is the client's own limit, which it has seen.
// Each check prints one line for each.sh: name, result, text.

export const schema = "feedback_nps";
export const relations = `
  SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'feedback_nps' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1`;
// Whether a statement waits for another one.
export const waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS waiting";

export const host = process.env.PGHOST;
export const port = Number(process.env.PGPORT);
export const user = process.env.PGUSER;
export const database = process.env.PGDATABASE;
export const url = `postgres://${user}@${host}:${port}/${database}`;

export async function check(name, steps) {
  try {
    const limit = await steps();
    console.log([name, limit ? "limit" : "ok", limit || ""].join("\t"));
  } catch (error) {
    console.error(error);
    console.log([name, "FAILED", `${error.message || error}`.replace(/\s+/g, " ").slice(0, 400)].join("\t"));
  }
}

export function expect(what, wanted) {
  const text = JSON.stringify(what);
  if (text !== JSON.stringify(wanted)) throw new Error(`${text} instead of ${JSON.stringify(wanted)}`);
}

// The SQLSTATE: ORMs wrap the driver's error.
export function codeOf(error) {
  for (let e = error; e; e = e.cause ?? e.parent ?? e.driverError ?? e.previous)
    if (/^[0-9A-Z]{5}$/.test(e.code) && /\d/.test(e.code)) return e.code;
    else if (e.originalCode) return e.originalCode;
  throw error;
}

export async function expectError(code, steps) {
  try {
    await steps();
  } catch (error) {
    expect(codeOf(error), code);
    return error;
  }
  throw new Error(`no error ${code}`);
}

// Four workers: each claims until there is nothing left.  No case may go to two of them, none may be left.
export async function claimAll(claim) {
  const work = async (worker) => {
    const handed = [];
    for (;;) {
      const cases = await claim(worker);
      if (cases.length === 0) return handed;
      handed.push(...cases.map(Number));
    }
  };
  const handed = await Promise.all([1, 2, 3, 4].map((i) => work(`worker ${i}`)));
  expect(handed.flat().sort((a, b) => a - b), Array.from({ length: 60 }, (_, i) => 101 + i));
}

// A transaction holds a case while another statement changes it: 40001, and another try does it.
//   hold(during) changes case 12's plan, runs during(), and commits; assign() assigns it once; waits() looks.
export async function race(hold, assign, waits) {
  let tries = 0;
  let assigned;
  await hold(async () => {
    assigned = (async () => {
      while (++tries < 5)
        try {
          return await assign();
        } catch (error) {
          expect(codeOf(error), "40001");
        }
    })();
    assigned.catch(() => {});
    for (let i = 0; !(await waits()); i++) {
      if (i > 600) throw new Error("nothing waits");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  await assigned;
  expect(tries, 2);
}
