/*
 * A reload that lifts or sets the limit of a tool whose calls wait.
 */

#include "test.h"

#include <string.h>

#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/overload.h"
#include "frontend/router/queue.h"
#include "frontend/router/router.h"

#include <event2/event.h>

#define TOOL(policy) "[{\"tool\": {\"name\": \"a\"}, \"policy\": " policy "}]"

static void
load(const char *text)
{
	assert_int_equal(catalogue_load(text, strlen(text), 1), 0);
	router_tools_changed();
}

/* Else calls were refused later for a wait that is none. */
static void
test_lifted(void **state)
{
	struct call call = {.priority = 3, .accepted_ns = clock_now_ns()};
	struct tool_info *tool;

	load(TOOL("{\"max_concurrent\": 1}"));
	tool = call.tool = catalogue_find("a");
	tool->running = 1;
	queue_add(&call);
	overload_check(tool);
	assert_true(tool->overload.rate.busy);
	load(TOOL("{}"));
	assert_false(tool->overload.rate.busy);
	load(TOOL("{\"max_concurrent\": 1}"));
	assert_true(tool->overload.rate.busy);
	load(TOOL("{\"max_concurrent\": 2}"));
	assert_false(tool->overload.rate.busy);
	queue_remove(&call);
	tool->running = 0;
}

static int
set_up(void **state)
{
	static struct conf conf;

	frontend.conf = &conf;
	frontend.base = event_base_new();
	router_init();
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lifted),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
