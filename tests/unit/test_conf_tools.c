/*
 * Sections "tool NAME { ... }" of the configuration, and where the manifests
 * are: what is kept, printed, refused and carried to other processes.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf_help.h"

#define NAME_FORM "a tool's name has 1 to 64 letters (a to z), digits, _ and -"
#define N64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Everything that there is, as it is printed too. */
static const char whole[] = "tool \"word-freq_2\" {\n"
			    "\tenabled = no\n"
			    "\ttimeout = 10s\n"
			    "\tmemory = 64m\n"
			    "\taddress_space = 16g\n"
			    "\tcpu_time = 500ms\n"
			    "\tfile_size = 0\n"
			    "\topen_files = 20\n"
			    "\tprocesses = 10\n"
			    "\tnice = 19\n"
			    "\tuser = \"nobody\"\n"
			    "\tgroup = \"nogroup\"\n"
			    "\tdirectory = \"/tmp\"\n"
			    "\tenvironment = {\"HOME\", \"LC_ALL=********\"}\n"
			    "\tumask = 0027\n"
			    "\tmax_output = 1k\n"
			    "\tstderr_tail = 0\n"
			    "\tmax_concurrent = 2\n"
			    "\tretries = 3\n"
			    "\tretry_backoff = 50ms\n"
			    "\tretry_max = 1s\n"
			    "\tretry_on = {crash, error}\n"
			    "\tbreaker = yes\n"
			    "\tbreaker_window = 1m\n"
			    "\tbreaker_failure_rate = 20\n"
			    "\tbreaker_slow_rate = 30\n"
			    "\tbreaker_slow_call = 2s\n"
			    "\tbreaker_min_calls = 7\n"
			    "\tbreaker_wait = 5s\n"
			    "\tbreaker_probes = 2\n"
			    "\tbreaker_on = {}\n"
			    "\trate = 30/m\n"
			    "\tburst = 4\n"
			    "\tqueue_max = 50\n"
			    "\tnull_is_absent = yes\n"
			    "\tcoerce = yes\n"
			    "\tstop_signal = INT\n"
			    "\tstop_grace = 5s\n"
			    "\tpartial = yes\n"
			    "}\n";

static void
test_whole(void **state)
{
	struct conf *conf = conf_help_load_good(whole);
	const struct conf_tool *tool = conf_tool_find(conf, "word-freq_2");
	const struct policy *p = &tool->choice.policy;
	char *printed = conf_help_printed(conf);

	assert_int_equal(conf->tool_count, 1);
	assert_int_equal(
	    tool->choice.made, (UINT64_C(1) << policy_settings_count) - 1);
	assert_false(p->enabled);
	assert_int_equal(p->timeout_ms, 10000);
	assert_int_equal(p->memory_bytes, 64 << 20);
	assert_int_equal(p->address_space_bytes, INT64_C(16) << 30);
	assert_int_equal(p->cpu_time_ms, 500);
	assert_int_equal(p->file_size_bytes, 0);
	assert_int_equal(p->umask, 027);
	assert_int_equal(p->retries, 3);
	assert_int_equal(p->retry_on, POLICY_CRASH | POLICY_ERROR);
	assert_int_equal(p->breaker_window, CONF_WINDOW_TIME | 60);
	assert_int_equal(p->breaker_on, 0);
	assert_int_equal(p->rate, 30 * 60);
	assert_string_equal(p->user, "nobody");
	assert_string_equal(p->environment[0], "HOME");
	assert_string_equal(p->environment[1], "LC_ALL=********");
	assert_null(p->environment[2]);
	assert_non_null(strstr(printed, whole));
	free(printed);
	conf_free(conf);
}

