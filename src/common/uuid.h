/*
 * Request ids: UUIDs (RFC 9562), 16 bytes in memory, 36 characters outside.
 */

#ifndef COMMON_UUID_H
#define COMMON_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_SIZE 16
#define UUID_TEXT_SIZE 37 /* with its NUL */

/* A random one, version 4.  Not for use on both sides of a fork. */
void uuid_generate(uint8_t id[static UUID_SIZE]);

/* Lower case, NUL-terminated. */
void uuid_format(
    const uint8_t id[static UUID_SIZE], char text[static UUID_TEXT_SIZE]);

/* Reads 8-4-4-4-12 hexadecimal digits of either case; false if it is not. */
bool uuid_parse(const char *text, uint8_t id[static UUID_SIZE])
    __attribute__((warn_unused_result));

#endif
