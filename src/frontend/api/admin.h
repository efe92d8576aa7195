/*
 * Administrators' requests while the master is at them.
 */

#ifndef FRONTEND_API_ADMIN_H
#define FRONTEND_API_ADMIN_H

#include "common/wire.h"

#include <stddef.h>

struct conn;

/* Has the master do it; the answer comes from api_admin_done(), later. */
void admin_ask(struct conn *, enum wire_admin_action, int64_t value);

/* From the master; text is the lines that came with it. */
void admin_done(const struct wire_admin_done *, const char *text, size_t len);

/* Answers a client; text is what the master said, in lines. */
void api_admin_done(struct conn *, const struct wire_admin *,
    enum wire_admin_outcome, const char *text, size_t len);

#endif
