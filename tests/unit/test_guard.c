/*
 * Which Host and Origin are let in, without a server: requests are put
 * together by hand, and what would answer them only notes why.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include <event2/http.h>
#include <event2/http_struct.h>

#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/http/routes.h"

#define NAME_50 "abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi."
#define NAME_253 NAME_50 NAME_50 NAME_50 NAME_50 NAME_50 "abc"

static char long_name[] = NAME_253, too_long[] = NAME_253 "d";
static char *hosts[] = {(char[]){"agents.example"}, long_name, too_long};
static char *origins[] = {
    (char[]){"https://app.example"}, (char[]){"http://localhost:3000"}};
static char *any_origin[] = {(char[]){"*"}};

static struct conf conf = {
    .max_header_bytes = 1000,
    .allowed_hosts = {hosts, COUNT(hosts)},
    .cors_origins = {origins, COUNT(origins)},
};

struct frontend frontend = {.conf = &conf};

static enum problem problem;
static unsigned int problems;

void
reply_problem(struct conn *conn, enum problem kind, const char *fmt, ...)
{
	problem = kind;
	problems++;
}

void
reply_header(struct conn *conn, const char *name, const char *value)
{
	assert_string_equal(name, "Connection");
	assert_string_equal(value, "close");
}

void
reply_allow(struct conn *conn, unsigned int allowed)
{
	fail();
}

void
reply_empty(struct conn *conn, int status)
{
	fail();
}

void
conn_identify(struct conn *conn, const char *name)
{
	fail();
}

static struct conn conn;

static void
begin(int major, int minor)
{
	memset(&conn, 0, sizeof(conn));
	conn.req = evhttp_request_new(NULL, NULL);
	assert_non_null(conn.req);
	conn.req->major = (char)major;
	conn.req->minor = (char)minor;
	problems = 0;
}

static void
header(const char *name, const char *value)
{
	assert_int_equal(
	    evhttp_add_header(
		evhttp_request_get_input_headers(conn.req), name, value),
	    0);
}

/* Whether the request gets in; otherwise it must be refused for why, once. */
static bool
admitted(enum problem why)
{
	bool good = routes_admit(&conn);

	assert_int_equal(problems, good ? 0 : 1);
	if (!good)
		assert_int_equal(problem, why);
	return (good);
}

static void
end(void)
{
	evhttp_request_free(conn.req);
}

static const struct {
	const char *host;
	bool good;
} host_cases[] = {
    {"localhost", true},
    {"LocalHost:8080", true},
    {"127.0.0.1", true},
    {"127.0.0.1:8080", true},
    {"192.0.2.1:1", true},
    {"[::1]", true},
    {"[::1]:8080", true},
    {"[2001:db8::1]", true},
    {"agents.example", true},
    {"AGENTS.example:443", true},
    {"agents.example:", true},
    {NAME_253, true},
    {NAME_253 ":80", true},
    {"evil", false},
    {"evil:8080", false},
    {"localhost.evil", false},
    {"evil.localhost", false},
    {"localhost@evil", false},
    {"localhost:80@evil", false},
    {"localhost:80:80", false},
    {"localhost.", true}, /* the same name, as DNS has it */
    {" localhost", false},
    {"127.0.0.1.evil", false},
    {"127.1", false},
    {"0x7f000001", false},
    {"agents.example.evil", false},
    {"agents.exampl", false},
    {NAME_253 "d", false},
    {"", false},
    {":8080", false},
    {"[", false},
    {"[]", false},
    {"[::1", false},
    {"[::1]x", false},
    {"[evil]", false},
    {"::1", false},
};

static void
test_host(void **state)
{
	for (size_t i = 0; i < COUNT(host_cases); i++) {
		begin(1, 1);
		header("Host", host_cases[i].host);
		if (admitted(PROBLEM_FORBIDDEN_ORIGIN) != host_cases[i].good)
			fail_msg("Host: %s", host_cases[i].host);
		end();
	}
}

static void
test_host_patterns(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool good;
	} cases[] = {
	    {"*", "anything", true},
	    {"*", "a.b.c:80", true},
	    {"*", "a b/", true},
	    {"*.example.org", "a.example.org", true},
	    {"*.example.org", "A.B.EXAMPLE.ORG:8080", true},
	    {"*.example.org", "example.org", false},
	    {"*.example.org", ".example.org", false},
	    {"*.example.org", "anexample.org", false},
	    {"*.example.org", "a.example.org.evil", false},
	    {"*.example.org", "a.example.orga", false},
	    {"*.example.org", "org", false},
	};
	struct conf_list kept = conf.allowed_hosts;

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *patterns[] = {strdup(cases[i].pattern)};

		conf.allowed_hosts = (struct conf_list){patterns, 1};
		begin(1, 1);
		header("Host", cases[i].host);
		if (admitted(PROBLEM_FORBIDDEN_ORIGIN) != cases[i].good)
			fail_msg("%s: %s", cases[i].pattern, cases[i].host);
		end();
		free(patterns[0]);
	}
	conf.allowed_hosts = kept;
}

