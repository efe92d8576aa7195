/*
 * A table of tools that the daemon must refuse to start with: the schema of
 * one does not make sense, and the message says of which.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include <string.h>
#include <unistd.h>

#include "agent/registry.h"
#include "agent/tool.h"

static struct tool tool = {.name = "odd"};

const struct tool *const tools_table[] = {&tool, NULL};

/* In a child: 0 when the table is refused with a message that begins so. */
static int
check(const char *parameters, const char *wanted)
{
	char why[256] = "";

	tool.parameters = parameters;
	if (registry_init(why, sizeof(why)) == -1 &&
	    strncmp(why, wanted, strlen(wanted)) == 0)
		return (0);
	print_error("\"%s\"\n", why);
	return (1);
}

/* There is but one registry in the life of a process. */
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

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status;
		pid_t pid = fork();

		assert_int_not_equal(pid, -1);
		if (pid == 0)
			_exit(check(cases[i].parameters, cases[i].why));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("%s", cases[i].parameters);
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
