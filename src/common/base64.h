/*
 * Bytes as text: base64 as RFC 4648, section 4, has it.
 */

#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include <stddef.h>

/* The length of the text for so many bytes, without a NUL. */
size_t base64_length(size_t len);

/* Writes that many characters and a NUL to text. */
void base64_encode(char *text, const void *data, size_t len);

#endif
