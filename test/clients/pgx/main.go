// pgx 5: the binary protocol; parameters are prepared, and have the server's types.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	ctx  = context.Background()
	pool *pgxpool.Pool
)

type row = map[string]any

// must ends a check.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func expect(what, wanted any) {
	if fmt.Sprint(what) != fmt.Sprint(wanted) {
		panic(fmt.Errorf("%v instead of %v", what, wanted))
	}
}

func expectError(code string, err error) *pgconn.PgError {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		panic(fmt.Errorf("%v instead of an error %s", err, code))
	}
	expect(refused.Code, code)
	return refused
}

// check runs one, and prints a line for each.sh: name, result, text.
func check(name string, steps func()) {
	defer func() {
		if failure := recover(); failure != nil {
			fmt.Printf("%s\tFAILED\t%s\n", name, strings.Join(strings.Fields(fmt.Sprint(failure)), " "))
		}
	}()
	steps()
	fmt.Printf("%s\tok\t\n", name)
}

func rows(query string, parameters ...any) []row {
	found := must(pool.Query(ctx, query, parameters...))
	return must(pgx.CollectRows(found, pgx.RowToMap))
}

func find(id int) row {
	return rows("SELECT * FROM feedback_nps.followup_all WHERE case_id = $1", id)[0]
}

func history(id int) []string {
	found := must(pool.Query(ctx, "SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = $1 ORDER BY place", id))
	return must(pgx.CollectRows(found, pgx.RowTo[string]))
}

func sorted(words []string) []string {
	slices.Sort(words)
	return words
}

