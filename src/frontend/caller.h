/*
 * Who made a request: the client's address and its own name for the request.
 * Calls hold it, as they may outlive the connection.
 */

#ifndef FRONTEND_CALLER_H
#define FRONTEND_CALLER_H

/* The longest name that a client may give to a request. */
#define CALLER_NAME_MAX 128

/* Room for "[ADDRESS]:PORT" or "uid:UID". */
#define CALLER_ADDRESS_SIZE 64

struct caller {
	unsigned int holders;
	char address[CALLER_ADDRESS_SIZE];
	char
	    name[CALLER_NAME_MAX + 1]; /* visible ASCII; "" when it gave none */
};

/* With one holder, and neither address nor name; NULL without memory. */
struct caller *caller_new(void) __attribute__((warn_unused_result));

/* Holds one more time, and returns it; NULL is nobody and stays so. */
struct caller *caller_hold(struct caller *);
void caller_release(struct caller *);

#endif
