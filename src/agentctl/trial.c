/*
 * Runs one call without a daemon.  Does in one process what master, front end
 * and agent do together for a call: fork, limits, deadline, that nothing is
 * left running, and that what a tool says on its standard error is heard.
 */

#include "agentctl/trial.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "agent/limits.h"
#include "agent/registry.h"
#include "agent/run.h"
#include "agentctl/interrupt.h"
#include "agentctl/message.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/log.h"
#include "common/sweep.h"
#include "conf/conf.h"

/* What the child says on its standard error. */
struct trial_log {
	int fd; /* non-blocking; -1 at its end */
	size_t len;
	char line[4096]; /* what came of the line at hand */
};

/* A line that a log begins has its severity in front: "<6>". */
static void
trial_log_line(const char *line)
{
	if (line[0] == '<' && line[1] >= '0' && line[1] <= '7' &&
	    line[2] == '>')
		line += 3;
	if (line[0] != '\0')
		message("%s", line);
}

/* Takes the whole lines out of the buffer; a line that fills it is cut. */
static void
trial_log_take(struct trial_log *log)
{
	char *end;

	log->line[log->len] = '\0';
	while ((end = memchr(log->line, '\n', log->len)) != NULL) {
		*end = '\0';
		trial_log_line(log->line);
		log->len -= (size_t)(end + 1 - log->line);
		memmove(log->line, end + 1, log->len);
		log->line[log->len] = '\0';
	}
	if (log->len == sizeof(log->line) - 1) {
		trial_log_line(log->line);
		log->len = 0;
	}
}

/* Passes on what there is, as messages, a line each. */
static void
trial_log_read(struct trial_log *log)
{
	ssize_t n;

	while (log->fd != -1) {
		n = read(log->fd, log->line + log->len,
		    sizeof(log->line) - 1 - log->len);
		if (n > 0) {
			log->len += (size_t)n;
			trial_log_take(log);
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0 || errno != EAGAIN) {
			close(log->fd);
			log->fd = -1;
		}
		return;
	}
}

/* The same, and what is left without the end of a line. */
static void
trial_log_finish(struct trial_log *log)
{
	trial_log_read(log);
	log->line[log->len] = '\0';
	trial_log_line(log->line);
	if (log->fd != -1)
		close(log->fd);
}

/* Where the child writes: an enum wire_outcome, then the JSON text. */
#define RESULT_FD 3

/* How long processes that a tool left behind may take to die. */
#define SWEEP_LIMIT_MS 1000

/* A tool may notice its deadline by itself, and say so. */
#define GRACE_MS 200

struct trial_call {
	const struct conf *conf;
	const struct registry *registry;
	const char *tool;
	struct json_object *params;
	int64_t deadline_ns;
};

/* in the child */

static void
trial_on_term(int number)
{
	sweep_all(SWEEP_LIMIT_MS);
	kill(0, SIGKILL); /* our process group, ourselves included */
}

static void
trial_write(const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(RESULT_FD, at, len);

		if (n == -1 && errno != EINTR)
			_exit(1);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
}

/* What the master does for a child, and the child for itself. */
static void
trial_become_agent(const struct trial_call *call)
{
	static const int ignored[] = {
	    SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTTIN, SIGTTOU, SIGTSTP};
	sigset_t none;
	char why[128];

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGTERM, trial_on_term);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || sweep_enable() == -1)
		message_die(CTL_SELF, "%s", strerror(errno));
	if (limits_set(call->conf, why, sizeof(why)) == -1)
		message_die(CTL_SELF, "%s", why);
	registry_setup(call->registry, call->conf);
}

static void __attribute__((noreturn))
trial_child(const struct trial_call *call, int result_fd, int log_fd)
{
	const int fds[] = {log_fd, result_fd};
	struct run_answer answer = {0};
	const char *params;
	size_t len;

	setpgid(0, 0);
	if (fd_arrange(fds, 2) == -1)
		_exit(1);
	log_open_pipe(STDERR_FILENO);
	trial_become_agent(call);
	params = json_text(call->params, &len);
	if (params == NULL)
		_exit(1);
	run_call(&answer, call->registry, call->tool, strlen(call->tool),
	    params, len, NULL, 0, call->deadline_ns,
	    (size_t)call->conf->max_result_bytes);
	if (answer.text == NULL)
		_exit(1);
	trial_write(&answer.outcome, sizeof(answer.outcome));
	trial_write(answer.text, answer.len);
	sweep_all(SWEEP_LIMIT_MS);
	_exit(0);
}

