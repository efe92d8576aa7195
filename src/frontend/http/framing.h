/*
 * Where requests end in what a client sends, read strictly.  evhttp reads it,
 * too, but takes much that somebody in front of us may read otherwise, and
 * does not show it.
 */

#ifndef FRONTEND_HTTP_FRAMING_H
#define FRONTEND_HTTP_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept of a line: enough for a length or a coding. */
#define FRAMING_LINE 96

struct evhttp_request;

enum framing_place {
	FRAMING_START,	/* of a request's first line */
	FRAMING_HEADER, /* in its header fields */
	FRAMING_BODY,	/* left bytes of a body or of a chunk */
	FRAMING_AFTER,	/* behind a chunk's bytes */
	FRAMING_CHUNK,	/* where a chunk's size is due */
	FRAMING_TRAILER
};

/* All zero: nothing has come yet. */
struct framing {
	enum framing_place place;
	bool chunked;
	uint64_t left;	 /* bytes of a body, or of a chunk */
	uint64_t number; /* of the request that is being read, from 0 */
	bool bad;	 /* since the request number bad_number */
	uint64_t bad_number;
	bool cr;    /* the last byte of the line so far */
	size_t len; /* of the line, which may be longer than what is kept */
	char line[FRAMING_LINE];
};

/* Takes the next bytes. */
void framing_feed(struct framing *, const char *bytes, size_t n);

/* The same for n bytes nobody looks at; false: they must be looked at. */
bool framing_skip(struct framing *, size_t n);

/*
 * Whether that request was read with a NUL or a CR within a line, a header
 * field on two lines, a length that is no plain number, or chunks that are not
 * just as RFC 9112 has them.
 * Whatever comes after it is in doubt, too.
 */
bool framing_is_bad(const struct framing *, uint64_t number);

/*
 * Whether the header fields of a request say beyond doubt where its body ends,
 * and its method may have that body.
 */
bool framing_is_clear(const struct evhttp_request *);

#endif
