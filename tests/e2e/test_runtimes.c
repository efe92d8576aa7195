/*
 * Programs of real runtimes as tools, under the limits that a daemon has when
 * nobody set any: they reserve far more memory than they use.  And what their
 * callers are told when it is too little.  Those that are not installed are
 * passed over.
 */

#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FETCH                                                            \
	"const s = require('http').createServer((q, r) => r.end('hi'))"  \
	".listen(0, '127.0.0.1', async () => {"                          \
	"const r = await fetch('http://127.0.0.1:' + s.address().port);" \
	"console.log(JSON.stringify(await r.text())); s.close();});"

#define GO                \
	"package main\n"  \
	"import \"os\"\n" \
	"func main() { os.Stdout.WriteString(\"1\\n\") }\n"

/* Found as the daemon finds it. */
static bool
have(const char *program)
{
	char path[256];

	snprintf(path, sizeof(path),
	    "PATH=/usr/local/bin:/usr/bin:/bin; command -v %s >/dev/null",
	    program);
	if (system(path) == 0)
		return (true);
	print_message("# skipped: there is no %s\n", program);
	return (false);
}

/* A file in the daemon's directory. */
static void
write_file(struct daemon *d, const char *name, const char *text)
{
	char path[192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	assert_non_null(file = fopen(path, "we"));
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* One call of a tool with these members, in a daemon of its own. */
static void
check(struct daemon *d, const char *settings, const char *members,
    const char *text)
{
	struct daemon_options o = {NULL};
	struct reply *reply;
	char all[256];

	tool_write_members(d, "tool", members);
	snprintf(
	    all, sizeof(all), "tools_dir = \"@DIR@/tools.d\"\n%s", settings);
	daemon_configure(d, all);
	daemon_spawn(d, &o);
	reply = call(d, "tool", "{}");
	if (reply->status != 200 || strstr(reply->body, text) == NULL)
		fail_msg("no %s in %d %s", text, reply->status, reply->body);
	reply_free(reply);
	daemon_stop(d);
}

#define NODE(script) "\"command\": [\"node\", \"-e\", \"" script "\"]"

static void
runtimes_node(void **state)
{
	if (!have("node"))
		return;
	check(daemon_prepare(), "", NODE("console.log(1 + 1)"), "\"result\":2");
	check(daemon_prepare(), "", NODE(FETCH), "\"result\":\"hi\"");
	check(daemon_prepare(), "", NODE(FETCH) ", \"memory\": \"128m\"",
	    "\"result\":\"hi\"");
}

static void
runtimes_node_starved(void **state)
{
	if (!have("node"))
		return;
	check(daemon_prepare(), "",
	    NODE("let a = []; for (;;) a.push(Array(1e6).fill(1));") ", "
								     "\"memory"
								     "\": "
								     "\"128m\"",
	    "(memory limit of 128m)");
	check(daemon_prepare(), "agent_memory = 128m\n",
	    NODE("let a = []; for (;;) a.push(Array(1e6).fill(1));"),
	    "(agent_memory limit of 128m)");
	/* Only who asks for it is limited in what is reserved. */
	check(daemon_prepare(), "",
	    NODE("console.log(1)") ", \"address_space\": \"512m\"",
	    "address_space limit of 512m)");
}

#define JAVA(options) "\"command\": [\"java\", " options "\"-version\"]"

static void
runtimes_java(void **state)
{
	static const char words[] =
	    ", \"output\": \"text\", \"input\": \"none\"";
	char members[256];

	if (!have("java"))
		return;
	snprintf(members, sizeof(members), "%s%s",
	    JAVA("\"-Xms32m\", \"-Xmx64m\", "), words);
	check(daemon_prepare(), "", members, "\"success\":true");
	snprintf(members, sizeof(members), "%s%s, \"memory\": \"256m\"",
	    JAVA("\"-Xms32m\", \"-Xmx64m\", "), words);
	check(daemon_prepare(), "", members, "\"success\":true");
	snprintf(members, sizeof(members), "%s%s, \"memory\": \"48m\"",
	    JAVA("\"-Xms32m\", \"-Xmx64m\", "), words);
	check(daemon_prepare(), "", members,
	    "exited with status 1, out of memory (memory limit of 48m)");
}

/* Builds the program of a tool beside its manifest. */
static bool
go_build(struct daemon *d)
{
	char command[512];

	write_file(d, "main.go", GO);
	snprintf(command, sizeof(command),
	    "cd '%s' && export HOME=$PWD GOCACHE=$PWD/cache GO111MODULE=off "
	    "GOFLAGS= && go build -o tools.d/main main.go && "
	    "rm -rf cache main.go",
	    d->dir);
	return (system(command) == 0);
}

static void
runtimes_go(void **state)
{
	static const struct {
		const char *members, *text;
	} go[] = {
	    {"\"command\": [\"./main\"]", "\"result\":1"},
	    {"\"command\": [\"./main\"], \"memory\": \"64m\"", "\"result\":1"},
	    {"\"command\": [\"./main\"], \"memory\": \"16m\"",
		"out of memory (memory limit of 16m)"},
	};

	if (!have("go"))
		return;
	for (size_t i = 0; i < COUNT(go); i++) {
		struct daemon *d = daemon_prepare();

		assert_true(go_build(d));
		check(d, "", go[i].members, go[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(runtimes_node),
	    E2E_TEST(runtimes_node_starved),
	    E2E_TEST(runtimes_java),
	    E2E_TEST(runtimes_go),
	};

	return (cmocka_run_group_tests_name("runtimes", tests, NULL, NULL));
}
