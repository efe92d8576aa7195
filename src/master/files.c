/*
 * The least number of descriptors.  Called at the start, at a reload
 * and when an administrator wants more agents, so
 * that a limit which lets no agent come up is one clear message, and not a
 * failure that is tried again for ever.  It changes no limit.
 */

#include "master/files.h"
#include "conf/conf.h"

#include <sys/resource.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The master needs the most: standard input and output, log, pidfile, event
 * base and front end, and what is open for a moment while it starts a child.
 */
#define FILES_AT_REST 24

/* For the standard error and the status pipe of each. */
#define FILES_PER_AGENT 2

int
files_suffice(
    const struct conf *conf, int64_t agents, char *why, size_t why_size)
{
	int64_t needed = FILES_AT_REST + (int64_t)conf->listen.count +
			 FILES_PER_AGENT * agents;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur >= (rlim_t)needed)
		return (0);
	snprintf(why, why_size,
	    "only %ju files may be open, but %" PRId64
	    " are needed for %" PRId64
	    " agents: raise the hard limit, see setrlimit(2)",
	    (uintmax_t)limit.rlim_cur, needed, agents);
	return (-1);
}
