/*
 * Which addresses are local: in every way in which they can be written, and
 * those next to them that are not.
 */

#include "test.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "agent/kinds/http_address.h"

static const char *const locals[] = {
    "0.0.0.0",
    "0.255.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.255.255",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "240.0.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.0.8",
    "::",
    "::1",
    "fe80::1",
    "febf:ffff::1",
    "fec0::1",
    "feff::1",
    "ff02::1",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:c1::a9fe:a9fe",
    "fd00:42::42",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::5efe:10.0.0.1",
    "2001:db8::200:5efe:192.0.2.1",
    "64:ff9b::100.100.100.200",
    "::ffff:168.63.129.16",
    "2002:c000:c0::1",
    "::ffff:127.0.0.1",
    "::ffff:0.0.0.0",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::127.0.0.1",
    "64:ff9b:1:abcd::169.254.169.254",
    "2002:7f00:1::",
    "2002:7f00:1::8",
    "2002:a9fe:a9fe::1",
};

static const char *const others[] = {
    "1.0.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "169.255.0.0",
    "223.255.255.254",
    "192.0.2.1",
    "192.0.1.1",
    "100.100.100.201",
    "168.63.129.17",
    /* private networks are for the operator to keep */
    "10.255.0.1",
    "192.168.255.1",
    "fc00::1",
    "fd00:ec2::255",
    "fe7f::1",
    "2001:db8::1",
    "::ffff:192.0.2.1",
    "::192.0.2.1",
    "64:ff9b::192.0.2.1",
    "64:ff9c::127.0.0.1",
    "2002:c000:201::1",
    "2003:7f00:1::",
    "2001:1::1",
    "fd20:ce::253",
    "2001:db8::5eff:10.0.0.1",
    "2001:db8::100:5efe:192.0.2.1",
};

static bool
is_local(const char *text)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return (http_address_is_local((struct sockaddr *)&in));
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
		fail_msg("%s is no address", text);
	return (http_address_is_local((struct sockaddr *)&in6));
}

static void
test_local(void **state)
{
	for (size_t i = 0; i < COUNT(locals); i++)
		if (!is_local(locals[i]))
			fail_msg("%s is let through", locals[i]);
}

static void
test_others(void **state)
{
	for (size_t i = 0; i < COUNT(others); i++)
		if (is_local(others[i]))
			fail_msg("%s is refused", others[i]);
}

/* Also those that no rule knows: IPv4 ones embedded in IPv6, too. */
static void
test_own(void **state)
{
	struct ifaddrs *list, *one;
	char text[INET6_ADDRSTRLEN + 16];

	assert_int_equal(getifaddrs(&list), 0);
	for (one = list; one != NULL; one = one->ifa_next) {
		struct sockaddr_in in;

		if (one->ifa_addr == NULL ||
		    one->ifa_addr->sa_family != AF_INET)
			continue;
		assert_true(http_address_is_local(one->ifa_addr));
		memcpy(&in, one->ifa_addr, sizeof(in));
		strlcpy(text, "64:ff9b::", sizeof(text));
		inet_ntop(AF_INET, &in.sin_addr, text + strlen(text),
		    INET_ADDRSTRLEN);
		assert_true(is_local(text));
	}
	freeifaddrs(list);
}

static void
test_families(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	assert_true(http_address_is_local((struct sockaddr *)&un));
	assert_true(http_address_is_local(&none));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_local),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_families),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