// save writes a whole row, and reads it back: a step sets more than was sent.
func save(it row, changes row) (row, error) {
	var set []string
	parameters := []any{it["case_id"]}
	for name, value := range it {
		if changed, is := changes[name]; is {
			value = changed
		}
		parameters = append(parameters, value)
		set = append(set, fmt.Sprintf("%s = $%d", pgx.Identifier{name}.Sanitize(), len(parameters)))
	}
	found, err := pool.Query(ctx, "UPDATE feedback_nps.followup_all SET "+strings.Join(set, ", ")+" WHERE case_id = $1 RETURNING *", parameters...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectExactlyOneRow(found, pgx.RowToMap)
}

func exec(query string, parameters ...any) int64 {
	return must(pool.Exec(ctx, query, parameters...)).RowsAffected()
}

func relations() []string {
	found := must(pool.Query(ctx, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'feedback_nps' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1`))
	return must(pgx.CollectRows(found, pgx.RowTo[string]))
}

func main() {
	pool = must(pgxpool.New(ctx, fmt.Sprintf("host=%s port=%s user=%s dbname=%s pool_max_conns=6",
		os.Getenv("PGHOST"), os.Getenv("PGPORT"), os.Getenv("PGUSER"), os.Getenv("PGDATABASE"))))
	defer pool.Close()

	check("introspect", func() {
		connection := must(pool.Acquire(ctx))
		defer connection.Release()
		for _, name := range relations() {
			description := must(connection.Conn().Prepare(ctx, "look", "SELECT * FROM feedback_nps."+name))
			for _, field := range description.Fields {
				if _, known := connection.Conn().TypeMap().TypeForOID(field.DataTypeOID); !known {
					panic(fmt.Errorf("%s.%s has a type that is not known", name, field.Name))
				}
			}
			if err := connection.Conn().Deallocate(ctx, "look"); err != nil {
				panic(err)
			}
		}
	})

	check("read", func() {
		for _, name := range relations() {
			rows("SELECT * FROM feedback_nps." + name)
		}
		it := find(1)
		expect(it["responded_at"].(time.Time).Nanosecond(), 123456000)
		expect(it["version"], 0)
	})

	check("parameters", func() {
		it := rows("SELECT nps_category($1) AS text, nps_category($2::integer) AS category, nps_parse_score($3) AS score, nps_score(x) AS nps FROM unnest($4::integer[]) x",
			"9", 9, "10 - very", []int{10, 9, 0})[0]
		expect([]any{it["text"], it["category"], it["score"], int(it["nps"].(float64))}, []any{"promoter", "promoter", 10, 33})
	})

	check("partial_save", func() {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			must(tx.Exec(ctx, "SELECT set_config('nps.actor', $1, true)", "ana"))
			var version int
			err := tx.QueryRow(ctx, "UPDATE feedback_nps.followup SET status = 'contacted', channel = $1, note = $2 WHERE case_id = $3 RETURNING version",
				find(1)["channel_advised"], "called", 1).Scan(&version)
			expect(version, 1)
			return err
		})
		expect(err, nil)
		expect(sorted(history(1)), []string{"channel", "contacted_at", "status"})
	})

	check("unchanged_save", func() {
		for _, id := range []int{2, 20} {
			before := find(id)
			expect(must(save(before, nil))["version"], before["version"])
		}
		expect(history(2), []string{})
	})

	check("changed_save", func() {
		must(save(find(3), row{"plan": "send a voucher"}))
		must(save(find(20), row{"plan": "send a voucher"}))
		expect(history(3), []string{"plan"})
		expect(find(20)["version"], 2)
	})

	check("stale_version", func() {
		before := find(4)
		exec("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4")
		_, err := save(before, row{"plan": "theirs"})
		expect(strings.Contains(expectError("55000", err).Detail, "plan"), true)
	})

	check("stale_where", func() {
		version := find(5)["version"]
		exec("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5")
		expect(exec("UPDATE feedback_nps.followup SET plan = 'theirs', version = $1 + 1 WHERE case_id = 5 AND version = $1", version), 0)
	})

	check("two_saves", func() {
		it := must(save(find(6), row{"plan": "one"}))
		it = must(save(it, row{"status": "contacted", "channel": "phone"}))
		it = must(save(it, row{"plan": "two"}))
		expect(it["version"], 3)
		expect(sorted(history(6)), []string{"channel", "contacted_at", "plan", "plan", "status"})
	})

	check("flush", func() {
		expect(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			must(tx.Exec(ctx, "INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')"))
			_, err := tx.Exec(ctx, "UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0")
			return err
		}), nil)
		expect(find(7)["open_concerns"], 1)
	})

	check("batch", func() {
		batch := &pgx.Batch{}
		for id := 8; id <= 10; id++ {
			batch.Queue("UPDATE feedback_nps.followup SET plan = $1 WHERE case_id = $2", fmt.Sprint("plan ", id), id)
		}
		expect(pool.SendBatch(ctx, batch).Close(), nil)
		for id := 8; id <= 10; id++ {
			expect(find(id)["plan"], fmt.Sprint("plan ", id))
			expect(history(id), []string{"plan"})
		}
	})

	check("concern_id", func() {
		expect(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			var made, last int64
			err := tx.QueryRow(ctx, "INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited') RETURNING concern_id").Scan(&made)
			if err == nil {
				err = tx.QueryRow(ctx, "SELECT lastval()").Scan(&last)
			}
			expect(last, made)
			return err
		}), nil)
	})

	check("call", func() {
		expectError("25001", pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "CALL nps_materialize('feedback_nps')")
			return err
		}))
		exec("CALL nps_materialize('feedback_nps')")
	})

	check("claim", func() {
		var handed []int64
		var lock sync.Mutex
		var workers sync.WaitGroup
		var failure error
		for i := range 4 {
			workers.Add(1)
			go func() {
				defer workers.Done()
				for {
					found, _ := pool.Query(ctx, "SELECT case_id FROM nps_claim('feedback_nps', $1, NULL::bigint, 'ask for the reason', 7)", fmt.Sprint("worker ", i))
					cases, err := pgx.CollectRows(found, pgx.RowTo[int64])
					lock.Lock()
					handed = append(handed, cases...)
					if err != nil {
						failure = err
					}
					lock.Unlock()
					if len(cases) == 0 {
						return
					}
				}
			}()
		}
		workers.Wait()
		expect(failure, nil)
		slices.Sort(handed)
		expect([]int64{handed[0], handed[len(handed)-1], int64(len(slices.Compact(handed)))}, []int64{101, 160, 60})
	})

	check("retry", func() {
		done := make(chan int)
		assign := func() {
			for tries := 1; ; tries++ {
				_, err := pool.Exec(ctx, "UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12")
				var refused *pgconn.PgError
				if errors.As(err, &refused) && refused.Code == "40001" && tries < 5 {
					continue
				}
				if err != nil {
					tries = -1
				}
				done <- tries
				return
			}
		}
		expect(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12")
			go assign()
			for i := 0; len(rows("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")) == 0; i++ {
				if i > 600 {
					panic("nothing waits")
				}
				time.Sleep(50 * time.Millisecond)
			}
			return err
		}), nil)
		expect(<-done, 2)
		it := find(12)
		expect([]any{it["assigned_to"], it["plan"]}, []any{"bert", "mine"})
	})
}
