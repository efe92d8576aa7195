/*
 * What several of the files api_*.c answer with.
 */

#include "frontend/api/api.h"
#include "common/clock.h"
#include "common/json.h"
#include "frontend/http/reply.h"

#include <json-c/json.h>

struct json_object *
api_instant(int64_t wall_ns)
{
	char text[CLOCK_FORMAT_SIZE];

	clock_format(wall_ns, text);
	return (json_object_new_string(text));
}

void
api_reply_list(struct conn *conn, const char *name, struct json_object *list)
{
	struct json_object *o = json_object_new_object();
	size_t count = list == NULL ? 0 : json_object_array_length(list);

	json_add(&o, "count", json_object_new_int64((int64_t)count));
	json_add(&o, name, list);
	reply_json(conn, 200, o);
}
