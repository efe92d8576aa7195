/*
 * Which control group this process is in, and where that is in the file
 * system: the line of version 2 in /proc/self/cgroup, below the mount of it
 * in /proc/self/mountinfo that shows it.  Called by the master at start.
 */

#include "common/cgroup.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

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
