/*
 * What a JSON text must keep to that json-c does not check.  For json.c and
 * json_walk.c only.
 */

#ifndef COMMON_JSON_SCAN_H
#define COMMON_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct json_scan {
	const char *first; /* the first token; NULL = only white space */
	const char *at;	   /* after a failure: where it is */
	const char *end;
	const char *why; /* after a failure: words for the peer */
	size_t members;	 /* of all objects, as written */
	size_t reals;	 /* numbers with a fraction or an exponent */
	size_t bytes;	 /* of all strings and names, decoded */
	size_t digits;	 /* of reals, with all that belongs to them */
	int depth;
};

/* Looks at each token of the text; false when one is wrong. */
bool json_scan(struct json_scan *, const char *text, size_t len)
    __attribute__((warn_unused_result));

/* The same by and by: begin, then take tokens until at is end. */
void json_scan_begin(struct json_scan *, const char *text, size_t len);
bool json_scan_token(struct json_scan *) __attribute__((warn_unused_result));

#endif
