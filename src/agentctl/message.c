/*
 * What agentctl says on standard error, and how it ends when it cannot go on.
 * Never lets a control character through, for most of what it says comes from a
 * server.
 */

#include "agentctl/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/visible.h"

static bool is_quiet;

void
message_quiet(bool quiet)
{
	is_quiet = quiet;
}

char *
message_vformat(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) == -1)
		message_no_memory();
	return (text);
}

static void __attribute__((format(printf, 1, 0)))
message_say(const char *fmt, va_list ap)
{
	char *text;

	if (is_quiet)
		return;
	text = message_vformat(fmt, ap);
	fputs("agentctl: ", stderr);
	visible_write(stderr, text, strlen(text), false);
	fputc('\n', stderr);
	free(text);
}

void
message(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message_say(fmt, ap);
	va_end(ap);
}

void
message_die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message_say(fmt, ap);
	va_end(ap);
	exit(status);
}

void
message_no_memory(void)
{
	if (!is_quiet)
		fputs("agentctl: out of memory\n", stderr);
	exit(CTL_SELF);
}

void *
message_need(void *pointer)
{
	if (pointer == NULL)
		message_no_memory();
	return (pointer);
}
