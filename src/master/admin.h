/*
 * What administrators ask for, through the front end.
 */

#ifndef MASTER_ADMIN_H
#define MASTER_ADMIN_H

struct wire_admin;

/* Does it, or refuses it, and tells the front end. */
void admin_handle(const struct wire_admin *);

#endif
