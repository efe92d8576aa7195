/*
 * Files of control groups: read, written, waited for, removed; and which group
 * this process is in, and where that is in the file system.  Nothing here
 * decides what is killed.
 */

#include "common/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"

/* How long a path in those files may be. */
#define PATH_FORMAT "4095"

/* Blanks and backslashes are written as three octal digits. */
static void
cgroup_own_unescape(char *text)
{
	char *to = text;
	unsigned int value;
	int len;

	for (const char *from = text; *from != '\0';) {
		len = 0;
		if (sscanf(from, "\\%3o%n", &value, &len) == 1 && len == 4) {
			*to++ = (char)value;
			from += len;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* "0::/system.slice/agentd.service" */
static bool
cgroup_own_group(FILE *groups, char path[static PATH_MAX])
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (!found && getline(&line, &size, groups) > 0) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, "0::/", 4) == 0 &&
			strlcpy(path, line + 3, PATH_MAX) < PATH_MAX;
	}
	free(line);
	return (found);
}

/* One line of mountinfo; false: it is no mount of version 2. */
static bool
cgroup_own_mount(
    const char *line, char root[static PATH_MAX], char point[static PATH_MAX])
{
	if (strstr(line, " - cgroup2 ") == NULL ||
	    sscanf(line, "%*s %*s %*s %" PATH_FORMAT "s %" PATH_FORMAT "s",
		root, point) != 2)
		return (false);
	cgroup_own_unescape(root);
	cgroup_own_unescape(point);
	return (true);
}

/* A mount that shows the part of the tree below root, as in a container. */
static bool
cgroup_own_place(const char *group, const char *root, const char *point,
    char *path, size_t size)
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(group, root, len) != 0 ||
	    (group[len] != '/' && group[len] != '\0') ||
	    strstr(group, "/..") != NULL) /* not within what we may see */
		return (false);
	group += len;
	return (snprintf(path, size, "%s%s", point,
		    strcmp(group, "/") == 0 ? "" : group) < (int)size);
}

/*
 * The line of version 2 in /proc/self/cgroup, below the mount of it in
 * /proc/self/mountinfo that shows it.
 */
int
cgroup_own_of(FILE *groups, FILE *mounts, char *path, size_t size)
{
	char group[PATH_MAX], root[PATH_MAX], point[PATH_MAX], *line = NULL;
	size_t line_size = 0;
	bool found = false;

	if (cgroup_own_group(groups, group))
		while (!found && getline(&line, &line_size, mounts) > 0)
			found =
			    cgroup_own_mount(line, root, point) &&
			    cgroup_own_place(group, root, point, path, size);
	free(line);
	errno = ENOENT;
	return (found ? 0 : -1);
}

int
cgroup_own(char *path, size_t size)
{
	FILE *groups = fopen("/proc/self/cgroup", "re");
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	int rc = -1;

	if (groups != NULL && mounts != NULL)
		rc = cgroup_own_of(groups, mounts, path, size);
	if (groups != NULL)
		fclose(groups);
	if (mounts != NULL)
		fclose(mounts);
	return (rc);
}

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
