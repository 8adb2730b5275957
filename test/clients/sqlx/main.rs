// sqlx: plain SQL with parameters of the server's types; query! asks the server for them when the program is compiled.
use sqlx::postgres::{PgArguments, PgConnectOptions, PgDatabaseError, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::types::chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqlx::types::{BigDecimal, Uuid};
use sqlx::{Column, Executor, PgPool, Postgres, Row, TypeInfo};
use std::future::Future;
use std::time::Duration;

type Failure = Box<dyn std::error::Error + Send + Sync>;

macro_rules! expect {
    ($what:expr, $wanted:expr) => {{
        let (what, wanted) = (format!("{:?}", $what), format!("{:?}", $wanted));
        if what != wanted {
            return Err(format!("{what} instead of {wanted}").into());
        }
    }};
}

// A row of the view as an object, with all that is in it.
macro_rules! entity {
    ($($column:ident: $type:ty,)*) => {
        #[derive(Clone, Debug, sqlx::FromRow)]
        struct Case { $($column: Option<$type>,)* }
        const COLUMNS: &[&str] = &[$(stringify!($column)),*];
        impl Case {
            fn bind<'q>(&self, query: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
                query$(.bind(self.$column.clone()))*
            }
        }
    };
}

entity! {
    priority: i32, due: String, next_step: String, next_due: DateTime<Utc>, respondent: String, account: String, score: i32, comment: String,
    responsible: String, status: String, case_id: i64, version: i32, topic: String, priority_reason: String, response_id: i64, category: String,
    verdict: String, cancel_risk: String, responded_at: DateTime<Utc>, previous_score: i32, responses: i64, answers: i64, responsible_team: String,
    cause: String, cause_suggested: String, remedy: String, channel: String, channel_advised: String, steps: String, guidance: String,
    inform_manager: bool, save_by: NaiveDate, overdue_hours: f64, open_concerns: i64, next_promise_due: NaiveDate, revenue: BigDecimal,
    revenue_at_risk: BigDecimal, escalated_to: String, assigned_to: String, team: String, plan: String, desired_outcome: String,
    dismiss_reason: String, snoozed_until: DateTime<Utc>, waiting_since: DateTime<Utc>, acknowledged_at: DateTime<Utc>, asked_at: DateTime<Utc>,
    attempted_at: DateTime<Utc>, attempts: i32, contacted_at: DateTime<Utc>, resolved_at: DateTime<Utc>, informed_at: DateTime<Utc>,
    closed_at: DateTime<Utc>, last_note: String, last_note_at: DateTime<Utc>, last_actor: String, leased_to: String, leased_until: DateTime<Utc>,
    recorded: bool, worked_on: bool, note: String, actor: String, is_open: bool,
}

// Runs a check, and prints a line for each.sh: name, result, text.
async fn check(name: &str, steps: impl Future<Output = Result<(), Failure>>) {
    match steps.await {
        Ok(()) => println!("{name}\tok\t"),
        Err(failure) => println!("{name}\tFAILED\t{}", failure.to_string().split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

fn code_of(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|error| error.code()).map(String::from).unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_string())
}

async fn find(pool: &PgPool, id: i64) -> Result<Case, sqlx::Error> {
    sqlx::query_as("SELECT * FROM feedback_nps.followup_all WHERE case_id = $1").bind(id).fetch_one(pool).await
}

async fn history(pool: &PgPool, id: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = $1 ORDER BY place, what_changed").bind(id).fetch_all(pool).await
}

async fn sorted_history(pool: &PgPool, id: i64) -> Result<Vec<String>, sqlx::Error> {
    let mut changes = history(pool, id).await?;
    changes.sort();
    Ok(changes)
}

// Writes a whole row, and reads it back: a step sets more than was sent.
async fn save(pool: &PgPool, row: &Case) -> Result<Case, sqlx::Error> {
    let set: Vec<_> = COLUMNS.iter().enumerate().map(|(i, name)| format!("{name} = ${}", i + 1)).collect();
    let statement = format!("UPDATE feedback_nps.followup_all SET {} WHERE case_id = ${} RETURNING *", set.join(", "), COLUMNS.len() + 1);
    let row: PgRow = row.bind(sqlx::query(&statement)).bind(row.case_id).fetch_one(pool).await?;
    sqlx::FromRow::from_row(&row)
}

async fn exec(pool: &PgPool, statement: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(statement).execute(pool).await?.rows_affected())
}

async fn relations(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'feedback_nps' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1",
    )
    .fetch_all(pool)
    .await
}

