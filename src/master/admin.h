/*
 * What administrators ask for, through the front end.
 */

#ifndef MASTER_ADMIN_H
#define MASTER_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

struct link_reasons;
struct wire_admin;

/* The reload that this request asked for is done, or has failed. */
void admin_reloaded(
    uint64_t number, bool done, const struct link_reasons *reasons);

/* Does it, or refuses it, and tells the front end. */
void admin_handle(const struct wire_admin *);

#endif
