/*
 * What the tool "fault" can do to the agent that it runs in: die, hang, eat
 * memory, talk too much, leave processes behind.
 */

#include "fault.h"

#include "common/clock.h"

#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Stops "eat" where no limit does. */
#define EAT_MAX_MIB 1024

/* dying */

static void
fault_exit_0(struct tool_call *call)
{
	_exit(0);
}

static void
fault_exit_1(struct tool_call *call)
{
	_exit(1);
}

static void __attribute__((noreturn)) fault_die(int number)
{
	signal(number, SIG_DFL);
	raise(number);
	fault_hang();
}

void
fault_abort(struct tool_call *call)
{
	fault_die(SIGABRT);
}

static void
fault_segv(struct tool_call *call)
{
	fault_die(SIGSEGV);
}

static void
fault_kill(struct tool_call *call)
{
	fault_die(SIGKILL);
}

static void
fault_leave_mark(const char *name)
{
	const char *dir = getenv(FAULT_DIR);
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir == NULL ? "" : dir, name);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) != -1)
		close(fd);
}

/* Dies as often as the switch of this name says, and then lives. */
static void
fault_fragile(struct tool_call *call)
{
	long left = fault_switch("fragile");
	const char *dir = getenv(FAULT_DIR);
	char path[160];
	FILE *file;

	if (left <= 0)
		return;
	snprintf(path, sizeof(path), "%s/fragile", dir == NULL ? "" : dir);
	if ((file = fopen(path, "we")) != NULL) {
		fprintf(file, "%ld\n", left - 1);
		fclose(file);
	}
	fault_die(SIGABRT);
}

/* hanging */

static void
fault_stop(struct tool_call *call)
{
	fault_die(SIGSTOP);
}

static void
fault_loop(struct tool_call *call)
{
	for (volatile unsigned long n = 0;; n++)
		;
}

static void
fault_ignore_signals(void)
{
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
}

static void
fault_stubborn(struct tool_call *call)
{
	fault_ignore_signals();
	fault_hang();
}

static void
fault_close_stubborn(struct tool_call *call)
{
	fault_ignore_signals();
	fault_close(call);
}

/* Is done after a few milliseconds. */
static void
fault_brief(struct tool_call *call)
{
	int64_t end_ns = clock_now_ns() + 5 * NS_PER_MS;

	while (clock_now_ns() < end_ns)
		;
}

/* Between calls, after a moment, the agent does something else for a second. */
static void
fault_elsewhere(int signo)
{
	int64_t end_ns = clock_now_ns() + NS_PER_SEC;
	bool spins = fault_switch("spins") == 1;

	fault_leave_mark("elsewhere");
	while (clock_now_ns() < end_ns)
		if (!spins)
			poll(NULL, 0, 1000);
}

static void
fault_go_elsewhere(struct tool_call *call)
{
	struct itimerval soon = {.it_value = {.tv_usec = 50000}};

	signal(SIGALRM, fault_elsewhere);
	setitimer(ITIMER_REAL, &soon, NULL);
}

/* Answers just when its time is up, or a little later. */
static void
fault_late(struct tool_call *call)
{
	int64_t late_ns = arc4random_uniform(2 * NS_PER_MS);

	signal(SIGTERM, SIG_IGN);
	while (clock_now_ns() < call->deadline_ns + late_ns)
		;
	tool_add_string(call, "late", "answer");
}

/* memory and output */

static void
fault_eat(struct tool_call *call)
{
	for (int i = 0; i < EAT_MAX_MIB; i++) {
		char *volatile piece = malloc(1 << 20);

		if (piece == NULL) {
			tool_fail(call, "no memory is left");
			return;
		}
		memset(piece, i, 1 << 20);
	}
	tool_fail(call, "there is no limit");
}

/* Succeeds, and never gives back so many bytes. */
static void
fault_leak(struct tool_call *call)
{
	size_t size = (size_t)tool_param_int(call, "size", 0);
	static char *volatile last;

	if ((last = malloc(size)) == NULL)
		tool_fail(call, "no memory");
	else
		memset(last, 'l', size);
}

