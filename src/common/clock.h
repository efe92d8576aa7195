/*
 * Time.  Deadlines and durations use the monotonic clock; the wall clock is
 * only for showing to people.
 */

#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_SEC 1000000000LL

/* Room for an instant as clock_format() writes it, with its NUL. */
#define CLOCK_FORMAT_SIZE sizeof("2026-01-15T10:31:00.123456+01:00")

/* Nanoseconds of CLOCK_MONOTONIC. Cannot fail. */
int64_t clock_now_ns(void);

/* Nanoseconds since the epoch, for display only. Cannot fail. */
int64_t clock_wall_ns(void);

/* A duration as libevent wants it. */
struct timeval clock_timeval(int64_t ms);

/*
 * Writes wall_ns as RFC 3339 with microseconds: in UTC, or after
 * clock_show_local(true) in this process's time zone.
 */
void clock_format(int64_t wall_ns, char buf[static CLOCK_FORMAT_SIZE]);
void clock_show_local(bool);

#endif
