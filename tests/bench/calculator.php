<?php
/*
 * The calculator call in PHP, for tests/bench/run: read, check, work out,
 * answer, as agentd does it.
 */

function answer(int $status, array $body): void
{
	http_response_code($status);
	header('Content-Type: application/json');
	echo json_encode($body), "\n";
	exit;
}

function request_id(): string
{
	$b = random_bytes(16);
	$b[6] = chr(ord($b[6]) & 0x0f | 0x40);
	$b[8] = chr(ord($b[8]) & 0x3f | 0x80);
	return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($b), 4));
}

function number($v): bool
{
	return is_int($v) || is_float($v);
}

$start = hrtime(true);
$id = request_id();
header("X-Request-Id: $id");
$call = json_decode(file_get_contents('php://input'), true);
$p = $call['params'] ?? null;
if (!is_array($call) || ($call['tool_name'] ?? '') !== 'calculator' ||
    !is_array($p))
	answer(400, ['error' => 'not a call']);
[$op, $a, $b] = [$p['operation'] ?? null, $p['a'] ?? null, $p['b'] ?? null];
if (!number($a) || !number($b) || array_diff_key($p,
	['operation' => 1, 'a' => 1, 'b' => 1]) ||
    !in_array($op, ['add', 'subtract', 'multiply', 'divide'], true))
	answer(422, ['error' => 'the parameters do not fit']);
if ($op === 'divide' && $b == 0)
	answer(200, ['success' => false, 'error' => 'division by zero']);
$result = match ($op) {
	'add' => $a + $b,
	'subtract' => $a - $b,
	'multiply' => $a * $b,
	'divide' => $a / $b,
};
answer(200, [
	'request_id' => $id,
	'agent_id' => 'php-' . getmypid(),
	'success' => true,
	'result' => ['operation' => $op, 'a' => $a, 'b' => $b,
	    'result' => $result],
	'processed_at' => (new DateTime('now', new DateTimeZone('UTC')))
	    ->format('Y-m-d\TH:i:s.u\Z'),
	'duration' => hrtime(true) - $start,
	'queued' => 0,
	'attempts' => 1,
]);