static void
test_few(void **state)
{
	struct conf *conf = conf_help_load_good(
	    "agents = 3\n"
	    "tool a { timeout = 1s }\n"
	    "tool 'b' {}\n"
	    "tool \"c\" {\n  environment = {}\n file_size = unlimited\n}\n"
	    "timeout = 5s\n");
	const struct conf_tool *c = conf_tool_find(conf, "c");

	assert_int_equal(conf->agents, 3);
	assert_int_equal(conf->timeout_ms, 5000);
	assert_int_equal(conf->tool_count, 3);
	assert_int_equal(conf_tool_find(conf, "b")->choice.made, 0);
	assert_int_equal(conf_tool_find(conf, "b")->line, 3);
	assert_string_equal(conf_tool_find(conf, "b")->file, FILE_NAME);
	assert_int_equal(
	    c->choice.made, UINT32_C(1) << policy_find("environment") |
				UINT32_C(1) << policy_find("file_size"));
	assert_int_equal(c->choice.policy.file_size_bytes, -1);
	assert_int_equal(c->line, 4);
	assert_null(conf_tool_find(conf, "d"));
	conf_free(conf);
}

/* Secrets are printed by nobody, and wiped in a process that needs none. */
static void
test_secrets(void **state)
{
	struct conf *conf = conf_help_load_good(
	    "tool a { environment = {\"KEY=hush\", \"B\"} }\n");
	const struct policy *p = &conf->tools[0].choice.policy;
	char *printed = conf_help_printed(conf);

	assert_non_null(
	    strstr(printed, "environment = {\"KEY=********\", \"B\"}"));
	assert_null(strstr(printed, "hush"));
	assert_string_equal(p->environment[0], "KEY=hush");
	conf_wipe_secrets(conf);
	assert_string_equal(p->environment[0], "KEY=");
	assert_string_equal(p->environment[1], "B");
	free(printed);
	conf_free(conf);
}

static const struct {
	const char *content, *message;
} bad[] = {
    {"tool a {\n timeout = 10\n}\n",
	"t.conf:2: tool a: timeout: \"10\": expected a duration from 0s to "
	"24h, such as 500ms, 30s, 2m or 1h"},
    {"tool a { nice = 20 }",
	"t.conf:1: tool a: nice: \"20\": expected a whole number from 0 to "
	"19"},
    {"tool a { nice = -1 }",
	"t.conf:1: tool a: nice: \"-1\": expected a whole number from 0 to "
	"19"},
    {"tool a { file_size = few }",
	"t.conf:1: tool a: file_size: \"few\": expected unlimited, or a size "
	"from 0 to 1024g, such as 512, 64k, 1m or 2g"},
    {"tool a { umask = 0888 }",
	"t.conf:1: tool a: umask: \"0888\": expected an octal mode from 0000 "
	"to 0777"},
    {"tool a { directory = tmp }",
	"t.conf:1: tool a: directory: \"tmp\": a path must begin with /"},
    {"tool a {\n\n environment = {\"A-B=secret\"} }",
	"t.conf:3: tool a: environment: \"A-B\": expected NAME or NAME=value"},
    {"tool a { environment = {\"=secret\"} }",
	"t.conf:1: tool a: environment: \"\": expected NAME or NAME=value"},
    {"\ntool a {\n agents = 5\n}", "t.conf:3: unknown setting 'agents'"},
    {"tool a { nice = 1\n nice = 2 }", "t.conf:2: tool a: nice is set twice"},
    {"tool a { environment = {A} environment = {B} }",
	"t.conf:1: tool a: environment is set twice"},
    {"tool a {}\ntool b {}\ntool a {}",
	"t.conf:3: there is a section for tool 'a' already"},
    {"tool \"a b\" { nice = 1 }", "t.conf:1: tool \"a b\": " NAME_FORM},
    {"\ntool\n\"\"\n{\n\n}\n", "t.conf:2: tool \"\": " NAME_FORM},
    {"tool " N64 "0 { }", "t.conf:1: tool \"" N64 "0\": " NAME_FORM},
    {"tool a { tool b {} }", "t.conf:1: unknown setting 'tool'"},
    {"nice = 1", "t.conf:1: unknown setting 'nice'"},
    {"tools_dir = \"a\"\ntools_dir = \"b\"",
	"t.conf:2: tools_dir is set twice, first at t.conf:1"},
};

static void
test_bad(void **state)
{
	for (size_t i = 0; i < COUNT(bad); i++)
		conf_help_expect_bad(bad[i].content, bad[i].message);
}

