/*
 * Takes the URL of a manifest apart, and puts the URL of a call together from
 * that and the parameters.
 *
 * Strict, so that this and libcurl cannot read one text in two ways: no user,
 * no fragment, a host of plain characters and no place for a parameter before
 * the path.  A value can neither leave its segment of the path nor its pair of
 * the query.
 */

#include "agent/kinds/http_url.h"
#include "agent/kinds/http_secret.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#define HOST_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"
#define ADDRESS_CHARACTERS "0123456789abcdefABCDEF:."

/* A URL while it is put together. */
struct expansion {
	struct json_object *params;
	FILE *to;
	char separator; /* before the next pair */
	char *why;
	size_t why_size;
};

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

void
http_url_fini(struct http_url *url)
{
	for (size_t i = 0; i < url->segment_count; i++)
		http_template_fini(&url->segments[i]);
	for (size_t i = 0; i < url->pair_count; i++) {
		free(url->pairs[i].name);
		http_template_fini(&url->pairs[i].value);
	}
	free(url->segments);
	free(url->pairs);
	free(url->origin);
	*url = (struct http_url){0};
}

/* Ends a stream of open_memstream(3): its text, or NULL for want of memory. */
static char *
http_finish(FILE *to, char **text)
{
	bool failed = ferror(to) != 0;

	if (fclose(to) == 0 && !failed)
		return (*text);
	http_secret_free(*text);
	return (NULL);
}

static bool
http_refuse_type(struct expansion *e, const char *name)
{
	snprintf(e->why, e->why_size,
	    "the parameter %s is no value that fits into a URL", name);
	return (false);
}

/* The segment on its own, so that it can be looked at as a whole. */
static char *
http_segment_text(struct expansion *e, const struct http_template *segment)
{
	char *text = NULL;
	const char *name = "";
	enum http_filled filled;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	snprintf(e->why, e->why_size, "out of memory");
	if (to == NULL)
		return (NULL);
	filled = http_template_write(segment, e->params, to, &name);
	if ((text = http_finish(to, &text)) == NULL || filled == FILLED)
		return (text);
	if (filled == FILLED_ABSENT)
		snprintf(e->why, e->why_size, "the URL needs the parameter %s",
		    name);
	else
		http_refuse_type(e, name);
	free(text);
	return (NULL);
}

/* A segment that is nothing, "." or ".." would mean another path. */
static bool
http_expand_segment(struct expansion *e, const struct http_template *segment)
{
	char *text = http_segment_text(e, segment);
	bool good = false;

	if (text == NULL)
		return (false);
	if (http_template_varies(segment) &&
	    (text[0] == '\0' || strcmp(text, ".") == 0 ||
		strcmp(text, "..") == 0))
		snprintf(e->why, e->why_size,
		    "the parameters make \"%s\" a part of the URL's path",
		    text);
	else
		good = fprintf(e->to, "/%s", text) >= 0;
	free(text);
	return (good);
}

static void
http_begin_pair(struct expansion *e, const struct http_pair *pair)
{
	fprintf(
	    e->to, "%c%s%s", e->separator, pair->name, pair->bare ? "" : "=");
	e->separator = '&';
}

/* An array is a pair for each of its items. */
static bool
http_expand_array(struct expansion *e, const struct http_pair *pair,
    struct json_object *array)
{
	size_t n = json_object_array_length(array);

	for (size_t i = 0; i < n; i++) {
		http_begin_pair(e, pair);
		if (!http_template_value(
			json_object_array_get_idx(array, i), e->to))
			return (http_refuse_type(e, pair->name));
	}
	return (true);
}

/* Whether all parameters of the pair are there; without, it is left out. */
static bool
http_pair_present(const struct http_template *value, struct json_object *params)
{
	for (size_t i = 0; i < value->count; i++) {
		struct json_object *param = NULL;

		if (value->pieces[i].type != PIECE_PARAM)
			continue;
		json_object_object_get_ex(
		    params, value->pieces[i].text, &param);
		if (param == NULL)
			return (false);
	}
	return (true);
}

static bool
http_expand_pair(struct expansion *e, const struct http_pair *pair)
{
	const char *name = http_template_single(&pair->value);
	struct json_object *param = NULL;

	if (!http_pair_present(&pair->value, e->params))
		return (true);
	if (name != NULL)
		json_object_object_get_ex(e->params, name, &param);
	if (json_object_is_type(param, json_type_array))
		return (http_expand_array(e, pair, param));
	http_begin_pair(e, pair);
	if (http_template_write(&pair->value, e->params, e->to, &name) !=
	    FILLED)
		return (http_refuse_type(e, name));
	return (true);
}

static bool
http_expand_all(struct expansion *e, const struct http_url *url)
{
	fputs(url->origin, e->to);
	for (size_t i = 0; i < url->segment_count; i++)
		if (!http_expand_segment(e, &url->segments[i]))
			return (false);
	for (size_t i = 0; i < url->pair_count; i++)
		if (!http_expand_pair(e, &url->pairs[i]))
			return (false);
	snprintf(e->why, e->why_size, "out of memory");
	return (true);
}

char *
http_url_expand(const struct http_url *url, struct json_object *params,
    char *why, size_t why_size)
{
	struct expansion e = {.params = params,
	    .separator = '?',
	    .why = why,
	    .why_size = why_size};
	char *text = NULL;
	bool good;
	size_t size;

	snprintf(why, why_size, "out of memory");
	if ((e.to = open_memstream(&text, &size)) == NULL)
		return (NULL);
	good = http_expand_all(&e, url);
	text = http_finish(e.to, &text);
	if (good)
		return (text);
	http_secret_free(text);
	return (NULL);
}

static bool
http_visit_template(const struct http_template *template, bool needed,
    bool (*visit)(void *, const char *, bool), void *arg)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->pieces[i].type == PIECE_PARAM &&
		    !visit(arg, template->pieces[i].text, needed))
			return (false);
	return (true);
}

bool
http_url_params(const struct http_url *url,
    bool (*visit)(void *arg, const char *name, bool needed), void *arg)
{
	for (size_t i = 0; i < url->segment_count; i++)
		if (!http_visit_template(&url->segments[i], true, visit, arg))
			return (false);
	for (size_t i = 0; i < url->pair_count; i++)
		if (!http_visit_template(
			&url->pairs[i].value, false, visit, arg))
			return (false);
	return (true);
}
