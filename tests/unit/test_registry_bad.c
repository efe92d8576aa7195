/*
 * A table of tools that the daemon must refuse to start with: the schema of
 * one does not make sense, and the message says of which.
 */

#include "test.h"

#include <string.h>

#include "agent/registry.h"
#include "agent/tool.h"
#include "conf/conf.h"

static struct tool tool = {.name = "odd", .description = "Is odd."};

const struct tool *const tools_table[] = {&tool, NULL};

static char reported[512];

static void
on_report(const char *line)
{
	strlcpy(reported, line, sizeof(reported));
}

static void
test_refused(void **state)
{
	static const struct {
		const char *parameters, *why;
	} cases[] = {
	    {"{", "odd: parameters: "},
	    {"", "odd: parameters: empty text"},
	    {"{\"$ref\":\"x:y\"}", "odd: parameters: /$ref: "},
	    {"{\"type\":\"objekt\"}", "odd: parameters: /type: "},
	};
	static const struct conf conf;
	size_t bad;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tool.parameters = cases[i].parameters;
		reported[0] = '\0';
		assert_null(registry_load(&conf, on_report, &bad));
		if (strncmp(reported, cases[i].why, strlen(cases[i].why)) != 0)
			fail_msg("\"%s\"", reported);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
