// Hibernate: an entity of the view with a version; a flush sends every column, unless told otherwise.
import jakarta.persistence.*;
import java.time.Instant;
import java.util.*;
import org.hibernate.*;
import org.hibernate.annotations.Generated;
import org.hibernate.cfg.Configuration;
import org.hibernate.generator.EventType;

class Main extends Checks {
    static SessionFactory factory;

    interface Work<T> { T run(Session session) throws Exception; }

    static <T> T within(Work<T> work) throws Exception {
        try (Session session = factory.openSession()) {
            Transaction transaction = session.beginTransaction();
            try {
                T result = work.run(session);
                transaction.commit();
                return result;
            } catch (Exception failure) {
                if (transaction.isActive()) transaction.rollback();
                throw failure;
            }
        }
    }

    static List<?> rows(String query) throws Exception {
        return within(session -> session.createNativeQuery(query, Object.class).list());
    }

    static void update(String query) throws Exception {
        within(session -> session.createNativeMutationQuery(query).executeUpdate());
    }

    static List<String> history(int id) throws Exception {
        return rows("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = " + id + " ORDER BY place").stream().map(String::valueOf).sorted().toList();
    }

    static Case find(long id) throws Exception { return within(session -> session.find(Case.class, id)); }

    public static void main(String[] arguments) throws Exception {
        factory = new Configuration().addAnnotatedClass(Case.class).addAnnotatedClass(Concern.class)
            .setProperty("hibernate.connection.url", URL).setProperty("hibernate.connection.username", USER).setProperty("hibernate.connection.password", "")
            .setProperty("hibernate.connection.pool_size", "8").setProperty("hibernate.hbm2ddl.auto", "none").buildSessionFactory();

        check("introspect", () -> {
            // its own look at the schema: are the entities' columns there, in their types?
            factory.getSchemaManager().validateMappedObjects();
            return null;
        });
        check("read", () -> {
            for (Object name : rows(RELATIONS)) rows("SELECT * FROM feedback_nps." + name);
            expect(find(1).respondedAt.getNano(), 123456000);
            return null;
        });
        check("parameters", () -> within(session -> {
            expect(session.createSelectionQuery("select function('nps_score', c.score) from Case c where c.caseId < :id", Double.class).setParameter("id", 20L).getSingleResult(), -100.0);
            expect(session.createNativeQuery("SELECT nps_category(:score)", String.class).setParameter("score", 9).getSingleResult(), "promoter");
            return null;
        }));
        check("partial_save", () -> {
            within(session -> {
                session.createNativeQuery("SELECT set_config('nps.actor', :who, true)", String.class).setParameter("who", "ana").getSingleResult();
                Case row = session.find(Case.class, 1L);
                row.status = "contacted";
                row.channel = row.channelAdvised;
                row.note = "called";
                return null;
            });
            expect(history(1), List.of("channel", "contacted_at", "status"));
            return null;
        });
        check("unchanged_save", () -> {
            Case read = find(2);
            within(session -> session.merge(read));
            expect(List.of(history(2), find(2).version), List.of(List.of(), 0));
            return null;
        });
        check("changed_save", () -> {
            Case read = find(3);
            read.plan = "send a voucher";
            within(session -> session.merge(read));
            expect(List.of(history(3), find(3).version), List.of(List.of("plan"), 1));
            return null;
        });
        check("stale_version", () -> {
            int version = find(4).version;
            update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4");
            refused("55000", () -> within(session -> session.createMutationQuery("update Case c set c.plan = 'theirs', c.version = :version where c.caseId = 4").setParameter("version", version).executeUpdate()));
            return null;
        });
        check("stale_where", () -> {
            Case read = find(5);
            update("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5");
            read.plan = "theirs";
            try {
                within(session -> session.merge(read));
            } catch (OptimisticLockException stale) {
                return null;
            }
            throw new AssertionError("no error");
        });
        check("two_saves", () -> {
            within(session -> {
                Case row = session.find(Case.class, 6L);
                row.plan = "one";
                session.flush();
                row.status = "contacted";
                row.channel = "phone";
                session.flush();
                // what a step sets besides is generated: read back at once
                expect(row.contactedAt != null, true);
                row.plan = "two";
                session.flush();
                expect(row.version, 3);
                return null;
            });
            expect(history(6), List.of("channel", "contacted_at", "plan", "plan", "status"));
            return null;
        });
        check("flush", () -> {
            within(session -> {
                Case row = session.find(Case.class, 7L);
                row.status = "contacted";
                row.channel = "phone";
                session.persist(new Concern(7, "the price"));
                return null;
            });
            expect(List.of(find(7).openConcerns, find(7).version), List.of(1L, 1));
            return null;
        });
        check("batch", () -> {
            within(session -> {
                for (long id = 8; id <= 10; id++) session.find(Case.class, id).plan = "plan " + id;
                return null;
            });
            expect(within(session -> session.createMutationQuery("update Case c set c.assignedTo = 'bert' where c.caseId between 8 and 10").executeUpdate()), 3);
            for (int id = 8; id <= 10; id++) expect(history(id), List.of("assigned_to", "plan"));
            return null;
        });
        check("concern_id", () -> within(session -> {
            Concern made = new Concern(11, "waited");
            session.persist(made);
            session.flush();
            expect(session.createNativeQuery("SELECT lastval()", Long.class).getSingleResult(), made.concernId);
            made.answer = "sorry";
            return null;
        }));
        check("call", () -> {
            refused("25001", () -> { update("CALL nps_materialize('feedback_nps')"); return null; });
            try (Session session = factory.openSession()) {
                session.doWork(connection -> {
                    connection.setAutoCommit(true);
                    connection.createStatement().execute("CALL nps_materialize('feedback_nps')");
                });
            }
            return null;
        });
        check("claim", () -> {
            claimAll(worker -> within(session -> session.createNativeQuery("SELECT case_id FROM nps_claim('feedback_nps', :worker, NULL\\:\\:bigint, 'ask for the reason', 7)", Long.class)
                .setParameter("worker", worker).list()));
            return null;
        });
        check("retry", () -> {
            List<java.util.concurrent.Future<Integer>> assigned = new ArrayList<>();
            within(session -> {
                session.createMutationQuery("update Case c set c.plan = 'mine' where c.caseId = 12").executeUpdate();
                assigned.add(assignAgain(() -> within(other -> other.createMutationQuery("update Case c set c.assignedTo = 'bert' where c.caseId = 12").executeUpdate())));
                untilSomebodyWaits();
                return null;
            });
            expect(assigned.get(0).get(), 2);
            expect(List.of(find(12).assignedTo, find(12).plan), List.of("bert", "mine"));
            return null;
        });
        factory.close();
    }
}

@Entity(name = "Case")
@Table(name = "followup_all", schema = "feedback_nps")
class Case {
    @Id @Column(name = "case_id") long caseId;
    @jakarta.persistence.Version int version;
    String status;
    String channel;
    @Column(name = "assigned_to") String assignedTo;
    String plan;
    String note;
    // a step sets it, where nobody does
    @Generated(event = EventType.UPDATE, writable = true) @Column(name = "contacted_at") Instant contactedAt;
    // what the view computes is read only
    @Column(name = "channel_advised", insertable = false, updatable = false) String channelAdvised;
    @Column(insertable = false, updatable = false) int score;
    @Column(name = "responded_at", insertable = false, updatable = false) Instant respondedAt;
    @Column(name = "open_concerns", insertable = false, updatable = false) long openConcerns;
}

@Entity(name = "Concern")
@Table(name = "concern", schema = "feedback_nps")
class Concern {
    @Id @GeneratedValue(strategy = GenerationType.IDENTITY) @Column(name = "concern_id") Long concernId;
    @Column(name = "case_id") long caseId;
    String concern;
    String answer;

    Concern() {}

    Concern(long caseId, String concern) {
        this.caseId = caseId;
        this.concern = concern;
    }
}
