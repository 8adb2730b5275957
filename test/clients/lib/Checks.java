// What the Java programs of test/clients share.  Each check prints one line for each.sh: name, result, text.
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;

class Checks {
    static final String RELATIONS = """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'feedback_nps' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1""";
    static final String WAITING = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
    static final String URL = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
    static final String USER = System.getenv("PGUSER");

    interface Steps { Object run() throws Exception; }

    // What the steps return, if it is a text, is the client's own limit, which they have seen.
    static void check(String name, Steps steps) {
        try {
            Object limit = steps.run();
            System.out.println(name + "\t" + (limit instanceof String ? "limit" : "ok") + "\t" + (limit instanceof String ? limit : ""));
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.out.println(name + "\tFAILED\t" + String.valueOf(failure.getMessage()).replaceAll("\\s+", " "));
        }
    }

    static void expect(Object what, Object wanted) {
        if (!Objects.deepEquals(what, wanted) && !String.valueOf(what).equals(String.valueOf(wanted)))
            throw new AssertionError(what + " instead of " + wanted);
    }

    static String codeOf(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause())
            if (e instanceof SQLException refused && refused.getSQLState() != null) return refused.getSQLState();
        return failure.toString();
    }

    static SQLException refused(String code, Steps steps) throws Exception {
        try {
            steps.run();
        } catch (Exception failure) {
            expect(codeOf(failure), code);
            for (Throwable e = failure; ; e = e.getCause())
                if (e instanceof SQLException found) return found;
        }
        throw new AssertionError("no error " + code);
    }

    interface Claim { List<Long> run(String worker) throws Exception; }

    // Four workers, each until there is nothing left.  No case may go to two of them, none may be left.
    static void claimAll(Claim claim) throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(4);
        List<Future<List<Long>>> work = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String worker = "worker " + i;
            work.add(workers.submit(() -> {
                List<Long> handed = new ArrayList<>();
                for (List<Long> cases; !(cases = claim.run(worker)).isEmpty(); ) handed.addAll(cases);
                return handed;
            }));
        }
        List<Long> handed = new ArrayList<>();
        for (Future<List<Long>> each : work) handed.addAll(each.get());
        workers.shutdown();
        Collections.sort(handed);
        List<Long> wanted = new ArrayList<>();
        for (long id = 101; id <= 160; id++) wanted.add(id);
        expect(handed, wanted);
    }

    // assign changes case 12 while hold has changed it and not committed: 40001, and another try does it.
    static Future<Integer> assignAgain(Steps assign) {
        return CompletableFuture.supplyAsync(() -> {
            for (int tries = 1; ; tries++)
                try {
                    assign.run();
                    return tries;
                } catch (Exception failure) {
                    if (!codeOf(failure).equals("40001") || tries > 4) throw new RuntimeException(failure);
                }
        });
    }

    static void untilSomebodyWaits() throws Exception {
        try (Connection watching = DriverManager.getConnection(URL, USER, "")) {
            for (int i = 0; i < 600; i++) {
                try (ResultSet found = watching.createStatement().executeQuery(WAITING)) {
                    found.next();
                    if (found.getBoolean(1)) return;
                }
                Thread.sleep(50);
            }
        }
        throw new AssertionError("nothing waits");
    }
}
