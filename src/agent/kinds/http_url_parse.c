/*
 * Takes the URL of a manifest apart.  Strict, so that this and libcurl cannot
 * read one text in two ways: no user, no fragment, a host of plain characters
 * and no place for a parameter before the path.  Called at load.
 */

#include "agent/kinds/http_encode.h"
#include "agent/kinds/http_secret.h"
#include "agent/kinds/http_url.h"

#include <stdlib.h>
#include <string.h>

#define HOST_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"
#define ADDRESS_CHARACTERS "0123456789abcdefABCDEF:."

static int
http_refuse(char *why, size_t why_size, const char *reason)
{
	snprintf(why, why_size, "url: %s", reason);
	return (-1);
}

/* The end of the host at text, or NULL. */
static const char *
http_host_end(const char *text)
{
	size_t len;

	if (text[0] == '[') {
		len = strspn(text + 1, ADDRESS_CHARACTERS);
		return (
		    len > 1 && text[len + 1] == ']' ? text + len + 2 : NULL);
	}
	len = strspn(text, HOST_CHARACTERS);
	return (len > 0 && len < 256 ? text + len : NULL);
}

/* The end of ":port" at text, if there is one; NULL: it is none. */
static const char *
http_port_end(const char *text)
{
	size_t len;
	long port;

	if (text[0] != ':')
		return (text);
	len = strspn(text + 1, "0123456789");
	port = strtol(text + 1, NULL, 10);
	if (len == 0 || len > 5 || port < 1 || port > 65535)
		return (NULL);
	return (text + 1 + len);
}

/* Where the path begins; NULL with the reason. */
static const char *
http_parse_origin(
    struct http_url *url, const char *text, char *why, size_t why_size)
{
	const char *host = NULL, *end;

	if (strncmp(text, "http://", 7) == 0)
		host = text + 7;
	else if (strncmp(text, "https://", 8) == 0)
		host = text + 8;
	if (host == NULL) {
		http_refuse(
		    why, why_size, "must begin with http:// or https://");
		return (NULL);
	}
	end = http_host_end(host);
	if (end != NULL)
		end = http_port_end(end);
	if (end == NULL || strchr("/?", *end) == NULL) {
		http_refuse(why, why_size,
		    "a plain host, or host:port, must follow the scheme");
		return (NULL);
	}
	url->origin = strndup(text, (size_t)(end - text));
	if (url->origin != NULL)
		return (end);
	http_refuse(why, why_size, "out of memory");
	return (NULL);
}

static size_t
http_count_parts(const char *text, size_t len, char separator)
{
	size_t count = 1;

	for (size_t i = 0; i < len; i++)
		count += text[i] == separator;
	return (count);
}

/* text is what follows the first slash. */
static int
http_parse_path(struct http_url *url, const char *text, size_t len, char *why,
    size_t why_size)
{
	const struct http_syntax syntax = {.where = "url: the path",
	    .params = true,
	    .fits = http_encoded_path};
	size_t max = http_count_parts(text, len, '/');
	const char *end = text + len, *stop;

	url->segments = calloc(max, sizeof(*url->segments));
	if (url->segments == NULL)
		return (http_refuse(why, why_size, "out of memory"));
	for (size_t i = 0; i < max; i++, text = stop + 1) {
		stop = memchr(text, '/', (size_t)(end - text));
		if (stop == NULL)
			stop = end;
		url->segment_count++;
		if (http_template_parse(&url->segments[i], &syntax, text,
			(size_t)(stop - text), why, why_size) == -1)
			return (-1);
	}
	return (0);
}

/* Room for one more pair, taking over its name; NULL: no memory. */
static struct http_pair *
http_add_pair(struct http_url *url, char *name)
{
	struct http_pair *larger = NULL, *pair;

	if (name != NULL)
		larger = realloc(
		    url->pairs, (url->pair_count + 1) * sizeof(*larger));
	if (larger == NULL) {
		free(name);
		return (NULL);
	}
	url->pairs = larger;
	pair = &url->pairs[url->pair_count++];
	*pair = (struct http_pair){.name = name};
	return (pair);
}

/* One "name=value" of len bytes. */
static int
http_parse_pair(struct http_url *url, const char *text, size_t len,
    const struct http_syntax *syntax, char *why, size_t why_size)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - text);
	struct http_pair *pair;

	if (!http_encoded_query(text, name_len))
		return (http_refuse(why, why_size,
		    "a name in the query has characters that must be "
		    "written as %XX"));
	if ((pair = http_add_pair(url, strndup(text, name_len))) == NULL)
		return (http_refuse(why, why_size, "out of memory"));
	if ((pair->bare = equals == NULL))
		return (0);
	return (http_template_parse(&pair->value, syntax, equals + 1,
	    len - name_len - 1, why, why_size));
}

static int
http_parse_query(struct http_url *url, const char *text,
    struct http_secrets *secrets, char *why, size_t why_size)
{
	const struct http_syntax plain = {.where = "url: the query",
	    .params = true,
	    .secrets = secrets,
	    .encode_secrets = true,
	    .fits = http_encoded_query};
	size_t len;

	for (; *text != '\0'; text += len + (text[len] == '&')) {
		len = strcspn(text, "&");
		if (http_parse_pair(url, text, len, &plain, why, why_size) ==
		    -1)
			return (-1);
	}
	return (0);
}

int
http_url_parse(struct http_url *url, const char *text,
    struct http_secrets *secrets, char *why, size_t why_size)
{
	const char *path, *query;

	*url = (struct http_url){0};
	if ((path = http_parse_origin(url, text, why, why_size)) == NULL)
		return (-1);
	if (strchr(path, '#') != NULL)
		return (http_refuse(why, why_size, "has a fragment (#)"));
	query = path + strcspn(path, "?");
	if (path[0] == '/')
		path++;
	if (http_parse_path(url, path, (size_t)(query - path), why, why_size) ==
	    -1)
		return (-1);
	if (*query == '\0')
		return (0);
	return (http_parse_query(url, query + 1, secrets, why, why_size));
}

int
http_url_add(struct http_url *url, const char *name, const char *value,
    struct http_secrets *secrets, char *why, size_t why_size)
{
	const struct http_syntax syntax = {.where = "query",
	    .params = true,
	    .secrets = secrets,
	    .encode_text = true,
	    .encode_secrets = true};
	struct http_pair *pair =
	    http_add_pair(url, http_encode(name, strlen(name)));

	if (pair == NULL)
		return (http_refuse(why, why_size, "out of memory"));
	return (http_template_parse(
	    &pair->value, &syntax, value, strlen(value), why, why_size));
}
