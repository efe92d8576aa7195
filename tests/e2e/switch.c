/*
 * Switches of the fault-injection daemon, which are files in a directory that
 * it looks into, and the gates that its tool "wait" stops at, which are FIFOs.
 */

#include "harness.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void
fault_path(struct daemon *d, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/fault/%s", d->dir, name);
}

void
fault_set(struct daemon *d, const char *name, const char *value)
{
	char path[160], whole[160];

	fault_path(d, ".new", path, sizeof(path));
	fault_path(d, name, whole, sizeof(whole));
	file_write(path, value);
	assert_int_equal(rename(path, whole), 0);
}

void
fault_clear(struct daemon *d, const char *name)
{
	char path[160];

	fault_path(d, name, path, sizeof(path));
	unlink(path);
}

bool
fault_exists(struct daemon *d, const char *name)
{
	char path[160];

	fault_path(d, name, path, sizeof(path));
	return (access(path, F_OK) == 0);
}

void
gate_make(struct daemon *d, const char *name)
{
	char path[160];

	fault_path(d, name, path, sizeof(path));
	assert_int_equal(mkfifo(path, 0600), 0);
}

struct gate {
	char path[160];
};

/* A FIFO opens for writing only while somebody waits to read. */
static bool
gate_opened(void *arg)
{
	struct gate *gate = arg;
	int fd = open(gate->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd != -1)
		close(fd);
	return (fd != -1);
}

void
gate_open(struct daemon *d, const char *name)
{
	struct gate gate;

	fault_path(d, name, gate.path, sizeof(gate.path));
	if (!wait_until(gate_opened, &gate, WAIT_MS))
		fail_msg("no call waits at the gate %s", name);
}

int
gate_keep_open(struct daemon *d, const char *name)
{
	char path[160];
	int fd;

	fault_path(d, name, path, sizeof(path));
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	return (fd);
}
