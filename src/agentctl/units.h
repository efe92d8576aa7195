/*
 * Numbers as people read them.
 */

#ifndef AGENTCTL_UNITS_H
#define AGENTCTL_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* Room for whatever is written here, with its NUL. */
#define UNITS_SIZE 32

/* A duration or an age: "850ns", "1.23ms", "59.1s", "2m05s", "4d02h". */
void units_duration(int64_t ns, char buf[static UNITS_SIZE]);

/* "512", "1.50K", "45.6M": three digits, in units of 1024. */
void units_bytes(int64_t bytes, char buf[static UNITS_SIZE]);

/* Calls a second: "0", "0.25", "12.3", "4567". */
void units_rate(double rate, char buf[static UNITS_SIZE]);

/*
 * How long ago an instant of RFC 3339 in UTC was, as a duration, given the
 * time now in nanoseconds since the epoch; "-" when text is NULL or no such
 * instant.
 */
void units_ago(const char *text, int64_t now_ns, char buf[static UNITS_SIZE]);

/* A number of seconds above 0, fractions allowed, of a day at most. */
bool units_parse_seconds(const char *text, int64_t *ms)
    __attribute__((warn_unused_result));

/* A whole number from min to max. */
bool units_parse_count(const char *text, int64_t min, int64_t max,
    int64_t *value) __attribute__((warn_unused_result));

#endif
