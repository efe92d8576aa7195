/*
 * A short fingerprint of data, to see whether something has changed.  Not for
 * data of which somebody may want that it is not seen (64-bit FNV-1a).
 */

#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t
digest_add(uint64_t digest, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ p[i]) * UINT64_C(0x100000001b3);
	return (digest);
}

#endif