/* The name may be as long as it may. */
static void
test_name(void **state)
{
	struct conf *conf = conf_help_load_good("tool " N64 " {}");

	assert_non_null(conf_tool_find(conf, N64));
	conf_free(conf);
}

static void
check_dir(const char *path, const char *content, const char *dir, bool preset)
{
	struct conf *conf;

	conf_help_put(FILE_NAME, content);
	conf = conf_help_load(path);
	assert_non_null(conf);
	assert_string_equal(conf->tools_dir, dir);
	assert_int_equal(conf->tools_dir_preset, preset);
	conf_free(conf);
}

/* Beside the file, unless it is told otherwise. */
static void
test_directory(void **state)
{
	check_dir("./" FILE_NAME, "", "./tools.d", true);
	check_dir(
	    "./" FILE_NAME, "tools_dir = \"tools.d\"", "./tools.d", false);
	check_dir("./" FILE_NAME, "tools_dir = \"../a/b\"", "./../a/b", false);
	check_dir(FILE_NAME, "tools_dir = x", "x", false);
	check_dir("./" FILE_NAME, "tools_dir = /srv/t", "/srv/t", false);
	check_dir("./" FILE_NAME, "tools_dir = \"\"", "", false);
}

/* In an included file the lines are that file's. */
static void
test_include(void **state)
{
	struct conf *conf;

	conf_help_put("more.conf", "\n\ntool b {\n nice = 3\n}\n");
	conf = conf_help_load_good(
	    "tool a { nice = 1 }\ninclude(\"more.conf\")\ntool c {}\n");
	assert_int_equal(conf->tool_count, 3);
	assert_string_equal(conf->tools[1].file, "more.conf");
	assert_int_equal(conf->tools[1].line, 3);
	assert_int_equal(conf->tools[2].line, 3);
	conf_free(conf);
	unlink("more.conf");
}

/* What a later file says of a tool stands above what an earlier one does. */
static void
test_override(void **state)
{
	const struct conf_tool *tool;
	struct conf *conf;

	conf_help_put("more.conf",
	    "tool b { environment = {X} } tool a {\n nice = 3\n"
	    " environment = {B} environment += {C}\n"
	    " retry_on = {timeout}\n}\n");
	conf = conf_help_load_good(
	    "tool a { nice = 1 umask = 0027 environment = {A, Z} retry_on = "
	    "{crash} }\ntool b {}\ninclude(\"more.conf\")\n");
	assert_int_equal(conf->tool_count, 2);
	tool = conf_tool_find(conf, "a");
	assert_string_equal(tool->file, "more.conf");
	assert_int_equal(tool->choice.policy.nice, 3);
	assert_int_equal(tool->choice.policy.umask, 0027);
	assert_int_equal(tool->choice.policy.retry_on, POLICY_TIMEOUT);
	assert_int_equal(tool->choice.policy.environment_list.count, 2);
	assert_string_equal(tool->choice.policy.environment[0], "B");
	assert_string_equal(tool->choice.policy.environment[1], "C");
	tool = conf_tool_find(conf, "b");
	assert_int_equal(tool->choice.policy.environment_list.count, 1);
	conf_free(conf);
	conf_help_put("more.conf", "tool a { environment = {} }\n");
	conf = conf_help_load_good(
	    "tool a { environment = {A} }\ninclude(\"more.conf\")\n"
	    "tool * { nice = 4 }\n");
	tool = conf_tool_find(conf, "a");
	assert_int_equal(tool->choice.policy.environment_list.count, 0);
	assert_int_not_equal(tool->choice.made, 0);
	assert_int_equal(
	    conf_tool_find(conf, CONF_TOOL_ALL)->choice.policy.nice, 4);
	conf_free(conf);
	conf_help_expect_bad(
	    "include(\"more.conf\")\ntool a {}\ntool b {}\ntool a {}\n",
	    "t.conf:4: there is a section for tool 'a' already");
	unlink("more.conf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_few),
	    cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_name),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_include),
	    cmocka_unit_test(test_override),
	};

	return (cmocka_run_group_tests(
	    tests, conf_help_set_up, conf_help_tear_down));
}
