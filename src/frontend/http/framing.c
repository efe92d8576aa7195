/*
 * Follows the bytes of a connection from request to request, before evhttp has
 * them, and reads the header fields that evhttp has read.
 */

#include "frontend/http/framing.h"

#include <sys/queue.h>

#include <string.h>
#include <strings.h>

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

/* Sizes of chunks and lengths have so few digits. */
#define DIGITS_MAX 15

static void
framing_set_bad(struct framing *f)
{
	if (f->bad)
		return;
	f->bad = true;
	f->bad_number = f->number;
}

/* Whether the line is this field; *value is where its value begins. */
static bool
framing_is_field(const struct framing *f, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncasecmp(f->line, name, len) != 0 || f->line[len] != ':')
		return (false);
	*value = f->line + len + 1 + strspn(f->line + len + 1, " \t");
	return (true);
}

/* A number in that base, of which there are only digits; -1: it is none. */
static int64_t
framing_number(const char *text, const char *digits, int base)
{
	size_t n = strspn(text, digits);
	int64_t number = 0;

	if (n == 0 || n > DIGITS_MAX || text[n] != '\0')
		return (-1);
	for (; *text != '\0'; text++) {
		int digit =
		    *text <= '9' ? *text - '0' : (*text | 32) - 'a' + 10;

		number = number * base + digit;
	}
	return (number);
}

static void
framing_next_request(struct framing *f)
{
	f->number++;
	f->place = FRAMING_START;
	f->chunked = false;
	f->left = 0;
}

/* A field is on one line (RFC 9112, section 5.2). */
static void
framing_refuse_fold(struct framing *f)
{
	if (f->line[0] == ' ' || f->line[0] == '\t')
		framing_set_bad(f);
}

static void
framing_end_header(struct framing *f)
{
	if (f->chunked)
		f->place = FRAMING_CHUNK;
	else if (f->left > 0)
		f->place = FRAMING_BODY;
	else
		framing_next_request(f);
}

/* What cannot be read here may be a number to evhttp, as behind many blanks. */
static void
framing_length(struct framing *f, const char *value)
{
	char digits[FRAMING_LINE];
	int64_t length = -1;
	size_t n = strlen(value);

	while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		n--;
	memcpy(digits, value, n);
	digits[n] = '\0';
	if (f->len < FRAMING_LINE)
		length = framing_number(digits, "0123456789", 10);
	if (length < 0)
		framing_set_bad(f);
	else
		f->left = (uint64_t)length;
}

static void
framing_header(struct framing *f)
{
	const char *value;

	if (f->len == 0) {
		framing_end_header(f);
		return;
	}
	framing_refuse_fold(f);
	if (framing_is_field(f, "Transfer-Encoding", &value))
		f->chunked = true;
	else if (framing_is_field(f, "Content-Length", &value))
		framing_length(f, value);
}

static void
framing_chunk(struct framing *f)
{
	int64_t size = framing_number(f->line, "0123456789abcdefABCDEF", 16);

	if (size < 0)
		framing_set_bad(f);
	else if (size == 0)
		f->place = FRAMING_TRAILER;
	else
		f->place = FRAMING_BODY;
	f->left = size < 0 ? 0 : (uint64_t)size;
}

/* A whole line, without its end. */
static void
framing_line(struct framing *f)
{
	switch (f->place) {
	case FRAMING_START:
		f->place = FRAMING_HEADER;
		break;
	case FRAMING_HEADER:
		framing_header(f);
		break;
	case FRAMING_AFTER:
		if (f->len > 0)
			framing_set_bad(f);
		f->place = FRAMING_CHUNK;
		break;
	case FRAMING_CHUNK:
		framing_chunk(f);
		break;
	case FRAMING_TRAILER:
		if (f->len == 0)
			framing_next_request(f);
		else
			framing_refuse_fold(f);
		break;
	case FRAMING_BODY: /* has no lines */
		break;
	}
}

