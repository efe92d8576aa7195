/*
 * Reads what an agent says of itself to the master.  Messages are written in
 * one write each and are shorter than PIPE_BUF, so they come whole.
 */

#include "master/status.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct wire_status) <= PIPE_BUF, "written in one piece");

enum status_result
status_read(int fd, uint32_t generation, struct wire_status *status)
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
