/*
 * Which function answers which method and path.
 */

#ifndef FRONTEND_HTTP_ROUTES_H
#define FRONTEND_HTTP_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

struct conn;

struct route {
	unsigned int method; /* enum evhttp_cmd_type */
	const char *path;    /* {} at its end matches one segment */
	void (*handle)(struct conn *, const char *param);
	bool admin; /* only on the control socket */
};

/* The table by index; NULL after the last. */
const struct route *routes_at(size_t);

/* The name of a method of enum evhttp_cmd_type; "-" of one that none takes. */
const char *routes_method(unsigned int);

/* Answers the request at hand, now or later. */
void routes_dispatch(struct conn *);

#endif
