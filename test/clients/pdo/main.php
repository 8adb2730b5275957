<?php
// PDO: plain SQL with parameters, prepared by the server.
declare(strict_types=1);
require __DIR__ . '/../lib/checks.php';

function connect(): PDO
{
    $pdo = new PDO('pgsql:host=' . getenv('PGHOST') . ';port=' . getenv('PGPORT') . ';dbname=' . getenv('PGDATABASE'), getenv('PGUSER'), null,
        [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC]);
    return $pdo;
}

$pdo = connect();
function run(string $query, array $parameters = [], ?PDO $by = null): PDOStatement
{
    $statement = ($by ?? $GLOBALS['pdo'])->prepare($query);
    foreach (array_values($parameters) as $i => $value)
        $statement->bindValue($i + 1, $value, is_bool($value) ? PDO::PARAM_BOOL : (is_int($value) ? PDO::PARAM_INT : (is_null($value) ? PDO::PARAM_NULL : PDO::PARAM_STR)));
    $statement->execute();
    return $statement;
}
function find(int $id): array { return run('SELECT * FROM feedback_nps.followup_all WHERE case_id = ?', [$id])->fetch(); }
function history(int $id): array
{
    return run('SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = ? ORDER BY place', [$id])->fetchAll(PDO::FETCH_COLUMN);
}
// Writes a whole row, and reads it back: a step sets more than was sent.
function save(array $row): array
{
    $set = implode(', ', array_map(fn ($name) => "\"$name\" = ?", array_keys($row)));
    return run("UPDATE feedback_nps.followup_all SET $set WHERE case_id = ? RETURNING *", [...array_values($row), $row['case_id']])->fetch();
}
$code_of = fn (Throwable $error) => $error->getCode();
$relations = run(RELATIONS)->fetchAll(PDO::FETCH_COLUMN);

check('introspect', function () use ($relations) {
    foreach ($relations as $name) {
        $statement = run("SELECT * FROM feedback_nps.$name LIMIT 0");
        for ($i = 0; $i < $statement->columnCount(); $i++)
            expect($statement->getColumnMeta($i)['pgsql:oid'] < 16384, true);
    }
});
check('read', function () use ($relations) {
    foreach ($relations as $name)
        run("SELECT * FROM feedback_nps.$name")->fetchAll();
    $row = find(1);
    expect([(float) $row['score'], str_contains($row['responded_at'], '.123456'), $row['version']], [1.0, true, 0]);
});
check('parameters', function () {
    $row = run('SELECT nps_category(?) AS text, nps_category(?::integer) AS category, nps_parse_score(?) AS score', ['9', 9, '10 - very'])->fetch();
    expect([$row['text'], $row['category'], (float) $row['score']], ['promoter', 'promoter', 10.0]);
});
check('partial_save', function () use ($pdo) {
    $pdo->beginTransaction();
    run("SELECT set_config('nps.actor', ?, true)", ['ana']);
    $row = run("UPDATE feedback_nps.followup SET status = 'contacted', channel = ?, note = ? WHERE case_id = ? RETURNING status, version", [find(1)['channel_advised'], 'called', 1])->fetch();
    $pdo->commit();
    expect($row, ['status' => 'contacted', 'version' => 1]);
    expect(sorted(history(1)), ['channel', 'contacted_at', 'status']);
});
check('unchanged_save', function () {
    expect(save(find(2))['version'], 0);
    expect(history(2), []);
});
check('changed_save', function () {
    expect(save(array_merge(find(3), ['plan' => 'send a voucher']))['version'], 1);
    expect(history(3), ['plan']);
});
check('stale_version', function () use ($code_of) {
    $row = find(4);
    run("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4");
    refused('55000', $code_of, fn () => save(array_merge($row, ['plan' => 'theirs'])));
});
check('stale_where', function () {
    $version = find(5)['version'];
    run("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5");
    expect(run("UPDATE feedback_nps.followup SET plan = 'theirs', version = ? WHERE case_id = 5 AND version = ?", [$version + 1, $version])->rowCount(), 0);
});
check('two_saves', function () {
    $row = save(array_merge(find(6), ['plan' => 'one']));
    $row = save(array_merge($row, ['status' => 'contacted', 'channel' => 'phone']));
    $row = save(array_merge($row, ['plan' => 'two']));
    expect([$row['version'], sorted(history(6))], [3, ['channel', 'contacted_at', 'plan', 'plan', 'status']]);
});
check('flush', function () use ($pdo) {
    $pdo->beginTransaction();
    run("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (7, 'the price')");
    run("UPDATE feedback_nps.followup SET status = 'contacted', channel = 'phone' WHERE case_id = 7 AND version = 0");
    $pdo->commit();
    expect([find(7)['open_concerns'], find(7)['version']], [1, 1]);
});
check('batch', function () use ($pdo) {
    $statement = $pdo->prepare('UPDATE feedback_nps.followup SET plan = ? WHERE case_id = ?');
    foreach ([8, 9, 10] as $id)
        $statement->execute(["plan $id", $id]);
    foreach ([8, 9, 10] as $id)
        expect([find($id)['plan'], history($id)], ["plan $id", ['plan']]);
});
check('concern_id', function () use ($pdo) {
    run("INSERT INTO feedback_nps.concern (case_id, concern) VALUES (11, 'waited')");
    $made = (int) $pdo->lastInsertId();
    expect(run('SELECT concern_id FROM feedback_nps.concern WHERE case_id = 11')->fetchColumn(), $made);
    expect(run("UPDATE feedback_nps.concern SET answer = 'sorry' WHERE concern_id = ?", [$made])->rowCount(), 1);
});
check('call', function () use ($pdo, $code_of) {
    $pdo->beginTransaction();
    refused('25001', $code_of, fn () => run("CALL nps_materialize('feedback_nps')"));
    $pdo->rollBack();
    run("CALL nps_materialize('feedback_nps')");
});
check('claim', fn () => claim_all(__FILE__));
check('retry', fn () => race(__FILE__));

// What a process of its own does: claims, or assigns case 12.
function work(string $job): void
{
    $pdo = connect();
    if ($job === 'assign') {
        for ($tries = 1; ; $tries++)
            try {
                run("UPDATE feedback_nps.followup SET assigned_to = 'bert' WHERE case_id = 12", [], $pdo);
                break;
            } catch (PDOException $error) {
                if ($error->getCode() !== '40001' || $tries > 4)
                    throw $error;
            }
        echo $tries;
        return;
    }
    while ($cases = run("SELECT case_id FROM nps_claim('feedback_nps', ?, NULL::bigint, 'ask for the reason', 7)", [$job], $pdo)->fetchAll(PDO::FETCH_COLUMN))
        echo implode(' ', $cases), ' ';
}
