"""SQLAlchemy 2: a class on the reflected view, with its version counter."""

import threading

import checks
import sqlalchemy as sa
from checks import check, claim_all, expect, expect_error
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

engine = sa.create_engine(f"postgresql+psycopg://{checks.user}@/{checks.database}", connect_args=dict(host=checks.host, port=checks.port))
metadata = sa.MetaData(schema=checks.SCHEMA)


class Base(DeclarativeBase):
    metadata = metadata


class Case(Base):
    """The columns are those of the view; a view has no key of its own."""

    __table__ = sa.Table("followup_all", metadata, sa.Column("case_id", sa.BigInteger, primary_key=True), autoload_with=engine)
    __mapper_args__ = {"version_id_col": __table__.c.version}


# Without a counter of its own, as a program that knows nothing of versions.
class PlainBase(DeclarativeBase):
    metadata = sa.MetaData(schema=checks.SCHEMA)


class PlainCase(PlainBase):
    __table__ = sa.Table("followup_all", PlainBase.metadata, sa.Column("case_id", sa.BigInteger, primary_key=True), autoload_with=engine)


class Concern(Base):
    __table__ = sa.Table("concern", metadata, autoload_with=engine)
    __mapper_args__ = {"eager_defaults": True}


def code_of(error):
    return error.orig.sqlstate


def history(case_id):
    with engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = :id ORDER BY place"), {"id": case_id}).scalars())


def run(statement, **parameters):
    with engine.begin() as connection:
        connection.execute(sa.text(statement), parameters)


def whole(case):
    """Makes the session send every column."""
    for column in sa.inspect(type(case)).columns:
        if column.name not in ("case_id", "version"):
            flag_modified(case, column.name)


def waits():
    with engine.connect() as connection:
        return connection.scalar(sa.text(checks.WAITING))


@check
def introspect():
    inspector = sa.inspect(engine)
    names = inspector.get_table_names(checks.SCHEMA) + inspector.get_view_names(checks.SCHEMA)
    for name in names:
        unknown = [c["name"] for c in inspector.get_columns(name, checks.SCHEMA) if isinstance(c["type"], sa.types.NullType)]
        expect((name, unknown), (name, []))
    everything = sa.MetaData()
    everything.reflect(engine, checks.SCHEMA, views=True)
    expect(len(everything.tables) >= len(names), True)


@check
def read():
    everything = sa.MetaData()
    everything.reflect(engine, checks.SCHEMA, views=True)
    with engine.connect() as connection:
        for table in everything.tables.values():
            connection.execute(sa.select(table)).all()
    with Session(engine) as session:
        case = session.get(Case, 1)
        expect((case.score, case.responded_at.microsecond, case.version), (1.0, 123456, 0))


@check
def parameters():
    with Session(engine) as session:
        expect(session.scalar(sa.select(sa.func.nps_category(9))), "promoter")
        expect(session.scalar(sa.select(sa.func.nps_parse_score("10 - very"))), 10)
        expect(session.scalar(sa.select(sa.func.nps_score(Case.score)).where(Case.case_id < 20)), -100.0)


@check
def partial_save():
    with Session(engine) as session, session.begin():
        session.execute(sa.select(sa.func.set_config("nps.actor", "ana", True)))
        case = session.get(Case, 1)
        case.status = "contacted"
        case.channel = case.channel_advised
        case.note = "called"
    expect(sorted(history(1)), ["channel", "contacted_at", "status"])


@check
def unchanged_save():
    with Session(engine) as session, session.begin():
        whole(session.get(PlainCase, 2))
    expect(history(2), [])
    # A counter counts on, whatever else is sent.
    with Session(engine) as session, session.begin():
        whole(session.get(Case, 2))
    with Session(engine) as session:
        expect((session.get(Case, 2).version, history(2)), (1, []))


@check
def changed_save():
    with Session(engine) as session, session.begin():
        case = session.get(Case, 3)
        whole(case)
        case.plan = "send a voucher"
    with Session(engine) as session:
        expect((history(3), session.get(Case, 3).version), (["plan"], 1))


@check
def stale_version():
    with Session(engine) as session:
        case = session.get(PlainCase, 4)
        run("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4")
        whole(case)
        case.plan = "theirs"
        flag_modified(case, "version")
        expect_error("55000", code_of, session.flush)


@check
def stale_where():
    with Session(engine) as session:
        case = session.get(Case, 5)
        run("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5")
        case.plan = "theirs"
        try:
            session.flush()
        except StaleDataError:
            return
    raise AssertionError("no error")


@check
def two_saves():
    with Session(engine) as session:
        case = session.get(Case, 6)
        case.plan = "one"
        session.commit()
        case.status = "contacted"
        case.channel = "phone"
        session.flush()
        # what a step sets besides is read again: at the next commit, or at once
        session.refresh(case)
        expect(case.contacted_at is None, False)
        case.plan = "two"
        whole(case)
        session.commit()
        expect((case.version, sorted(history(6))), (3, ["channel", "contacted_at", "plan", "plan", "status"]))


@check
def flush():
    with Session(engine) as session, session.begin():
        case = session.get(Case, 7)
        session.add(Concern(case_id=7, concern="the price"))
        case.status = "contacted"
        case.channel = "phone"
    with Session(engine) as session:
        case = session.get(Case, 7)
        expect((case.open_concerns, case.version), (1, 1))


@check
def batch():
    with Session(engine) as session, session.begin():
        for case in session.scalars(sa.select(Case).where(Case.case_id.between(8, 10))):
            case.plan = f"plan {case.case_id}"
    expect([history(i) for i in (8, 9, 10)], [["plan"]] * 3)
    with Session(engine) as session, session.begin():
        session.execute(sa.update(Case), [{"case_id": i, "version": 1, "plan": "another"} for i in (8, 9, 10)])
        expect(session.execute(sa.update(Case).where(Case.case_id.in_([8, 9, 10])).values(assigned_to="bert")).rowcount, 3)
    expect([history(i) for i in (8, 9, 10)], [["plan", "plan", "assigned_to"]] * 3)


@check
def concern_id():
    with Session(engine) as session, session.begin():
        concern = Concern(case_id=11, concern="waited")
        session.add(concern)
        session.flush()
        expect((concern.is_open, concern.concern_id), (True, session.scalar(sa.text("SELECT lastval()"))))
        concern.answer = "sorry"
        session.flush()
        session.refresh(concern)
        expect(concern.is_open, False)


@check
def call():
    expect_error("25001", code_of, lambda: run("CALL nps_materialize('feedback_nps')"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CALL nps_materialize('feedback_nps')"))


@check
def claim():
    def claim_some(worker):
        with engine.begin() as connection:
            return list(connection.execute(
                sa.text("SELECT case_id FROM nps_claim('feedback_nps', :worker, NULL::bigint, 'ask for the reason', 7)"), {"worker": worker}).scalars())

    claim_all(claim_some)


@check
def retry():
    tries = []

    def assign():
        for _ in range(5):
            tries.append(1)
            try:
                with Session(engine) as session, session.begin():
                    session.get(Case, 12).assigned_to = "bert"
                return
            except (DBAPIError, StaleDataError) as error:
                # StaleDataError: the version is looked at first, and somebody was faster
                if isinstance(error, DBAPIError) and code_of(error) != "40001":
                    raise

    waiting = threading.Thread(target=assign)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12"))
        waiting.start()
        checks.until(waits)
    waiting.join()
    with Session(engine) as session:
        case = session.get(Case, 12)
        expect((len(tries), case.assigned_to, case.plan), (2, "bert", "mine"))
