/*
 * Sets the title of this process with setproctitle(3) of libbsd.
 */

#include "common/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TITLE_MAX 256

static char *start;	/* of the arguments */
static char *first_end; /* the NUL of argv[0] */
static char *end;	/* the NUL of the last argument */

void
title_init(int argc, char **argv, char **environment)
{
	start = argv[0];
	first_end = argv[0] + strlen(argv[0]);
	end = argv[argc - 1] + strlen(argv[argc - 1]);
	setproctitle_init(argc, argv, environment);
}

/*
 * Linux takes what replaced the arguments for a title, which ends with its
 * NUL, when their very last byte is not NUL.  libbsd marks the last byte of
 * argv[0] instead, which leaves a stray dot behind a title shorter than that.
 */
static void
title_mark(void)
{
	char *nul = start + strlen(start);

	if (nul >= end)
		return;
	if (first_end > nul)
		*first_end = '\0';
	*end = '.';
}

void
title_set(const char *fmt, ...)
{
	char text[TITLE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	setproctitle("-agentd: %s", text);
	title_mark();
}