/* in the parent */

struct trial_result {
	int fd;
	struct trial_log log;
	char *text;
	size_t len;
	bool ended;
};

static void
trial_read(struct trial_result *result)
{
	size_t room = 65536;
	ssize_t n;

	result->text = message_need(realloc(result->text, result->len + room));
	n = read(result->fd, result->text + result->len, room);
	if (n > 0)
		result->len += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		result->ended = true;
}

/*
 * Sleeps until something comes and deals with it.  What is left is the outcome
 * if the waiting ends now.
 */
static void
trial_attend(struct trial *trial, struct trial_result *result, int signal_fd,
    int64_t left_ns)
{
	struct timespec left = {left_ns / NS_PER_SEC, left_ns % NS_PER_SEC};
	struct pollfd fds[] = {{.fd = result->fd, .events = POLLIN},
	    {.fd = signal_fd, .events = POLLIN},
	    {.fd = result->log.fd, .events = POLLIN}};

	if (ppoll(fds, 3, &left, NULL) <= 0)
		return;
	if (fds[1].revents & POLLIN)
		trial->signal = interrupt_take(signal_fd);
	if (fds[2].revents != 0)
		trial_log_read(&result->log);
	if (fds[0].revents != 0)
		trial_read(result);
}

/* Reads until the child is done, its time is up, or a signal comes. */
static void
trial_wait(struct trial *trial, struct trial_result *result, int signal_fd,
    int64_t deadline_ns)
{
	int64_t left_ns;

	trial->outcome = TRIAL_CRASHED; /* unless there is a result */
	while (!result->ended && trial->signal == 0) {
		left_ns = deadline_ns - clock_now_ns();
		if (left_ns <= 0) {
			trial->outcome = TRIAL_TIMEOUT;
			return;
		}
		trial_attend(trial, result, signal_fd, left_ns);
	}
	if (trial->signal != 0)
		trial->outcome = TRIAL_INTERRUPTED;
}

/* What was read is whole only if the child went on to its end. */
static void
trial_judge(struct trial *trial, const struct trial_result *result)
{
	char reason[JSON_REASON_SIZE];
	enum wire_outcome outcome;

	if (trial->outcome != TRIAL_CRASHED || trial->wait_status != 0 ||
	    result->len < sizeof(outcome))
		return;
	memcpy(&outcome, result->text, sizeof(outcome));
	if (json_parse(result->text + sizeof(outcome),
		result->len - sizeof(outcome), &trial->value, reason))
		trial->outcome = (int)outcome;
}

/* Kills the child when it is not done, and all that it has left. */
static void
trial_end(struct trial *trial, pid_t pid)
{
	if (trial->outcome != TRIAL_CRASHED)
		kill(pid, SIGKILL);
	while (waitpid(pid, &trial->wait_status, 0) == -1 && errno == EINTR)
		;
	sweep_all(SWEEP_LIMIT_MS);
}

static void
trial_supervise(struct trial *trial, pid_t pid, struct trial_result *result,
    int64_t deadline_ns)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0};
	int signal_fd = interrupt_open(signals);

	if (signal_fd == -1)
		message_die(CTL_SELF, "signals: %s", strerror(errno));
	trial_wait(
	    trial, result, signal_fd, deadline_ns + GRACE_MS * NS_PER_MS);
	trial_end(trial, pid);
	trial_log_finish(&result->log);
	trial_judge(trial, result);
	close(signal_fd);
}

void
trial_run(struct trial *trial, const struct conf *conf,
    const struct registry *registry, const char *tool,
    struct json_object *params, int64_t timeout_ms)
{
	struct trial_call call = {conf, registry, tool, params,
	    clock_now_ns() + timeout_ms * NS_PER_MS};
	struct trial_result result = {0};
	int ends[2], log_ends[2];
	pid_t pid;

	*trial = (struct trial){0};
	if (sweep_enable() == -1 || fd_pipe(ends) == -1 ||
	    fd_pipe(log_ends) == -1 || (pid = fork()) == -1)
		message_die(CTL_SELF, "%s", strerror(errno));
	if (pid == 0)
		trial_child(&call, ends[1], log_ends[1]);
	close(ends[1]);
	close(log_ends[1]);
	result.fd = ends[0];
	result.log.fd = log_ends[0];
	trial_supervise(trial, pid, &result, call.deadline_ns);
	close(ends[0]);
	free(result.text);
}
