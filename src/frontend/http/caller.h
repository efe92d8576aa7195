/*
 * Who made a request: the client's address and its own name for the request.
 * Calls hold it, as they may outlive the connection.
 */

#ifndef FRONTEND_HTTP_CALLER_H
#define FRONTEND_HTTP_CALLER_H

/* The longest name that a client may give to a request. */
#define CALLER_NAME_MAX 128

/* Room for "[ADDRESS]:PORT" or "uid:UID". */
#define CALLER_ADDRESS_SIZE 64

struct conn;

struct caller {
	unsigned int holders;
	char address[CALLER_ADDRESS_SIZE];
	char
	    name[CALLER_NAME_MAX + 1]; /* visible ASCII; "" when it gave none */
};

/*
 * Sets the id and conn->caller for the request at hand, whose X-Request-Id is
 * name, or NULL.  A UUID becomes the id; anything else is the client's name
 * beside an id of ours.  A name that is too long or not visible ASCII is as
 * none.  Without memory conn->caller is NULL.
 */
void caller_begin(struct conn *, const char *name);

/* Holds one more time, and returns it; NULL is nobody and stays so. */
struct caller *caller_hold(struct caller *);
void caller_release(struct caller *);

#endif
