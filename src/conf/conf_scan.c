/*
 * Goes over a configuration before libConfuse does, which loses count of the
 * lines at comments, takes a missing quote as far as the next one, takes no
 * name that is a star, takes the end of the file for that of a section, and
 * expands a variable that is not set to nothing.  Called by conf_load.c only;
 * never prints.
 */

#include "conf/conf_scan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE_MAX 64

/* Where the scan stands. */
struct scan {
	const char *start;
	char *at;
	int line;
	bool in_word;  /* what is before it is part of an unquoted word */
	int depth;     /* braces that are open */
	int open_line; /* of the outermost */
	char *why;     /* of CONF_SCAN_WHY_SIZE */
};

void
conf_scan_forget_empty(const char *name)
{
	const char *value = getenv(name);

	if (value != NULL && value[0] == '\0')
		unsetenv(name);
}

static bool
scan_fail(struct scan *scan, const char *why)
{
	snprintf(scan->why, CONF_SCAN_WHY_SIZE, "%s", why);
	return (false);
}

/* At "${": checks it, and moves behind its "}". */
static bool
scan_variable(struct scan *scan)
{
	char name[VARIABLE_MAX];
	char *start = scan->at + 2, *rest, *end;
	size_t len = strspn(start, CONF_SCAN_NAME);

	rest = start + len;
	end = start + strcspn(start, "}\n");
	if (*end != '}')
		return (scan_fail(scan, "${ without its }"));
	if (len == 0 || len >= sizeof(name) ||
	    (start[0] >= '0' && start[0] <= '9') ||
	    (rest != end && strncmp(rest, ":-", 2) != 0))
		return (scan_fail(scan, "not ${NAME} or ${NAME:-default}"));
	memcpy(name, start, len);
	name[len] = '\0';
	if (rest == end && getenv(name) == NULL) {
		snprintf(scan->why, CONF_SCAN_WHY_SIZE,
		    "%s is not set in the environment, and ${%s} has no "
		    "default: write ${%s:-default}",
		    name, name, name);
		return (false);
	}
	if (rest != end)
		conf_scan_forget_empty(name);
	scan->at = end + 1;
	return (true);
}

/* At a quote: moves behind the quote that closes it. */
static bool
scan_string(struct scan *scan)
{
	char quote = *scan->at++;

	while (*scan->at != quote) {
		if (*scan->at == '\\' && scan->at[1] != '\n')
			scan->at += 2;
		else if (*scan->at == '\n' || *scan->at == '\\')
			return (scan_fail(
			    scan, "a string is not closed on its line"));
		else if (quote != '"' || strncmp(scan->at, "${", 2) != 0)
			scan->at++;
		else if (!scan_variable(scan))
			return (false);
	}
	scan->at++;
	return (true);
}

/*
 * At a parenthesis, which only include has: moves behind the other one.
 * libConfuse loses the memory of an argument when anything else follows it.
 */
static bool
scan_argument(struct scan *scan)
{
	const char *expected = "expected include(\"FILE\")";

	scan->at++;
	scan->at += strspn(scan->at, " \t");
	if (*scan->at != '"' && *scan->at != '\'')
		return (scan_fail(scan, expected));
	if (!scan_string(scan))
		return (false);
	scan->at += strspn(scan->at, " \t");
	if (*scan->at != ')')
		return (scan_fail(scan, expected));
	scan->at++;
	return (true);
}

static void
scan_blank(struct scan *scan)
{
	if (*scan->at == '\n')
		scan->line++;
	else
		*scan->at = ' ';
	scan->at++;
}

static bool
scan_line_comment(struct scan *scan)
{
	while (*scan->at != '\n')
		scan_blank(scan);
	return (true);
}

static bool
scan_block_comment(struct scan *scan)
{
	int start = scan->line;

	scan_blank(scan);
	scan_blank(scan);
	while (*scan->at != '\0' && strncmp(scan->at, "*/", 2) != 0)
		scan_blank(scan);
	if (*scan->at == '\0') {
		scan->line = start;
		return (scan_fail(scan, "a comment is not closed"));
	}
	scan_blank(scan);
	scan_blank(scan);
	return (true);
}

static bool
scan_open(struct scan *scan)
{
	if (scan->depth++ == 0)
		scan->open_line = scan->line;
	scan->in_word = false;
	scan->at++;
	return (true);
}

/* One too many is for libConfuse to find. */
static bool
scan_close(struct scan *scan)
{
	if (scan->depth > 0)
		scan->depth--;
	scan->in_word = false;
	scan->at++;
	return (true);
}

static bool
scan_is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* libConfuse knows no word that begins so: with blanks around, quotes it. */
static bool
scan_star(struct scan *scan)
{
	char *at = scan->at++;

	if (!scan->in_word && at > scan->start && scan_is_blank(at[-1]) &&
	    scan_is_blank(at[1])) {
		at[-1] = at[1] = '"';
		scan->at++;
	}
	return (true);
}

/* What begins with what, outside of strings and comments. */
static const struct {
	const char *start;
	bool (*skip)(struct scan *);
} scan_parts[] = {
    {"#", scan_line_comment},
    {"//", scan_line_comment},
    {"/*", scan_block_comment},
    {"*", scan_star},
    {"(", scan_argument},
    {"\"", scan_string},
    {"'", scan_string},
    {"${", scan_variable},
    {"{", scan_open},
    {"}", scan_close},
};

#define SCAN_PARTS (sizeof(scan_parts) / sizeof(scan_parts[0]))

static bool
scan_next(struct scan *scan)
{
	const char *start;

	/* A // inside of a word is part of it: http://... */
	if (strncmp(scan->at, "//", 2) == 0 && scan->in_word) {
		scan->at += 2;
		return (true);
	}
	for (size_t i = 0; i < SCAN_PARTS; i++) {
		start = scan_parts[i].start;
		if (strncmp(scan->at, start, strlen(start)) == 0)
			return (scan_parts[i].skip(scan));
	}
	if (*scan->at == '\n')
		scan->line++;
	scan->in_word = strchr(" \t\r\n=(),", *scan->at) == NULL;
	scan->at++;
	return (true);
}

/* The line of the first NUL in data, 0 when there is none. */
static int
scan_find_nul(const char *data, size_t len)
{
	const char *nul = memchr(data, '\0', len);
	int line = 1;

	for (const char *p = data; nul != NULL && p < nul; p++)
		line += *p == '\n';
	return (nul == NULL ? 0 : line);
}

int
conf_scan_prepare(char *data, size_t len, char why[static CONF_SCAN_WHY_SIZE])
{
	struct scan scan = {.start = data, .at = data, .line = 1, .why = why};
	int nul = scan_find_nul(data, len);

	if (nul != 0) {
		scan_fail(&scan, "a NUL byte");
		return (nul);
	}
	while (*scan.at != '\0')
		if (!scan_next(&scan))
			return (scan.line);
	if (scan.depth == 0)
		return (0);
	scan_fail(&scan, "a { without its }");
	return (scan.open_line);
}
