/*
 * Headers of a request that a manifest names: they reach a tool of each kind,
 * from single calls, batches and pipelines, at each try; others do not, and
 * what is no text is refused.
 */

#include "many.h"
#include "service.h"
#include "tools.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTINGS "tools_dir = \"@DIR@/tools.d\"\n"
#define POST_CALL "/api/v1/request"
#define NAMES \
	"\"pass_headers\": [\"X-Tenant\", \"Cookie\", \"X-Agentd-Client\"]"
#define CALL(tool) "{\"tool_name\":\"" tool "\",\"params\":{}}"
#define TENANT "X-Tenant: acme \"1\"\r\nX-Other: no\r\n"

/* Prints what it has of them; without TENANT "-" stands there. */
#define SHOW                                                        \
	"\"command\": [\"/bin/sh\", \"-c\", \"echo "                \
	"${AGENTD_HEADER_X_TENANT--},${AGENTD_HEADER_COOKIE--},"    \
	"${AGENTD_HEADER_X_OTHER--},$AGENTD_HEADER_X_AGENTD_CLIENT" \
	"\"], \"input\": \"none\", \"output\": \"text\""

/* Answers with the message that it got. */
#define ECHO                                                          \
	"\"coprocess\": [\"/bin/sh\", \"-c\", \"while read -r l; do " \
	"i=${l#*id\\\\\\\":}; echo \\\"{\\\\\\\"jsonrpc\\\\\\\":"     \
	"\\\\\\\"2.0\\\\\\\",\\\\\\\"id\\\\\\\":${i%%,*},"            \
	"\\\\\\\"result\\\\\\\":$l}\\\"; done\"]"

/* Fails the first time. */
#define TWICE                                                              \
	"\"command\": [\"/bin/sh\", \"-c\", \"echo >>%s/tries; "           \
	"[ $(wc -l <%s/tries) = 2 ] && echo $AGENTD_HEADER_X_TENANT\"], "  \
	"\"input\": \"none\", \"output\": \"text\", \"idempotent\": true," \
	"\"retries\": 1, \"retry_on\": [\"error\"], \"retry_backoff\": 0.01"

static void
write_all(struct daemon *d, int port)
{
	char text[1024];

	tool_write_members(d, "show", SHOW ", " NAMES);
	tool_write_members(d, "bare", SHOW);
	tool_write_members(d, "echoes", ECHO ", " NAMES);
	snprintf(text, sizeof(text), TWICE ", " NAMES, d->dir, d->dir);
	tool_write_members(d, "twice", text);
	snprintf(text, sizeof(text),
	    "\"http\": {\"url\": \"http://127.0.0.1:%d/show\", "
	    "\"allow_local\": true}, " NAMES,
	    port);
	tool_write_members(d, "web", text);
	snprintf(text, sizeof(text), "\"plugin\": \"%s\", " NAMES,
	    tool_plugin(d, "fault"));
	tool_write_members(d, "plugged", text);
}

/* Asks, and wants text in the answer. */
static void
wants(struct daemon *d, const char *path, const char *headers, const char *body,
    const char *text)
{
	struct reply *reply = ask(d, "POST", path, headers, body);

	if (strstr(reply->body, text) == NULL)
		fail_msg("%s: %s instead of %s", body, reply->body, text);
	reply_free(reply);
}

static void
pass_kinds(void **state)
{
	struct service *service = service_start();
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char tries[192];

	write_all(d, service_port(service));
	daemon_configure(d, SETTINGS);
	daemon_spawn(d, &o);
	wants(d, POST_CALL, TENANT, CALL("show"), "acme \\\"1\\\",-,-,");
	wants(d, POST_CALL, NULL, CALL("show"), "\"-,-,-,");
	wants(d, POST_CALL, "Cookie: a=1\r\ncookie: b=2\r\n", CALL("show"),
	    "\"-,a=1; b=2,-,");
	wants(d, POST_CALL, "X-Agentd-Client: root\r\n", CALL("show"),
	    "\"-,-,-,uid:");
	wants(d, POST_CALL, TENANT, CALL("bare"), "\"-,-,-,\"");
	wants(d, POST_CALL, TENANT, CALL("echoes"),
	    "\"meta\":{\"X-Tenant\":\"acme \\\"1\\\"\",");
	wants(d, POST_CALL, TENANT, CALL("web"), "X-Tenant: acme 1");
	wants(d, POST_CALL, TENANT,
	    "{\"tool_name\":\"plugged\",\"params\":{\"action\":\"header\"}}",
	    "{\"tenant\":\"acme \\\"1\\\"\"}");
	wants(d, POST_CALL, TENANT, CALL("twice"), "acme \\\"1\\\"");
	snprintf(tries, sizeof(tries), "%s/tries", d->dir);
	assert_int_equal(unlink(tries), 0);
	daemon_stop(d);
	service_stop(service);
}

/* Over TCP the client is its address, whatever it says that it is. */
static void
pass_client(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	struct reply *reply;
	struct conn *conn;
	char wanted[64];

	write_all(d, 1);
	daemon_configure(d,
	    SETTINGS "listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n");
	daemon_spawn(d, &o);
	conn = http_open_port(daemon_port(d));
	http_request(conn, "POST", POST_CALL,
	    "Content-Type: application/json\r\nX-Agentd-Client: 10.1.2.3\r\n",
	    CALL("show"));
	reply = http_answer(conn);
	snprintf(wanted, sizeof(wanted), "\"-,-,-,127.0.0.1:%d\"",
	    http_own_port(conn));
	if (reply->status != 200 || strstr(reply->body, wanted) == NULL)
		fail_msg("%s instead of %s", reply->body, wanted);
	reply_free(reply);
	http_close(conn);
	daemon_stop(d);
}

static void
pass_many(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};

	write_all(d, 1);
	daemon_configure(d, SETTINGS);
	daemon_spawn(d, &o);
	wants(d, BATCH, TENANT,
	    "{\"requests\":[" CALL("bare") "," CALL("show") "]}",
	    "acme \\\"1\\\",-,-,");
	wants(d, PIPELINE, TENANT,
	    "{\"steps\":[" CALL("bare") "," CALL("show") "]}",
	    "acme \\\"1\\\",-,-,");
	daemon_stop(d);
}

static void
pass_bad(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char large[8300] = "X-Tenant: ";

	write_all(d, 1);
	daemon_configure(d, SETTINGS "max_headers = \"32k\"\n");
	daemon_spawn(d, &o);
	expect(ask(d, "POST", POST_CALL, "X-Tenant: K\xf6ln\r\n", CALL("show")),
	    400, "bad_request");
	wants(
	    d, POST_CALL, "X-Tenant: a\x1b[2Jb\r\n", CALL("show"), "X-Tenant");
	expect(
	    ask(d, "POST", POST_CALL, "X-Tenant: a\x1b[2J\r\n", CALL("show")),
	    400, "bad_request");
	/* Others do not care. */
	expect(ask(d, "POST", POST_CALL, "X-Tenant: K\xf6ln\r\n", CALL("bare")),
	    200, NULL);
	memset(large + 10, 'x', 8200);
	strlcat(large, "\r\n", sizeof(large));
	expect(ask(d, "POST", POST_CALL, large, CALL("show")), 431,
	    "headers_too_large");
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(pass_kinds),
	    E2E_TEST(pass_client),
	    E2E_TEST(pass_many),
	    E2E_TEST(pass_bad),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
