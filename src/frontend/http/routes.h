/*
 * Which function answers which method and path.
 */

#ifndef FRONTEND_HTTP_ROUTES_H
#define FRONTEND_HTTP_ROUTES_H

#include <stdbool.h>

struct conn;

#define ROUTE_PROBLEMS_MAX 10

/* All that there is to say of a route; http itself reads the first four. */
struct route {
	unsigned int method; /* enum evhttp_cmd_type */
	const char *path;    /* {NAME} at its end matches one segment */
	/* param is that segment, decoded; or "". */
	void (*handle)(struct conn *, const char *param);
	bool admin;	       /* only on the control socket */
	const char *name;      /* in the list of GET /; NULL: not there */
	const char *summary;   /* this and the rest is for OpenAPI */
	const char *parameter; /* what {NAME} stands for; NULL: there is none */
	const char *body;      /* schema of the request; NULL: no body */
	bool options;	       /* takes the options of a call in its query */
	int status;	       /* of a good answer; 0: 200 */
	const char *answer;    /* its schema */
	/* HTTP statuses besides those that every route has; ends with 0. */
	unsigned short problems[ROUTE_PROBLEMS_MAX];
};

/* The table in force, which ends with a row without a handler. */
void routes_init(const struct route *);

/*
 * Checks the request at hand: its framing, its target, Host and Origin.  False:
 * it was refused.  Otherwise conn->origin is the Origin, if there is one.
 */
bool routes_admit(struct conn *);

/* Answers the request at hand, now or later. */
void routes_dispatch(struct conn *);

#endif
