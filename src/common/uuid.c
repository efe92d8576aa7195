/*
 * Makes, prints and reads UUIDs.
 */

#include "common/uuid.h"
#include "common/hex.h"

#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

/* To get the random bytes of many ids costs little more than of one. */
#define STORED_IDS 64

/* A hyphen stands before these bytes. */
static bool
uuid_hyphen(int byte)
{
	return (byte == 4 || byte == 6 || byte == 8 || byte == 10);
}

void
uuid_generate(uint8_t id[static UUID_SIZE])
{
	static uint8_t store[STORED_IDS][UUID_SIZE];
	static int left;

	if (left == 0) {
		arc4random_buf(store, sizeof(store));
		left = STORED_IDS;
	}
	memcpy(id, store[--left], UUID_SIZE);
	id[6] = (id[6] & 0x0f) | 0x40; /* version 4 */
	id[8] = (id[8] & 0x3f) | 0x80; /* variant of RFC 9562 */
}

void
uuid_format(
    const uint8_t id[static UUID_SIZE], char text[static UUID_TEXT_SIZE])
{
	for (int i = 0; i < UUID_SIZE; i++) {
		if (uuid_hyphen(i))
			*text++ = '-';
		*text++ = digits[id[i] >> 4];
		*text++ = digits[id[i] & 15];
	}
	*text = '\0';
}

bool
uuid_parse(const char *text, uint8_t id[static UUID_SIZE])
{
	/* The first eight digits, then hyphens everywhere or nowhere. */
	bool hyphens = strnlen(text, 9) == 9 && text[8] == '-';

	for (int i = 0; i < UUID_SIZE; i++) {
		int high, low;

		if (hyphens && uuid_hyphen(i) && *text++ != '-')
			return (false);
		if ((high = hex_digit(*text)) == -1)
			return (false);
		text++;
		if ((low = hex_digit(*text)) == -1)
			return (false);
		text++;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return (*text == '\0');
}
