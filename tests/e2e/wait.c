/*
 * The one place where tests let time pass, and what they read off clocks and
 * environment.
 */

#include "config.h"
#include "harness.h"

#include <sys/resource.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* A process of the lowest priority gets so little of a busy processor. */
#define NICE_FACTOR 15

/* Between two looks at a condition. */
#define PACE_NS 1000000L

int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * 1000000LL + ts.tv_nsec / 1000);
}

int64_t
now_ms(void)
{
	return (now_us() / 1000);
}

bool
wait_until(bool (*condition)(void *), void *arg, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;

	while (!condition(arg)) {
		struct timespec pace = {0, PACE_NS};

		if (now_ms() >= end)
			return (condition(arg));
		ppoll(NULL, 0, &pace, NULL);
	}
	return (true);
}

int
within_ms(int ms)
{
	return (getpriority(PRIO_PROCESS, 0) > 0 ? NICE_FACTOR * ms : ms);
}

int
env_int(const char *name, int absent)
{
	const char *value = getenv(name);

	return (value == NULL ? absent : atoi(value));
}

bool
built_with_sanitizers(void)
{
#ifdef WITH_SANITIZERS
	return (true);
#else
	return (false);
#endif
}
