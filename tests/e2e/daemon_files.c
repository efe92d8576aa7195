/*
 * The files around a daemon under test: its configuration, its log, what it
 * leaves; and its notifications.
 */

#include "daemon.h"

#include <sys/socket.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Lines of the log that a failed test shows. */
#define LOG_LINES 40

/* What the tests want where they say nothing else. */
static const struct preset {
	const char *name, *value;
} presets[] = {
    {"listen", "{\"unix:@DIR@/api.sock\"}"},
    {"control", "\"@DIR@/control.sock\""},
    {"agents", "2"},
    {"stop_timeout", "\"200ms\""},
    {"shutdown_timeout", "\"5s\""},
};

/* True when a line of settings begins with name. */
static bool
conf_mentions(const char *settings, const char *name)
{
	const char *line = settings;
	size_t len = strlen(name);

	while (line != NULL) {
		line += strspn(line, " \t\n");
		if (strncmp(line, name, len) == 0 &&
		    strchr(" \t=", line[len]) != NULL)
			return (true);
		line = strchr(line, '\n');
	}
	return (false);
}

static void
conf_write(FILE *file, const struct daemon *d, const char *text)
{
	const char *at;

	while ((at = strstr(text, "@DIR@")) != NULL) {
		fprintf(file, "%.*s%s", (int)(at - text), text, d->dir);
		text = at + strlen("@DIR@");
	}
	fputs(text, file);
}

void
daemon_configure(struct daemon *d, const char *settings)
{
	char path[sizeof(d->conf) + 4], line[128];
	FILE *file;

	/* In one piece: a reload may be reading. */
	snprintf(path, sizeof(path), "%s.new", d->conf);
	assert_non_null(file = fopen(path, "we"));
	for (size_t i = 0; i < COUNT(presets); i++) {
		if (conf_mentions(settings, presets[i].name))
			continue;
		snprintf(line, sizeof(line), "%s = %s\n", presets[i].name,
		    presets[i].value);
		conf_write(file, d, line);
	}
	conf_write(file, d, settings);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(path, d->conf), 0);
}

/* Names that the harness or a test put there itself. */
static bool
daemon_expects(const char *name)
{
	const char *end = strstr(name, ".log");

	return (strcmp(name, "agentd.conf") == 0 || strcmp(name, "log") == 0 ||
		strcmp(name, "notify") == 0 || strcmp(name, "fault") == 0 ||
		strcmp(name, "tools.d") == 0 || end != NULL);
}

bool
daemon_leftovers(struct daemon *d, char *names, size_t size)
{
	char all[512], *rest = all, *name;
	size_t len = 0;

	names[0] = '\0';
	files_in(d->dir, all, sizeof(all));
	while ((name = strsep(&rest, " ")) != NULL)
		if (*name != '\0' && !daemon_expects(name))
			len += (size_t)snprintf(
			    names + len, size - len, " %s", name);
	return (len > 0);
}

int
daemon_logged(struct daemon *d, const char *text)
{
	char *log = file_read(d->log), *at = log;
	int count = 0;

	while (at != NULL && (at = strstr(at, text)) != NULL) {
		count++;
		at += strlen(text);
	}
	free(log);
	return (count);
}

struct log_search {
	struct daemon *daemon;
	const char *text;
	int count;
};

static bool
log_holds(void *arg)
{
	struct log_search *search = arg;

	return (daemon_logged(search->daemon, search->text) >= search->count);
}

bool
daemon_wait_log(struct daemon *d, const char *text, int timeout_ms)
{
	struct log_search search = {d, text, 1};

	return (wait_until(log_holds, &search, timeout_ms));
}

void
daemon_check_logged(struct daemon *d, const char *text, int count)
{
	struct log_search search = {d, text, count};

	(void)wait_until(log_holds, &search, WAIT_MS);
	assert_int_equal(daemon_logged(d, text), count);
}

void
daemon_check_log(struct daemon *d)
{
	static const char *const alarms[] = {"AddressSanitizer",
	    "LeakSanitizer", "runtime error", "Assertion `", "[err] ",
	    "[warn] "};

	for (size_t i = 0; i < COUNT(alarms); i++)
		if (daemon_logged(d, alarms[i]) > 0) {
			daemon_show_log(d);
			fail_msg("the log holds \"%s\"", alarms[i]);
		}
}

void
daemon_show_log(struct daemon *d)
{
	char *log = file_read(d->log), *line;
	int lines = 0;

	if (log == NULL)
		return;
	for (line = log + strlen(log); line > log; line--)
		if (line[-1] == '\n' && lines++ == LOG_LINES)
			break;
	while ((log != NULL) && *line != '\0') {
		size_t len = strcspn(line, "\n");

		print_message("# log: %.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
	free(log);
}

int
daemon_port(struct daemon *d)
{
	static const char before[] = "listening on 127.0.0.1:";
	char *log, *at;
	int port;

	assert_true(daemon_wait_log(d, before, WAIT_MS));
	log = file_read(d->log);
	at = strstr(log, before);
	port = atoi(at + strlen(before));
	free(log);
	assert_in_range(port, 1, 65535);
	return (port);
}

struct note_search {
	struct daemon *daemon;
	const char *note;
};

/* Takes what has come; what precedes the note is dropped with it. */
static bool
note_arrived(void *arg)
{
	struct note_search *search = arg;
	struct daemon *d = search->daemon;
	size_t len;
	ssize_t got;
	char *at;

	do {
		len = strlen(d->notes);
		if (len > sizeof(d->notes) / 2)
			len = 0;
		got = recv(d->notify_fd, d->notes + len,
		    sizeof(d->notes) - len - 1, 0);
		d->notes[len + (got > 0 ? (size_t)got : 0)] = '\0';
		at = strstr(d->notes, search->note);
	} while (at == NULL && got > 0);
	if (at == NULL)
		return (false);
	at += strlen(search->note);
	memmove(d->notes, at, strlen(at) + 1);
	return (true);
}

/* What ends the waiting: the note, or that it can no longer come. */
static bool
note_decided(void *arg)
{
	struct note_search *search = arg;

	daemon_reap();
	if (note_arrived(arg)) {
		search->note = NULL;
		return (true);
	}
	return (search->daemon->pid == -1);
}

bool
daemon_notified(struct daemon *d, const char *note, int timeout_ms)
{
	struct note_search search = {d, note};

	wait_until(note_decided, &search, timeout_ms);
	return (search.note == NULL);
}

void
daemon_reload(struct daemon *d)
{
	daemon_signal(d, SIGHUP);
	assert_true(daemon_notified(d, "RELOADING=1", WAIT_MS));
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
}
