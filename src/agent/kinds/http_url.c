/*
 * Puts the URL of a call together from the template and the parameters.  A
 * value can neither leave its segment of the path nor its pair of the query.
 * Called at each call of an HTTP tool.
 */

#include "agent/kinds/http_url.h"
#include "agent/kinds/http_secret.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

/* A URL while it is put together. */
struct expansion {
	struct json_object *params;
	FILE *to;
	char separator; /* before the next pair */
	char *why;
	size_t why_size;
};

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
