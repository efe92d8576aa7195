/*
 * The places of the control socket.  Makes a directory at most, and never a
 * socket.
 */

#include "common/control_place.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACES 2

bool
control_place(unsigned int i, char path[static CONTROL_PLACE_SIZE])
{
	const char *base = i == 0 ? RUNSTATEDIR : getenv("XDG_RUNTIME_DIR");
	int len;

	path[0] = '\0';
	if (i >= PLACES)
		return (false);
	if (base == NULL || base[0] != '/')
		return (true);
	len =
	    snprintf(path, CONTROL_PLACE_SIZE, "%s/agentd/control.sock", base);
	if (len >= CONTROL_PLACE_SIZE)
		path[0] = '\0';
	return (true);
}

/* Whether a socket can be made at path, whose directory may be missing. */
static bool
control_place_writable(const char *path)
{
	char dir[CONTROL_PLACE_SIZE];

	strlcpy(dir, path, sizeof(dir));
	*strrchr(dir, '/') = '\0';
	/* That it is there already is what the second call finds out. */
	(void)!mkdir(dir, 0755);
	return (access(dir, W_OK | X_OK) == 0);
}

bool
control_place_make(char path[static CONTROL_PLACE_SIZE])
{
	for (unsigned int i = 0; control_place(i, path); i++)
		if (path[0] != '\0' && control_place_writable(path))
			return (true);
	return (false);
}
