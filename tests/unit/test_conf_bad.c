/*
 * What a configuration file must not look like, and in which words it is
 * refused; that broken files leave nothing behind, however often they are
 * loaded.
 */

#include "test.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf_help.h"

#define LOADS 1000
/* Less than the smallest block for each load; the allocator keeps some. */
#define SLACK (16 * LOADS)

#define RANGE_DURATION(range) \
	"expected a duration from " range ", such as 500ms, 30s, 2m or 1h"
#define RANGE_SIZE(range) \
	"expected a size from " range ", such as 512, 64k, 1m or 2g"
#define PORT_RANGE "the port must be a number from 0 to 65535"
#define LISTEN_FORM "expected ADDRESS:PORT, [V6ADDRESS]:PORT or unix:PATH"
#define TEN "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* A bad file, and all that is reported about it. */
static const struct {
	const char *content, *message;
} bad[] = {
    /* syntax */
    {"agnets = 5", "t.conf:1: unknown setting 'agnets'"},
    {"\n\nx = 5", "t.conf:3: unknown setting 'x'"},
    {"# one\n// two\n/* three\n*/\nx = 5", "t.conf:5: unknown setting 'x'"},
    {"agents 5", "t.conf:1: missing equal sign after option 'agents'"},
    {"agents =\n", "t.conf:2: premature end of file"},
    {"agents = {5}", "t.conf:1: unexpected token '{'"},
    {"}", "t.conf:1: unexpected closing brace"},
    {"agents += 5", "t.conf:1: attempt to append to non-list option 'agents'"},
    {"listen = {\"a:1\"", "t.conf:1: a { without its }"},
    {"agents = 1\ntool echo {\n environment = {\"A\"}\n timeout = 1s\n",
	"t.conf:2: a { without its }"},
    {"tool echo {\n environment = {\"A\"\n}\n", "t.conf:1: a { without its }"},
    {"tool echo { # }\n \"}\"", "t.conf:1: a { without its }"},
    {"\"\" = 5", "t.conf:1: syntax error"},
    {"\nuser = \"a\ngroup = \"b\"",
	"t.conf:2: a string is not closed on its line"},
    {"user = 'a", "t.conf:1: a string is not closed on its line"},
    {"user = \"a\\", "t.conf:1: a string is not closed on its line"},
    {"\n/* a\n", "t.conf:2: a comment is not closed"},
    {"/*/ agents = 5", "t.conf:1: a comment is not closed"},
    {"agents = 5\nagents = 6",
	"t.conf:2: agents is set twice, first at t.conf:1"},
    {"listen = {\"a:1\", \"b:1\"}\nlisten = {\"c:1\"}",
	"t.conf:2: listen is set twice, first at t.conf:1"},

    /* variables */
    {"\nuser = \"${UNSET}\"",
	"t.conf:2: UNSET is not set in the environment, and ${UNSET} has no "
	"default: write ${UNSET:-default}"},
    {"user = \"${UNSET:-\"", "t.conf:1: ${ without its }"},
    {"user = \"${SET-x}\"", "t.conf:1: not ${NAME} or ${NAME:-default}"},
    {"user = \"${}\"", "t.conf:1: not ${NAME} or ${NAME:-default}"},
    {"user = \"${1}\"", "t.conf:1: not ${NAME} or ${NAME:-default}"},
    {"agents = ${SET}",
	"t.conf:1: agents: \"value\": expected a whole number from 1 to 1024 "
	"(with SET of the environment)"},
    {"listen = {\n\"a:1\",\n\"127.0.0.1:${SET}\" }",
	"t.conf:3: listen: \"127.0.0.1:value\": " PORT_RANGE
	" (with SET of the environment)"},

    /* numbers */
    {"agents = 0",
	"t.conf:1: agents: \"0\": expected a whole number from 1 to 1024"},
    {"agents = 1025",
	"t.conf:1: agents: \"1025\": expected a whole number from 1 to 1024"},
    {"agents = -1",
	"t.conf:1: agents: \"-1\": expected a whole number from 1 to 1024"},
    {"agents = \"\"",
	"t.conf:1: agents: \"\": expected a whole number from 1 to 1024"},
    {"agents = \" 5\"",
	"t.conf:1: agents: \" 5\": expected a whole number from 1 to 1024"},
    {"agents = 5x",
	"t.conf:1: agents: \"5x\": expected a whole number from 1 to 1024"},
    {"agents = 99999999999999999999",
	"t.conf:1: agents: \"99999999999999999999\": "
	"expected a whole number from 1 to 1024"},
    {"queue_max = 1000001", "t.conf:1: queue_max: \"1000001\": "
			    "expected a whole number from 0 to 1000000"},
    {"agent_files = 31", "t.conf:1: agent_files: \"31\": "
			 "expected a whole number from 32 to 1048576"},
    {"timeout = 30",
	"t.conf:1: timeout: \"30\": " RANGE_DURATION("1ms to 24h")},
    {"timeout = 0", "t.conf:1: timeout: \"0\": " RANGE_DURATION("1ms to 24h")},
    {"timeout = 1.5s",
	"t.conf:1: timeout: \"1.5s\": " RANGE_DURATION("1ms to 24h")},
    {"timeout = 30S",
	"t.conf:1: timeout: \"30S\": " RANGE_DURATION("1ms to 24h")},
    {"timeout = 30sec",
	"t.conf:1: timeout: \"30sec\": " RANGE_DURATION("1ms to 24h")},
    {"timeout = 25h",
	"t.conf:1: timeout: \"25h\": " RANGE_DURATION("1ms to 24h")},
    {"timeout = 9223372036854775807h",
	"t.conf:1: timeout: \"9223372036854775807h\": " RANGE_DURATION(
	    "1ms to 24h")},
    {"max_body = 1kb", "t.conf:1: max_body: \"1kb\": " RANGE_SIZE("1 to 63m")},
    {"max_body = 8589934592g",
	"t.conf:1: max_body: \"8589934592g\": " RANGE_SIZE("1 to 63m")},
    {"max_body = k", "t.conf:1: max_body: \"k\": " RANGE_SIZE("1 to 63m")},
    {"socket_mode = 0888", "t.conf:1: socket_mode: \"0888\": "
			   "expected an octal mode from 0000 to 0777"},
    {"socket_mode = 1777", "t.conf:1: socket_mode: \"1777\": "
			   "expected an octal mode from 0000 to 0777"},
    {"on_disconnect = stop",
	"t.conf:1: on_disconnect: \"stop\": expected cancel or finish"},
    {"log_level = Info", "t.conf:1: log_level: \"Info\": "
			 "expected error, warning, info or debug"},
    {"log_requests = 1", "t.conf:1: log_requests: \"1\": "
			 "expected no, yes, off, on, false or true"},

    /* strings */
    {"user = " TEN TEN TEN "aaa", "t.conf:1: user: \"" TEN TEN TEN
				  "aaa\": expected from 0 to 32 characters"},
    {"user = \"a\\nb\"",
	"t.conf:1: user: \"a?b\": it holds a control character"},
    {"user = \"\\xff\"", "t.conf:1: user: \"\xff\": not valid UTF-8"},
    {"pidfile = a.pid",
	"t.conf:1: pidfile: \"a.pid\": a path must begin with /"},
    {"log = stdout", "t.conf:1: log: \"stdout\": "
		     "expected auto, stderr, syslog or an absolute path"},
    {"weather_url = ftp://a", "t.conf:1: weather_url: \"ftp://a\": "
			      "expected http://... or https://..."},
    {"weather_api_key = \"sesame\\t\"",
	"t.conf:1: weather_api_key: it holds a control character"},

    /* lists */
    {"agents = 4\nlisten =\n{ }",
	"t.conf:2: listen: the list must have an entry"},
    {"listen = {\"\"}",
	"t.conf:1: listen: \"\": expected from 1 to 4095 characters"},
    {"listen = {\"a:1\", \"a:1\"}",
	"t.conf:1: listen: \"a:1\": it is in the list already"},
    {"listen = {\"8080\"}", "t.conf:1: listen: \"8080\": " LISTEN_FORM},
    {"listen = {\":8080\"}", "t.conf:1: listen: \":8080\": " LISTEN_FORM},
    {"listen = {\"[::1]\"}", "t.conf:1: listen: \"[::1]\": " LISTEN_FORM},
    {"listen = {\"::1:80\"}",
	"t.conf:1: listen: \"::1:80\": "
	"a version 6 address stands in brackets, [::1]:8080"},
    {"listen = {\"[::x]:80\"}", "t.conf:1: listen: \"[::x]:80\": "
				"the address must be a name, an address or *"},
    {"listen = {\"1.2.3:80\"}", "t.conf:1: listen: \"1.2.3:80\": "
				"the address must be a name, an address or *"},
    {"listen = {\"a b:80\"}", "t.conf:1: listen: \"a b:80\": "
			      "the address must be a name, an address or *"},
    {"listen = {\"a:\"}", "t.conf:1: listen: \"a:\": " PORT_RANGE},
    {"listen = {\"a:65536\"}", "t.conf:1: listen: \"a:65536\": " PORT_RANGE},
    {"listen = {\"a:+1\"}", "t.conf:1: listen: \"a:+1\": " PORT_RANGE},
    {"control = \"run/a\"", "t.conf:1: control: \"run/a\": "
			    "expected auto, an absolute path or nothing"},
    {"control = \"/" HUNDRED "1234567\"",
	"t.conf:1: control: \"/" HUNDRED "1234567\": the path of a socket "
	"must be shorter than 108 bytes"},
    {"control_mode = 0999", "t.conf:1: control_mode: \"0999\": "
			    "expected an octal mode from 0000 to 0777"},
    {"listen = {\"unix:run/a\"}", "t.conf:1: listen: \"unix:run/a\": "
				  "the path after unix: must begin with /"},
    {"listen = {\"unix:/" HUNDRED "1234567\"}",
	"t.conf:1: listen: \"unix:/" HUNDRED "1234567\": "
	"the path of a socket must be shorter than 108 bytes"},
    {"allowed_hosts = {\"a:80\"}",
	"t.conf:1: allowed_hosts: \"a:80\": "
	"expected a host name or address without a port, *.NAME or *"},
    {"cors_origins = {\"a.example\"}",
	"t.conf:1: cors_origins: \"a.example\": "
	"expected SCHEME://HOST, SCHEME://HOST:PORT or *"},
    {"cors_origins = {\"http://a/\"}",
	"t.conf:1: cors_origins: \"http://a/\": "
	"an origin has nothing after its host and port"},
    {"cors_origins = {\"http://\"}", "t.conf:1: cors_origins: \"http://\": "
				     "the host must be a name or an address"},
    {"cors_origins = {\"http://a:x\"}",
	"t.conf:1: cors_origins: \"http://a:x\": " PORT_RANGE},

    /* settings against one another, several errors at once */
    {"max_timeout = 10s\ntimeout = 11s",
	"t.conf:2: timeout (11s) is longer than max_timeout (10s)"},
    {"\nmax_timeout = 10s",
	"t.conf:2: timeout (30s) is longer than max_timeout (10s)"},
    {"frontend_memory = 8m\nmax_body = 3m",
	"t.conf:1: frontend_memory (8m) is too small for one call with "
	"max_body (3m) and max_result (4m), which may need 9m"},
    {"max_body = 20m\nfrontend_memory = 64m\nmax_result = 60m",
	"t.conf:2: frontend_memory (64m) is too small for one call with "
	"max_body (20m) and max_result (60m), which may need 95m"},
    {"agents_min = 3\nagents_max = 2",
	"t.conf:2: agents_max (2) is less than agents_min (3)"},
    {"agents_max = 2\nagents_min = 3",
	"t.conf:1: agents_max (2) is less than agents_min (3)"},
    {"agents = 0\nlog = x\nuser = a",
	"t.conf:1: agents: \"0\": expected a whole number from 1 to 1024\n"
	"t.conf:2: log: \"x\": "
	"expected auto, stderr, syslog or an absolute path"},

    {"\nbuiltin_tools = {echo, none}",
	"t.conf:2: builtin_tools: \"none\" stands alone"},
    {"builtin_tools = \"a b\"",
	"t.conf:1: builtin_tools: \"a b\": a tool's name has 1 to 64 letters "
	"(a to z), digits, _ and -"},

    /* include */
    {"\ninclude(\"none.conf\")",
	"t.conf:2: include: none.conf: No such file or directory"},
    {"include(\"sub\")", "t.conf:1: include: sub: Is a directory"},
    {"include(\"t.conf\")", "t.conf:1: include: more than 10 files deep"},
    {"include(\"a\", \"b\")", "t.conf:1: expected include(\"FILE\")"},
    {"include()", "t.conf:1: expected include(\"FILE\")"},
    {"include(sub/good.conf)", "t.conf:1: expected include(\"FILE\")"},
    {"include(\"sub/good.conf\"", "t.conf:1: expected include(\"FILE\")"},
    {"include = \"sub/good.conf\"",
	"t.conf:1: missing parenthesis for function 'include'"},
    {"queue_max = 4\ninclude(\"sub/wrong.conf\")",
	"sub/wrong.conf:2: unknown setting 'x'"},
    {"queue_max = 4\ninclude(\"sub/open.conf\")",
	"sub/open.conf:2: a string is not closed on its line"},
    {"queue_max = 4\ninclude(\"sub/good.conf\")\nqueue_max = 5",
	"t.conf:3: queue_max is set twice, first at t.conf:1"},
    {"include(\"sub/deep.conf\")\ninclude(\"sub/deep.conf\")",
	"sub/deep.conf:1: agents is set twice, first at sub/deep.conf:1"},
    {"\ninclude(\"none/*.conf\")",
	"t.conf:2: include: none/: No such file or directory"},
    {"include(\"s*b/good.conf\")",
	"t.conf:1: include: s*b/good.conf: only its last part can be a "
	"pattern"},
    {"include(\"sub/w*.conf\")", "sub/wrong.conf:2: unknown setting 'x'"},
    {"include(\"t.con?\")", "t.conf:1: include: more than 10 files deep"},
};

