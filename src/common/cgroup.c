/*
 * Files of control groups: read, written, waited for, removed.  Called by the
 * master (delegation.c) and by agents (child_cgroup.c), which know what the
 * groups are for.  Nothing here decides what is killed.
 */

#include "common/cgroup.h"
#include "common/clock.h"
#include "common/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Tools may make groups below their own; so deep they are removed. */
#define DEPTH 16

/* Between two tries, where the kernel does not tell of the change. */
#define AGAIN_MS 5

static char tools[PATH_MAX];

const char *
cgroup_tools(void)
{
	return (tools);
}

void
cgroup_set_tools(const char *path)
{
	strlcpy(tools, path, sizeof(tools));
}

/* Nothing here but what a signal handler may call. */
static int
cgroup_open(int dir, const char *name, const char *file, int flags)
{
	char path[NAME_MAX];

	strlcpy(path, name, sizeof(path));
	strlcat(path, "/", sizeof(path));
	if (strlcat(path, file, sizeof(path)) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (openat(dir, path, flags | O_CLOEXEC));
}

int
cgroup_write(int dir, const char *name, const char *file, const char *text)
{
	int fd = cgroup_open(dir, name, file, O_WRONLY);
	ssize_t sent;

	if (fd == -1)
		return (-1);
	do
		sent = write(fd, text, strlen(text));
	while (sent == -1 && errno == EINTR);
	fd_close(&fd);
	return (sent == -1 ? -1 : 0);
}

int
cgroup_write_number(int dir, const char *name, const char *file, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	return (cgroup_write(dir, name, file, text));
}

static FILE *
cgroup_fopen(int dir, const char *name, const char *file)
{
	int fd = cgroup_open(dir, name, file, O_RDONLY);
	FILE *stream = fd == -1 ? NULL : fdopen(fd, "r");

	if (stream == NULL)
		fd_close(&fd);
	return (stream);
}

bool
cgroup_has(int dir, const char *name, const char *file, const char *word)
{
	FILE *stream = cgroup_fopen(dir, name, file);
	bool found = false;
	char text[64];

	while (stream != NULL && !found && fscanf(stream, "%63s", text) == 1)
		found = strcmp(text, word) == 0;
	if (stream != NULL)
		fclose(stream);
	return (found);
}

int64_t
cgroup_count(int dir, const char *name, const char *file, const char *key)
{
	FILE *stream = cgroup_fopen(dir, name, file);
	long long number = 0, found = 0;
	char text[64];

	while (
	    stream != NULL && fscanf(stream, "%63s %lld", text, &number) == 2)
		if (strcmp(text, key) == 0)
			found = number;
	if (stream != NULL)
		fclose(stream);
	return (found);
}

void
cgroup_kill(int dir, const char *name)
{
	int error = errno;

	(void)!cgroup_write(dir, name, "cgroup.kill", "1");
	errno = error;
}

static int cgroup_remove_tree(int dir, const char *name, int depth);

/* The groups below it: its only directories. */
static void
cgroup_remove_below(int dir, const char *name, int depth)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (stream == NULL) {
		fd_close(&fd);
		return;
	}
	while ((entry = readdir(stream)) != NULL)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			(void)!cgroup_remove_tree(fd, entry->d_name, depth);
	closedir(stream);
}

/* The kernel refuses as long as anything is in it or below it. */
static int
cgroup_remove_tree(int dir, const char *name, int depth)
{
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return (0);
	if (errno != EBUSY || depth == 0)
		return (-1);
	cgroup_remove_below(dir, name, depth - 1);
	return (
	    unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -1);
}

/* It is told of by POLLPRI that a group has become empty, but not always. */
static void
cgroup_remove_wait(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLPRI};
	char text[128];

	(void)!pread(fd, text, sizeof(text), 0); /* what is known is not told */
	poll(&poll_fd, 1, AGAIN_MS);
}

int
cgroup_remove(int dir, const char *name, int limit_ms)
{
	int64_t give_up = clock_now_ns() + limit_ms * NS_PER_MS;
	int events, rc, error;

	if ((rc = cgroup_remove_tree(dir, name, DEPTH)) == 0 || errno != EBUSY)
		return (rc);
	if (limit_ms == 0)
		return (-1);
	events = cgroup_open(dir, name, "cgroup.events", O_RDONLY);
	do {
		cgroup_remove_wait(events);
		rc = cgroup_remove_tree(dir, name, DEPTH);
		error = errno;
	} while (rc == -1 && error == EBUSY && clock_now_ns() < give_up);
	fd_close(&events);
	errno = error;
	return (rc);
}
