/*
 * Calls that are handed to an agent several at a time: none waits for one that
 * takes long, none is lost with its agent, none runs twice.  The front end is
 * stopped while they are sent, so that it finds them all at once.
 */

#include "harness.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the tool "wait" does is fast where the gate is a plain file. */
#define FAST "{\"gate\": \"free\"}"
#define WARM 20
#define CALLS 30
#define MANY 500

/* Agents that have seen the tool "wait" to be fast. */
static struct daemon *
start_warm(const char *settings)
{
	struct daemon *d = daemon_start(settings);

	fault_set(d, "free", "");
	for (int i = 0; i < WARM; i++)
		expect(call(d, "wait", FAST), 200, NULL);
	return (d);
}

/* How often it ran to its end, with that gate. */
static size_t
runs(struct daemon *d, const char *gate)
{
	char path[200];
	char *text;
	size_t n;

	snprintf(path, sizeof(path), "%s/fault/%s.done", d->dir, gate);
	text = file_read(path);
	assert_non_null(text);
	n = strlen(text);
	free(text);
	return (n);
}

static void
send_calls(struct daemon *d, struct conn *conns[static CALLS])
{
	char id[37];

	for (int i = 0; i < CALLS; i++) {
		snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", i);
		conns[i] = call_begin(d, id, "wait", FAST, "");
	}
}

static void
take_answers(struct conn *conns[static CALLS])
{
	for (int i = 0; i < CALLS; i++) {
		expect(http_answer(conns[i]), 200, NULL);
		http_close(conns[i]);
	}
}

static void
stop_process(pid_t pid)
{
	assert_true(proc_kill(pid, SIGSTOP));
	while (proc_state(pid) != 'T')
		;
}

/* All are answered while the first, which they were handed with, hangs. */
static void
inbox_hanging_neighbour(void **state)
{
	struct daemon *d = start_warm("");
	struct conn *slow, *conns[CALLS];
	pid_t frontend = proc_frontend(d);

	gate_make(d, "gate");
	stop_process(frontend);
	slow = call_begin(d, "11111111-1111-4111-8111-111111111111", "wait",
	    "{\"gate\": \"gate\"}", "");
	send_calls(d, conns);
	proc_kill(frontend, SIGCONT);
	take_answers(conns);
	assert_false(fault_exists(d, "gate.done"));
	assert_int_equal(stat_of(d, "busy_agents"), 1);
	gate_open(d, "gate");
	expect(http_answer(slow), 200, NULL);
	http_close(slow);
	wait_agents(d, 2, WAIT_MS);
	assert_int_equal(runs(d, "free"), WARM + CALLS);
	daemon_stop(d);
}

