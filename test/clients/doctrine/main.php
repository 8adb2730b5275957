<?php
// Doctrine ORM: an entity of the view with a version; a flush sends what changed.
declare(strict_types=1);
require __DIR__ . '/../lib/checks.php';
require '/usr/share/php/Doctrine/ORM/autoload.php';

use Doctrine\DBAL\DriverManager;
use Doctrine\DBAL\Types\ConversionException;
use Doctrine\ORM\Configuration;
use Doctrine\ORM\EntityManager;
use Doctrine\ORM\Mapping as ORM;
use Doctrine\ORM\Mapping\Driver\AttributeDriver;
use Doctrine\ORM\OptimisticLockException;

#[ORM\Entity, ORM\Table(name: 'followup_all', schema: 'feedback_nps')]
class FollowupCase
{
    #[ORM\Id, ORM\Column(name: 'case_id', type: 'bigint')] public string $caseId;
    #[ORM\Version, ORM\Column(type: 'integer')] public int $version;
    #[ORM\Column] public string $status;
    #[ORM\Column(nullable: true)] public ?string $channel;
    #[ORM\Column(name: 'channel_advised', nullable: true)] public ?string $channelAdvised;
    #[ORM\Column(name: 'assigned_to', nullable: true)] public ?string $assignedTo;
    #[ORM\Column(nullable: true)] public ?string $plan;
    #[ORM\Column(nullable: true)] public ?string $note;
    // datetimetz knows whole seconds only, and cannot read others
    #[ORM\Column(name: 'contacted_at', type: 'string', nullable: true)] public ?string $contactedAt;
    #[ORM\Column(name: 'open_concerns', type: 'integer')] public int $openConcerns;
}

#[ORM\Entity, ORM\Table(name: 'concern', schema: 'feedback_nps')]
class Concern
{
    #[ORM\Id, ORM\GeneratedValue(strategy: 'IDENTITY'), ORM\Column(name: 'concern_id', type: 'bigint')] public ?string $concernId = null;
    #[ORM\Column(name: 'case_id', type: 'bigint')] public string $caseId;
    #[ORM\Column] public string $concern;
    #[ORM\Column(nullable: true)] public ?string $answer = null;
}

$address = ['driver' => 'pdo_pgsql', 'host' => getenv('PGHOST'), 'port' => (int) getenv('PGPORT'), 'user' => getenv('PGUSER'), 'dbname' => getenv('PGDATABASE')];
function manager(): EntityManager
{
    global $address;
    $configuration = new Configuration();
    $configuration->setMetadataDriverImpl(new AttributeDriver([__DIR__]));
    $configuration->setProxyDir(sys_get_temp_dir());
    $configuration->setProxyNamespace('Proxies');
    return EntityManager::create($address, $configuration);
}
$connection = DriverManager::getConnection($address);
// What race() of checks.php uses.
$pdo = $connection->getNativeConnection();
function connect(): PDO { return DriverManager::getConnection($GLOBALS['address'])->getNativeConnection(); }
function run(string $query, array $parameters = [], ?PDO $by = null): PDOStatement
{
    $statement = ($by ?? $GLOBALS['pdo'])->prepare($query);
    $statement->execute($parameters);
    return $statement;
}
function history(int $id): array
{
    return run('SELECT what_changed FROM feedback_nps.followup_event WHERE case_id = ? ORDER BY place', [$id])->fetchAll(PDO::FETCH_COLUMN);
}
function code_of(Throwable $error): string
{
    for (; $error; $error = $error->getPrevious())
        if ($error instanceof Doctrine\DBAL\Driver\Exception && $error->getSQLState())
            return $error->getSQLState();
        elseif ($error instanceof PDOException)
            return $error->getCode();
    return '';
}
// Whole rows: the array of a row, sent back by the connection.
function find(int $id): array { return $GLOBALS['connection']->fetchAssociative('SELECT * FROM feedback_nps.followup_all WHERE case_id = ?', [$id]); }
function save(array $row): int|string
{
    return $GLOBALS['connection']->update('feedback_nps.followup_all', $row, ['case_id' => $row['case_id']], array_map(fn ($value) => is_bool($value) ? PDO::PARAM_BOOL : PDO::PARAM_STR, $row));
}

