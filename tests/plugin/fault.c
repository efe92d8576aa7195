/*
 * A plugin that does all that a plugin should not.  What it does in its init
 * is a member of its config; what in its call, a parameter.
 */

#include <agentd/tool.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int made;

static void
hang(void)
{
	for (;;)
		pause();
}

static void
crash(void)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

/* At its end, in good order or not, it leaves a file where it is told to. */
static void
leave_mark(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd != -1) {
		(void)!write(fd, "x", 1);
		close(fd);
	}
}

static void
at_exit(void)
{
	fprintf(stderr, "the plugin's own atexit\n");
}

/* config is {"init": WORD} or {"mark": PATH}; as text, to keep it short. */
static int
fault_init(struct agentd_setup *setup)
{
	const char *mark = strstr(setup->config, "\"mark\":\"");

	made++;
	setup->host->log(
	    AGENTD_LOG_INFO, "init %s for %s", setup->config, setup->tool);
	if (strstr(setup->config, "crash") != NULL)
		crash();
	if (strstr(setup->config, "hang") != NULL)
		hang();
	if (strstr(setup->config, "exit") != NULL)
		exit(7);
	if (strstr(setup->config, "silent") != NULL)
		return (1);
	if (strstr(setup->config, "fail") != NULL) {
		snprintf(setup->error, sizeof(setup->error), "no licence");
		return (1);
	}
	if (strstr(setup->config, "unterminated") != NULL) {
		memset(setup->error, 'e', sizeof(setup->error));
		return (1);
	}
	if (mark != NULL)
		setup->data = strdup(mark + strlen("\"mark\":\""));
	if (setup->data != NULL)
		*strchrnul(setup->data, '"') = '\0';
	return (0);
}

static int
do_exit(struct agentd_call *call)
{
	atexit(at_exit);
	exit((int)agentd_int(call, "/status", 0));
}

static int
do_crash(struct agentd_call *call)
{
	crash();
	return (0);
}

static int
do_hang(struct agentd_call *call)
{
	hang();
	return (0);
}

/* Stops by itself, shortly before it would be stopped. */
static int
do_patient(struct agentd_call *call)
{
	while (!agentd_cancelled(call))
		;
	return (agentd_fail(call, "cancelled with %s",
	    call->host->remaining_ns(call) > 0 ? "time left" : "none left"));
}

/* The same, but says before how far it is. */
static int
do_report(struct agentd_call *call)
{
	agentd_progress(call, 0.25, "a quarter");
	return (do_patient(call));
}

static int
do_result(struct agentd_call *call)
{
	size_t len;
	const char *text = agentd_string(call, "/text", &len);

	return (agentd_result(call, text, len));
}

static int
do_latin1(struct agentd_call *call)
{
	return (agentd_add_string(call, "text", "K\xf6ln", 4));
}

static int
do_latin1_result(struct agentd_call *call)
{
	return (agentd_result(call, "\"K\xf6ln\"", 6));
}

/* The failure of what it adds is not looked at. */
static int
do_nan(struct agentd_call *call)
{
	agentd_add_number(call, "n", NAN);
	return (0);
}

static int
do_deep(struct agentd_call *call)
{
	char text[200];

	memset(text, '[', 100);
	memset(text + 100, ']', 100);
	return (agentd_result(call, text, sizeof(text)));
}

static int
do_large(struct agentd_call *call)
{
	size_t size = (size_t)agentd_int(call, "/status", 0);
	char *text = malloc(size);
	int rc;

	if (text == NULL)
		return (agentd_fail(call, "no memory"));
	memset(text, 'l', size);
	rc = agentd_add_string(call, "text", text, size);
	free(text);
	return (rc);
}

static int
do_scalar_and_add(struct agentd_call *call)
{
	agentd_result(call, "1", 1);
	return (agentd_add_int(call, "n", 1));
}

static int
do_fail(struct agentd_call *call)
{
	agentd_fail(
	    call, "first: %s \xff!", agentd_string(call, "/text", NULL));
	agentd_fail(call, "second");
	agentd_add_int(call, "n", 1);
	return (0);
}

static int
do_silent(struct agentd_call *call)
{
	return (1);
}

static int
do_header(struct agentd_call *call)
{
	size_t len;
	const char *tenant = agentd_header(call, "x-tenant", &len);

	if (agentd_header(call, "X-Other", NULL) != NULL)
		return (agentd_fail(call, "there is more than was named"));
	if (tenant == NULL)
		return (agentd_fail(call, "there is no header"));
	return (agentd_add_string(call, "tenant", tenant, len));
}

static int
do_nothing(struct agentd_call *call)
{
	return (0);
}

static int
do_talk(struct agentd_call *call)
{
	printf("on stdout\n");
	fflush(stdout);
	call->host->log(AGENTD_LOG_WARNING, "one\ntwo %d", 3);
	agentd_progress(call, 0.5, "half");
	agentd_progress(call, -1, NULL);
	return (agentd_add_int(call, "made", made));
}

