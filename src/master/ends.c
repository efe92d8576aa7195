/*
 * Opens, watches and closes the channels of an agent.  Whoever owns them makes
 * sense of what comes.
 */

#include "master/ends.h"
#include "common/fd.h"
#include "master/globals.h"
#include "master/output.h"
#include "master/spawn.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

/* The child's: standard error, socket, status pipe. */
#define ENDS_CHILD 3

/* Messages are written in one write each, so they come whole. */
_Static_assert(sizeof(struct wire_status) <= PIPE_BUF, "written in one piece");

void
ends_init(struct ends *ends, const struct ends_handlers *handlers, void *arg)
{
	ends->socket_fd = ends->status_fd = -1;
	ends->handlers = handlers;
	ends->arg = arg;
}

static void
ends_close_status(struct ends *ends)
{
	if (ends->status_event != NULL)
		event_free(ends->status_event);
	ends->status_event = NULL;
	fd_close(&ends->status_fd);
}

static void
ends_close_output(struct ends *ends)
{
	output_free(ends->output);
	ends->output = NULL;
}

static void
ends_output_ended(void *arg)
{
	struct ends *ends = arg;

	ends_close_output(ends);
	ends->handlers->ended(ends->arg);
}

enum ends_status
ends_read_status(int fd, uint32_t generation, struct wire_status *status)
{
	ssize_t got = read(fd, status, sizeof(*status));

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return (STATUS_MORE);
	if (got <= 0)
		return (STATUS_END);
	if (got != sizeof(*status) || status->kind >= STATUS_KINDS ||
	    status->generation != generation ||
	    memchr(status->reason, '\0', sizeof(status->reason)) == NULL)
		return (STATUS_BAD);
	return (STATUS_MESSAGE);
}

static void
ends_status_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ends *ends = arg;
	struct wire_status status;

	switch (ends_read_status(ends->status_fd, ends->generation, &status)) {
	case STATUS_MESSAGE:
		ends->handlers->status(ends->arg, &status);
		break;
	case STATUS_MORE:
		break;
	case STATUS_BAD:
		ends->handlers->garbage(ends->arg);
		break;
	case STATUS_END:
		ends_close_status(ends);
		ends->handlers->ended(ends->arg);
		break;
	}
}

/* Starts to listen to what the child is going to say. */
static int
ends_watch(struct ends *ends, const char *who, int output_fd)
{
	ends->status_event = event_new(master.base, ends->status_fd,
	    EV_READ | EV_PERSIST, ends_status_readable, ends);
	if (ends->status_event == NULL ||
	    event_add(ends->status_event, NULL) == -1)
		return (-1);
	ends->output =
	    output_new(output_fd, who, true, ends_output_ended, ends);
	return (ends->output == NULL ? -1 : 0);
}

void
ends_close(struct ends *ends)
{
	ends_close_output(ends);
	ends_close_status(ends);
	fd_close(&ends->socket_fd);
}

bool
ends_ended(const struct ends *ends)
{
	return (ends->status_fd == -1 && ends->output == NULL);
}

/* Makes the pairs: ours are kept in ends and *output_fd. */
static const char *
ends_make(struct ends *ends, int child[static ENDS_CHILD], int *output_fd)
{
	int pair[2];

	if (fd_socketpair(pair) == -1)
		return ("socketpair");
	ends->socket_fd = pair[0];
	child[1] = pair[1];
	if (fd_set_blocking(child[1]) == -1)
		return ("socketpair");
	if (fd_pipe(pair) == -1)
		return ("pipe");
	ends->status_fd = pair[0];
	child[2] = pair[1];
	if (fd_pipe(pair) == -1)
		return ("pipe");
	*output_fd = pair[0];
	child[0] = pair[1];
	return (NULL);
}

/* Opens all channels and starts to listen.  What it opened is to be closed. */
static const char *
ends_open(struct ends *ends, const char *who, int child[static ENDS_CHILD])
{
	const char *failed;
	int output_fd = -1, error;

	child[0] = child[1] = child[2] = -1;
	failed = ends_make(ends, child, &output_fd);
	if (failed == NULL && ends_watch(ends, who, output_fd) == -1)
		failed = "event";
	error = errno;
	if (ends->output == NULL)
		fd_close(&output_fd);
	errno = error;
	return (failed);
}

const char *
ends_spawn(struct ends *ends, const char *who, uint32_t generation, void *arg,
    pid_t *pid)
{
	int child[ENDS_CHILD], error;
	const char *failed;

	ends->generation = generation;
	failed = ends_open(ends, who, child);
	if (failed == NULL &&
	    (*pid = spawn_child(ROLE_AGENT, child, arg)) == -1)
		failed = "fork";
	error = errno;
	for (int i = 0; i < ENDS_CHILD; i++)
		fd_close(&child[i]);
	if (failed != NULL)
		ends_close(ends);
	errno = error;
	return (failed);
}