check('introspect', function () use ($connection) {
    $manager = $connection->createSchemaManager();
    $tables = $manager->introspectSchema()->getTables();
    expect(isset($tables['feedback_nps.followup_case']), true);
    $views = array_map(fn ($view) => $view->getName(), $manager->listViews());
    foreach (run(RELATIONS)->fetchAll(PDO::FETCH_COLUMN) as $name)
        expect([$name, count($manager->listTableColumns("feedback_nps.$name")) > 0], [$name, !in_array("feedback_nps.$name", $views)]);
    return 'looks at tables only: an entity of a view is written by hand';
});
check('read', function () use ($connection) {
    foreach (run(RELATIONS)->fetchAll(PDO::FETCH_COLUMN) as $name)
        $connection->fetchAllAssociative("SELECT * FROM feedback_nps.$name");
    expect(str_contains(find(1)['responded_at'], '.123456'), true);
    expect(manager()->find(FollowupCase::class, 1)->version, 0);
    try {
        $connection->convertToPHPValue(find(1)['responded_at'], 'datetimetz');
        throw new Exception('no error');
    } catch (ConversionException) {
        return 'the type datetimetz cannot read fractions of a second: map times as string, or a type of your own';
    }
});
check('parameters', function () use ($connection) {
    expect($connection->fetchOne('SELECT nps_category(?::integer)', [9]), 'promoter');
    expect((float) $connection->fetchOne('SELECT nps_parse_score(?)', ['10 - very']), 10.0);
});
check('partial_save', function () {
    $manager = manager();
    $manager->wrapInTransaction(function () use ($manager) {
        $manager->getConnection()->executeQuery("SELECT set_config('nps.actor', ?, true)", ['ana']);
        $case = $manager->find(FollowupCase::class, 1);
        [$case->status, $case->channel, $case->note] = ['contacted', $case->channelAdvised, 'called'];
    });
    expect(sorted(history(1)), ['channel', 'contacted_at', 'status']);
});
check('unchanged_save', function () {
    expect((int) save(find(2)), 1);
    expect([history(2), (int) find(2)['version']], [[], 0]);
});
check('changed_save', function () {
    expect((int) save(array_merge(find(3), ['plan' => 'send a voucher'])), 1);
    expect(history(3), ['plan']);
});
check('stale_version', function () {
    $row = find(4);
    run("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 4");
    refused('55000', code_of(...), fn () => save(array_merge($row, ['plan' => 'theirs'])));
});
check('stale_where', function () {
    $manager = manager();
    $case = $manager->find(FollowupCase::class, 5);
    run("UPDATE feedback_nps.followup SET plan = 'mine' WHERE case_id = 5");
    $case->plan = 'theirs';
    try {
        $manager->flush();
        throw new Exception('no error');
    } catch (OptimisticLockException) {
    }
});
check('two_saves', function () {
    $manager = manager();
    $case = $manager->find(FollowupCase::class, 6);
    $case->plan = 'one';
    $manager->flush();
    [$case->status, $case->channel] = ['contacted', 'phone'];
    $manager->flush();
    $case->plan = 'two';
    $manager->flush();
    expect([$case->version, sorted(history(6))], [3, ['channel', 'contacted_at', 'plan', 'plan', 'status']]);
    expect($case->contactedAt, null);
    $manager->refresh($case);
    expect(is_string($case->contactedAt), true);
    return 'reads the version back, and nothing else: refresh() shows what a step set besides';
});
check('flush', function () {
    $manager = manager();
    $case = $manager->find(FollowupCase::class, 7);
    [$case->status, $case->channel] = ['contacted', 'phone'];
    $concern = new Concern();
    [$concern->caseId, $concern->concern] = ['7', 'the price'];
    $manager->persist($concern);
    $manager->flush();
    $manager->refresh($case);
    expect([$case->openConcerns, $case->version], [1, 1]);
});
check('batch', function () {
    $manager = manager();
    foreach ([8, 9, 10] as $id)
        $manager->find(FollowupCase::class, $id)->plan = "plan $id";
    $manager->flush();
    expect($manager->createQuery('UPDATE FollowupCase c SET c.assignedTo = :who WHERE c.caseId IN (8, 9, 10)')->execute(['who' => 'bert']), 3);
    foreach ([8, 9, 10] as $id)
        expect(history($id), ['plan', 'assigned_to']);
});
check('concern_id', function () {
    $manager = manager();
    $concern = new Concern();
    [$concern->caseId, $concern->concern] = ['11', 'waited'];
    $manager->persist($concern);
    $manager->flush();
    expect((int) run('SELECT concern_id FROM feedback_nps.concern WHERE case_id = 11')->fetchColumn(), (int) $concern->concernId);
    $concern->answer = 'sorry';
    $manager->flush();
    expect(run('SELECT is_open FROM feedback_nps.concern WHERE case_id = 11')->fetchColumn(), false);
});
check('call', function () use ($connection) {
    refused('25001', code_of(...), fn () => $connection->transactional(fn () => $connection->executeStatement("CALL nps_materialize('feedback_nps')")));
    $connection->executeStatement("CALL nps_materialize('feedback_nps')");
    try {
        $connection->createSchemaManager()->introspectSchema();
    } catch (Doctrine\DBAL\Exception $error) {
        expect(str_contains($error->getMessage(), 'Unknown database type'), true);
        $connection->getConfiguration()->setSchemaAssetsFilter(fn ($name) => !str_starts_with(is_string($name) ? $name : $name->getName(), 'feedback_nps.'));
        $connection->createSchemaManager()->introspectSchema();
        return 'its schema tools know no tallies, which a materialized survey has: setSchemaAssetsFilter leaves the survey alone, as migrations should';
    }
});
check('claim', fn () => claim_all(__FILE__));
check('retry', fn () => race(__FILE__));

// What a process of its own does: claims, or assigns case 12.
function work(string $job): void
{
    for ($tries = 1; ; $tries++) {
        $manager = manager();
        try {
            if ($job !== 'assign') {
                while ($cases = $manager->getConnection()->fetchFirstColumn("SELECT case_id FROM nps_claim('feedback_nps', ?, NULL::bigint, 'ask for the reason', 7)", [$job]))
                    echo implode(' ', $cases), ' ';
                return;
            }
            $manager->createQuery("UPDATE FollowupCase c SET c.assignedTo = 'bert' WHERE c.caseId = 12")->execute();
            echo $tries;
            return;
        } catch (Throwable $error) {
            if (code_of($error) !== '40001' || $tries > 4)
                throw $error;
        }
    }
}
