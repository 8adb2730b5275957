<?php
// What the PHP programs of test/clients share.  Each check prints one line for each.sh: name, result, text.
// What its function returns is the client's own limit, which it has seen.
declare(strict_types=1);

const RELATIONS = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'feedback_nps' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1";

// A process that works beside this one runs no checks.
$job = $argv[1] ?? null;

function check(string $name, callable $steps): void
{
    if ($GLOBALS['job'] !== null)
        return;
    try {
        $limit = $steps();
        echo implode("\t", [$name, $limit ? 'limit' : 'ok', $limit ?? '']), "\n";
    } catch (Throwable $error) {
        fwrite(STDERR, "$error\n");
        echo implode("\t", [$name, 'FAILED', substr(preg_replace('/\s+/', ' ', $error->getMessage()), 0, 400)]), "\n";
    }
}

function expect(mixed $what, mixed $wanted): void
{
    if ($what !== $wanted)
        throw new Exception(json_encode($what) . ' instead of ' . json_encode($wanted));
}

function sorted(array $words): array
{
    sort($words);
    return $words;
}

function refused(string $code, callable $code_of, callable $steps): void
{
    try {
        $steps();
    } catch (Throwable $error) {
        expect($code_of($error), $code);
        return;
    }
    throw new Exception("no error $code");
}

function start(string $program, string $job): mixed
{
    return popen(escapeshellarg(PHP_BINARY) . ' ' . escapeshellarg($program) . ' ' . escapeshellarg($job), 'r');
}

// Four workers, each until there is nothing left.  No case may go to two of them, none may be left.
function claim_all(string $program): void
{
    $workers = array_map(fn ($i) => start($program, "worker $i"), range(1, 4));
    $handed = array_map('intval', preg_split('/ /', implode(' ', array_map('stream_get_contents', $workers)), -1, PREG_SPLIT_NO_EMPTY));
    array_map('pclose', $workers);
    expect(sorted($handed), range(101, 160));
}

// A transaction holds case 12 while a process changes it: 40001, and another try does it.
function race(string $program): void
{
    global $pdo;
    $watching = connect();
    $pdo->beginTransaction();
    run("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 12");
    $other = start($program, 'assign');
    for ($i = 0; !run("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')", [], $watching)->fetchColumn(); $i++) {
        expect($i < 600, true);
        usleep(50000);
    }
    $pdo->commit();
    expect(stream_get_contents($other), '2');
    pclose($other);
    $row = run('SELECT assigned_to, plan FROM feedback_nps.followup_all WHERE case_id = 12')->fetch(PDO::FETCH_ASSOC);
    expect($row, ['assigned_to' => 'bert', 'plan' => 'mine']);
}

register_shutdown_function(function () {
    if ($GLOBALS['job'] !== null)
        work($GLOBALS['job']);
});
