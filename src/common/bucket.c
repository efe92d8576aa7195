/*
 * Token buckets without a count of tokens: the instant when the bucket will be
 * full says as much, and needs no work as time passes.  Used for tools
 * (gate.c) and for clients (clients.c).
 */

#include "common/bucket.h"

#include "common/clock.h"

#define HOUR_S 3600

struct bucket_rate
bucket_rate(int64_t per_hour, int64_t burst)
{
	struct bucket_rate rate = {HOUR_S * NS_PER_SEC / per_hour, burst};

	if (burst == 0)
		rate.burst = per_hour < HOUR_S ? 1 : per_hour / HOUR_S;
	return (rate);
}

int64_t
bucket_take(struct bucket *bucket, struct bucket_rate rate, int64_t tokens,
    int64_t now_ns)
{
	int64_t full_ns = bucket->full_ns > now_ns ? bucket->full_ns : now_ns;
	int64_t missing_ns = full_ns - now_ns;
	int64_t room_ns = (rate.burst - 1) * rate.interval_ns;

	if (missing_ns > room_ns)
		return (missing_ns - room_ns);
	bucket->full_ns = full_ns + tokens * rate.interval_ns;
	return (0);
}
