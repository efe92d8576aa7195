/*
 * Frames: making and checking headers, and blocking input and output for the
 * processes that have no event loop.
 */

#ifndef COMMON_FRAME_H
#define COMMON_FRAME_H

#include "common/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* One received frame; body is borrowed and not aligned for its structure. */
struct frame {
	struct frame_header header;
	const uint8_t *body;
	int fd; /* passed along, the receiver's to close; or -1 */
};

/* Fills a header; id may be NULL. */
void frame_header_init(struct frame_header *, enum wire_type, uint32_t slot,
    uint32_t generation, const uint8_t *id, size_t length);

/*
 * Checks a header that came from sender for receiver, with a body of at most
 * max_body bytes.  Returns NULL, or in words what is wrong with it.
 */
const char *frame_check(const struct frame_header *, enum wire_role sender,
    enum wire_role receiver, size_t max_body);

/*
 * Reads frames from a blocking socket, as many bytes at a time as there are,
 * so that a frame costs one system call and several in flight less.
 */
struct frame_reader {
	int fd;
	/* Called when a frame is to begin, or NULL; returns what it likes. */
	bool (*wait)(int fd);
	enum wire_role sender, receiver;
	uint8_t *buf; /* malloc'd; grows for a large frame */
	size_t size;
	size_t start, end; /* what was read and not yet taken */
};

/* fd stays the caller's. */
void frame_reader_init(struct frame_reader *, int fd, enum wire_role sender,
    enum wire_role receiver);
void frame_reader_fini(struct frame_reader *);

/*
 * Reads one frame, whose body stays valid until the next call.  Returns 1; 0 at
 * end of file between frames; -1 with errno (EPROTO: not a frame for us, or cut
 * short).
 */
int frame_read(struct frame_reader *, struct frame *)
    __attribute__((warn_unused_result));

/*
 * Writes the whole of count parts to a blocking descriptor; the parts are
 * changed.  Returns 0, or -1 with errno.  Never raises SIGPIPE.
 */
int frame_write(int fd, struct iovec *parts, int count)
    __attribute__((warn_unused_result));

/* Drops the first n bytes from the parts; returns those that are left. */
int frame_advance(struct iovec **parts, int count, size_t n);

#endif
