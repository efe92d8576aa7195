/*
 * Where the requests of HTTP tools go.
 *
 * URLs that a service leads to are its own, and must not be read in another way
 * than they are followed: so libcurl takes them apart.
 *
 * libcurl would start a thread to look a name up, with a stack and a heap that
 * an agent's memory limit has no room for, and which could outlive the call.
 * Waiting here instead has a price: a name service that does not answer holds
 * the agent until it is killed at the deadline.
 */

#include "agent/kinds/http_origin.h"
#include "agent/kinds/http_address.h"

#include <sys/socket.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many are tried; libcurl takes them in turn. */
#define ADDRESSES_MAX 8

static struct addrinfo *
http_resolve_all(const char *host, const char *port, char *why, size_t why_size)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	int rc = getaddrinfo(host, port, &hints, &list);

	if (rc == 0)
		return (list);
	snprintf(why, why_size, "cannot look up the service's name: %s",
	    gai_strerror(rc));
	return (NULL);
}

/* False: no memory for it, or none of its family. */
static bool
http_resolve_write(FILE *to, const struct addrinfo *one, char separator)
{
	bool bracket = one->ai_family == AF_INET6;
	char text[NI_MAXHOST];

	if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text), NULL,
		0, NI_NUMERICHOST) != 0)
		return (false);
	fprintf(to, "%c%s%s%s", separator, bracket ? "[" : "", text,
	    bracket ? "]" : "");
	return (true);
}

/* How many addresses were written. */
static int
http_resolve_list(FILE *to, const struct addrinfo *list, bool allow_local)
{
	int count = 0;

	for (; list != NULL && count < ADDRESSES_MAX; list = list->ai_next) {
		if (!allow_local && http_address_is_local(list->ai_addr))
			continue;
		if (http_resolve_write(to, list, count == 0 ? ':' : ','))
			count++;
	}
	return (count);
}

char *
http_resolve(const char *host, const char *port, bool allow_local, char *why,
    size_t why_size)
{
	struct addrinfo *list = http_resolve_all(host, port, why, why_size);
	char *text = NULL;
	int count = 0;
	size_t size;
	FILE *to;

	if (list == NULL)
		return (NULL);
	snprintf(why, why_size, "out of memory");
	if ((to = open_memstream(&text, &size)) != NULL) {
		fprintf(to, "%s:%s", host, port);
		count = http_resolve_list(to, list, allow_local);
		if (count == 0)
			snprintf(why, why_size,
			    "addresses of this host are refused "
			    "(allow_local)");
		if (fclose(to) != 0)
			count = 0;
	}
	freeaddrinfo(list);
	if (count > 0)
		return (text);
	free(text);
	return (NULL);
}

char *
http_origin_part(const char *text, CURLUPart part)
{
	const struct curl_api *lib = curl_load();
	CURLU *url = lib->curl_url();
	char *value = NULL;

	if (url == NULL)
		return (NULL);
	if (lib->curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) !=
		CURLUE_OK ||
	    lib->curl_url_get(url, part, &value, CURLU_DEFAULT_PORT) !=
		CURLUE_OK)
		value = NULL;
	lib->curl_url_cleanup(url);
	return (value);
}

bool
http_origin_same(const char *a, const char *b)
{
	const struct curl_api *lib = curl_load();
	static const CURLUPart parts[] = {
	    CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
	bool same = true;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *x = http_origin_part(a, parts[i]);
		char *y = http_origin_part(b, parts[i]);

		same = same && x != NULL && y != NULL && strcasecmp(x, y) == 0;
		lib->curl_free(x);
		lib->curl_free(y);
	}
	return (same);
}

bool
http_origin_may_follow(const char *a, const char *b)
{
	const struct curl_api *lib = curl_load();
	char *from = http_origin_part(a, CURLUPART_SCHEME);
	char *to = http_origin_part(b, CURLUPART_SCHEME);
	char *user = http_origin_part(b, CURLUPART_USER);
	bool good;

	good = from != NULL && to != NULL && user == NULL &&
	       (strcmp(to, "https") == 0 ||
		   (strcmp(to, "http") == 0 && strcmp(from, "http") == 0));
	lib->curl_free(from);
	lib->curl_free(to);
	lib->curl_free(user);
	return (good);
}