static void
fault_verbose(struct tool_call *call)
{
	size_t size = (size_t)tool_param_int(call, "size", 0);
	char *text = malloc(size);

	if (text == NULL) {
		tool_fail(call, "no memory");
		return;
	}
	memset(text, 'v', size);
	tool_add_string_len(call, "text", text, size);
	free(text);
}

static void
fault_print(size_t bytes, const char *line)
{
	size_t len = strlen(line);

	for (size_t sent = 0; sent < bytes; sent += len)
		if (write(STDERR_FILENO, line, len) == -1)
			return;
}

static void
fault_flood(struct tool_call *call)
{
	fault_print(4 << 20, "a tool says far too much, again and again\n");
	fault_print(1 << 20, "and then without the end of a line ");
}

static void
fault_torrent(struct tool_call *call)
{
	for (;;)
		fault_print(1 << 20, "a tool that never stops talking\n");
}

/* processes left behind */

/* A child in a session of its own that no polite signal ends. */
static void
fault_spawn(bool orphan)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) == -1 || (pid = fork()) == -1)
		_exit(3);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
		setsid();
		if (orphan && fork() != 0)
			_exit(0);
		for (int number = 1; number < NSIG; number++)
			if (number != SIGCHLD)
				signal(number, SIG_IGN);
		close(ready[0]);
		close(ready[1]);
		fault_hang();
	}
	close(ready[1]);
	while (read(ready[0], &byte, 1) > 0)
		;
	close(ready[0]);
	if (orphan)
		waitpid(pid, NULL, 0);
}

static void
fault_grandchild(struct tool_call *call)
{
	fault_spawn(false);
}

static void
fault_grandchild_hang(struct tool_call *call)
{
	fault_spawn(false);
	fault_hang();
}

static void
fault_grandchild_exit(struct tool_call *call)
{
	fault_spawn(false);
	_exit(1);
}

static void
fault_daemonise(struct tool_call *call)
{
	fault_spawn(true);
}

static void
fault_brood(struct tool_call *call)
{
	for (int i = 0; i < 10; i++)
		fault_spawn(i % 2 == 0);
	fault_hang();
}

const struct fault faults[] = {
    {"abort", fault_abort},
    {"answer_and_die", fault_answer_and_die},
    {"answer_and_report", fault_answer_and_report},
    {"brief", fault_brief},
    {"brood", fault_brood},
    {"close", fault_close},
    {"close_all", fault_close_all},
    {"close_stubborn", fault_close_stubborn},
    {"daemonise", fault_daemonise},
    {"eat", fault_eat},
    {"errors", fault_errors},
    {"exit_0", fault_exit_0},
    {"exit_1", fault_exit_1},
    {"flood", fault_flood},
    {"fragile", fault_fragile},
    {"garbage", fault_garbage},
    {"grandchild", fault_grandchild},
    {"grandchild_exit", fault_grandchild_exit},
    {"grandchild_hang", fault_grandchild_hang},
    {"go_elsewhere", fault_go_elsewhere},
    {"half", fault_half},
    {"kill", fault_kill},
    {"late", fault_late},
    {"leak", fault_leak},
    {"loop", fault_loop},
    {"oversized", fault_oversized},
    {"patient", fault_patient},
    {"report", fault_report},
    {"report_binary", fault_report_binary},
    {"report_long", fault_report_long},
    {"report_nan", fault_report_nan},
    {"report_once", fault_report_once},
    {"report_short", fault_report_short},
    {"report_wrong_id", fault_report_wrong_id},
    {"segv", fault_segv},
    {"stop", fault_stop},
    {"stubborn", fault_stubborn},
    {"torrent", fault_torrent},
    {"twice", fault_twice},
    {"verbose", fault_verbose},
    {"wrong_id", fault_wrong_id},
    {"wrong_type", fault_wrong_type},
    {NULL, NULL},
};
