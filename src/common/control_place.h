/*
 * Where the control socket is when the setting "control" is "auto": one rule
 * for the daemon that makes it and the client that looks for it.
 */

#ifndef COMMON_CONTROL_PLACE_H
#define COMMON_CONTROL_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a path that fits the address of a Unix socket, with its NUL. */
#define CONTROL_PLACE_SIZE 108

/*
 * The i-th place, from 0: RUNSTATEDIR, which is the whole host's, then
 * XDG_RUNTIME_DIR, which is one user's; in each it is agentd/control.sock.
 * The daemon takes the first that it may write to, the client the first that
 * it can connect to.  False: there are no more; a place whose path would be
 * too long is "".
 */
bool control_place(unsigned int i, char path[static CONTROL_PLACE_SIZE]);

/*
 * For the daemon: the first place whose directory exists, or could be made,
 * and may be written to.  False: there is none.
 */
bool control_place_make(char path[static CONTROL_PLACE_SIZE]);

#endif
