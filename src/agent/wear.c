/*
 * Counts the calls of an agent and looks at its memory.  Called by the agent's
 * loop after each answer has gone, so that nobody waits for it; asks nothing
 * of the system unless max_rss is set.
 */

#include "agent/wear.h"
#include "common/log.h"
#include "conf/conf.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The part of a limit that chance may take off. */
#define JITTER 10

void
wear_init(struct wear *wear, const struct conf *conf)
{
	uint32_t jitter = (uint32_t)(conf->max_calls / JITTER);

	*wear = (struct wear){
	    .max_calls = conf->max_calls - arc4random_uniform(jitter + 1),
	    .max_bytes = conf->max_rss_bytes,
	};
}

/* What cannot be known is no reason. */
int64_t
wear_resident_bytes(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	long long total, resident;
	char text[128];
	ssize_t n;

	if (fd == -1)
		return (-1);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return (-1);
	text[n] = '\0';
	if (sscanf(text, "%lld %lld", &total, &resident) != 2)
		return (-1);
	return (resident * sysconf(_SC_PAGESIZE));
}

bool
wear_call(struct wear *wear, char reason[static WEAR_REASON_SIZE])
{
	int64_t bytes;

	wear->calls++;
	if (wear->told)
		return (false);
	if (wear->max_calls != 0 && wear->calls >= wear->max_calls) {
		snprintf(reason, WEAR_REASON_SIZE,
		    "ran %lld call%s (max_calls)", (long long)wear->calls,
		    LOG_S(wear->calls));
		return (wear->told = true);
	}
	if (wear->max_bytes == 0 ||
	    (bytes = wear_resident_bytes()) <= wear->max_bytes)
		return (false);
	snprintf(reason, WEAR_REASON_SIZE, "holds %lld KiB (max_rss)",
	    (long long)bytes / 1024);
	return (wear->told = true);
}

bool
wear_starved(struct wear *wear, char reason[static WEAR_REASON_SIZE])
{
	if (wear->told)
		return (false);
	snprintf(reason, WEAR_REASON_SIZE,
	    "had no memory for a call (agent_memory)");
	return (wear->told = true);
}
