/*
 * The calls of the randomised test: a table of what is asked for, sent with
 * further members by chance, as a whole or not, by callers that may hang up.
 */

#include "many.h"
#include "random.h"
#include "tools.h"

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DO(what) "fault", "{\"action\": \"" what "\"}"
#define CO(what) "co", "{\"do\":\"" what "\"}"
#define PLUGIN(what) "plugin", "{\"action\": \"" what "\"}"
#define PLUGIN_FD(number) \
	"plugin", "{\"action\": \"close\", \"status\": " number "}"
#define LEAK "{\"action\": \"leak\", \"status\": 40}"
#define LARGE "{\"action\": \"verbose\", \"size\": 1000000}"
#define BOMB(action) (geteuid() == 0 ? "\"" action "\"" : "\"hang\"")
#define LIMITS                                                          \
	(geteuid() == 0 ? ", \"user\": \"daemon\", \"processes\": 80, " \
			  "\"directory\": \"/\""                        \
			: "")
#define SHORT ", \"timeout\": 0.15"
#define ADD                                                                \
	"{\"tool_name\":\"calculator\",\"params\":{\"operation\":\"add\"," \
	"\"a\":10,\"b\":5}}"
#define ECHO "{\"tool_name\":\"echo\",\"params\":{\"message\":\"@ID@\"}}"
#define WRONG "{\"tool_name\":\"echo\",\"params\":{}}"
#define NOPE "{\"tool_name\":\"nope\"}"
#define CRASH "{\"tool_name\":\"fault\",\"params\":{\"action\":\"abort\"}}"
#define HANG "{\"tool_name\":\"hang\",\"timeout\":0.1}"
#define FOUR ECHO "," ADD "," ECHO "," ADD
#define REQUESTS(list) "{\"requests\":[" list "]}"
#define STEPS(list) "{\"steps\":[" list "]}"
#define PREVIOUS                                                     \
	"{\"tool_name\":\"echo\",\"params\":{\"message\":{\"$ref\":" \
	"\"/prev/message\"}}}"

