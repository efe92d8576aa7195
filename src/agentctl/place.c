/*
 * Looks for the control socket where a daemon would have put it.  Called by
 * agentctl.c; says nothing to who listens there.
 */

#include "agentctl/place.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/control_place.h"

/* Whether it can be connected to; -1 with errno when not. */
static int
place_try(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result, saved;

	if (fd == -1)
		return (-1);
	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	saved = errno;
	close(fd);
	errno = saved;
	/* A full backlog is one of a daemon that lives. */
	return (result == -1 && errno == EAGAIN ? 0 : result);
}

const char *
place_find(void)
{
	static char best[CONTROL_PLACE_SIZE];
	char path[CONTROL_PLACE_SIZE];
	bool missing = true;

	best[0] = '\0';
	for (unsigned int i = 0; control_place(i, path); i++) {
		if (path[0] == '\0')
			continue;
		if (place_try(path) == 0) {
			strlcpy(best, path, sizeof(best));
			break;
		}
		/* One that refuses says more than one that is not there. */
		if (best[0] == '\0' || (missing && errno != ENOENT)) {
			missing = errno == ENOENT;
			strlcpy(best, path, sizeof(best));
		}
	}
	return (best);
}