// Every value as the type that sqlx has for it.
fn decode(row: &PgRow) -> Result<(), Failure> {
    for (i, column) in row.columns().iter().enumerate() {
        match column.type_info().name() {
            "TEXT" | "VARCHAR" | "NAME" => drop(row.try_get::<Option<String>, _>(i)?),
            "INT2" => drop(row.try_get::<Option<i16>, _>(i)?),
            "INT4" => drop(row.try_get::<Option<i32>, _>(i)?),
            "INT8" => drop(row.try_get::<Option<i64>, _>(i)?),
            "FLOAT8" => drop(row.try_get::<Option<f64>, _>(i)?),
            "NUMERIC" => drop(row.try_get::<Option<BigDecimal>, _>(i)?),
            "BOOL" => drop(row.try_get::<Option<bool>, _>(i)?),
            "DATE" => drop(row.try_get::<Option<NaiveDate>, _>(i)?),
            "TIME" => drop(row.try_get::<Option<NaiveTime>, _>(i)?),
            "TIMESTAMP" => drop(row.try_get::<Option<NaiveDateTime>, _>(i)?),
            "TIMESTAMPTZ" => drop(row.try_get::<Option<DateTime<Utc>>, _>(i)?),
            "UUID" => drop(row.try_get::<Option<Uuid>, _>(i)?),
            other => return Err(format!("{} is {other}", column.name()).into()),
        }
    }
    Ok(())
}

