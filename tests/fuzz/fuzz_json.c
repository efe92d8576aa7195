/*
 * Fuzzes the JSON parser: any text is either refused with a reason, or taken,
 * and then its compact form is taken too and has the same meaning and form.
 */

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_again(struct json_object *value)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *again;
	const char *text, *text_again;
	size_t len, len_again;

	text = json_text(value, &len);
	assert(text != NULL && strlen(text) == len);
	if (!json_parse(text, len, &again, reason))
		abort();
	assert(json_object_equal(value, again));
	text_again = json_text(again, &len_again);
	assert(len == len_again && memcmp(text, text_again, len) == 0);
	json_object_put(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char reason[JSON_REASON_SIZE] = "";
	struct json_object *value;

	if (json_parse((const char *)data, size, &value, reason)) {
		check_again(value);
		json_object_put(value);
	} else {
		assert(errno == EINVAL); /* there is memory */
		assert(value == NULL && reason[0] != '\0');
		assert(memchr(reason, '\0', sizeof(reason)) != NULL);
	}
	return (0);
}
