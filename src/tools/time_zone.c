/*
 * Time zones by name.  Called by the time tool.  Names lead to files below
 * one directory and never out of it; the C library then reads the file.  It
 * knows only one zone a process at a time, in TZ, which is put back when the
 * call is done.
 */

#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/time_parts.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define ZONE_MAX 64

static char *saved_zone; /* TZ before, NULL = there was none */

/* Neither a dot nor an empty component: no way up, no absolute path. */
static bool
time_zone_is_name(const char *name, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789+_-/";

	return (len > 0 && len <= ZONE_MAX && strspn(name, letters) == len &&
		name[0] != '/' && name[0] != '-' && name[len - 1] != '/' &&
		strstr(name, "//") == NULL);
}

/* The C library takes what it cannot read for UTC: so look before. */
static bool
time_zone_is_file(const char *path)
{
	char magic[4];
	struct stat st;
	bool good;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return (false);
	good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       read(fd, magic, sizeof(magic)) == sizeof(magic) &&
	       memcmp(magic, "TZif", sizeof(magic)) == 0;
	close(fd);
	return (good);
}

bool
time_zone_enter(const char *name, size_t len)
{
	char value[1 + sizeof(ZONE_DIRECTORY) + ZONE_MAX];
	const char *before = getenv("TZ");

	if (!time_zone_is_name(name, len))
		return (false);
	snprintf(value, sizeof(value), ":%s%s", ZONE_DIRECTORY, name);
	if (!time_zone_is_file(value + 1))
		return (false);
	saved_zone = before != NULL ? strdup(before) : NULL;
	/* What setenv() keeps is no more than there are zones. */
	if (setenv("TZ", value, 1) == -1) {
		free(saved_zone);
		return (false);
	}
	tzset();
	return (true);
}

void
time_zone_leave(void)
{
	if (saved_zone != NULL)
		setenv("TZ", saved_zone, 1);
	else
		unsetenv("TZ");
	free(saved_zone);
	saved_zone = NULL;
	tzset();
}
