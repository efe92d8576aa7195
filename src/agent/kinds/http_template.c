/*
 * Parses and fills the templates of HTTP tools.  Parsed when a manifest is
 * loaded, filled at each call.  Knows nothing of URLs: http_url.c puts them
 * together.
 */

#include "agent/kinds/http_template.h"
#include "agent/kinds/http_secret.h"
#include "common/json.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

/* Of the names of parameters and of variables. */
#define NAME_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

/* A template while it is parsed. */
struct parser {
	struct http_template *template;
	const struct http_syntax *syntax;
	const char *at, *end;
	char *why;
	size_t why_size;
};

/* Takes over text; NULL is want of memory. */
static int
http_parser_add(struct parser *p, enum http_piece_type type, char *text)
{
	struct http_template *t = p->template;
	struct http_piece *larger = NULL;

	if (text != NULL)
		larger =
		    realloc(t->pieces, (t->count + 1) * sizeof(*t->pieces));
	if (larger == NULL) {
		http_secret_free(text);
		snprintf(p->why, p->why_size, "out of memory");
		return (-1);
	}
	t->pieces = larger;
	t->pieces[t->count++] = (struct http_piece){type, text};
	return (0);
}

static int
http_parser_add_text(
    struct parser *p, const char *text, size_t len, bool encode)
{
	return (http_parser_add(p, PIECE_TEXT,
	    encode ? http_encode(text, len) : strndup(text, len)));
}

static int
http_parser_add_secret(struct parser *p, const char *name, size_t len)
{
	const char *value;

	if (p->syntax->secrets == NULL) {
		snprintf(p->why, p->why_size, "%s cannot hold ${%.*s}",
		    p->syntax->where, (int)len, name);
		return (-1);
	}
	value =
	    http_secret_get(p->syntax->secrets, name, len, p->why, p->why_size);
	return (value == NULL ? -1
			      : http_parser_add_text(p, value, strlen(value),
				    p->syntax->encode_secrets));
}

/* {name} or ${NAME}. */
static int
http_parser_take_place(struct parser *p)
{
	bool secret = *p->at == '$';
	const char *name = p->at + (secret ? 2 : 1), *stop;
	size_t len;

	stop = memchr(name, '}', (size_t)(p->end - name));
	len = stop == NULL ? 0 : (size_t)(stop - name);
	if (len == 0 || strspn(name, NAME_CHARACTERS) < len) {
		snprintf(p->why, p->why_size,
		    "%s: \"{\" must begin a name that ends with \"}\"",
		    p->syntax->where);
		return (-1);
	}
	p->at = stop + 1;
	if (secret)
		return (http_parser_add_secret(p, name, len));
	if (p->syntax->params)
		return (http_parser_add(p, PIECE_PARAM, strndup(name, len)));
	snprintf(p->why, p->why_size, "%s cannot hold {%.*s}", p->syntax->where,
	    (int)len, name);
	return (-1);
}

static bool
http_parser_at_place(const struct parser *p, const char *at)
{
	if (*at == '$' && at + 1 < p->end)
		return (at[1] == '{');
	return (*at == '{' && p->syntax->params);
}

/* Everything up to the next place. */
static int
http_parser_take_text(struct parser *p)
{
	const struct http_syntax *syntax = p->syntax;
	const char *text = p->at;
	size_t len;

	while (p->at < p->end && !http_parser_at_place(p, p->at))
		p->at++;
	len = (size_t)(p->at - text);
	if (syntax->fits == NULL || syntax->fits(text, len))
		return (
		    http_parser_add_text(p, text, len, syntax->encode_text));
	snprintf(p->why, p->why_size,
	    "%s has characters that must be written as %%XX", syntax->where);
	return (-1);
}

int
http_template_parse(struct http_template *template,
    const struct http_syntax *syntax, const char *text, size_t len, char *why,
    size_t why_size)
{
	struct parser p = {template, syntax, text, text + len, why, why_size};
	int rc = 0;

	*template = (struct http_template){0};
	while (rc == 0 && p.at < p.end)
		rc = http_parser_at_place(&p, p.at) ? http_parser_take_place(&p)
						    : http_parser_take_text(&p);
	return (rc);
}

void
http_template_fini(struct http_template *template)
{
	for (size_t i = 0; i < template->count; i++)
		http_secret_free(template->pieces[i].text);
	free(template->pieces);
	*template = (struct http_template){0};
}

bool
http_template_value(struct json_object *value, FILE *to)
{
	const char *text;
	size_t len;

	if (json_object_is_type(value, json_type_string)) {
		http_encode_to(to, json_object_get_string(value),
		    (size_t)json_object_get_string_len(value));
		return (true);
	}
	if (value == NULL || json_object_is_type(value, json_type_array) ||
	    json_object_is_type(value, json_type_object))
		return (false);
	/* Want of memory shows where the whole is made. */
	if ((text = json_text(value, &len)) != NULL)
		http_encode_to(to, text, len);
	return (true);
}

enum http_filled
http_template_write(const struct http_template *template,
    struct json_object *params, FILE *to, const char **name)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct http_piece *piece = &template->pieces[i];
		struct json_object *value = NULL;

		if (piece->type == PIECE_TEXT) {
			fputs(piece->text, to);
			continue;
		}
		*name = piece->text;
		json_object_object_get_ex(params, piece->text, &value);
		if (value == NULL)
			return (FILLED_ABSENT);
		if (!http_template_value(value, to))
			return (FILLED_BAD);
	}
	return (FILLED);
}

const char *
http_template_single(const struct http_template *template)
{
	if (template->count == 1 && template->pieces[0].type == PIECE_PARAM)
		return (template->pieces[0].text);
	return (NULL);
}

bool
http_template_varies(const struct http_template *template)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->pieces[i].type == PIECE_PARAM)
			return (true);
	return (false);
}
