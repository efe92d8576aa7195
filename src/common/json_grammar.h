/*
 * The order of tokens in a JSON text.  For json.c only.
 */

#ifndef COMMON_JSON_GRAMMAR_H
#define COMMON_JSON_GRAMMAR_H

#include "common/json.h"

#include <stdbool.h>
#include <stdint.h>

/* What may come next. */
enum json_place {
	PLACE_VALUE,
	PLACE_VALUE_OR_END, /* first in an array */
	PLACE_NAME,
	PLACE_NAME_OR_END, /* first in an object */
	PLACE_COLON,
	PLACE_NEXT, /* a comma, or the end of what is open */
	PLACE_DONE
};

/* Zeroed at the start of a text. */
struct json_grammar {
	enum json_place place;
	int depth;
	/* Bit i of all: what is open at depth i is an object. */
	uint64_t objects[JSON_MAX_DEPTH / 64 + 1];
};

/*
 * Whether a token that begins with first may stand here; depth is at most
 * JSON_MAX_DEPTH.
 */
bool json_grammar_step(struct json_grammar *, unsigned char first)
    __attribute__((warn_unused_result));

#endif
