/*
 * agentctl batch: the forms of its input, and what it prints of the answers.
 */

#include "ctl.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ADD(a, b)                                                      \
	"{\"tool_name\": \"calculator\", \"params\": {\"operation\": " \
	"\"add\", "                                                    \
	"\"a\": " #a ", \"b\": " #b "}}"
#define DIVIDE                                                         \
	"{\"tool_name\": \"calculator\", \"params\": {\"operation\": " \
	"\"divide\", \"a\": 1, \"b\": 0}}"
#define NOTHING "{\"tool_name\": \"nothing\"}"
#define WAIT "{\"tool_name\": \"wait\", \"params\": {\"gate\": \"gate\"}}"

static const struct {
	const char *input;
	int status;
	const char *out, *err;
} rows[] = {
    {"[" ADD(1, 2) ", " ADD(3, 4) "]", 0, "\"result\":3}\n1 ok {", ""},
    {"{\"requests\": [" ADD(1, 2) "]}", 0, "0 ok {", ""},
    {ADD(1, 2), 0, "0 ok {", ""},
    {ADD(1, 2) "\n\n \r\n" ADD(3, 4), 0, "\n1 ok {", ""},
    {ADD(1, 2) "\n" DIVIDE "\n", 1, "\n1 failed division by zero\n", ""},
    {NOTHING "\n" ADD(1, 2) "\n", 1, "0 unknown_tool there is no tool", ""},
    {"[]", 0, "", ""},
    {"{\"requests\": 1}", 4, "", "requests"},
    {ADD(1, 2) "\n{\n", 2, "", "standard input:2: is not JSON"},
};

static void
batch_rows(void **state)
{
	struct daemon *d = daemon_start("");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ctl ctl;

		ctl_begin(&ctl, d, rows[i].input, WORDS("batch", "-"));
		ctl_end(&ctl);
		if (ctl.status != rows[i].status ||
		    strstr(ctl.out, rows[i].out) == NULL ||
		    strstr(ctl.err, rows[i].err) == NULL)
			fail_msg("%s gives %d, %s%s", rows[i].input, ctl.status,
			    ctl.out, ctl.err);
		ctl_free(&ctl);
	}
	daemon_stop(d);
}

static void
batch_file(void **state)
{
	struct daemon *d = daemon_start("");
	char path[128];

	snprintf(path, sizeof(path), "%s/calls", d->dir);
	file_write(path, ADD(1, 2));
	ctl_check(d, 0, "0 ok ", "", WORDS("batch", path));
	ctl_check(d, 0, "\"succeeded\":1", "", WORDS("-j", "batch", path));
	ctl_check(
	    d, 2, "", "/nonexistent: No such", WORDS("batch", "/nonexistent"));
	ctl_check(d, 2, "", "usage: agentctl batch", WORDS("batch"));
	remove(path);
	daemon_stop(d);
}

/* What ends it ends its calls. */
static void
batch_cancelled(void **state)
{
	struct daemon *d = daemon_start("");
	struct ctl ctl;

	gate_make(d, "gate");
	ctl_begin(&ctl, d, WAIT "\n" WAIT, WORDS("batch", "-"));
	wait_stat(d, "busy_agents", 2);
	assert_true(proc_kill(ctl.pid, SIGINT));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 128 + SIGINT);
	ctl_free(&ctl);
	wait_stat(d, "cancelled", 2);
	wait_stat(d, "in_flight", 0);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(batch_rows),
	    E2E_TEST(batch_file),
	    E2E_TEST(batch_cancelled),
	};

	return (
	    cmocka_run_group_tests_name("agentctl_batch", tests, NULL, NULL));
}
