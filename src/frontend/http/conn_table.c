/*
 * Finds connections by descriptor, since evhttp gives us no place of our own
 * in its connections.
 */

#include "frontend/http/conn_table.h"
#include "common/sys.h"
#include "frontend/http/conn.h"

#include <stdlib.h>
#include <string.h>

static struct conn **by_fd;
static size_t by_fd_size;

/* Makes room for descriptor fd. */
static int
conn_table_grow(int fd)
{
	size_t size = by_fd_size == 0 ? 64 : by_fd_size;
	struct conn **bigger;

	while (size <= (size_t)fd)
		size *= 2;
	if (size == by_fd_size)
		return (0);
	if ((bigger = sys.malloc(size * sizeof(*bigger))) == NULL)
		return (-1);
	memset(bigger, 0, size * sizeof(*bigger));
	if (by_fd != NULL)
		memcpy(bigger, by_fd, by_fd_size * sizeof(*bigger));
	free(by_fd);
	by_fd = bigger;
	by_fd_size = size;
	return (0);
}

int
conn_table_put(int fd, struct conn *conn)
{
	if (conn_table_grow(fd) == -1)
		return (-1);
	by_fd[fd] = conn;
	return (0);
}

struct conn *
conn_table_at(int fd)
{
	return (fd >= 0 && (size_t)fd < by_fd_size ? by_fd[fd] : NULL);
}

int
conn_table_end(void)
{
	return ((int)by_fd_size);
}

void
conn_table_drop(int fd, const struct conn *conn)
{
	if (conn_table_at(fd) == conn)
		by_fd[fd] = NULL;
}
