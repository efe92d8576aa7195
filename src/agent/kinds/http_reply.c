/*
 * Turns the reply of a service into a result, or into an error that says in
 * the service's own words what is wrong, as far as it has any.  Nothing of a
 * secret gets through, even when the service sends it back.
 */

#include "agent/kinds/http_reply.h"
#include "agent/kinds/http_client.h"
#include "agent/kinds/http_spec.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/json.h"
#include "common/utf8.h"

#include <json-c/json.h>

#include <ctype.h>
#include <string.h>

/* Of the body of a refusal, bytes. */
#define WORDS_MAX 200

/* Where services say what is wrong; RFC 9457 and habit. */
static const char *const says[] = {
    "/detail",
    "/message",
    "/error/message",
    "/error",
    "/error_description",
    "/errors/0/message",
    "/title",
};

/* The first words of text as one line. */
static void
http_words_from(char words[static WORDS_MAX + 1], const char *text, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len && used < WORDS_MAX; i++) {
		bool blank = isspace((unsigned char)text[i]) ||
			     iscntrl((unsigned char)text[i]);

		if (!blank)
			words[used++] = text[i];
		else if (used > 0 && words[used - 1] != ' ')
			words[used++] = ' ';
	}
	while (used > 0 && words[used - 1] == ' ')
		used--;
	words[used] = '\0';
	utf8_clean(words);
}

static bool
http_words_from_json(
    char words[static WORDS_MAX + 1], const char *text, size_t len)
{
	struct json_object *body = NULL, *value;
	char reason[JSON_REASON_SIZE];
	bool found = false;

	if (!json_parse(text, len, &body, reason))
		return (false);
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]) && !found; i++) {
		value = NULL;
		if (json_pointer_get(body, says[i], &value) != 0 ||
		    !json_object_is_type(value, json_type_string))
			continue;
		http_words_from(words, json_object_get_string(value),
		    (size_t)json_object_get_string_len(value));
		found = words[0] != '\0';
	}
	json_object_put(body);
	return (found);
}

/* A page for people is no help in an error. */
static bool
http_is_markup(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && isspace((unsigned char)text[i]))
		i++;
	return (i < len && text[i] == '<');
}

static void
http_refused(struct tool_call *call, const struct http_reply *reply)
{
	char words[WORDS_MAX + 1] = "";

	if (reply->body != NULL && !http_is_markup(reply->body, reply->len) &&
	    !http_words_from_json(words, reply->body, reply->len))
		http_words_from(words, reply->body, reply->len);
	if (reply->status >= 500)
		tool_blame_service(call);
	tool_fail(call, "HTTP %ld%s%s", reply->status,
	    words[0] == '\0' ? "" : ": ", words);
}

static void
http_take_json(struct tool_call *call, const struct http_reply *reply)
{
	struct json_object *value = NULL;
	char reason[JSON_REASON_SIZE];

	if (!json_blank(reply->body, reply->len) &&
	    !json_parse(reply->body, reply->len, &value, reason))
		tool_fail(call, "service: its answer is not JSON: %s", reason);
	else
		tool_result(call, value);
}

static void
http_take_text(struct tool_call *call, struct http_reply *reply)
{
	struct json_object *value;

	if (reply->len > 0 && memchr(reply->body, 0, reply->len) != NULL) {
		tool_fail(call, "service: its answer is not text");
		return;
	}
	if (reply->len > 0)
		utf8_clean(reply->body);
	value = json_object_new_string_len(
	    reply->len > 0 ? reply->body : "", (int)reply->len);
	if (value == NULL)
		tool_fail(call, "out of memory");
	else
		tool_result(call, value);
}

/* What a service says of itself is no more to be trusted than the rest. */
static void
http_take_base64(struct tool_call *call, const struct http_reply *reply)
{
	media_result(call, media_type_valid(reply->type) ? reply->type : NULL,
	    reply->body, reply->len);
}

void
http_reply_take(struct tool_call *call, const struct http_spec *spec,
    struct http_reply *reply)
{
	if (reply->body != NULL)
		http_secrets_scrub(&spec->secrets, reply->body, reply->len);
	http_secrets_scrub(&spec->secrets, reply->type, strlen(reply->type));
	if (reply->body != NULL && spec->output != HTTP_OUTPUT_BASE64)
		reply->len = utf8_unmark(reply->body, reply->len);
	if (reply->status >= 400)
		http_refused(call, reply);
	else if (reply->status >= 300)
		tool_fail(call,
		    spec->redirects > 0
			? "HTTP %ld: more redirects than are allowed"
			: "HTTP %ld: redirects are not followed",
		    reply->status);
	else if (reply->too_large)
		tool_fail(call,
		    "service: its answer has more than %lld bytes "
		    "(max_output)",
		    (long long)call->entry->policy.output_bytes);
	else if (spec->output == HTTP_OUTPUT_JSON)
		http_take_json(call, reply);
	else if (spec->output == HTTP_OUTPUT_BASE64)
		http_take_base64(call, reply);
	else
		http_take_text(call, reply);
}