/* Everything that there is to ask for. */
static int
do_all(struct agentd_call *call)
{
	const struct agentd_host *host = call->host;
	const char *text;
	size_t len;

	if (!AGENTD_HAS(host, fail) || host->abi != AGENTD_ABI)
		return (agentd_fail(call, "an odd host"));
	text = host->param(call, "/list", &len);
	host->add(call, "list", text, text == NULL ? 0 : len);
	text = host->param(call, "", &len);
	host->add(call, "all", text, len);
	text = agentd_string(call, "/text", &len);
	agentd_add_string(call, "text", text, len);
	agentd_add_int(call, "second", agentd_int(call, "/list/1", -1));
	agentd_add_int(call, "absent", agentd_int(call, "/list/9", -1));
	agentd_add_number(call, "number", agentd_number(call, "/list/0", 0));
	host->add_bool(call, "bool", agentd_bool(call, "/list/2", 0));
	host->add(call, "null", "null", 4);
	agentd_add_int(call, "len", (int64_t)call->params_len);
	agentd_add_string(call, "tool", call->tool, strlen(call->tool));
	return (0);
}

/* So many, and forgets them. */
static int
do_leak(struct agentd_call *call)
{
	for (int64_t i = agentd_int(call, "/status", 1); i > 0; i--)
		(void)!open("/dev/null", O_RDONLY);
	return (0);
}

/* One that is none of its own. */
static int
do_close(struct agentd_call *call)
{
	close((int)agentd_int(call, "/status", 0));
	return (0);
}

/* Two processes return, each with a result. */
static int
do_fork(struct agentd_call *call)
{
	return (agentd_add_int(call, "child", fork() == 0));
}

static int
do_block(struct agentd_call *call)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGTERM, SIG_IGN);
	return (0);
}

static int
do_block_and_spin(struct agentd_call *call)
{
	do_block(call);
	for (volatile unsigned long n = 0;; n++)
		;
	return (0);
}

/* Is not to be found by what it was when it was started. */
static void
hide(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (fork() != 0)
		_exit(0);
	hang();
}

/* Has children that it does not want to die with it, and does not either. */
static int
do_brood(struct agentd_call *call)
{
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (pid == 0 && i == 0)
			do_block_and_spin(call);
		if (pid == 0)
			hide();
		if (i > 0)
			waitpid(pid, NULL, 0);
	}
	prctl(PR_SET_PDEATHSIG, (int)agentd_int(call, "/status", 0));
	call->host->log(AGENTD_LOG_WARNING, "the brood is out");
	return (do_block_and_spin(call));
}

/* A signal for the calls that follow. */
static int
do_alarm(struct agentd_call *call)
{
	signal(SIGALRM, SIG_DFL);
	alarm(1);
	return (0);
}

/* Less than a program needs to start with. */
static int
do_limit(struct agentd_call *call)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 12;
	return (setrlimit(RLIMIT_NOFILE, &limit));
}

/* What it leaves is nobody's any more. */
static int
do_disown(struct agentd_call *call)
{
	int ends[2];
	pid_t pid, hidden = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 0);
	if (pipe(ends) == -1 || (pid = fork()) == -1)
		return (-1);
	if (pid == 0) {
		setsid();
		if (fork() == 0) {
			hidden = getpid();
			(void)!write(ends[1], &hidden, sizeof(hidden));
			hang();
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	(void)!read(ends[0], &hidden, sizeof(hidden));
	close(ends[0]);
	close(ends[1]);
	return (agentd_add_int(call, "child", hidden));
}

static void *
fork_and_stay(void *arg)
{
	pid_t pid = fork();

	if (pid == 0)
		hang();
	*(volatile pid_t *)arg = pid;
	hang();
	return (NULL);
}

/* Neither ends with the call. */
static int
do_thread(struct agentd_call *call)
{
	static volatile pid_t pid;
	pthread_t thread;

	pid = 0;
	if (pthread_create(
		&thread, NULL, fork_and_stay, (void *)(uintptr_t)&pid) != 0)
		return (agentd_fail(call, "no thread"));
	while (pid == 0)
		;
	return (agentd_add_int(call, "child", pid));
}

static const struct {
	const char *name;
	int (*run)(struct agentd_call *);
} actions[] = {
    {"alarm", do_alarm},
    {"all", do_all},
    {"block", do_block},
    {"block_and_spin", do_block_and_spin},
    {"brood", do_brood},
    {"close", do_close},
    {"crash", do_crash},
    {"deep", do_deep},
    {"disown", do_disown},
    {"exit", do_exit},
    {"fail", do_fail},
    {"fork", do_fork},
    {"hang", do_hang},
    {"large", do_large},
    {"latin1", do_latin1},
    {"latin1_result", do_latin1_result},
    {"leak", do_leak},
    {"limit", do_limit},
    {"nan", do_nan},
    {"header", do_header},
    {"nothing", do_nothing},
    {"patient", do_patient},
    {"report", do_report},
    {"result", do_result},
    {"scalar_and_add", do_scalar_and_add},
    {"silent", do_silent},
    {"talk", do_talk},
    {"thread", do_thread},
};

static int
fault_call(struct agentd_call *call)
{
	const char *name = agentd_string(call, "/action", NULL);
	size_t i;

	for (i = 0; i < COUNT(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return (actions[i].run(call));
	return (agentd_fail(call, "there is no action \"%s\"", name));
}

static void
fault_fini(void *data)
{
	if (data == NULL)
		return;
	leave_mark(data);
	if (strstr(data, "stuck") != NULL)
		hang();
	if (strstr(data, "fallen") != NULL)
		crash();
	free(data);
}

const struct agentd_tool agentd_tool = {
    AGENTD_ABI,
    sizeof(struct agentd_tool),
    "fault",
    fault_init,
    fault_call,
    fault_fini,
};
