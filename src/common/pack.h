/*
 * A flat form of values, for another process of the same program: numbers,
 * strings and blocks one after another.  The reader checks every length, so
 * that what is cut or wrong is an error and never a read past the end.
 */

#ifndef COMMON_PACK_H
#define COMMON_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with zeroes.  failed: there was no memory, and what is there is void.
 */
struct pack {
	char *data;
	size_t len, size;
	bool failed;
};

void pack_int(struct pack *, int64_t);
void pack_block(struct pack *, const void *data, size_t len);

/* text may be NULL, which is another thing than "". */
void pack_text(struct pack *, const char *text);

/* Overwrites the data, which may be secret, and frees it. */
void pack_free(struct pack *);

/* failed: what is read is not what was packed, and values are void. */
struct unpack {
	const char *at;
	size_t left;
	bool failed;
};

int64_t pack_take_int(struct unpack *);

/* What they return stays where it is packed; NULL also after a failure. */
const void *pack_take_block(struct unpack *, size_t *len);
const char *pack_take_text(struct unpack *);

/* Whether all was read, and nothing failed. */
bool pack_taken(const struct unpack *);

#endif
