/*
 * Which function answers which method and path.
 */

#ifndef FRONTEND_ROUTES_H
#define FRONTEND_ROUTES_H

struct conn;

/* Answers the request at hand, now or later. */
void routes_dispatch(struct conn *);

#endif
