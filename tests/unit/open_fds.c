/*
 * Counts descriptors in what the kernel shows of this process.  The one that
 * is needed for looking is not counted.
 */

#include "open_fds.h"

#include "test.h"

#include <dirent.h>

int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return (count - 1);
}
