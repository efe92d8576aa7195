/*
 * What the tests of batches and pipelines share: how requests are sent, and
 * what is in their answers.
 */

#include "many.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *
batch_body(int count, const char *call)
{
	const char *number = strstr(call, "%d");
	size_t before = number == NULL ? strlen(call) : number - call;
	char *body;
	size_t len;
	FILE *fp = open_memstream(&body, &len);

	assert_non_null(fp);
	fprintf(fp, "{\"requests\":[");
	for (int i = 0; i < count; i++) {
		fprintf(fp, "%s%.*s", i > 0 ? "," : "", (int)before, call);
		if (number != NULL)
			fprintf(fp, "%d%s", i, number + 2);
	}
	fprintf(fp, "]}");
	assert_int_equal(fclose(fp), 0);
	return (body);
}

struct conn *
many_begin(
    struct daemon *d, const char *path, const char *headers, const char *body)
{
	struct conn *conn = http_open(d);
	char all[256];

	snprintf(all, sizeof(all), "X-Request-Id: " MANY_ID "\r\n%s", headers);
	http_request(conn, "POST", path, all, body);
	return (conn);
}

const char *
many_string(
    const struct reply *reply, const char *list, int place, const char *member)
{
	char at[96];

	snprintf(at, sizeof(at), "/%s/%d/%s", list, place, member);
	return (reply_string(reply, at));
}

int64_t
many_int(
    const struct reply *reply, const char *list, int place, const char *member)
{
	char at[96];

	snprintf(at, sizeof(at), "/%s/%d/%s", list, place, member);
	return (reply_int(reply, at));
}

struct text_search {
	struct conn *conn;
	const char *text;
};

static bool
text_is_there(void *arg)
{
	struct text_search *search = arg;

	http_fill(search->conn);
	return (memmem(search->conn->buf, search->conn->len, search->text,
		    strlen(search->text)) != NULL);
}

void
many_wait_text(struct conn *conn, const char *text)
{
	struct text_search search = {conn, text};

	if (!wait_until(text_is_there, &search, WAIT_MS))
		fail_msg("no %s in %.*s", text, (int)conn->len, conn->buf);
}
