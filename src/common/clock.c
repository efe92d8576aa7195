/*
 * Reads and shows the time.  Used by every process; keeps no state.
 */

#include "common/clock.h"

#include <string.h>
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
	static char last[CLOCK_FORMAT_SIZE] = "1970-01-01T00:00:00.000000Z";
	static time_t last_seconds;
	time_t seconds = wall_ns / NS_PER_SEC;
	long us = wall_ns % NS_PER_SEC / NS_PER_US;
	char *digit = buf + CLOCK_FORMAT_SIZE - sizeof("Z");
	struct tm tm;

	/* Many calls end in one second, which costs most to put into words. */
	if (seconds != last_seconds) {
		gmtime_r(&seconds, &tm);
		strftime(last, sizeof(last), "%Y-%m-%dT%H:%M:%S.000000Z", &tm);
		last_seconds = seconds;
	}
	memcpy(buf, last, CLOCK_FORMAT_SIZE);
	for (; us > 0; us /= 10)
		*--digit = (char)('0' + us % 10);
}
