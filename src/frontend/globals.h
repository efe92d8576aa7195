/*
 * What all files of the front end share, whatever their layer: set by
 * frontend.c at its start and when it is configured anew.
 */

#ifndef FRONTEND_GLOBALS_H
#define FRONTEND_GLOBALS_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct event_base;

struct frontend {
	struct event_base *base;
	struct conf *conf; /* in force */
	int64_t started_ns;
	bool draining; /* new calls are refused */
};

extern struct frontend frontend;

#endif
