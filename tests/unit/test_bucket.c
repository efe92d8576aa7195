/*
 * Token buckets, and the table of clients that have one each, against a time
 * that the tests set.
 */

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdbool.h>
#include <string.h>

#include "common/clock.h"
#include "frontend/http/clients.h"

#define MS NS_PER_MS
#define START (1000 * NS_PER_SEC)

static void
test_rate(void **state)
{
	static const struct {
		int64_t per_hour, burst, interval_ns, tokens;
	} cases[] = {
	    {36000, 0, 100 * MS, 10},
	    {36000, 3, 100 * MS, 3},
	    {3600, 0, NS_PER_SEC, 1},
	    {60, 0, 60 * NS_PER_SEC, 1},
	    {1, 1000000, 3600 * NS_PER_SEC, 1000000},
	    {3600000000, 0, 1000, 1000000},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bucket_rate rate =
		    bucket_rate(cases[i].per_hour, cases[i].burst);

		assert_int_equal(rate.interval_ns, cases[i].interval_ns);
		assert_int_equal(rate.burst, cases[i].tokens);
	}
}

/* Ten a second, three at once. */
static void
test_take(void **state)
{
	static const struct {
		int64_t at_ns, wait_ns;
	} steps[] = {
	    {0, 0},
	    {0, 0},
	    {0, 0},
	    {0, 100 * MS},
	    {0, 100 * MS}, /* to be refused costs nothing */
	    {99 * MS, MS},
	    {100 * MS, 0},
	    {100 * MS, 100 * MS},
	    {350 * MS, 0},
	    {350 * MS, 0},
	    {350 * MS, 50 * MS},
	    {9000 * MS, 0}, /* full, and not more than full */
	    {9000 * MS, 0},
	    {9000 * MS, 0},
	    {9000 * MS, 100 * MS},
	};
	struct bucket bucket = {0};
	struct bucket_rate rate = bucket_rate(36000, 3);

	for (size_t i = 0; i < COUNT(steps); i++)
		assert_int_equal(
		    bucket_take(&bucket, rate, 1, START + steps[i].at_ns),
		    steps[i].wait_ns);
}

/* Several at once need but one, and owe the others. */
static void
test_several(void **state)
{
	struct bucket bucket = {0};
	struct bucket_rate rate = bucket_rate(36000, 3);

	assert_int_equal(bucket_take(&bucket, rate, 10, START), 0);
	assert_int_equal(bucket_take(&bucket, rate, 1, START), 800 * MS);
	assert_int_equal(bucket_take(&bucket, rate, 1, START + 799 * MS), MS);
	assert_int_equal(bucket_take(&bucket, rate, 1, START + 800 * MS), 0);
}

/* Over a long time no more than the rate, and no less, goes through. */
static void
test_average(void **state)
{
	struct bucket bucket = {0};
	struct bucket_rate rate = bucket_rate(7 * 3600, 1);
	int taken = 0;

	for (int64_t ms = 0; ms < 100000; ms++)
		taken += bucket_take(&bucket, rate, 1, START + ms * MS) == 0;
	assert_in_range(taken, 694, 701); /* it is asked once in a ms */
}

static struct client_key
key_of(const char *text)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return (client_key((struct sockaddr *)&in));
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return (client_key((struct sockaddr *)&in6));
}

static void
test_keys(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"192.0.2.1", "::ffff:192.0.2.1", true},
	    {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
	    {"2001:db8::1", "2001:db8::2", true},
	    {"2001:db8::1", "2001:db8::ffff:0:0:1", true},
	    {"2001:db8::1", "2001:db8:0:1::1", false},
	    {"0.0.0.0", "::1", false},
	    {"127.0.0.1", "127.255.3.4", true},
	    {"127.0.0.1", "::ffff:127.9.9.9", true},
	    {"127.0.0.1", "::1", true},
	    {"::1", "::2", false},
	    {"127.0.0.1", "128.0.0.1", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct client_key a = key_of(cases[i].a);
		struct client_key b = key_of(cases[i].b);

		if ((a.kind == b.kind && a.value == b.value) != cases[i].same)
			fail_msg("%s %s", cases[i].a, cases[i].b);
	}
}

static int64_t
take(int kind, uint64_t value)
{
	struct client_key key = {kind, value};

	return (clients_take(key, bucket_rate(1, 1), 1, START));
}

/* Each has a bucket of its own; he who was not seen for longest loses it. */
static void
test_clients(void **state)
{
	assert_int_equal(take(CLIENT_V4, 7), 0);
	assert_true(take(CLIENT_V4, 7) > 0);
	assert_int_equal(take(CLIENT_V6, 7), 0);
	assert_int_equal(take(CLIENT_USER, 7), 0);
	assert_true(take(CLIENT_V6, 7) > 0);
	/* Three there are; all the others that there is room for. */
	for (uint64_t i = 0; i < CLIENTS_MAX - 3; i++)
		assert_int_equal(take(CLIENT_V4, 1000 + i), 0);
	assert_true(take(CLIENT_V4, 7) > 0); /* seen again: now the last */
	assert_int_equal(take(CLIENT_V4, 1), 0);
	assert_true(take(CLIENT_V4, 7) > 0);
	assert_true(take(CLIENT_V6, 7) > 0);
	assert_int_equal(take(CLIENT_USER, 7), 0);  /* was forgotten */
	assert_int_equal(take(CLIENT_V4, 1000), 0); /* for that one */
	assert_true(take(CLIENT_V4, 1000 + CLIENTS_MAX - 4) > 0);
}

/* Any number of clients, again and again. */
static void
test_many_clients(void **state)
{
	for (uint64_t i = 0; i < 20 * CLIENTS_MAX; i++)
		assert_int_equal(take(CLIENT_V4, 100000 + i), 0);
	for (uint64_t i = 19 * CLIENTS_MAX; i < 20 * CLIENTS_MAX; i++)
		assert_true(take(CLIENT_V4, 100000 + i) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_take),
	    cmocka_unit_test(test_several),
	    cmocka_unit_test(test_average),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_clients),
	    cmocka_unit_test(test_many_clients),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
