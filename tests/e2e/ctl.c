/*
 * Runs of agentctl: started, waited for, their output read.
 */

#include "ctl.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 24

static void
ctl_path(const struct daemon *d, const char *name, char path[static 160])
{
	snprintf(path, 160, "%s/%s.log", d->dir, name);
}

void
ctl_exec(struct daemon *d, const char *const *words)
{
	char path[PATH_MAX], *argv[ARGUMENTS_MAX] = {(char[]){"agentctl"}};
	size_t n = 1;

	for (; *words != NULL && n < ARGUMENTS_MAX - 1; words++)
		argv[n++] = strdup(*words);
	snprintf(path, sizeof(path), "%s/agentctl", test_builddir());
	setenv("AGENTD_CONTROL", d->socket, 1);
	unsetenv("AGENTD_URL");
	execv(path, argv);
	dprintf(2, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

/* Makes descriptor fd that file. */
static void
ctl_redirect(struct daemon *d, const char *name, int fd)
{
	char path[160];
	int file;

	ctl_path(d, name, path);
	file =
	    open(path, fd == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (file == -1 || dup2(file, fd) == -1)
		_exit(126);
	close(file);
}

void
ctl_begin(struct ctl *ctl, struct daemon *d, const char *input,
    const char *const *words)
{
	char path[160];

	*ctl = (struct ctl){.daemon = d};
	ctl_path(d, "in", path);
	file_write(path, input == NULL ? "" : input);
	fflush(NULL);
	ctl->pid = fork();
	assert_int_not_equal(ctl->pid, -1);
	if (ctl->pid != 0)
		return;
	ctl_redirect(d, "in", 0);
	ctl_redirect(d, "out", 1);
	ctl_redirect(d, "err", 2);
	ctl_exec(d, words);
}

void
ctl_end(struct ctl *ctl)
{
	char path[160];
	int status;

	assert_int_equal(waitpid(ctl->pid, &status, 0), ctl->pid);
	ctl->status =
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	ctl_path(ctl->daemon, "out", path);
	ctl->out = file_read(path);
	ctl_path(ctl->daemon, "err", path);
	ctl->err = file_read(path);
	assert_non_null(ctl->out);
	assert_non_null(ctl->err);
}

void
ctl_free(struct ctl *ctl)
{
	free(ctl->out);
	free(ctl->err);
}

static bool
ctl_holds(const char *text, const char *part)
{
	if (part == NULL)
		return (true);
	return (part[0] == '\0' ? text[0] == '\0' : strstr(text, part) != NULL);
}

void
ctl_check(struct daemon *d, int status, const char *out, const char *err,
    const char *const *words)
{
	struct ctl ctl;

	ctl_begin(&ctl, d, NULL, words);
	ctl_end(&ctl);
	if (ctl.status != status || !ctl_holds(ctl.out, out) ||
	    !ctl_holds(ctl.err, err))
		fail_msg("agentctl %s %s: status %d, printed:\n%s\nsaid:\n%s",
		    words[0] == NULL ? "" : words[0],
		    words[0] == NULL || words[1] == NULL ? "" : words[1],
		    ctl.status, ctl.out, ctl.err);
	ctl_free(&ctl);
}
