/*
 * Finds connections: by descriptor, since evhttp gives us no place of our own
 * in its connections, and by request those that wait for several calls.  Used
 * by conn.c alone, but for conn_find_many().
 */

#include "frontend/http/conn_table.h"
#include "common/sys.h"
#include "frontend/http/conn.h"

#include <stdlib.h>
#include <string.h>

static struct conn **by_fd;
static size_t by_fd_size;

static TAILQ_HEAD(, conn) many = TAILQ_HEAD_INITIALIZER(many);
static size_t many_count;

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

void
conn_many_add(struct conn *conn)
{
	TAILQ_INSERT_TAIL(&many, conn, many_entry);
	many_count++;
}

void
conn_many_drop(struct conn *conn)
{
	TAILQ_REMOVE(&many, conn, many_entry);
	many_count--;
}

size_t
conn_many_count(void)
{
	return (many_count);
}

struct conn *
conn_find_many(const uint8_t id[static UUID_SIZE])
{
	struct conn *conn;

	TAILQ_FOREACH (conn, &many, many_entry)
		if (memcmp(conn->id, id, UUID_SIZE) == 0)
			return (conn);
	return (NULL);
}