static const struct random_kind kinds[] = {
    {120, SHAPE_ONE, 1, "echo", "{\"message\": \"@ID@\"}", "", 0,
	"/result/echo", "@ID@"},
    {60, SHAPE_ONE, 1, "calculator",
	"{\"operation\": \"add\", \"a\": 10, \"b\": 5}", "", 0,
	"/result/result", "15"},
    {10, SHAPE_ONE, 1, "calculator",
	"{\"operation\": \"divide\", \"a\": 1, \"b\": 0}", "", 0, "/error",
	"division by zero"},
    {10, SHAPE_ONE, 1, "echo", "{\"message\": 5}", "", 422, NULL, NULL},
    {5, SHAPE_ONE, 1, "echo", "{\"message\": ", "", 400, NULL, NULL},
    {5, SHAPE_ONE, 1, "echo", "{\"message\": \"x\"}", ", \"priority\": 9", 400,
	NULL, NULL},
    {5, SHAPE_ONE, 1, "nope", "{}", "", 404, NULL, NULL},
    {20, SHAPE_ONE, 1, "text",
	"{\"operation\": \"uppercase\", "
	"\"text\": \"abc\"}",
	"", 0, "/result/result", "ABC"},
    {20, SHAPE_ONE, 1, "say", "{}", "", 404, "/result/said", "it", true},
    {8, SHAPE_ONE, 1, "again", "{}", "", 0, NULL, NULL},
    {6, SHAPE_ONE, 1, "hang", "{}", SHORT, 0, NULL, NULL},
    {3, SHAPE_ONE, 1, "deaf", "{}", SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, "unmoved", "{}", SHORT, 0, NULL, NULL},
    {3, SHAPE_ONE, 1, "fault", LARGE, "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, "leaves", "{}", "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, "floods", "{}", "", 0, NULL, NULL},
    {30, SHAPE_ONE, 1, "co", "{\"a\": \"@ID@\"}", "", 0, "/result/a", "@ID@",
	true},
    {2, SHAPE_ONE, 1, CO("die"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, CO("twice"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, CO("notify"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, CO("hang"), SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, CO("never"), SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, CO("ahead"), "", 0, NULL, NULL},
    {1, SHAPE_ONE, 1, CO("stray"), "", 0, NULL, NULL},
    {1, SHAPE_ONE, 1, "comet", "{}", SHORT, 0, NULL, NULL},
    {1, SHAPE_ONE, 1, "bomb", "{}", SHORT, 0, NULL, NULL},
    {4, SHAPE_ONE, 1, PLUGIN("nothing"), "", 0, NULL, NULL},
    {4, SHAPE_ONE, 1, PLUGIN("fork"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, PLUGIN("thread"), "", 0, NULL, NULL},
    {1, SHAPE_ONE, 1, PLUGIN("brood"), SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, PLUGIN("block"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, PLUGIN("block_and_spin"), SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, "plugin", LEAK, "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, PLUGIN_FD("2"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, PLUGIN_FD("3"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, PLUGIN_FD("4"), "", 0, NULL, NULL},
    {6, SHAPE_ONE, 1, DO("abort"), "", 0, NULL, NULL},
    {4, SHAPE_ONE, 1, DO("exit_0"), "", 0, NULL, NULL},
    {4, SHAPE_ONE, 1, DO("kill"), "", 0, NULL, NULL},
    {4, SHAPE_ONE, 1, DO("loop"), SHORT, 0, NULL, NULL},
    {4, SHAPE_ONE, 1, DO("late"), SHORT, 0, NULL, NULL},
    {4, SHAPE_ONE, 1, DO("patient"), SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("stubborn"), SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("stop"), SHORT, 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("close"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("half"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("garbage"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("oversized"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("wrong_id"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("twice"), "", 0, NULL, NULL},
    {2, SHAPE_ONE, 1, DO("answer_and_die"), "", 0, NULL, NULL},
    {1, SHAPE_ONE, 1, DO("grandchild"), "", 0, NULL, NULL},
    {1, SHAPE_ONE, 1, DO("daemonise"), "", 0, NULL, NULL},
    {1, SHAPE_ONE, 1, DO("flood"), "", 0, NULL, NULL},
    {8, SHAPE_BATCH, 8, NULL, REQUESTS(FOUR "," FOUR), NULL, 0, NULL, NULL},
    {6, SHAPE_BATCH, 8, NULL,
	REQUESTS(ECHO "," WRONG "," NOPE ",5," CRASH "," HANG "," ADD "," ADD),
	NULL, 0, NULL, NULL},
    {8, SHAPE_LINES, 8, NULL,
	REQUESTS(FOUR "," CRASH "," NOPE "," HANG "," ECHO), NULL, 0, NULL,
	NULL},
    {2, SHAPE_BATCH, 0, NULL, "{\"requests\":5}", NULL, 400, NULL, NULL},
    {8, SHAPE_PIPELINE, 3, NULL, STEPS(ECHO "," PREVIOUS "," ADD), NULL, 0,
	"/result/result", "15"},
    {4, SHAPE_PIPELINE, 4, NULL, STEPS(ECHO "," CRASH "," HANG "," PREVIOUS),
	NULL, 0, NULL, NULL},
    {2, SHAPE_PIPELINE, 0, NULL, STEPS(PREVIOUS "," ADD), NULL, 400, NULL,
	NULL},
};

/* What a call may ask for besides. */
static const char *const further[] = {"", "", "", "", "", "",
    ", \"priority\": 1", ", \"priority\": 2", ", \"priority\": 5",
    ", \"retries\": 1"};

/* For calls that say nothing of their time. */
static const char *const times[] = {
    "", "", "", "", ", \"timeout\": 0.005", ", \"timeout\": 1"};

static const struct random_kind *
pick(struct random *r)
{
	uint32_t all = 0, at;
	size_t i;

	for (i = 0; i < COUNT(kinds); i++)
		all += kinds[i].weight;
	at = random_below(r, all);
	for (i = 0; at >= kinds[i].weight; i++)
		at -= kinds[i].weight;
	return (&kinds[i]);
}

static void
print_with_id(FILE *file, const char *text, const char *id)
{
	const char *at;

	while ((at = strstr(text, "@ID@")) != NULL) {
		fprintf(file, "%.*s%s", (int)(at - text), text, id);
		text = at + strlen("@ID@");
	}
	fputs(text, file);
}

static char *
make_body(struct random *r, const struct random_kind *kind, const char *id)
{
	const char *members = further[random_below(r, COUNT(further))];
	const char *time = times[random_below(r, COUNT(times))];
	size_t len;
	char *body;
	FILE *file = open_memstream(&body, &len);

	assert_non_null(file);
	if (kind->tool != NULL)
		fprintf(
		    file, "{\"tool_name\": \"%s\", \"params\": ", kind->tool);
	print_with_id(file, kind->body, id);
	if (kind->tool != NULL)
		fprintf(file, "%s%s%s}", kind->members,
		    kind->members[0] == '\0' ? time : "",
		    strstr(kind->members, "priority") == NULL ? members : "");
	assert_int_equal(fclose(file), 0);
	return (body);
}

/* All of it, or as much as chance says. */
static void
send_request(struct random *r, struct random_caller *caller)
{
	static const char *const paths[] = {
	    "/api/v1/request", BATCH, BATCH, PIPELINE};
	enum random_shape shape = caller->kind->shape;
	size_t len;
	char *text;
	int all;

	all = asprintf(&text,
	    "POST %s HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: %s\r\n"
	    "%sContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    paths[shape], caller->id, shape == SHAPE_LINES ? LINES : "",
	    strlen(caller->body), caller->body);
	assert_int_not_equal(all, -1);
	len = (size_t)all;
	if (caller->half)
		len = 1 + random_below(r, (uint32_t)all - 1);
	(void)http_write(caller->conn, text, len);
	free(text);
}

void
random_send(struct random *r, struct random_caller *caller)
{
	snprintf(caller->id, sizeof(caller->id), "%08x-0000-4000-8000-%012llx",
	    (unsigned int)getpid(), (unsigned long long)++r->sequence);
	caller->kind = pick(r);
	caller->body = make_body(r, caller->kind, caller->id);
	caller->half = random_chance(r, 2);
	caller->deaf = random_chance(r, 2);
	caller->sent_ms = now_ms();
	caller->leave_ms = 0;
	if (caller->half || caller->deaf || random_chance(r, 4))
		caller->leave_ms = caller->sent_ms + random_below(r, 100);
	send_request(r, caller);
	caller->mute = !caller->half && random_chance(r, 3);
	if (caller->mute)
		shutdown(caller->conn->fd, SHUT_WR);
	r->sent++;
}

void
random_tool_say(struct daemon *d)
{
	tool_write(d, "say", "command", "toolbox",
	    "\"say\", \"{\\\"said\\\": \\\"it\\\"}\"", "");
}

void
random_tools(struct daemon *d)
{
	random_tool_say(d);
	tool_write(d, "hang", "command", "toolbox", "\"hang\"", "");
	tool_write(d, "deaf", "command", "toolbox", "\"deaf\"", "");
	/* It is told to stop in its grace, and does not. */
	tool_write(d, "unmoved", "command", "toolbox", "\"stubborn\"",
	    ", \"stop_signal\": \"TERM\", \"stop_grace\": 0.2");
	tool_write(d, "leaves", "command", "toolbox", "\"daemonise\"", "");
	tool_write(d, "floods", "command", "toolbox", "\"flood_output\"", "");
	tool_write(d, "again", "command", "toolbox", "\"exit\", \"3\"",
	    ", \"idempotent\": true, \"retries\": 3, \"retry_backoff\": "
	    "0.01, \"retry_on\": [\"error\", \"crash\"]");
	tool_write(d, "co", "coprocess", "coprocess_echo", "", "");
	tool_write_plugin(d, "plugin", "fault");
	/* Only root can limit what they start, and it alone. */
	tool_write(d, "comet", "command", "toolbox", BOMB("comet"), LIMITS);
	tool_write(d, "bomb", "command", "toolbox", BOMB("bomb"), LIMITS);
}

void
random_call_all(struct daemon *d)
{
	struct reply *reply;
	char *params;
	size_t len;
	FILE *file;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (kinds[i].pointer == NULL || kinds[i].shape != SHAPE_ONE)
			continue;
		assert_non_null(file = open_memstream(&params, &len));
		print_with_id(file, kinds[i].body, "x");
		assert_int_equal(fclose(file), 0);
		reply = call(d, kinds[i].tool, params);
		if (reply->status != 200 || !reply_has(reply, kinds[i].pointer))
			fail_msg(
			    "%s %s: %s", kinds[i].tool, params, reply->body);
		reply_free(reply);
		free(params);
	}
}