/* More of a line, in which no line ends: a CR may only be the last of it. */
static void
framing_keep(struct framing *f, const char *bytes, size_t n)
{
	size_t room;

	if (n == 0)
		return;
	if (f->cr || memchr(bytes, '\0', n) != NULL ||
	    memchr(bytes, '\r', n - 1) != NULL)
		framing_set_bad(f);
	f->cr = bytes[n - 1] == '\r';
	if (f->len < FRAMING_LINE - 1) {
		room = FRAMING_LINE - 1 - f->len;
		memcpy(f->line + f->len, bytes, n < room ? n : room);
	}
	f->len += n;
}

/* Around chunks, CR LF must be what ends a line. */
static void
framing_end_line(struct framing *f)
{
	f->len -= f->cr;
	f->line[f->len < FRAMING_LINE ? f->len : FRAMING_LINE - 1] = '\0';
	if (!f->cr && f->place >= FRAMING_AFTER)
		framing_set_bad(f);
	framing_line(f);
	f->len = 0;
	f->cr = false;
}

bool
framing_skip(struct framing *f, size_t n)
{
	if (f->place != FRAMING_BODY || f->left < n)
		return (f->bad); /* it ends here: no need to know more */
	f->left -= n;
	if (f->left > 0)
		return (true);
	if (f->chunked)
		f->place = FRAMING_AFTER;
	else
		framing_next_request(f);
	return (true);
}

void
framing_feed(struct framing *f, const char *bytes, size_t n)
{
	const char *end;
	size_t part;

	while (n > 0 && !f->bad) {
		if (f->place == FRAMING_BODY) {
			part = f->left < n ? (size_t)f->left : n;
			(void)framing_skip(f, part);
		} else if ((end = memchr(bytes, '\n', n)) == NULL) {
			framing_keep(f, bytes, part = n);
		} else {
			part = (size_t)(end - bytes);
			framing_keep(f, bytes, part);
			framing_end_line(f);
			part++;
		}
		bytes += part;
		n -= part;
	}
}

bool
framing_is_bad(const struct framing *f, uint64_t number)
{
	return (f->bad && number >= f->bad_number);
}

/* The characters of a header's name (RFC 9110, section 5.6.2). */
static const bool token_char[256] = {
    ['0' ... '9'] = true,
    ['a' ... 'z'] = true,
    ['A' ... 'Z'] = true,
    ['!'] = true,
    ['#'] = true,
    ['$'] = true,
    ['%'] = true,
    ['&'] = true,
    ['\''] = true,
    ['*'] = true,
    ['+'] = true,
    ['-'] = true,
    ['.'] = true,
    ['^'] = true,
    ['_'] = true,
    ['`'] = true,
    ['|'] = true,
    ['~'] = true,
};

static bool
framing_is_token(const char *name)
{
	const char *at = name;

	while (token_char[(unsigned char)*at])
		at++;
	return (at > name && *at == '\0');
}

static bool
framing_is_number(const char *value)
{
	return (value[0] != '\0' && value[strspn(value, "0123456789")] == '\0');
}

/* Methods whose body evhttp does not read, but would take for a request. */
static const unsigned int bodiless = EVHTTP_REQ_GET | EVHTTP_REQ_HEAD |
				     EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
				     EVHTTP_REQ_TRACE;

/*
 * evhttp is lenient here, and whoever stands before us may read it otherwise:
 * then what one took for a body would be a request to the other (RFC 9112,
 * section 11.2).
 */
bool
framing_is_clear(const struct evhttp_request *req)
{
	struct evkeyval *header;
	const char *length = NULL, *encoding = NULL;

	TAILQ_FOREACH (header, req->input_headers, next) {
		if (!framing_is_token(header->key))
			return (false);
		if (strcasecmp(header->key, "Content-Length") == 0) {
			if (length != NULL || !framing_is_number(header->value))
				return (false);
			length = header->value;
		} else if (strcasecmp(header->key, "Transfer-Encoding") == 0) {
			if (encoding != NULL ||
			    strcasecmp(header->value, "chunked") != 0)
				return (false);
			encoding = header->value;
		}
	}
	/* HTTP/1.0 has no chunks (RFC 9112, section 6.1). */
	if (encoding != NULL &&
	    (length != NULL || (req->major == 1 && req->minor == 0)))
		return (false);
	if (length != NULL && length[strspn(length, "0")] == '\0')
		return (true);
	return (
	    (length == NULL && encoding == NULL) || !(req->type & bodiless));
}