/* How often the agent went to sleep in the course of many calls. */
static long
sleeps(struct daemon *d, pid_t agent)
{
	long before = proc_sleeps(agent);

	for (int i = 0; i < MANY; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	return (proc_sleeps(agent) - before);
}

/*
 * Between fast calls, one at a time, the agent stays awake where there is
 * another processor.
 */
static void
inbox_busy_poll(void **state)
{
	struct daemon *d = daemon_start("agents = 1\nbusy_poll = 10000\n");
	pid_t first = proc_any_agent(d);
	long polling = sleeps(d, first), sleeping;
	cpu_set_t set;
	bool one;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	one = CPU_COUNT(&set) == 1;
	print_message("# %ld sleeps in %d calls\n", polling, MANY);
	assert_true(one || polling < MANY / 2);
	daemon_configure(d, "agents = 1\nbusy_poll = 0\n");
	daemon_reload(d);
	assert_true(wait_until(proc_gone, &first, WAIT_MS));
	sleeping = sleeps(d, proc_any_agent(d));
	print_message("# %ld without busy_poll\n", sleeping);
	assert_true(one || sleeping > polling);
	daemon_stop(d);
}

/* One at a time as well, but of two clients: nobody knows who comes next. */
static void
inbox_no_busy_poll(void **state)
{
	struct daemon *d = daemon_start("agents = 1\nbusy_poll = 10000\n");
	struct conn *clients[] = {http_open(d), http_open(d)};
	pid_t agent = proc_any_agent(d);
	long before = proc_sleeps(agent), count;

	for (int i = 0; i < MANY; i++) {
		http_request(clients[i % 2], "POST", "/api/v1/tools/echo", NULL,
		    "{\"message\": \"x\"}");
		expect(http_answer(clients[i % 2]), 200, NULL);
	}
	count = proc_sleeps(agent) - before;
	print_message("# %ld sleeps in %d calls\n", count, MANY);
	assert_true(count > MANY / 2);
	http_close(clients[0]);
	http_close(clients[1]);
	daemon_stop(d);
}

/* The deadline of the first takes its agent, and none of the others. */
static void
inbox_neighbour_times_out(void **state)
{
	struct daemon *d = start_warm("agents = 1\n");
	struct conn *slow, *conns[CALLS];
	pid_t frontend = proc_frontend(d);

	stop_process(frontend);
	gate_make(d, "gate");
	slow = call_begin(d, "11111111-1111-4111-8111-111111111111", "wait",
	    "{\"gate\": \"gate\"}", ", \"timeout\": 0.3");
	send_calls(d, conns);
	proc_kill(frontend, SIGCONT);
	expect(http_answer(slow), 504, "timeout");
	http_close(slow);
	take_answers(conns);
	assert_int_equal(runs(d, "free"), WARM + CALLS);
	daemon_stop(d);
}

/* A stopped agent keeps nothing of what it has not begun. */
static void
inbox_stopped_agent(void **state)
{
	struct daemon *d = start_warm("");
	struct conn *conns[CALLS];
	pid_t agent = proc_agent(d, 1);

	stop_process(agent);
	send_calls(d, conns);
	take_answers(conns);
	assert_int_equal(runs(d, "free"), WARM + CALLS);
	proc_kill(agent, SIGCONT);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* Killed with calls in hand that it has not begun: they go to another. */
static void
inbox_killed_agent(void **state)
{
	struct daemon *d = start_warm("agents = 1\n");
	struct conn *conns[CALLS];
	pid_t agent = proc_agent(d, 1), frontend = proc_frontend(d);

	stop_process(frontend);
	stop_process(agent);
	send_calls(d, conns);
	proc_kill(frontend, SIGCONT);
	/* They wait for the agent, whichever way. */
	wait_stat(d, "in_flight", CALLS);
	proc_kill(agent, SIGKILL);
	take_answers(conns);
	assert_int_equal(runs(d, "free"), WARM + CALLS);
	assert_int_equal(stat_of(d, "crashes"), 0);
	daemon_stop(d);
}

/* An agent that does not begin its call is replaced; the call is not lost. */
static void
inbox_agent_that_does_not_begin(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	pid_t agent = proc_agent(d, 1);

	stop_process(agent);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_not_equal(proc_agent(d, 1), agent);
	assert_int_equal(stat_of(d, "crashes"), 0);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/*
 * Takes one processor for so long from whoever runs there, the process of this
 * pid too.  Returns who does; -1: this takes root, and a kernel that lets it.
 */
static pid_t
starve(pid_t victim, int ms)
{
	struct sched_param first = {.sched_priority = 1};
	int64_t end = now_ms() + ms;
	cpu_set_t set;
	pid_t pid;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	fflush(NULL);
	if (sched_setaffinity(victim, sizeof(set), &set) == -1)
		return (-1);
	pid = fork();
	if (pid != 0)
		return (pid);
	if (sched_setaffinity(0, sizeof(set), &set) == -1 ||
	    sched_setscheduler(0, SCHED_FIFO, &first) == -1)
		_exit(1);
	while (now_ms() < end)
		;
	_exit(0);
}

static bool
is_first_or_gone(void *arg)
{
	pid_t pid = *(pid_t *)arg;

	return (sched_getscheduler(pid) == SCHED_FIFO ||
		proc_state(pid) == 'Z' || proc_state(pid) == 0);
}

/* One that gets no processor for a while is not ill, and is not replaced. */
static void
inbox_starved_agent(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	pid_t agent = proc_agent(d, 1), other;
	int status;

	other = starve(agent, 700);
	assert_int_not_equal(other, -1);
	assert_true(wait_until(is_first_or_gone, &other, WAIT_MS));
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	/* The harness may have reaped it. */
	if (waitpid(other, &status, 0) == other && status != 0)
		print_message("# not tried: nobody may take a processor\n");
	assert_int_equal(proc_agent(d, 1), agent);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

static bool
is_elsewhere(void *d)
{
	return (fault_exists(d, "elsewhere"));
}

/* Its agent does for a second what it should not, and then gets a call. */
static struct daemon *
start_elsewhere(const char *spins)
{
	struct daemon *d = daemon_start("agents = 1\n");

	fault_set(d, "spins", spins);
	expect(call(d, "fault", "{\"action\": \"go_elsewhere\"}"), 200, NULL);
	assert_true(wait_until(is_elsewhere, d, WAIT_MS));
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	return (d);
}

/* It wants to run, as one does that gets no processor: it is waited for. */
static void
inbox_running_agent(void **state)
{
	struct daemon *d = start_elsewhere("1");
	struct reply *reply;

	assert_int_equal(daemon_logged(d, "does not begin its calls"), 0);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	wait_agents(d, 1, WAIT_MS);
	reply = call(d, "echo", "{\"message\": \"x\"}");
	assert_int_equal(reply_int(reply, "/attempts"), 1);
	expect(reply, 200, NULL);
	daemon_stop(d);
}

/* It sleeps, and what it waits for is not its calls. */
static void
inbox_sleeping_agent(void **state)
{
	struct daemon *d = start_elsewhere("0");

	daemon_check_logged(d, "does not begin its calls", 1);
	assert_int_equal(stat_of(d, "agent_restarts"), 1);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

static pid_t
spin_beside(const cpu_set_t *cpu)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid != 0)
		return (pid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)!sched_setaffinity(0, sizeof(*cpu), cpu);
	for (volatile unsigned long n = 0;; n++)
		;
}

/* Agents that get what busy loops leave of one processor. */
static void
inbox_niced_agents(void **state)
{
	struct daemon *d = daemon_start("agents = 2\nbusy_poll = 0\n");
	struct sched_param param = {0};
	pid_t agents[PROC_MAX], spinners[4];
	size_t n = proc_agents(d, agents);
	cpu_set_t all, one;
	int64_t end_ms;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(
		    sched_setaffinity(agents[i], sizeof(one), &one), 0);
		assert_int_equal(
		    sched_setscheduler(agents[i], SCHED_IDLE, &param), 0);
	}
	for (size_t i = 0; i < COUNT(spinners); i++)
		spinners[i] = spin_beside(&one);
	end_ms = now_ms() + 3000;
	while (now_ms() < end_ms)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	for (size_t i = 0; i < COUNT(spinners); i++) {
		kill(spinners[i], SIGKILL);
		assert_int_equal(waitpid(spinners[i], NULL, 0), spinners[i]);
	}
	assert_int_equal(daemon_logged(d, "does not begin its calls"), 0);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

static bool
is_answered(void *d)
{
	struct reply *reply =
	    call_with(d, "echo", "{\"message\": \"x\"}", ", \"timeout\": 0.1");
	bool good = reply->status == 200;

	reply_free(reply);
	return (good);
}

/* Nor do calls help it that are always taken back before that. */
static void
inbox_stopped_agent_and_short_calls(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");

	stop_process(proc_agent(d, 1));
	assert_false(is_answered(d));
	assert_true(wait_until(is_answered, d, WAIT_MS));
	assert_int_equal(stat_of(d, "crashes"), 0);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/* One that reads on again stays. */
static void
inbox_paused_agent(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	pid_t agent = proc_agent(d, 1);

	stop_process(agent);
	assert_false(is_answered(d));
	proc_kill(agent, SIGCONT);
	for (int i = 0; i < MANY; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(proc_agent(d, 1), agent);
	daemon_stop(d);
}

static bool
agent_replaced(void *arg)
{
	struct daemon *d = arg;

	return (daemon_logged(d, "is stopped, as by SIGSTOP") == 2 &&
		agents_idle(d, 2));
}

/* All that are idle: they are replaced before a call comes. */
static void
inbox_all_stopped(void **state)
{
	struct daemon *d = daemon_start("agents = 2\n");
	int64_t begun;

	stop_process(proc_agent(d, 1));
	stop_process(proc_agent(d, 2));
	assert_true(wait_until(agent_replaced, d, WAIT_MS));
	begun = now_ms();
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	print_message("# %d ms\n", (int)(now_ms() - begun));
	assert_int_equal(daemon_logged(d, "timeout"), 0);
	assert_int_equal(stat_of(d, "crashes"), 0);
	daemon_stop(d);
}

/* The deadline of a call may come before that. */
static void
inbox_deadline_of_a_call_not_begun(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	pid_t agent = proc_agent(d, 1);
	struct reply *reply;

	stop_process(agent);
	reply =
	    call_with(d, "echo", "{\"message\": \"x\"}", ", \"timeout\": 0.1");
	check_problem(reply, 504, "timeout");
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	reply_free(reply);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_true(wait_until(proc_gone, &agent, WAIT_MS));
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(inbox_hanging_neighbour),
	    E2E_TEST(inbox_busy_poll),
	    E2E_TEST(inbox_no_busy_poll),
	    E2E_TEST(inbox_neighbour_times_out),
	    E2E_TEST(inbox_stopped_agent),
	    E2E_TEST(inbox_killed_agent),
	    E2E_TEST(inbox_agent_that_does_not_begin),
	    E2E_TEST(inbox_starved_agent),
	    E2E_TEST(inbox_running_agent),
	    E2E_TEST(inbox_sleeping_agent),
	    E2E_TEST(inbox_niced_agents),
	    E2E_TEST(inbox_stopped_agent_and_short_calls),
	    E2E_TEST(inbox_paused_agent),
	    E2E_TEST(inbox_all_stopped),
	    E2E_TEST(inbox_deadline_of_a_call_not_begun),
	};

	return (cmocka_run_group_tests_name("inbox", tests, NULL, NULL));
}
