/*
 * What other people's programs make of /openapi.json: a linter finds nothing,
 * and the clients that two generators write call tools.  "./quickstart check"
 * installs these programs in the build directory; without them, or with a node
 * that is too old for them, the tests are skipped.
 */

#include "harness.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* These programs take seconds to start on a busy machine. */
#define LIMIT "timeout 120"

#define TYPESCRIPT                                                         \
	"node ../node_modules/typescript/bin/tsc --strict --skipLibCheck " \
	"--noEmit --target es2022 --module es2022 --moduleResolution "     \
	"bundler --lib es2022,dom,dom.iterable --types node "

struct room {
	char dir[PATH_MAX]; /* below the programs, so that they are found */
	char url[64];
	struct daemon *daemon;
};

/* False, and says so, when there are no such programs. */
static bool
installed(void)
{
	char path[PATH_MAX];
	bool found;

	snprintf(path, sizeof(path), "%s/openapi/node_modules/.bin/redocly",
	    test_builddir());
	found = access(path, X_OK) == 0 &&
		system("node -e 'process.exit(+process.versions.node"
		       ".split(`.`)[0] >= 20 ? 0 : 1)' 2>/dev/null") == 0;
	if (!found)
		print_message("# not tried: ./quickstart check installs what "
			      "is needed for that\n");
	return (found);
}

/* Runs a command of the shell in the room; the test fails with what it said. */
static void __attribute__((format(printf, 2, 3)))
run(const struct room *room, const char *fmt, ...)
{
	char command[2 * PATH_MAX], whole[5 * PATH_MAX], out[PATH_MAX + 8];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	snprintf(out, sizeof(out), "%s/out", room->dir);
	snprintf(whole, sizeof(whole), "cd '%s' && %s %s >out 2>&1", room->dir,
	    LIMIT, command);
	if (system(whole) != 0)
		fail_msg("%s: %s", command, file_read(out));
}

/* A daemon, and a directory with its document. */
static void
room_make(struct room *room)
{
	char file[PATH_MAX + 16];
	struct reply *reply;

	snprintf(
	    room->dir, sizeof(room->dir), "%s/openapi/XXXXXX", test_builddir());
	assert_non_null(mkdtemp(room->dir));
	room->daemon = daemon_start(
	    "listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n");
	snprintf(room->url, sizeof(room->url), "http://127.0.0.1:%d",
	    daemon_port(room->daemon));
	reply = get(room->daemon, "/openapi.json");
	snprintf(file, sizeof(file), "%s/openapi.json", room->dir);
	file_write(file, reply->body);
	reply_free(reply);
}

static void
room_leave(struct room *room)
{
	daemon_stop(room->daemon);
	run(room, "rm -rf '%s'", room->dir);
}

/*
 * operationId is for those operations only that are tools, see openapi.c; that
 * is the one rule of which we know better.
 */
static void
is_clean(void **state)
{
	struct room room;

	if (!installed())
		return;
	room_make(&room);
	run(&room,
	    "env REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true "
	    "node ../node_modules/@redocly/cli/bin/cli.js lint openapi.json "
	    "--extends recommended-strict --skip-rule operation-operationId");
	room_leave(&room);
}

/* Checks the types of NAME.ts and runs it; it must say "good". */
static void
run_client(const struct room *room, const char *name)
{
	run(room, "cp '%s/tests/e2e/openapi/%s.ts' .", test_srcdir(), name);
	run(room, TYPESCRIPT "%s.ts", name);
	run(room,
	    "node ../node_modules/esbuild/bin/esbuild %s.ts --bundle "
	    "--platform=node --format=esm --outfile=%s.mjs",
	    name, name);
	run(room, "sh -c 'node %s.mjs %s | grep -x good'", name, room->url);
}

static void
types_for_fetch(void **state)
{
	struct room room;

	if (!installed())
		return;
	room_make(&room);
	run(&room, "node ../node_modules/openapi-typescript/bin/cli.js "
		   "openapi.json -o schema.d.ts");
	run_client(&room, "fetch");
	room_leave(&room);
}

static void
a_whole_client(void **state)
{
	struct room room;

	if (!installed())
		return;
	room_make(&room);
	run(&room, "node ../node_modules/@hey-api/openapi-ts/bin/run.js "
		   "-i openapi.json -o sdk -c @hey-api/client-fetch");
	run_client(&room, "sdk");
	room_leave(&room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(is_clean),
	    E2E_TEST(types_for_fetch),
	    E2E_TEST(a_whole_client),
	};

	return (
	    cmocka_run_group_tests_name("openapi_clients", tests, NULL, NULL));
}
