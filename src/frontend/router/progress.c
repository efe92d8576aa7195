/*
 * The progress of calls: the last report of each is kept, of a bounded size,
 * for those who ask.  What an agent says is believed to be no more than
 * numbers and text.
 */

#include "frontend/router/progress.h"
#include "common/json.h"
#include "common/sys.h"
#include "common/utf8.h"
#include "common/wire.h"
#include "frontend/router/call.h"

#include <json-c/json.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct progress {
	double value, total;
	size_t len;
	char message[WIRE_PROGRESS_MAX];
};

bool
progress_take(struct call *call, const uint8_t *body, size_t len)
{
	const char *words = (const char *)body + sizeof(struct wire_progress);
	struct wire_progress told;

	memcpy(&told, body, sizeof(told));
	len -= sizeof(told);
	if (!isfinite(told.value) || !isfinite(told.total) || told.total < 0 ||
	    !utf8_valid(words, len))
		return (false);
	/* Without memory nobody learns of it, and that is all. */
	if (call->progress == NULL &&
	    (call->progress = sys.malloc(sizeof(*call->progress))) == NULL)
		return (true);
	call->progress->value = told.value;
	call->progress->total = told.total;
	call->progress->len = len;
	memcpy(call->progress->message, words, len);
	return (true);
}

struct json_object *
progress_json(const struct call *call)
{
	const struct progress *p = call->progress;
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return (NULL);
	json_object_object_add(o, "value", json_number(p->value));
	if (p->total > 0)
		json_object_object_add(o, "total", json_number(p->total));
	if (p->len > 0)
		json_object_object_add(o, "message",
		    json_object_new_string_len(p->message, (int)p->len));
	return (o);
}

void
progress_forget(struct call *call)
{
	free(call->progress);
	call->progress = NULL;
}
