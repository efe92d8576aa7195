/*
 * Text with places that are filled in: {name} by a parameter of the call,
 * ${NAME} by a secret when the manifest is loaded.
 */

#ifndef AGENT_KINDS_HTTP_TEMPLATE_H
#define AGENT_KINDS_HTTP_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct http_secrets;
struct json_object;

enum http_piece_type { PIECE_TEXT, PIECE_PARAM };

struct http_piece {
	enum http_piece_type type;
	char *text; /* as it will stand there, or the parameter's name */
};

struct http_template {
	struct http_piece *pieces;
	size_t count;
};

/* What a template may hold, and how its text is written. */
struct http_syntax {
	const char *where; /* "the path", for errors */
	bool params;
	struct http_secrets *secrets;	  /* NULL: none are allowed */
	bool encode_text, encode_secrets; /* else they stand as they are */
	/* Whether text may stand there as it is; NULL: any. */
	bool (*fits)(const char *text, size_t len);
};

/*
 * Parses text of len bytes.  0; or -1 with the reason in why.  Either way
 * http_template_fini() frees what there is.
 */
int http_template_parse(struct http_template *, const struct http_syntax *,
    const char *text, size_t len, char *why, size_t why_size)
    __attribute__((warn_unused_result));

/* Overwrites and frees. */
void http_template_fini(struct http_template *);

/* What a template came to. */
enum http_filled {
	FILLED,
	FILLED_ABSENT, /* a parameter is absent, or null */
	FILLED_BAD     /* a parameter is an array or an object */
};

/*
 * Writes the template with its places filled, percent-encoded, from params.
 * *name is the parameter that it failed for.
 */
enum http_filled http_template_write(const struct http_template *,
    struct json_object *params, FILE *to, const char **name);

/*
 * Writes a string, number or boolean, percent-encoded.  False: value is
 * something else.
 */
bool http_template_value(struct json_object *value, FILE *to);

/* The only piece when that is a parameter's, or NULL: its name. */
const char *http_template_single(const struct http_template *);

/* Whether any place is a parameter's. */
bool http_template_varies(const struct http_template *);

#endif
