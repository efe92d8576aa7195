/*
 * Counts durations for the percentiles in the statistics.
 */

#include "frontend/router/histogram.h"

#define STEP_BITS 4 /* HISTOGRAM_STEPS is 2 to the power of this */

/* Small values have a bucket each; then each octave has HISTOGRAM_STEPS. */
static unsigned int
histogram_bucket(uint64_t value)
{
	unsigned int octave;

	if (value < HISTOGRAM_STEPS)
		return ((unsigned int)value);
	octave = 63 - (unsigned int)__builtin_clzll(value) - STEP_BITS;
	return ((octave + 1) * HISTOGRAM_STEPS +
		(unsigned int)((value >> octave) - HISTOGRAM_STEPS));
}

/* The largest value that falls into a bucket. */
static int64_t
histogram_top(unsigned int bucket)
{
	unsigned int octave;
	uint64_t next;

	if (bucket < HISTOGRAM_STEPS)
		return (bucket);
	octave = bucket / HISTOGRAM_STEPS - 1;
	next = (uint64_t)bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1;
	return ((int64_t)((next << octave) - 1));
}

void
histogram_add(struct histogram *h, int64_t value)
{
	unsigned int bucket;

	if (value < 0)
		value = 0;
	bucket = histogram_bucket((uint64_t)value);
	if (bucket >= HISTOGRAM_BUCKETS)
		bucket = HISTOGRAM_BUCKETS - 1;
	h->buckets[bucket]++;
	h->total++;
	if (value > h->max)
		h->max = value;
}

int64_t
histogram_quantile(const struct histogram *h, unsigned int permille)
{
	uint64_t rank = (h->total * permille + 999) / 1000, seen = 0;

	if (h->total == 0)
		return (0);
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen >= rank) {
			int64_t top = histogram_top(i);

			return (top < h->max ? top : h->max);
		}
	}
	return (h->max);
}
