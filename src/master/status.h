/*
 * Reading an agent's status pipe.
 */

#ifndef MASTER_STATUS_H
#define MASTER_STATUS_H

#include "common/wire.h"

enum status_result {
	STATUS_MESSAGE, /* one was read */
	STATUS_MORE,	/* nothing now */
	STATUS_END,	/* end of file, or an error that is as good */
	STATUS_BAD	/* not a message of ours */
};

/* Reads one message of that generation from the non-blocking pipe. */
enum status_result status_read(int fd, uint32_t generation,
    struct wire_status *) __attribute__((warn_unused_result));

#endif
