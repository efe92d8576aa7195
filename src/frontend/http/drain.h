/*
 * The end of the front end's work.
 */

#ifndef FRONTEND_HTTP_DRAIN_H
#define FRONTEND_HTTP_DRAIN_H

#include <stdint.h>

/* From the master: take no more, finish within timeout_ms, and say so. */
void drain_begin(int64_t timeout_ms);

/* All calls have ended; their answers may still be on the way. */
void drain_calls_done(void);

/* A client has taken its answer in whole, or waits for none any more. */
void drain_reply_done(void);

#endif
