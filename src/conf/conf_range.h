/*
 * What the ranges in the tables of settings are made of.
 */

#ifndef CONF_CONF_RANGE_H
#define CONF_CONF_RANGE_H

#include <stdint.h>

/* Milliseconds. */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Bytes. */
#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)

/* What a frame between two processes holds, with something to spare. */
#define BODY_MAX (63 * MIB)

/* An hour: a million each second. */
#define RATE_MAX (1000000 * INT64_C(3600))

#define PATH_CHARACTERS 4095

#endif
