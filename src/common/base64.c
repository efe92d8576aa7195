/*
 * Encodes bytes as base64, padded.  Called for results that are no text;
 * allocates nothing.
 */

#include "common/base64.h"

#include <stdint.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_length(size_t len)
{
	return ((len + 2) / 3 * 4);
}

/* Three bytes, of which n are there, as four characters. */
static void
base64_group(char *text, const unsigned char *data, size_t n)
{
	uint32_t bits = (uint32_t)data[0] << 16;

	if (n > 1)
		bits |= (uint32_t)data[1] << 8;
	if (n > 2)
		bits |= data[2];
	text[0] = digits[bits >> 18];
	text[1] = digits[bits >> 12 & 63];
	text[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
	text[3] = n > 2 ? digits[bits & 63] : '=';
}

void
base64_encode(char *text, const void *data, size_t len)
{
	const unsigned char *at = data;

	for (; len >= 3; len -= 3, at += 3, text += 4)
		base64_group(text, at, 3);
	if (len > 0) {
		base64_group(text, at, len);
		text += 4;
	}
	*text = '\0';
}
