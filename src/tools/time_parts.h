/*
 * For the time tool: durations, layouts and zones.
 */

#ifndef TOOLS_TIME_PARTS_H
#define TOOLS_TIME_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * Reads a duration as Go writes it ("2h30m", "-1.5h", "300ms").  Gives NULL
 * and the nanoseconds, or words for what is wrong.
 */
const char *time_duration(const char *text, size_t len, int64_t *ns)
    __attribute__((warn_unused_result));

/*
 * The instant as the layout of Go shows it ("2006-01-02 15:04:05.000").  To
 * be freed; NULL when there is no memory.
 */
char *time_layout(const char *layout, size_t len, const struct tm *, long nsec,
    size_t *out_len) __attribute__((warn_unused_result));

/*
 * Makes the zone (an IANA name) that of this process, until
 * time_zone_leave().  False when there is no such zone, and then nothing is
 * changed.
 */
bool time_zone_enter(const char *name, size_t len)
    __attribute__((warn_unused_result));
void time_zone_leave(void);

#endif