// Assigns a case, again if it lost a race; how many tries that took.
async fn assign(pool: PgPool) -> Result<i32, sqlx::Error> {
    for tries in 1.. {
        match exec(&pool, "UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12").await {
            Err(error) if code_of(&error) == "40001" && tries < 5 => continue,
            result => return result.map(|_| tries),
        }
    }
    unreachable!()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let pool = &PgPoolOptions::new().max_connections(6).connect_with(PgConnectOptions::new()).await?;

    check("introspect", async {
        for name in relations(pool).await? {
            let description = pool.describe(&format!("SELECT * FROM feedback_nps.{name}")).await?;
            let unknown: Vec<_> = description.columns().iter().filter(|column| column.type_info().name().starts_with('?')).collect();
            expect!(unknown.len(), 0);
        }
        Ok(())
    })
    .await;

    check("read", async {
        for name in relations(pool).await? {
            for row in pool.fetch_all(format!("SELECT * FROM feedback_nps.{name}").as_str()).await? {
                decode(&row)?;
            }
        }
        let row = find(pool, 1).await?;
        expect!((row.score, row.responded_at.map(|at| at.timestamp_subsec_nanos()), row.version), (Some(1), Some(123456000), Some(0)));
        Ok(())
    })
    .await;

    check("parameters", async {
        let row = sqlx::query!(
            "SELECT nps_category($1) AS text, nps_category($2::integer) AS category, nps_parse_score($3) AS score, nps_score(x) AS nps FROM unnest($4::integer[]) x",
            "9", 9, "10 - very", &[10, 9, 0]
        )
        .fetch_one(pool)
        .await?;
        expect!((row.text, row.category, row.score, row.nps.map(f64::round)), (some("promoter"), some("promoter"), Some(10), Some(33.0)));
        Ok(())
    })
    .await;

    check("partial_save", async {
        let advised = find(pool, 1).await?.channel_advised;
        let mut transaction = pool.begin().await?;
        sqlx::query!("SELECT set_config('nps.actor', $1, true)", "ana").fetch_one(&mut *transaction).await?;
        let row = sqlx::query!(
            "UPDATE feedback_nps.followup SET status = 'contacted', channel = $1, note = $2 WHERE case_id = $3 RETURNING status, version",
            advised, "called", 1
        )
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        expect!((row.status, row.version), (some("contacted"), Some(1)));
        expect!(sorted_history(pool, 1).await?, ["channel", "contacted_at", "status"]);
        Ok(())
    })
    .await;

    check("unchanged_save", async {
        for id in [2, 20] {
            let row = find(pool, id).await?;
            expect!(save(pool, &row).await?.version, row.version);
        }
        expect!(history(pool, 2).await?, [""; 0]);
        Ok(())
    })
    .await;

    check("changed_save", async {
        for id in [3, 20] {
            save(pool, &Case { plan: some("send a voucher"), ..find(pool, id).await? }).await?;
        }
        expect!((history(pool, 3).await?, find(pool, 20).await?.version), (["plan"], Some(2)));
        Ok(())
    })
    .await;

    check("stale_version", async {
        let before = find(pool, 4).await?;
        exec(pool, "UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4").await?;
        let error = save(pool, &Case { plan: some("theirs"), ..before }).await.err().ok_or("no error")?;
        expect!(code_of(&error), "55000");
        let detail = error.as_database_error().and_then(|error| error.downcast_ref::<PgDatabaseError>().detail()).unwrap_or_default();
        expect!(detail.contains("plan"), true);
        Ok(())
    })
    .await;

    check("stale_where", async {
        let version = find(pool, 5).await?.version;
        exec(pool, "UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5").await?;
        let done = sqlx::query!("UPDATE feedback_nps.followup SET plan = 'theirs', version = $1 + 1 WHERE case_id = 5 AND version = $1", version);
        expect!(done.execute(pool).await?.rows_affected(), 0);
        Ok(())
    })
    .await;

    check("two_saves", async {
        let row = save(pool, &Case { plan: some("one"), ..find(pool, 6).await? }).await?;
        let row = save(pool, &Case { status: some("contacted"), channel: some("phone"), ..row }).await?;
        let row = save(pool, &Case { plan: some("two"), ..row }).await?;
        expect!(row.version, Some(3));
        expect!(sorted_history(pool, 6).await?, ["channel", "contacted_at", "plan", "plan", "status"]);
        // one that is not read again, and counts its versions itself
        let mut row = find(pool, 13).await?;
        for step in 0..4 {
            match step {
                0 => (row.status, row.channel, row.note) = (some("contacted"), some("phone"), some("called")),
                2 => row.assigned_to = some("bert"),
                3 => row.plan = some("call again"),
                _ => (),
            }
            row.version = row.version.map(|version| version + 1);
            save(pool, &row).await?;
        }
        expect!((sorted_history(pool, 13).await?, find(pool, 13).await?.version), (["assigned_to", "channel", "contacted_at", "plan", "status"], Some(4)));
        Ok(())
    })
    .await;

    check("flush", async {
        let mut transaction = pool.begin().await?;
        sqlx::query!("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')").execute(&mut *transaction).await?;
        sqlx::query!("UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0").execute(&mut *transaction).await?;
        transaction.commit().await?;
        let row = find(pool, 7).await?;
        expect!((row.open_concerns, row.version), (Some(1), Some(1)));
        Ok(())
    })
    .await;

    check("batch", async {
        let (ids, plans): (Vec<i64>, Vec<String>) = (8..=10).map(|id| (id, format!("plan {id}"))).unzip();
        let done = sqlx::query!("UPDATE feedback_nps.followup f SET plan = n.plan FROM unnest($1::bigint[], $2::text[]) n(id, plan) WHERE f.case_id = n.id", &ids, &plans);
        expect!(done.execute(pool).await?.rows_affected(), 3);
        for id in ids {
            expect!((find(pool, id).await?.plan, history(pool, id).await?), (Some(format!("plan {id}")), ["plan"]));
        }
        Ok(())
    })
    .await;

    check("concern_id", async {
        let mut transaction = pool.begin().await?;
        let made = sqlx::query_scalar!("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited') RETURNING concern_id").fetch_one(&mut *transaction).await?;
        let last = sqlx::query_scalar!("SELECT lastval()").fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        expect!(last, Some(made));
        Ok(())
    })
    .await;

    check("call", async {
        let mut transaction = pool.begin().await?;
        let error = transaction.execute("CALL nps_materialize('feedback_nps')").await.err().ok_or("no error")?;
        expect!(code_of(&error), "25001");
        transaction.rollback().await?;
        exec(pool, "CALL nps_materialize('feedback_nps')").await?;
        Ok(())
    })
    .await;

    check("claim", async {
        let workers: Vec<_> = (1..=4)
            .map(|i| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    let mut mine: Vec<i64> = Vec::new();
                    loop {
                        let cases: Vec<i64> = sqlx::query_scalar("SELECT case_id FROM nps_claim('feedback_nps', $1, NULL::bigint, 'ask for the reason', 7)")
                            .bind(format!("worker {i}"))
                            .fetch_all(&pool)
                            .await?;
                        if cases.is_empty() {
                            return Ok::<_, sqlx::Error>(mine);
                        }
                        mine.extend(cases);
                    }
                })
            })
            .collect();
        let mut handed = Vec::new();
        for worker in workers {
            handed.extend(worker.await??);
        }
        handed.sort();
        expect!(handed, (101..=160).collect::<Vec<i64>>());
        Ok(())
    })
    .await;

    check("retry", async {
        let mut transaction = pool.begin().await?;
        transaction.execute("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12").await?;
        let other = tokio::spawn(assign(pool.clone()));
        for tries in 0.. {
            let waits: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").fetch_one(pool).await?;
            if waits {
                break;
            }
            expect!(tries < 600, true);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        transaction.commit().await?;
        expect!(other.await??, 2);
        let row = find(pool, 12).await?;
        expect!((row.assigned_to, row.plan), (some("bert"), some("mine")));
        Ok(())
    })
    .await;
    Ok(())
}
