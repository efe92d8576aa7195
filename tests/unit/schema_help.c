/*
 * For the tests of the JSON Schema validator: schemas and values as text, and
 * failures as text.
 */

#include "schema_help.h"

#include "test.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "schema/schema.h"

struct json_object *
schema_help_parse(const char *text)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%.200s: %s", text, reason);
	return (value);
}

struct schema *
schema_help_compile(const char *text)
{
	struct json_object *document = schema_help_parse(text);
	char why[256] = "";
	struct schema *schema = schema_compile(document, why, sizeof(why));

	if (schema == NULL)
		fail_msg("%.200s: %s", text, why);
	json_object_put(document);
	return (schema);
}

static const char *
member(struct json_object *object, const char *name)
{
	return (json_object_get_string(json_object_object_get(object, name)));
}

static void
describe(struct json_object *errors, char *buf, size_t size)
{
	struct json_object *error;
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < json_object_array_length(errors) && used < size; i++) {
		error = json_object_array_get_idx(errors, i);
		used += (size_t)snprintf(buf + used, size - used, "%s%s: %s",
		    i > 0 ? "; " : "", member(error, "pointer"),
		    member(error, "detail"));
	}
}

const char *
schema_help_failures(const struct schema *schema, struct json_object *value)
{
	static char found[2048];
	struct json_object *errors = json_object_new_array();
	int failures = schema_validate(schema, value, errors);

	describe(errors, found, sizeof(found));
	assert_int_equal(failures, json_object_array_length(errors));
	json_object_put(errors);
	return (found);
}

const char *
schema_help_check(const char *schema_text, const char *value_text)
{
	struct schema *schema = schema_help_compile(schema_text);
	struct json_object *value = schema_help_parse(value_text);
	const char *found = schema_help_failures(schema, value);

	json_object_put(value);
	schema_free(schema);
	return (found);
}

void
schema_help_samples(const char *const samples[][3])
{
	const char *found;

	for (; (*samples)[0] != NULL; samples++) {
		found = schema_help_check((*samples)[0], (*samples)[1]);
		if (strcmp(found, (*samples)[2]) != 0)
			fail_msg("%s for %s: \"%s\"", (*samples)[0],
			    (*samples)[1], found);
	}
}

const char *
schema_help_refusal(const char *text)
{
	static char why[256];
	struct json_object *document = schema_help_parse(text);

	why[0] = '\0';
	if (schema_compile(document, why, sizeof(why)) != NULL)
		fail_msg("%.200s is taken", text);
	json_object_put(document);
	return (why);
}

char *
schema_help_repeat(const char *text, const char *separator, size_t count)
{
	size_t one = strlen(text), between = strlen(separator), used = 0;
	char *all = malloc(count * (one + between) + 1);

	assert_non_null(all);
	for (; count > 0; count--) {
		memcpy(all + used, text, one);
		used += one;
		if (count > 1) {
			memcpy(all + used, separator, between);
			used += between;
		}
	}
	all[used] = '\0';
	return (all);
}
