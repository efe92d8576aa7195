/*
 * Reads and shows the time.  Used by every process; keeps no state.
 */

#include "common/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t
clock_read(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (ts.tv_sec * NS_PER_SEC + ts.tv_nsec);
}

int64_t
clock_now_ns(void)
{
	return (clock_read(CLOCK_MONOTONIC));
}

int64_t
clock_wall_ns(void)
{
	return (clock_read(CLOCK_REALTIME));
}

struct timeval
clock_timeval(int64_t ms)
{
	return ((struct timeval){ms / 1000, ms % 1000 * 1000});
}

void
clock_format(int64_t wall_ns, char buf[static CLOCK_FORMAT_SIZE])
{
	time_t seconds = wall_ns / NS_PER_SEC;
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(buf, CLOCK_FORMAT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, CLOCK_FORMAT_SIZE - len, ".%06lldZ",
	    (long long)(wall_ns % NS_PER_SEC / NS_PER_US));
}
