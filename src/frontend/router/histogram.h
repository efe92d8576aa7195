/*
 * How durations are distributed, in a bounded number of counters.
 */

#ifndef FRONTEND_ROUTER_HISTOGRAM_H
#define FRONTEND_ROUTER_HISTOGRAM_H

#include <stdint.h>

/*
 * Log-linear buckets as in HdrHistogram (Tene, http://hdrhistogram.org): each
 * power of two is cut into HISTOGRAM_STEPS equal parts, so a value read back
 * is at most 1/16 too large.
 */
#define HISTOGRAM_STEPS 16
#define HISTOGRAM_BUCKETS (60 * HISTOGRAM_STEPS)

struct histogram {
	uint64_t total;
	int64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Counts one value, in nanoseconds; negative ones count as 0. */
void histogram_add(struct histogram *, int64_t value);

/*
 * The value that permille of 1000 values do not exceed, within the width of
 * its bucket; 0 when there are none.
 */
int64_t histogram_quantile(const struct histogram *, unsigned int permille);

#endif
