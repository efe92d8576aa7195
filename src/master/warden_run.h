/*
 * What the warden does.
 */

#ifndef MASTER_WARDEN_RUN_H
#define MASTER_WARDEN_RUN_H

#include <stdint.h>

/* What the master writes to the warden's pipe, whole. */
struct warden_note {
	int32_t pid;  /* of an agent */
	int32_t born; /* or reaped */
};

/*
 * In a child of the master, with the pipe as descriptor 3.  Returns when the
 * pipe has ended and there is nothing left to be killed.
 */
void warden_run(void *unused);

#endif
