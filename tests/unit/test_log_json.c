/*
 * Lines of the log as JSON: whatever is in a message and wherever it has to be
 * cut, each line is one object.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/log_form.h"

static const struct log_json plain = {.when = "T",
    .severity = "info",
    .process = "agent-1",
    .pid = 7,
    .text = "say \"x\"\t\\ \u20ac"};

static void
test_message(void **state)
{
	char line[512];
	size_t len = log_json_write(line, sizeof(line), &plain);

	assert_int_equal(len, strlen(line));
	assert_string_equal(line,
	    "{\"time\":\"T\",\"severity\":\"info\",\"process\":\"agent-1\","
	    "\"pid\":7,\"message\":\"say \\\"x\\\"\\t\\\\ \u20ac\"}\n");
}

static void
test_fields(void **state)
{
	struct log_json json = plain;
	char line[512];

	json.text = "request id=1 agent=- run_us=12 status=404 name=a=\"b x= y";
	log_json_write(line, sizeof(line), &json);
	assert_non_null(strstr(line, "\"message\":\"request id=1"));
	json.fields = 1;
	log_json_write(line, sizeof(line), &json);
	assert_string_equal(strstr(line, "\"event\""),
	    "\"event\":\"request\",\"id\":\"1\",\"run_us\":12,\"status\":404,"
	    "\"name\":\"a=\\\"b\",\"x\":\"\"}\n");
}

/* Of every length, with what must not be cut everywhere. */
static void
test_cut(void **state)
{
	static const char *const units[] = {"\\", "\"", "\u20ac", "a=\\\" "};
	char text[1024], line[400];

	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		strcpy(text, "request ");
		while (strlen(text) < 900)
			strcat(text, units[u]);
		for (size_t size = 256; size < sizeof(line); size++) {
			struct log_json json = plain;
			size_t len;

			json.text = text;
			json.fields = size % 2;
			memset(line, 'Z', sizeof(line));
			len = log_json_write(line, size, &json);
			assert_true(len < size);
			assert_int_equal(line[len - 1], '\n');
			if (!json_valid(line, len - 1))
				fail_msg("%s", line);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_message),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
