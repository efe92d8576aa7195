/*
 * Percent-encoding of what goes into a URL, and checks of what is said to be
 * encoded already.  Called by the other http files; keeps nothing.
 */

#include "agent/http_encode.h"

#include <stdlib.h>
#include <string.h>

#define UNRESERVED \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define HEX_DIGITS "0123456789ABCDEFabcdef"

/* Not locale's letters and digits, but these. */
static bool
among(const char *set, char c)
{
	return (c != '\0' && strchr(set, c) != NULL);
}

void
http_encode_to(FILE *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (among(UNRESERVED, text[i]))
			fputc(text[i], to);
		else
			fprintf(to, "%%%02X", (unsigned char)text[i]);
}

char *
http_encode(const char *text, size_t len)
{
	char *encoded = NULL;
	size_t size;
	FILE *to = open_memstream(&encoded, &size);

	if (to == NULL)
		return (NULL);
	http_encode_to(to, text, len);
	if (ferror(to)) {
		fclose(to);
		free(encoded);
		return (NULL);
	}
	if (fclose(to) == 0)
		return (encoded);
	free(encoded);
	return (NULL);
}

static bool
encoded(const char *text, size_t len, const char *others)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && len - i > 2 &&
		    among(HEX_DIGITS, text[i + 1]) &&
		    among(HEX_DIGITS, text[i + 2]))
			i += 2;
		else if (!among(UNRESERVED, text[i]) && !among(others, text[i]))
			return (false);
	}
	return (true);
}

bool
http_encoded_path(const char *text, size_t len)
{
	return (encoded(text, len, "!$&'()*+,;=:@/"));
}

bool
http_encoded_query(const char *text, size_t len)
{
	return (encoded(text, len, "!$&'()*+,;=:@/?"));
}