static void
test_bad(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		conf_help_expect_bad(bad[i].content, bad[i].message);
}

static void
test_bad_files(void **state)
{
	assert_null(conf_help_load("none.conf"));
	assert_string_equal(
	    conf_help_errors, "none.conf: No such file or directory");
	assert_null(conf_help_load("sub"));
	assert_string_equal(conf_help_errors, "sub: Is a directory");
	assert_int_equal(mkfifo("pipe.conf", 0600), 0);
	assert_null(conf_help_load("pipe.conf"));
	assert_string_equal(
	    conf_help_errors, "pipe.conf: is a pipe or a socket");
	assert_int_equal(unlink("pipe.conf"), 0);
	conf_help_put_bytes(FILE_NAME, "agents = 5\nuser = \"a\0b\"\n", 24);
	assert_null(conf_help_load(FILE_NAME));
	assert_string_equal(conf_help_errors, "t.conf:2: a NUL byte");
	if (geteuid() == 0)
		return;
	assert_int_equal(chmod(FILE_NAME, 0), 0);
	assert_null(conf_help_load(FILE_NAME));
	assert_string_equal(conf_help_errors, "t.conf: Permission denied");
	assert_int_equal(unlink(FILE_NAME), 0);
}

static void
test_too_large(void **state)
{
	size_t len = (1 << 20) + 1;
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, '\n', len);
	conf_help_put_bytes(FILE_NAME, text, len);
	free(text);
	assert_null(conf_help_load(FILE_NAME));
	assert_string_equal(conf_help_errors, "t.conf: File too large");
}

/* One load of every bad file, each followed by a good one. */
static void
load_everything(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		conf_help_expect_bad(bad[i].content, bad[i].message);
		conf_free(conf_help_load_good(
		    "include(\"sub/good.conf\")\nlog = \"stderr\"\n"));
	}
}

/*
 * A reload may happen any number of times, also after files that are broken
 * inside of a string or an include.
 */
static void
test_repeat(void **state)
{
	size_t descriptors, bytes;

	load_everything();
	descriptors = conf_help_count_descriptors();
	bytes = mallinfo2().uordblks;
	for (size_t n = 0; n < LOADS; n += sizeof(bad) / sizeof(bad[0]))
		load_everything();
	assert_int_equal(conf_help_count_descriptors(), descriptors);
	assert_in_range(mallinfo2().uordblks, 0, bytes + SLACK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_too_large),
	    cmocka_unit_test(test_repeat),
	};

	return (cmocka_run_group_tests(
	    tests, conf_help_set_up, conf_help_tear_down));
}
