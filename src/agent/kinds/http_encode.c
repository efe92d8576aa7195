/*
 * Percent-encoding of what goes into a URL, and checks of what is said to be
 * encoded already.  Called by the other http files; keeps nothing.
 */

#include "agent/kinds/http_encode.h"
#include "common/hex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define UNRESERVED \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

/* Not locale's letters and digits, but these. */
static bool
http_among(const char *set, char c)
{
	return (c != '\0' && strchr(set, c) != NULL);
}

void
http_encode_to(FILE *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (http_among(UNRESERVED, text[i]))
			fputc(text[i], to);
		else
			fprintf(to, "%%%02X", (unsigned char)text[i]);
}

/* Without a stream, whose buffers would be left behind with a secret. */
char *
http_encode(const char *text, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	char *http_encoded, *to;

	if (len > SIZE_MAX / 4 || (http_encoded = malloc(3 * len + 1)) == NULL)
		return (NULL);
	to = http_encoded;
	for (size_t i = 0; i < len; i++) {
		if (http_among(UNRESERVED, text[i])) {
			*to++ = text[i];
			continue;
		}
		*to++ = '%';
		*to++ = digits[(unsigned char)text[i] >> 4];
		*to++ = digits[(unsigned char)text[i] & 15];
	}
	*to = '\0';
	return (http_encoded);
}

static bool
http_encoded(const char *text, size_t len, const char *others)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && len - i > 2 &&
		    hex_digit(text[i + 1]) != -1 &&
		    hex_digit(text[i + 2]) != -1)
			i += 2;
		else if (!http_among(UNRESERVED, text[i]) &&
			 !http_among(others, text[i]))
			return (false);
	}
	return (true);
}

bool
http_encoded_path(const char *text, size_t len)
{
	return (http_encoded(text, len, "!$&'()*+,;=:@/"));
}

bool
http_encoded_query(const char *text, size_t len)
{
	return (http_encoded(text, len, "!$&'()*+,;=:@/?"));
}
