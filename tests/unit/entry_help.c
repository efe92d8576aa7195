/*
 * What kind_call.c does not tell of a call: its failure class, and errors of
 * which a test knows a part.
 */

#include "entry_help.h"

#include "test.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kinds/kind.h"
#include "common/clock.h"
#include "common/json.h"

#define TIMEOUT_MS 10000

static struct json_object *
parsed(const char *text)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	return (value);
}

const char *
entry_refused(const struct kind *kind, const char *text, const char *base)
{
	static char why[256];
	struct json_object *manifest = parsed(text);

	assert_null(kind->parse(manifest, base, why, sizeof(why)));
	json_object_put(manifest);
	return (why);
}

const char *entry_headers;

char *
entry_call(const struct registry_entry *entry, const char *params,
    int64_t timeout_ms, enum wire_failure *failure)
{
	struct tool_call call = {
	    .entry = entry,
	    .params = parsed(params),
	    .headers = entry_headers == NULL ? NULL : parsed(entry_headers),
	    .result = json_object_new_object(),
	    .deadline_ns = clock_now_ns() + timeout_ms * NS_PER_MS,
	};
	char *text;
	size_t len;

	entry->kind->run(&call);
	if (call.outcome == TOOL_OK)
		text = strdup(json_text(call.result, &len));
	else if (asprintf(&text, "error: %s", call.error) == -1)
		text = NULL;
	assert_non_null(text);
	*failure =
	    call.outcome == TOOL_HTTP_5XX ? FAILURE_HTTP_5XX : FAILURE_ERROR;
	json_object_put(call.result);
	json_object_put(call.params);
	json_object_put(call.headers);
	return (text);
}

void
entry_expect(
    const struct registry_entry *entry, const char *params, const char *wanted)
{
	enum wire_failure failure;
	char *text = entry_call(entry, params, TIMEOUT_MS, &failure);

	if (strcmp(text, wanted) != 0)
		fail_msg("%s: %s", params, text);
	free(text);
}
