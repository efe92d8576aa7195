/*
 * Time.  Deadlines and durations use the monotonic clock; the wall clock is
 * only for showing to people.
 */

#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_SEC 1000000000LL

/* Room for an instant as clock_format() writes it, with its NUL. */
#define CLOCK_FORMAT_SIZE sizeof("2026-01-15T10:31:00.123456Z")

/* Nanoseconds of CLOCK_MONOTONIC. Cannot fail. */
int64_t clock_now_ns(void);

/* Nanoseconds since the epoch, for display only. Cannot fail. */
int64_t clock_wall_ns(void);

/* A duration as libevent wants it. */
struct timeval clock_timeval(int64_t ms);

/* Writes wall_ns as RFC 3339 in UTC with microseconds. */
void clock_format(int64_t wall_ns, char buf[static CLOCK_FORMAT_SIZE]);

#endif
