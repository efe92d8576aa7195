/*
 * The calls whose failure must be tried: through pointers, so that a test can
 * let any of them fail.  Production code never sets them.
 */

#ifndef COMMON_SYS_H
#define COMMON_SYS_H

#include <sys/types.h>

#include <stddef.h>

struct sys {
	pid_t (*fork)(void);
	int (*socketpair)(int domain, int type, int protocol, int sv[2]);
	int (*pipe2)(int fds[2], int flags);
	void *(*malloc)(size_t);
	void *(*event_malloc)(size_t); /* of libevent, in the front end */
};

extern struct sys sys;

#endif