static void
test_one_host(void **state)
{
	static const struct {
		int minor, hosts;
		bool good;
	} cases[] = {{1, 0, false}, {1, 1, true}, {1, 2, false}, {0, 0, true},
	    {0, 1, true}, {0, 2, false}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		begin(1, cases[i].minor);
		for (int n = 0; n < cases[i].hosts; n++)
			header(n == 0 ? "Host" : "hOST", "localhost");
		if (admitted(PROBLEM_BAD_REQUEST) != cases[i].good)
			fail_msg("case %zu", i);
		end();
	}
}

/* Nobody reaches a Unix socket by way of a name. */
static void
test_local(void **state)
{
	begin(1, 1);
	header("Host", "evil");
	conn.local = true;
	assert_true(admitted(PROBLEMS));
	header("Origin", "http://evil");
	assert_false(admitted(PROBLEM_FORBIDDEN_ORIGIN));
	end();
}

static bool
origin_admitted(const char *origin)
{
	bool good;

	begin(1, 1);
	header("Host", "localhost");
	header("Origin", origin);
	good = admitted(PROBLEM_FORBIDDEN_ORIGIN);
	if (good)
		assert_string_equal(conn.origin, origin);
	else
		assert_null(conn.origin);
	end();
	return (good);
}

static void
test_origin(void **state)
{
	static const struct {
		const char *origin;
		bool good;
	} cases[] = {
	    {"https://app.example", true},
	    {"HTTPS://App.Example", true},
	    {"http://localhost:3000", true},
	    {"http://localhost", false},
	    {"http://localhost:30000", false},
	    {"http://app.example", false},
	    {"https://app.example.evil", false},
	    {"https://app.example/", false},
	    {"null", false},
	    {"*", false},
	    {"", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (origin_admitted(cases[i].origin) != cases[i].good)
			fail_msg("Origin: %s", cases[i].origin);
}

static void
test_any_origin(void **state)
{
	conf.cors_origins = (struct conf_list){any_origin, 1};
	assert_true(origin_admitted("https://evil"));
	assert_true(origin_admitted("null"));
	conf.cors_origins = (struct conf_list){NULL, 0};
	assert_false(origin_admitted("https://app.example"));
	conf.cors_origins = (struct conf_list){origins, COUNT(origins)};
}

static void
test_no_origin(void **state)
{
	begin(1, 1);
	header("Host", "localhost");
	assert_true(admitted(PROBLEMS));
	assert_null(conn.origin);
	end();
}

/* Without a list, the setting lets every page in, but "" is none. */
static void
test_compatible(void **state)
{
	struct conf_list kept = conf.cors_origins;

	conf.cors_origins.count = 0;
	conf.compatible = true;
	assert_true(client_may_read("https://evil.example"));
	assert_false(client_may_read(""));
	conf.compatible = false;
	assert_false(client_may_read("https://evil.example"));
	conf.cors_origins = kept;
}

/* A URL as target has a host of its own, which goes before the header's. */
static const struct {
	const char *target;
	enum problem why; /* PROBLEMS: it is good */
} target_cases[] = {
    {"/livez", PROBLEMS},
    {"*", PROBLEMS},
    {"http://localhost/livez", PROBLEMS},
    {"HTTPS://agents.example:443/livez", PROBLEMS},
    {"http://[::1]:80/livez", PROBLEMS},
    {"http://127.0.0.1/livez", PROBLEMS},
    {"http://evil/livez", PROBLEM_FORBIDDEN_ORIGIN},
    {"http://evil:80/livez", PROBLEM_FORBIDDEN_ORIGIN},
    {"http://localhost.evil/livez", PROBLEM_FORBIDDEN_ORIGIN},
    {"http://localhost@evil/livez", PROBLEM_BAD_REQUEST},
    {"http://evil@localhost/livez", PROBLEM_BAD_REQUEST},
    {"http:///livez", PROBLEM_BAD_REQUEST},
    {"http:/livez", PROBLEM_BAD_REQUEST},
    {"ftp://localhost/livez", PROBLEM_BAD_REQUEST},
    {"//localhost/livez", PROBLEM_BAD_REQUEST},
    {"//evil/livez", PROBLEM_BAD_REQUEST},
};

static void
test_target(void **state)
{
	for (size_t i = 0; i < COUNT(target_cases); i++) {
		begin(1, 1);
		header("Host", "localhost");
		conn.req->uri_elems = evhttp_uri_parse_with_flags(
		    target_cases[i].target, EVHTTP_URI_NONCONFORMANT);
		if (admitted(target_cases[i].why) !=
		    (target_cases[i].why == PROBLEMS))
			fail_msg("target: %s", target_cases[i].target);
		end();
	}
}

/* Name, colon, blank, value and line end count. */
static void
test_size_of_headers(void **state)
{
	char value[1001];

	for (size_t len = 985; len < 1000; len++) {
		memset(value, 'x', len);
		value[len] = '\0';
		begin(1, 0);
		header("Name", value);
		if (admitted(PROBLEM_HEADERS_TOO_LARGE) !=
		    (strlen("Name: \r\n") + len <= 1000))
			fail_msg("%zu bytes", len);
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_host),
	    cmocka_unit_test(test_host_patterns),
	    cmocka_unit_test(test_one_host),
	    cmocka_unit_test(test_local),
	    cmocka_unit_test(test_origin),
	    cmocka_unit_test(test_any_origin),
	    cmocka_unit_test(test_no_origin),
	    cmocka_unit_test(test_compatible),
	    cmocka_unit_test(test_target),
	    cmocka_unit_test(test_size_of_headers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
