/*
 * Which function answers which method and path.
 */

#ifndef FRONTEND_HTTP_ROUTES_H
#define FRONTEND_HTTP_ROUTES_H

#include <stdbool.h>

struct conn;

struct route {
	unsigned int method; /* enum evhttp_cmd_type */
	const char *path;    /* {} at its end matches one segment */
	void (*handle)(struct conn *, const char *param);
	bool admin; /* only on the control socket */
};

/* The table in force, which ends with a row without a handler. */
void routes_init(const struct route *);

/* The name of a method of enum evhttp_cmd_type; "-" of one that none takes. */
const char *routes_method(unsigned int);

/* Answers the request at hand, now or later. */
void routes_dispatch(struct conn *);

#endif
