/*
 * The kind "http": a call is a request to a service.  Builds the request from
 * the call, follows redirects by the same rules as the first request, and turns
 * the reply into a result, or into an error that says in the service's own
 * words what is wrong, as far as it has any.  What a service says is taken for
 * what anybody might say, and nothing of a secret gets through, even when it
 * sends it back.
 */

#include "agent/kinds/http_client.h"
#include "agent/kinds/http_origin.h"
#include "agent/kinds/http_spec.h"
#include "agent/kinds/kind.h"
#include "agent/live.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/json.h"
#include "common/utf8.h"

#include <json-c/json.h>

#include <ctype.h>
#include <stdlib.h>
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

/* A call while it is made. */
struct exchange {
	struct tool_call *call;
	struct http_spec *spec;
	struct json_object *body; /* owns the text of the request's body */
	struct http_request request;
	char *url; /* of the request */
	struct http_reply reply;
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

/* Sets the result of the call, or fails it; scrubs secrets from the reply. */
static void
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
		media_result(call,
		    media_type_valid(reply->type) ? reply->type : NULL,
		    reply->body, reply->len);
	else
		http_take_text(call, reply);
}

/* Takes the parameters that the URL has named out of the body. */
static bool
http_exchange_drop_param(void *arg, const char *name, bool needed)
{
	json_object_object_del(arg, name);
	return (true);
}

static struct json_object *
http_exchange_rest(const struct exchange *x)
{
	struct json_object *rest = json_object_new_object();

	if (rest == NULL)
		return (NULL);
	json_object_object_foreach (x->call->params, name, value) {
		if (json_object_object_add(
			rest, name, json_object_get(value)) == -1) {
			json_object_put(value);
			json_object_put(rest);
			return (NULL);
		}
	}
	http_url_params(&x->spec->url, http_exchange_drop_param, rest);
	return (rest);
}

static bool
http_exchange_set_body(struct exchange *x)
{
	if (x->spec->body == HTTP_BODY_NONE) {
		if (x->spec->method->preset != HTTP_BODY_NONE)
			x->request.body = ""; /* a POST says that it has none */
		return (true);
	}
	x->body = x->spec->body == HTTP_BODY_JSON
		      ? json_object_get(x->call->params)
		      : http_exchange_rest(x);
	if (x->body != NULL)
		x->request.body = json_text(x->body, &x->request.body_len);
	if (x->request.body != NULL)
		return (true);
	tool_fail(x->call, "out of memory");
	return (false);
}

static bool
http_exchange_set(struct exchange *x)
{
	struct http_spec *spec = x->spec;
	char why[HTTP_WHY_SIZE];

	x->request.method = spec->method->name;
	x->request.headers = &spec->headers;
	x->request.passed = x->call->headers;
	x->request.secrets = true;
	x->request.max_bytes = (size_t)x->call->entry->policy.output_bytes;
	x->request.allow_local = spec->allow_local;
	x->url = http_url_expand(&spec->url, x->call->params, why, sizeof(why));
	if (x->url == NULL) {
		tool_fail(x->call, "%s", why);
		return (false);
	}
	return (http_exchange_set_body(x));
}

static bool
http_exchange_ask(struct exchange *x)
{
	int64_t left = tool_remaining_ms(x->call) - LIVE_SOFT_MS;
	char why[HTTP_WHY_SIZE] = "no answer in time";

	http_reply_fini(&x->reply);
	x->request.url = x->url;
	x->request.timeout_ms = left;
	if (left > 0 &&
	    http_client_ask(x->spec->client, &x->request, &x->reply, why))
		return (true);
	if (tool_cancelled(x->call))
		tool_expire(x->call);
	tool_fail(x->call, "service: %s", why);
	return (false);
}

/* What becomes of a request that is sent elsewhere (RFC 9110, 15.4). */
static void
http_exchange_redirect_method(struct exchange *x)
{
	long status = x->reply.status;
	bool post = strcmp(x->request.method, "POST") == 0;

	if (status == 303 || (post && (status == 301 || status == 302))) {
		x->request.method = "GET";
		x->request.body = NULL;
		x->request.body_len = 0;
	}
}

/* Secrets go nowhere but where the manifest has them go. */
static bool
http_exchange_redirect(struct exchange *x)
{
	char *next = x->reply.location;

	if (!http_origin_may_follow(x->url, next)) {
		tool_fail(x->call,
		    "HTTP %ld: leads to where it must not be followed",
		    x->reply.status);
		return (false);
	}
	if (!http_origin_same(x->url, next))
		x->request.secrets = false;
	http_exchange_redirect_method(x);
	http_secret_free(x->url);
	x->url = next;
	x->reply.location = NULL;
	return (http_exchange_ask(x));
}

static bool
http_exchange_leads_on(const struct exchange *x)
{
	return (x->reply.status >= 300 && x->reply.status < 400 &&
		x->reply.location != NULL);
}

static void
http_exchange_run(struct exchange *x)
{
	int left = x->spec->redirects;

	if (!http_exchange_set(x) || !http_exchange_ask(x))
		return;
	for (; http_exchange_leads_on(x) && left > 0; left--)
		if (!http_exchange_redirect(x))
			return;
	http_reply_take(x->call, x->spec, &x->reply);
}

static void
http_run(struct tool_call *call)
{
	struct exchange x = {.call = call, .spec = call->entry->spec};

	if (x.spec->client == NULL)
		x.spec->client = http_client_new();
	if (x.spec->client == NULL)
		tool_fail(call, "libcurl cannot be loaded");
	else
		http_exchange_run(&x);
	http_reply_fini(&x.reply);
	http_secret_free(x.url);
	json_object_put(x.body);
}

const struct kind kind_http = {
    .name = "http",
    .parse = http_spec_parse,
    .free = http_spec_free,
    .variables = http_spec_variables,
    .run = http_run,
};
