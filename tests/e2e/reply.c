/*
 * HTTP answers, taken out of what a connection received: status line,
 * headers, and a body by Content-Length, in chunks, or up to the end.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The value of a header in head, or NULL; it ends at CR. */
static const char *
head_find(const char *head, const char *name)
{
	size_t len = strlen(name);

	while ((head = strchr(head, '\n')) != NULL) {
		head++;
		if (strncasecmp(head, name, len) == 0 && head[len] == ':')
			return (head + len + 1 + strspn(head + len + 1, " "));
	}
	return (NULL);
}

const char *
reply_header(const struct reply *reply, const char *name)
{
	static char value[1024];
	const char *at = head_find(reply->head, name);

	if (at == NULL)
		return (NULL);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\r\n"), at);
	return (value);
}

/* Longest line with the size of a chunk. */
#define SIZE_LINE_MAX 64

/*
 * Walks over chunks, and decodes them in place if told to.  Returns the length
 * of the encoded bytes, or 0 when they are not whole; the length of the body in
 * *length.
 */
static size_t
body_chunks(char *from, size_t have, size_t *length, bool decode)
{
	size_t at = 0, near, size;
	char *end;

	*length = 0;
	for (;;) {
		near = have - at < SIZE_LINE_MAX ? have - at : SIZE_LINE_MAX;
		if ((end = memmem(from + at, near, "\r\n", 2)) == NULL)
			return (0);
		size = strtoul(from + at, NULL, 16);
		at = (size_t)(end - from) + 2;
		if (have < at || have - at < size + 2)
			return (0);
		if (decode)
			memmove(from + *length, from + at, size);
		*length += size;
		at += size + 2;
		if (size == 0)
			return (at);
	}
}

/*
 * Finds the body of an answer whose head ends at body.  Returns how many
 * bytes it takes, and its own length; -1 when it is not whole.
 */
static ssize_t
body_take(struct conn *conn, const char *head, char *body, size_t *length)
{
	size_t have = conn->len - (size_t)(body - conn->buf), used;
	const char *value = head_find(head, "Content-Length");
	const char *coding = head_find(head, "Transfer-Encoding");
	int status = atoi(head + strcspn(head, " "));

	*length = 0;
	if (conn->head_only || status == 204 || status == 304 || status < 200)
		return (0);
	if (coding != NULL) {
		used = body_chunks(body, have, length, false);
		if (used != 0)
			body_chunks(body, have, length, true);
		return (used == 0 ? -1 : (ssize_t)used);
	}
	*length = value == NULL ? have : strtoul(value, NULL, 10);
	if (value == NULL && !conn->ended)
		return (-1);
	return (*length > have ? -1 : (ssize_t)*length);
}

static struct json_object *
body_parse(const char *body, size_t length)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json;

	json = json_tokener_parse_ex(tokener, body, (int)length);
	json_tokener_free(tokener);
	return (json);
}

struct reply *
reply_take(struct conn *conn)
{
	struct reply *reply;
	size_t head_len, length;
	ssize_t used;
	char *end, *head;

	end = memmem(conn->buf, conn->len, "\r\n\r\n", 4);
	if (end == NULL)
		return (NULL);
	head_len = (size_t)(end - conn->buf) + 4;
	assert_non_null(head = strndup(conn->buf, head_len));
	used = body_take(conn, head, end + 4, &length);
	if (used == -1) {
		free(head);
		return (NULL);
	}
	assert_non_null(reply = calloc(1, sizeof(*reply)));
	reply->head = head;
	reply->status = atoi(head + strcspn(head, " "));
	reply->length = length;
	assert_non_null(reply->body = malloc(length + 1));
	memcpy(reply->body, end + 4, length);
	reply->body[length] = '\0';
	reply->json = body_parse(reply->body, length);
	conn->len -= head_len + (size_t)used;
	memmove(conn->buf, end + 4 + used, conn->len);
	conn->head_only = false;
	return (reply);
}

void
reply_free(struct reply *reply)
{
	free(reply->head);
	free(reply->body);
	json_object_put(reply->json);
	free(reply);
}
