/*
 * One picture of a daemon, as top shows it.
 */

#ifndef AGENTCTL_TOP_FRAME_H
#define AGENTCTL_TOP_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* What is known of the daemon; any of the three may be NULL. */
struct top_state {
	struct json_object *root, *stats, *agents; /* answers of the daemon */
	const char *trouble; /* why there is nothing newer; NULL: there is */
	double rate;	     /* calls a second; negative: not known yet */
};

/*
 * Text of lines that fit into columns, and of at most rows of them (0: as many
 * as it takes).  To be freed.
 */
char *top_frame(const struct top_state *, size_t rows, size_t columns);

#endif
