/*
 * What programs are told of a call that is cancelled before they have it, and
 * what comes of it; a message that is under way is not torn.
 */

#include "kind_call.h"

#include "test.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kinds/kind.h"
#include "agent/live.h"
#include "agent/registry.h"
#include "common/claim.h"
#include "common/log.h"
#include "common/sweep.h"

#define LARGE (256 << 10) /* more than a pipe takes */

static const uint8_t id[16];

static int
set_up(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERR);
	if (sweep_enable() == -1 || claim_init(1) == -1)
		return (-1);
	live_open(claim_of(1, 1), -1, 1, 1);
	claim_begin(claim_of(1, 1), 1);
	claim_cancel(claim_of(1, 1));
	return (0);
}

static struct registry_entry *
entry_of(const struct kind *kind, const char *program, const char *argument)
{
	struct registry_entry *entry;
	char *manifest;

	assert_int_not_equal(asprintf(&manifest, "{\"%s\": [\"%s\", \"%s\"]}",
				 kind->name, kind_program(program), argument),
	    -1);
	entry = kind_entry(kind, "/tmp", manifest);
	free(manifest);
	return (entry);
}

static void
expect_cancelled(
    struct registry_entry *entry, const char *params, const char *outcome)
{
	live_begin(id, 1);
	kind_expect(entry, params, outcome);
	live_end();
}

static void
test_command(void **state)
{
	struct registry_entry *entry =
	    entry_of(&kind_command, "toolbox", "hang");

	expect_cancelled(
	    entry, "{}", "{\"expired\":\"did not end before its deadline\"}");
	kind_entry_free(entry);
}

static void
test_coprocess(void **state)
{
	struct registry_entry *entry =
	    entry_of(&kind_coprocess, "coprocess_echo", "");
	char *large = malloc(LARGE);

	assert_non_null(large);
	snprintf(
	    large, LARGE, "{\"do\":\"never\",\"a\":\"%0*d\"}", LARGE - 100, 0);
	for (int i = 0; i < 3; i++) {
		expect_cancelled(
		    entry, "{\"do\":\"never\"}", "{\"result\":\"cancelled\"}");
		expect_cancelled(entry, large, "{\"result\":\"cancelled\"}");
		/* What was answered before it was told is an answer. */
		expect_cancelled(entry, "{\"a\":1}", "{\"result\":{\"a\":1}}");
		kind_expect(entry, "{\"a\":2}", "{\"result\":{\"a\":2}}");
	}
	free(large);
	kind_entry_free(entry);
	assert_int_equal(sweep_all(KIND_CALL_MS), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_command),
	    cmocka_unit_test(test_coprocess),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
