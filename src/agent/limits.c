/*
 * What an agent may use, as far as the configuration limits it for all tools.
 * Called once in its life, before any tool is set up.
 */

#include "agent/limits.h"
#include "conf/conf.h"

#include <sys/resource.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * As near as the hard limit allows, which stays: a tool that is a process of
 * its own may have more than the agent, when its policy says so.
 */
static int
limits_one(
    const char *name, int resource, rlim_t value, char *why, size_t why_size)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == 0) {
		limit.rlim_cur =
		    value < limit.rlim_max ? value : limit.rlim_max;
		if (setrlimit(resource, &limit) == 0)
			return (0);
	}
	snprintf(why, why_size, "cannot limit %s: %s", name, strerror(errno));
	return (-1);
}

int
limits_set(const struct conf *conf, char *why, size_t why_size)
{
	if (limits_one("core files", RLIMIT_CORE, 0, why, why_size) == -1 ||
	    limits_one("agent_files", RLIMIT_NOFILE, (rlim_t)conf->agent_files,
		why, why_size) == -1)
		return (-1);
#ifndef WITH_SANITIZERS
	if (conf->agent_memory_bytes > 0 &&
	    limits_one("agent_memory", RLIMIT_DATA,
		(rlim_t)conf->agent_memory_bytes, why, why_size) == -1)
		return (-1);
	if (conf->agent_address_space_bytes > 0)
		return (limits_one("agent_address_space", RLIMIT_AS,
		    (rlim_t)conf->agent_address_space_bytes, why, why_size));
#endif
	return (0);
}
