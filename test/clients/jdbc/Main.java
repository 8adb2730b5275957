// JDBC: prepared statements; parameters have the types that setObject says.
import java.sql.*;
import java.util.*;

class Main extends Checks {
    static Connection connection;

    static Connection connect() throws SQLException { return DriverManager.getConnection(URL, USER, ""); }

    static PreparedStatement prepare(Connection by, String query, Object... parameters) throws SQLException {
        PreparedStatement statement = by.prepareStatement(query);
        for (int i = 0; i < parameters.length; i++) statement.setObject(i + 1, parameters[i]);
        return statement;
    }

    static List<Map<String, Object>> rows(Connection by, String query, Object... parameters) throws SQLException {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (PreparedStatement statement = prepare(by, query, parameters); ResultSet found = statement.executeQuery()) {
            while (found.next()) {
                Map<String, Object> row = new LinkedHashMap<>();
                for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) row.put(found.getMetaData().getColumnName(i), found.getObject(i));
                rows.add(row);
            }
        }
        return rows;
    }

    static int update(String query, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(connection, query, parameters)) {
            return statement.executeUpdate();
        }
    }

    static Map<String, Object> find(int id) throws SQLException {
        return rows(connection, "SELECT * FROM feedback_nps.followup_all WHERE case_id = ?", id).get(0);
    }

    static List<Object> history(int id) throws SQLException {
        List<Object> changed = new ArrayList<>();
        for (Map<String, Object> row : rows(connection, "SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = ? ORDER BY place", id)) changed.add(row.get("what_changed"));
        return changed;
    }

    static List<String> sorted(List<Object> words) { return words.stream().map(String::valueOf).sorted().toList(); }

    // Writes a whole row, and reads it back: a step sets more than was sent.
    static Map<String, Object> save(Map<String, Object> row, String... changes) throws SQLException {
        Map<String, Object> sent = new LinkedHashMap<>(row);
        for (int i = 0; i < changes.length; i += 2) sent.put(changes[i], changes[i + 1]);
        List<Object> values = new ArrayList<>(sent.values());
        values.add(row.get("case_id"));
        String set = String.join(", ", sent.keySet().stream().map(name -> '"' + name + "\" = ?").toList());
        return rows(connection, "UPDATE feedback_nps.followup_all SET " + set + " WHERE case_id = ? RETURNING *", values.toArray()).get(0);
    }

    static void transaction(Steps steps) throws Exception {
        connection.setAutoCommit(false);
        try {
            steps.run();
            connection.commit();
        } catch (Exception failure) {
            connection.rollback();
            throw failure;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    public static void main(String[] arguments) throws Exception {
        connection = connect();
        List<String> names = rows(connection, RELATIONS).stream().map(row -> (String) row.get("relname")).toList();

        check("introspect", () -> {
            for (String name : names) {
                int columns = 0;
                try (ResultSet found = connection.getMetaData().getColumns(null, "feedback_nps", name, null)) {
                    for (; found.next(); columns++) expect(found.getInt("DATA_TYPE") == Types.OTHER && !found.getString("TYPE_NAME").equals("uuid"), false);
                }
                expect(columns > 0, true);
            }
            return null;
        });
        check("read", () -> {
            for (String name : names) rows(connection, "SELECT * FROM feedback_nps." + name);
            expect(((Timestamp) find(1).get("responded_at")).getNanos(), 123456000);
            return null;
        });
        check("parameters", () -> {
            Map<String, Object> row = rows(connection, "SELECT nps_category(?) AS text, nps_category(?) AS category, nps_parse_score(?) AS score", "9", 9, "10 - very").get(0);
            expect(row.values(), List.of("promoter", "promoter", 10));
            return null;
        });
        check("partial_save", () -> {
            transaction(() -> {
                rows(connection, "SELECT set_config('nps.actor', ?, true)", "ana");
                expect(update("UPDATE feedback_nps.followup SET status = 'contacted', channel = ?, note = ? WHERE case_id = ?", find(1).get("channel_advised"), "called", 1), 1);
                return null;
            });
            expect(sorted(history(1)), List.of("channel", "contacted_at", "status"));
            return null;
        });
        check("unchanged_save", () -> {
            expect(save(find(2)).get("version"), 0);
            expect(save(find(20)).get("version"), 1);
            expect(history(2), List.of());
            return null;
        });
        check("changed_save", () -> {
            save(find(3), "plan", "send a voucher");
            expect(save(find(20), "plan", "send a voucher").get("version"), 2);
            expect(history(3), List.of("plan"));
            return null;
        });
        check("stale_version", () -> {
            Map<String, Object> row = find(4);
            update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4");
            refused("55000", () -> save(row, "plan", "theirs"));
            return null;
        });
        check("stale_where", () -> {
            int version = (int) find(5).get("version");
            update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5");
            expect(update("UPDATE feedback_nps.followup SET plan = 'theirs', version = ? WHERE case_id = 5 AND version = ?", version + 1, version), 0);
            return null;
        });
        check("two_saves", () -> {
            Map<String, Object> row = save(find(6), "plan", "one");
            row = save(row, "status", "contacted", "channel", "phone");
            expect(save(row, "plan", "two").get("version"), 3);
            expect(sorted(history(6)), List.of("channel", "contacted_at", "plan", "plan", "status"));
            return null;
        });
        check("flush", () -> {
            transaction(() -> {
                update("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')");
                return update("UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0");
            });
            expect(find(7).get("open_concerns"), 1);
            return null;
        });
        check("batch", () -> {
            try (PreparedStatement statement = connection.prepareStatement("UPDATE feedback_nps.followup SET plan = ? WHERE case_id = ?")) {
                for (int id = 8; id <= 10; id++) {
                    statement.setString(1, "plan " + id);
                    statement.setInt(2, id);
                    statement.addBatch();
                }
                expect(Arrays.toString(statement.executeBatch()), "[1, 1, 1]");
            }
            for (int id = 8; id <= 10; id++) expect(history(id), List.of("plan"));
            return null;
        });
        check("concern_id", () -> {
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited')", Statement.RETURN_GENERATED_KEYS)) {
                statement.executeUpdate();
                ResultSet keys = statement.getGeneratedKeys();
                keys.next();
                expect(keys.getLong("concern_id"), rows(connection, "SELECT lastval() AS id").get(0).get("id"));
            }
            return null;
        });
        check("call", () -> {
            refused("25001", () -> { transaction(() -> update("CALL nps_materialize('feedback_nps')")); return null; });
            update("CALL nps_materialize('feedback_nps')");
            try (CallableStatement statement = connection.prepareCall("{call nps_dematerialize(?)}")) {
                statement.setString(1, "feedback_nps");
                // an escape is a SELECT of a function, unless the connection has escapeSyntaxCallMode=callIfNoReturn
                refused("42809", statement::execute);
            }
            return "{call …} of prepareCall is a function's: CALL in a statement, or escapeSyntaxCallMode=callIfNoReturn";
        });
        check("claim", () -> {
            claimAll(worker -> {
                try (Connection own = connect()) {
                    return rows(own, "SELECT case_id FROM nps_claim('feedback_nps', ?, NULL::bigint, 'ask for the reason', 7)", worker).stream().map(row -> (Long) row.get("case_id")).toList();
                }
            });
            return null;
        });
        check("retry", () -> {
            List<java.util.concurrent.Future<Integer>> assigned = new ArrayList<>();
            transaction(() -> {
                update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12");
                assigned.add(assignAgain(() -> {
                    try (Connection own = connect()) {
                        return prepare(own, "UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12").executeUpdate();
                    }
                }));
                untilSomebodyWaits();
                return null;
            });
            expect(assigned.get(0).get(), 2);
            expect(List.of(find(12).get("assigned_to"), find(12).get("plan")), List.of("bert", "mine"));
            return null;
        });
        connection.close();
    }
}
