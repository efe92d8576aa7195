/*
 * Packs and unpacks values.  Called for what a configuration is handed over
 * in, between processes that were forked from one another: so numbers are in
 * the order of the host.  Errors are sticky, and asked for once at the end.
 */

#include "common/pack.h"
#include "common/sys.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 1024

/* Of a string that is NULL. */
#define NO_TEXT (-1)

/* realloc(3) would leave copies of secrets behind. */
static bool
pack_grow(struct pack *pack, size_t more)
{
	size_t size = pack->size == 0 ? FIRST_BYTES : pack->size;
	char *data;

	while (size - pack->len < more)
		if (__builtin_mul_overflow(size, 2, &size))
			return (false);
	if (size == pack->size)
		return (true);
	if ((data = sys.malloc(size)) == NULL)
		return (false);
	if (pack->data != NULL) {
		memcpy(data, pack->data, pack->len);
		explicit_bzero(pack->data, pack->len);
		free(pack->data);
	}
	pack->data = data;
	pack->size = size;
	return (true);
}

static void
pack_raw(struct pack *pack, const void *data, size_t len)
{
	if (pack->failed || !pack_grow(pack, len)) {
		pack->failed = true;
		return;
	}
	if (len > 0)
		memcpy(pack->data + pack->len, data, len);
	pack->len += len;
}

void
pack_int(struct pack *pack, int64_t value)
{
	pack_raw(pack, &value, sizeof(value));
}

/* A NUL after it makes a string of it where it lies. */
void
pack_block(struct pack *pack, const void *data, size_t len)
{
	pack_int(pack, (int64_t)len);
	pack_raw(pack, data, len);
	pack_raw(pack, "", 1);
}

void
pack_text(struct pack *pack, const char *text)
{
	if (text == NULL)
		pack_int(pack, NO_TEXT);
	else
		pack_block(pack, text, strlen(text));
}

void
pack_free(struct pack *pack)
{
	if (pack->data != NULL)
		explicit_bzero(pack->data, pack->len);
	free(pack->data);
	*pack = (struct pack){0};
}

static const char *
pack_unpack_raw(struct unpack *unpack, size_t len)
{
	const char *at = unpack->at;

	if (unpack->failed || unpack->left < len) {
		unpack->failed = true;
		return (NULL);
	}
	unpack->at += len;
	unpack->left -= len;
	return (at);
}

int64_t
pack_take_int(struct unpack *unpack)
{
	const char *at = pack_unpack_raw(unpack, sizeof(int64_t));
	int64_t value = 0;

	if (at != NULL)
		memcpy(&value, at, sizeof(value));
	return (value);
}

static const char *
pack_unpack_sized(struct unpack *unpack, int64_t len)
{
	const char *at;

	if (len < 0 || (uint64_t)len >= SIZE_MAX ||
	    (at = pack_unpack_raw(unpack, (size_t)len + 1)) == NULL ||
	    at[len] != '\0') {
		unpack->failed = true;
		return (NULL);
	}
	return (at);
}

const void *
pack_take_block(struct unpack *unpack, size_t *len)
{
	int64_t stated = pack_take_int(unpack);

	*len = (size_t)stated;
	return (pack_unpack_sized(unpack, stated));
}

const char *
pack_take_text(struct unpack *unpack)
{
	int64_t len = pack_take_int(unpack);
	const char *text;

	if (len == NO_TEXT)
		return (NULL);
	text = pack_unpack_sized(unpack, len);
	if (text != NULL && strlen(text) != (size_t)len)
		unpack->failed = true;
	return (unpack->failed ? NULL : text);
}

bool
pack_taken(const struct unpack *unpack)
{
	return (!unpack->failed && unpack->left == 0);
}
