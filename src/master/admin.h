/*
 * What administrators ask for, through the front end.
 */

#ifndef MASTER_ADMIN_H
#define MASTER_ADMIN_H

#include "common/wire.h"

#include <stdbool.h>
#include <stddef.h>

struct wire_admin;

/* The lines that go with an answer; starts with zeroes. */
struct admin_reasons {
	char text[WIRE_REASONS_MAX];
	size_t len;
	bool full;
};

/* When there is no room for all of them, the last says so. */
void admin_reason_add(struct admin_reasons *, const char *line);

/* The reload that this request has asked for is done, or has failed. */
void admin_reloaded(
    uint64_t number, bool done, const struct admin_reasons *reasons);

/* Does it, or refuses it, and tells the front end. */
void admin_handle(const struct wire_admin *);

#endif
