/*
 * HTTP to a daemon by libcurl.  Called by ask.c and by top; owns the
 * connection, which is kept for the next request.  Never prints, and never
 * follows an answer elsewhere.
 */

#include "agentctl/client.h"

#include <curl/curl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/agentctl.h"
#include "agentctl/exchange.h"
#include "agentctl/message.h"
#include "common/json.h"

/* How long the order to cancel a call may take. */
#define CANCEL_MS 2000

/* What a daemon nests, and an answer around it. */
#define ANSWER_DEPTH (JSON_MAX_DEPTH + 8)

struct client {
	struct exchange_place place;
	char *where;
	char why[CURL_ERROR_SIZE + 64];
};

/*
 * A URL without user and password, for people; ends when it is none that can
 * be asked.
 */
static char *
client_show_url(const char *text)
{
	CURLU *url = message_need(curl_url());
	char *shown = NULL, *copy;

	if (curl_url_set(url, CURLUPART_URL, text, CURLU_DEFAULT_SCHEME) !=
		CURLUE_OK ||
	    curl_url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
	    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_URL, &shown, 0) != CURLUE_OK ||
	    strncasecmp(shown, "http", strlen("http")) != 0)
		message_die(CTL_USAGE, "the URL is not one of http or https");
	copy = message_need(strdup(shown));
	curl_free(shown);
	curl_url_cleanup(url);
	return (copy);
}

struct client *
client_new(const char *socket, const char *url)
{
	struct client *client = message_need(calloc(1, sizeof(*client)));
	size_t len;

	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		message_no_memory();
	client->place.multi = message_need(curl_multi_init());
	client->place.socket = socket;
	client->place.base =
	    message_need(strdup(url == NULL ? "http://localhost" : url));
	len = strlen(client->place.base);
	while (len > 0 && client->place.base[len - 1] == '/')
		client->place.base[--len] = '\0';
	client->where = url == NULL ? message_need(strdup(socket))
				    : client_show_url(client->place.base);
	return (client);
}

void
client_free(struct client *client)
{
	if (client == NULL)
		return;
	curl_multi_cleanup(client->place.multi);
	curl_global_cleanup();
	free(client->place.base);
	free(client->where);
	free(client);
}

void
client_watch(struct client *client, const int *fds, size_t count)
{
	client->place.watch = fds;
	client->place.watch_count = count;
}

const char *
client_where(const struct client *client)
{
	return (client->where);
}

const char *
client_why(const struct client *client)
{
	return (client->why);
}

/* json-c is told the depth, since a result is nested within its answer. */
static struct json_object *
client_parse(const char *body, size_t len)
{
	struct json_tokener *tokener =
	    message_need(json_tokener_new_ex(ANSWER_DEPTH));
	struct json_object *json;

	json_tokener_set_flags(
	    tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json = json_tokener_parse_ex(tokener, body, (int)len);
	json_tokener_free(tokener);
	return (json);
}

/* While the call still waits, so that it is not taken for one that left. */
static void
client_cancel(struct client *client, const char *id)
{
	char path[128];
	struct request request = {
	    .method = "DELETE", .path = path, .timeout_ms = CANCEL_MS};
	struct answer ignored = {0};
	struct exchange *x;

	snprintf(path, sizeof(path), "/api/v1/requests/%s", id);
	x = exchange_begin(&client->place, &request, &ignored);
	if (x == NULL)
		return;
	exchange_wait(x);
	exchange_end(x);
	answer_free(&ignored);
}

enum client_end
client_ask(
    struct client *client, const struct request *request, struct answer *answer)
{
	struct exchange *x;
	enum client_end end;

	*answer = (struct answer){0};
	client->why[0] = '\0';
	x = exchange_begin(&client->place, request, answer);
	if (x == NULL)
		return (CLIENT_NO_MEMORY);
	end = exchange_wait(x);
	exchange_why(x, end, client->why, sizeof(client->why));
	if (end == CLIENT_ANSWERED && answer->body != NULL)
		answer->json = client_parse(answer->body, answer->len);
	if ((end == CLIENT_INTERRUPTED || end == CLIENT_TIMEOUT) &&
	    request->cancel && exchange_connected(x))
		client_cancel(client, request->id);
	exchange_end(x);
	return (end);
}

void
answer_free(struct answer *answer)
{
	free(answer->body);
	json_object_put(answer->json);
	*answer = (struct answer){0};
}
