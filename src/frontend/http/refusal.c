/*
 * Refusals: the words may quote what a client sent, so they are made to be
 * UTF-8 here.
 */

#include "frontend/http/refusal.h"
#include "common/utf8.h"

#include <stdarg.h>
#include <stdio.h>

int
refuse(struct refusal *refusal, enum problem problem, const char *fmt, ...)
{
	va_list ap;

	refusal->problem = problem;
	refusal->retry_after_ns = 0;
	va_start(ap, fmt);
	vsnprintf(refusal->detail, sizeof(refusal->detail), fmt, ap);
	va_end(ap);
	utf8_clean(refusal->detail);
	return (-1);
}
