/*
 * Reads and shows the time.
 */

#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>
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

static bool show_local;

void
clock_show_local(bool local)
{
	show_local = local;
	tzset();
}

/* Without its fraction, which is left as zeros. */
static void
clock_words(time_t seconds, char text[static CLOCK_FORMAT_SIZE])
{
	struct tm tm;
	size_t n;
	long minutes;

	if (!show_local || localtime_r(&seconds, &tm) == NULL)
		gmtime_r(&seconds, &tm);
	n = strftime(text, CLOCK_FORMAT_SIZE, "%Y-%m-%dT%H:%M:%S.000000", &tm);
	minutes = labs(tm.tm_gmtoff) / 60;
	if (minutes == 0)
		strlcpy(text + n, "Z", CLOCK_FORMAT_SIZE - n);
	else
		snprintf(text + n, CLOCK_FORMAT_SIZE - n, "%c%02ld:%02ld",
		    tm.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

void
clock_format(int64_t wall_ns, char buf[static CLOCK_FORMAT_SIZE])
{
	static char last[CLOCK_FORMAT_SIZE];
	static time_t last_seconds = -1;
	static bool last_local;
	time_t seconds = wall_ns / NS_PER_SEC;
	long us = wall_ns % NS_PER_SEC / NS_PER_US;
	char *digit = buf + strlen("1970-01-01T00:00:00.000000");

	/* Many calls end in one second, which costs most to put into words. */
	if (seconds != last_seconds || show_local != last_local) {
		clock_words(seconds, last);
		last_seconds = seconds;
		last_local = show_local;
	}
	memcpy(buf, last, CLOCK_FORMAT_SIZE);
	for (; us > 0; us /= 10)
		*--digit = (char)('0' + us % 10);
}
