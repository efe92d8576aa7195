/*
 * agentctl on a terminal, and on outputs that take nothing.
 */

#include "ctl.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h"
#define LEAVE "\033[?1049l"

/* Begins a picture. */
#define HOME "\033[H"

struct terminal {
	int fd;
	pid_t pid;
	char text[65536]; /* what was written to it, the latest at the end */
	size_t len;
	const char *wanted;
};

static void
terminal_open(struct terminal *t, struct daemon *d, int rows, int columns,
    const char *const *words)
{
	struct winsize size = {
	    .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	t->len = 0;
	fflush(NULL);
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	assert_int_not_equal(t->pid, -1);
	if (t->pid == 0) {
		setenv("TERM", "xterm", 1);
		ctl_exec(d, words);
	}
	assert_int_not_equal(fcntl(t->fd, F_SETFL, O_NONBLOCK), -1);
}

/* Takes what there is; whether the text that is waited for has come. */
static bool
terminal_holds(void *arg)
{
	struct terminal *t = arg;
	ssize_t n;

	while ((n = read(
		    t->fd, t->text + t->len, sizeof(t->text) - t->len - 1)) > 0)
		t->len += (size_t)n;
	t->text[t->len] = '\0';
	return (strstr(t->text, t->wanted) != NULL);
}

static void
terminal_wait(struct terminal *t, const char *text)
{
	t->wanted = text;
	if (!wait_until(terminal_holds, t, WAIT_MS))
		fail_msg("no \"%s\" in: %s", text, t->text);
}

/* Forgets what was shown, and waits for two pictures: one is new and whole. */
static void
terminal_picture(struct terminal *t)
{
	char *second;

	t->len = 0;
	terminal_wait(t, HOME);
	memmove(t->text, strstr(t->text, HOME),
	    t->len + 1 - (size_t)(strstr(t->text, HOME) - t->text));
	t->len = strlen(t->text);
	t->wanted = HOME;
	t->text[0] = ' ';
	terminal_wait(t, HOME);
	second = strstr(t->text, HOME);
	*second = '\0';
	t->len = strlen(t->text);
}

static int
terminal_end(struct terminal *t)
{
	struct termios modes;
	int status;

	/* Its output is read before the end, for it would wait otherwise. */
	terminal_wait(t, LEAVE);
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	assert_int_equal(tcgetattr(t->fd, &modes), 0);
	assert_true(modes.c_lflag & ICANON);
	assert_true(modes.c_lflag & ECHO);
	close(t->fd);
	return (
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Columns of the longest line, and the number of lines; escapes are none. */
static size_t
measure(const char *text, size_t *lines)
{
	size_t width = 0, longest = 0;

	for (*lines = 1; *text != '\0'; text++) {
		if (*text == '\033') {
			text +=
			    1 + strcspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						  "abcdefghijklmnopqrstuvwxyz");
		} else if (*text == '\n') {
			(*lines)++;
			width = 0;
		} else if (*text != '\r' && (*text & 0xc0) != 0x80) {
			width++;
		}
		longest = width > longest ? width : longest;
	}
	return (longest);
}

static void
check_picture(struct terminal *t, size_t rows, size_t columns)
{
	size_t lines, longest;

	terminal_picture(t);
	longest = measure(t->text, &lines);
	if (lines > rows || longest > columns)
		fail_msg(
		    "%zu lines of %zu columns: %s", lines, longest, t->text);
	assert_non_null(strstr(t->text, "agentd "));
	/* Something of a table, and not just the head. */
	assert_true(longest > columns / 2);
	assert_true(lines > 4);
}

static void
tty_top(void **state)
{
	struct daemon *d = daemon_start("agents = 30\n");
	struct terminal *t = calloc(1, sizeof(*t));
	struct winsize small = {.ws_row = 12, .ws_col = 50};

	assert_non_null(t);
	terminal_open(t, d, 24, 80, WORDS("top", "-i", "0.02"));
	terminal_wait(t, ENTER);
	terminal_wait(t, "agent-");
	check_picture(t, 24, 80);
	assert_non_null(strstr(t->text, " more"));
	assert_non_null(strstr(t->text, "calculator"));
	assert_int_equal(ioctl(t->fd, TIOCSWINSZ, &small), 0);
	check_picture(t, 24, 80); /* may be of before */
	check_picture(t, 12, 50);
	assert_int_equal(write(t->fd, "q", 1), 1);
	assert_int_equal(terminal_end(t), 0);
	free(t);
	daemon_stop(d);
}

/* Whatever ends it, the terminal is as it was. */
static void
tty_top_ends(void **state)
{
	struct daemon *d = daemon_start("");
	struct terminal *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	terminal_open(t, d, 24, 80, WORDS("top"));
	terminal_wait(t, "agent-2");
	assert_int_equal(write(t->fd, "\003", 1), 1);
	assert_int_equal(terminal_end(t), 0);
	terminal_open(t, d, 24, 80, WORDS("top"));
	terminal_wait(t, "agent-2");
	assert_true(proc_kill(t->pid, SIGTERM));
	assert_int_equal(terminal_end(t), 128 + SIGTERM);
	terminal_open(t, d, 24, 80, WORDS("top", "-n", "2", "-i", "0.01"));
	terminal_wait(t, "agent-2");
	assert_int_equal(terminal_end(t), 0);
	free(t);
	daemon_stop(d);
}

/* A daemon that goes away is waited for. */
static void
tty_top_waits(void **state)
{
	struct daemon *d = daemon_start("");
	struct terminal *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	terminal_open(t, d, 24, 80, WORDS("top", "-i", "0.02"));
	terminal_wait(t, "agent-2");
	daemon_signal(d, SIGTERM);
	terminal_wait(t, "No such file");
	assert_int_equal(write(t->fd, "q", 1), 1);
	assert_int_equal(terminal_end(t), 0);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
	free(t);
}

static void
tty_top_piped(void **state)
{
	struct daemon *d = daemon_start("");
	struct ctl ctl;
	size_t lines;
	char *at;

	ctl_begin(&ctl, d, NULL, WORDS("top", "-n", "3", "-i", "0.01"));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 0);
	assert_null(strchr(ctl.out, '\033'));
	assert_in_range(measure(ctl.out, &lines), 40, 80);
	for (at = ctl.out, lines = 0; (at = strstr(at, "agentd ")) != NULL;
	     at++)
		lines++;
	assert_int_equal(lines, 3);
	ctl_free(&ctl);
	ctl_check(d, 0, "calculator", "", WORDS("top"));
	daemon_stop(d);
}

/* Tables fit, texts of others are harmless. */
static void
tty_tables(void **state)
{
	struct daemon *d = daemon_start("");
	struct terminal *t = calloc(1, sizeof(*t));
	size_t lines;
	int status;

	assert_non_null(t);
	terminal_open(t, d, 24, 60, WORDS("describe", "text"));
	terminal_wait(t, "agentctl call text");
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	assert_in_range(measure(strstr(t->text, "PARAMETER"), &lines), 50, 60);
	close(t->fd);
	terminal_open(t, d, 24, 60,
	    WORDS("call", "echo",
		"message=\xc2\x9b"
		"2J"));
	terminal_wait(t, "}");
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	assert_null(strstr(t->text, "\xc2\x9b"));
	close(t->fd);
	free(t);
	daemon_stop(d);
}

/* Makes standard output what the argument says, in the child. */
static int
run_with_output(struct daemon *d, int fd, const char *const *words)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		if (fd == -1)
			close(1);
		else
			dup2(fd, 1);
		ctl_exec(d, words);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

static void
tty_no_output(void **state)
{
	static const char *const rows[][3] = {
	    {"tools"}, {"-j", "stats"}, {"top"}, {"-h"}, {"-V"}, {"requests"}};
	struct daemon *d = daemon_start("");
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), ends[2];

	assert_int_not_equal(full, -1);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(run_with_output(d, full, rows[i]), 6);
		assert_int_equal(run_with_output(d, ends[1], rows[i]), 6);
		assert_int_equal(run_with_output(d, -1, rows[i]), 6);
	}
	/* What prints nothing does not mind. */
	assert_int_equal(run_with_output(d, full, WORDS("requests", "-1")), 0);
	close(full);
	close(ends[1]);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(tty_top),
	    E2E_TEST(tty_top_ends),
	    E2E_TEST(tty_top_waits),
	    E2E_TEST(tty_top_piped),
	    E2E_TEST(tty_tables),
	    E2E_TEST(tty_no_output),
	};

	return (cmocka_run_group_tests_name("agentctl_tty", tests, NULL, NULL));
}
