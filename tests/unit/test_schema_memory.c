/*
 * The JSON Schema validator without memory: wherever an allocation of its own
 * fails, it says so, and leaves nothing behind (which the sanitizers check).
 *
 * Wraps: calloc malloc reallocarray strdup
 */

#include "test.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"
#include "schema_help.h"

/* Allocations until one fails; negative: none does. */
static long left = -1;

void *__real_calloc(size_t, size_t);
void *__real_malloc(size_t);
void *__real_reallocarray(void *, size_t, size_t);
char *__real_strdup(const char *);
void *__wrap_calloc(size_t, size_t);
void *__wrap_malloc(size_t);
void *__wrap_reallocarray(void *, size_t, size_t);
char *__wrap_strdup(const char *);

static bool
fails(void)
{
	return (left >= 0 && left-- == 0);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return (fails() ? NULL : __real_calloc(count, size));
}

void *
__wrap_malloc(size_t size)
{
	return (fails() ? NULL : __real_malloc(size));
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return (fails() ? NULL : __real_reallocarray(old, count, size));
}

char *
__wrap_strdup(const char *text)
{
	return (fails() ? NULL : __real_strdup(text));
}

static const char text[] =
    "{\"$id\":\"http://x/y/\",\"type\":\"object\",\"patternProperties\":"
    "{\"^\\\\p{Letter}\":{\"$ref\":\"#/$defs/a\"}},\"$defs\":{\"a\":"
    "{\"$id\":\"z\",\"$dynamicAnchor\":\"b\",\"anyOf\":[{\"const\":1},"
    "{\"items\":{\"$dynamicRef\":\"#b\"},\"uniqueItems\":true},"
    "{\"$ref\":\"../y/#/x/y\"}]}},\"x\":{\"y\":{\"$anchor\":\"q\","
    "\"type\":\"string\"}},\"unevaluatedProperties\":false}";

/* With a meta-schema, and a keyword that has no effect. */
static const char old[] =
    "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"items\":"
    "{\"$ref\":\"http://json-schema.org/draft-04/schema#\",\"minItems\":1}}";

static void
check_compile(const char *of, long least, long most)
{
	struct json_object *document = schema_help_parse(of);
	struct schema *schema = NULL;
	char why[128];
	long n;

	for (n = 0; schema == NULL; n++) {
		left = n;
		schema = schema_compile(document, why, sizeof(why));
		left = -1;
		if (schema == NULL)
			assert_string_equal(why, "out of memory");
	}
	assert_in_range(n, least, most);
	schema_free(schema);
	json_object_put(document);
}

static void
test_compile(void **state)
{
	check_compile(text, 20, 200);
	check_compile(old, 200, 2000);
}

/* A value that needs all that is ever allocated: it fits not. */
static void
test_validate(void **state)
{
	struct schema *schema = schema_help_compile(text);
	struct json_object *value = schema_help_parse(
	    "{\"a\":[1,2,[],[1],[1,1],6,7,8,9,10,11],\"b\":1,\"1\":2}");
	struct json_object *errors;
	int failures = -1;
	long n;

	for (n = 0; failures == -1; n++) {
		errors = json_object_new_array();
		left = n;
		failures = schema_validate(schema, value, errors);
		left = -1;
		json_object_put(errors);
	}
	assert_in_range(n, 3, 50);
	assert_int_equal(failures, 2);
	json_object_put(value);
	schema_free(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_compile),
	    cmocka_unit_test(test_validate),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
