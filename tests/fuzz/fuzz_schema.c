/*
 * Fuzzes validation: the input is a schema and a value with a NUL between
 * them.  A schema that is found good can be used, and what it finds wrong
 * with the value is a list that can be sent.
 */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common/json.h"
#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
parse(const uint8_t *data, size_t size, struct json_object **value)
{
	char reason[JSON_REASON_SIZE];

	return (json_parse((const char *)data, size, value, reason));
}

static void
check_error(struct json_object *error)
{
	struct json_object *pointer, *detail;

	assert(json_object_object_get_ex(error, "pointer", &pointer));
	assert(json_object_object_get_ex(error, "detail", &detail));
	assert(json_object_get_string_len(detail) > 0);
}

static void
check_errors(struct json_object *errors, int failures)
{
	struct json_object *again;
	const char *text;
	size_t len, count = json_object_array_length(errors);

	assert(failures >= 0 && count <= (size_t)failures);
	assert((failures == 0) == (count == 0));
	for (size_t i = 0; i < count; i++)
		check_error(json_object_array_get_idx(errors, i));
	text = json_text(errors, &len);
	assert(text != NULL && strlen(text) == len);
	if (!parse((const uint8_t *)text, len, &again))
		abort();
	json_object_put(again);
}

static void
validate(struct json_object *document, struct json_object *value)
{
	struct json_object *errors = json_object_new_array();
	char why[256] = "";
	struct schema *schema = schema_compile(document, why, sizeof(why));

	if (schema == NULL) {
		assert(why[0] != '\0');
		assert(memchr(why, '\0', sizeof(why)) != NULL);
	} else {
		check_errors(errors, schema_validate(schema, value, errors));
	}
	schema_free(schema);
	json_object_put(errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size == 0 ? NULL : memchr(data, '\0', size);
	struct json_object *schema, *value;
	size_t len;

	if (nul == NULL)
		return (0);
	len = (size_t)(nul - data);
	if (!parse(data, len, &schema))
		return (0);
	if (parse(nul + 1, size - len - 1, &value)) {
		validate(schema, value);
		json_object_put(value);
	}
	json_object_put(schema);
	return (0);
}
