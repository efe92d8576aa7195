/*
 * Which control socket to take when none is named.
 */

#ifndef AGENTCTL_PLACE_H
#define AGENTCTL_PLACE_H

/*
 * The first of the daemon's places where somebody listens; when there is none,
 * the one that tells best why not.  Static, until the next call.
 */
const char *place_find(void);

#endif
