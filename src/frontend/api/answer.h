/*
 * How the end of a call is put to whom it concerns: the tool's answer, or a
 * problem.
 */

#ifndef FRONTEND_API_ANSWER_H
#define FRONTEND_API_ANSWER_H

#include "frontend/router/call.h"

#include <stdbool.h>

struct evbuffer;
struct report;

/*
 * Whether that end of a call is a problem, and then which; it borrows text,
 * which is what came with the end.
 */
bool answer_is_problem(const struct call *, enum outcome, const char *text,
    size_t len, struct report *);

/*
 * Adds the answer or the problem to a buffer, as an object that begins with
 * the members in first: "" or text that ends with a comma.  Returns 0, or -1
 * when there is no memory: then nothing was added.
 */
int answer_write(struct evbuffer *, const char *first, const struct call *,
    enum outcome, const char *text, size_t len)
    __attribute__((warn_unused_result));

#endif
