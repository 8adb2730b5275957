"""What the Python programs of test/clients share.

A check is a function; its name is the check's.  What it returns is the client's own limit,
which it has seen.  Each check prints one line for each.sh: name, result, text.
"""

import os
import threading
import time
import traceback

SCHEMA = "feedback_nps"
RELATIONS = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'feedback_nps' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1"""

# Whether a statement waits for another one.
WAITING = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS waiting"

host = os.environ["PGHOST"]
port = int(os.environ["PGPORT"])
user = os.environ["PGUSER"]
database = os.environ["PGDATABASE"]


def check(function):
    """Runs a check at once."""
    try:
        limit = function()
        print(function.__name__, "limit" if limit else "ok", limit or "", sep="\t", flush=True)
    except Exception as error:
        traceback.print_exc()
        print(function.__name__, "FAILED", " ".join(f"{type(error).__name__}: {error}".split())[:400], sep="\t", flush=True)


def expect(what, wanted):
    if what != wanted:
        raise AssertionError(f"{what!r:.200} instead of {wanted!r:.200}")


def expect_error(code, code_of, function):
    """The function must fail with that SQLSTATE; returns the error."""
    try:
        function()
    except Exception as error:
        expect(code_of(error), code)
        return error
    raise AssertionError(f"no error {code}")


def until(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("nothing happened")


def claim_all(claim):
    """Four workers: each claims until there is nothing left.  No case may go to two of them, none may be left."""
    handed, errors = [], []

    def work(worker):
        try:
            while True:
                cases = claim(worker)
                if not cases:
                    return
                handed.extend(cases)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"worker {i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    expect(sorted(handed), list(range(101, 161)))
