/*
 * The system calls and the allocator behind struct sys.
 */

#include "common/sys.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <unistd.h>

/* libc declares socketpair with nonnull attributes that a pointer lacks. */
static int
sys_socketpair(int domain, int type, int protocol, int sv[2])
{
	return (socketpair(domain, type, protocol, sv));
}

static int
sys_pipe2(int fds[2], int flags)
{
	return (pipe2(fds, flags));
}

struct sys sys = {
    .fork = fork,
    .socketpair = sys_socketpair,
    .pipe2 = sys_pipe2,
    .malloc = malloc,
    .event_malloc = malloc,
};
