/*
 * What the tests of batches and pipelines share.
 */

#ifndef E2E_MANY_H
#define E2E_MANY_H

#include "harness.h"

#define BATCH "/api/v1/batch"
#define PIPELINE "/api/v1/pipeline"
#define LINES "Accept: application/x-ndjson\r\n"

#define MANY_ID "33333333-3333-4333-8333-333333333333"

/* count times a call, in a batch; to be freed.  %d in call is the number. */
char *batch_body(int count, const char *call);

/* Sends a request whose id is MANY_ID, and leaves it running. */
struct conn *many_begin(
    struct daemon *, const char *path, const char *headers, const char *body);

/* The member of the result, or step, at this place. */
const char *many_string(
    const struct reply *, const char *list, int place, const char *member);
int64_t many_int(
    const struct reply *, const char *list, int place, const char *member);

/* Takes what comes until it holds text. */
void many_wait_text(struct conn *, const char *text);

#endif
