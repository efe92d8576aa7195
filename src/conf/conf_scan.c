/*
 * The text of a configuration file before libConfuse has it: reads it, because
 * libConfuse ends the process when a read fails (a directory), and finds places
 * in it for messages.  Goes over it, because libConfuse loses count of the
 * lines at comments, takes a missing quote as far as the next one, takes no
 * name that is a star, takes the end of the file for that of a section, and
 * expands a variable that is not set to nothing.  Never prints.
 */

#include "conf/conf_scan.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/safe.h"
#include "common/utf8.h"
#include "conf/conf_scan.h"

#define TEXT_MAX (1 << 20)

/* Ends the text of len bytes with a newline, if it has none, and a NUL. */
static void
conf_text_close(struct conf_text *text, size_t len)
{
	if (len == 0 || text->data[len - 1] != '\n')
		text->data[len++] = '\n';
	text->data[len] = '\0';
	text->len = len;
}

static int
conf_text_fail(struct conf_text *text, char *why, const char *words)
{
	snprintf(why, SAFE_WHY_SIZE, "%s", words);
	free(text->data);
	text->data = NULL;
	return (-1);
}

static int
conf_text_take(struct conf_text *text, int fd, char *why)
{
	struct stat st;
	ssize_t len;

	/* One that nobody fills just now looks like an empty file. */
	if (fstat(fd, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return (conf_text_fail(text, why, "is a pipe or a socket"));
	if ((text->data = malloc(TEXT_MAX + 2)) == NULL ||
	    (len = fd_read_all(fd, text->data, TEXT_MAX)) == -1)
		return (conf_text_fail(text, why, strerror(errno)));
	if (len == TEXT_MAX)
		return (conf_text_fail(text, why, strerror(EFBIG)));
	conf_text_close(text, utf8_unmark(text->data, (size_t)len));
	return (0);
}

int
conf_text_read(
    struct conf_text *text, const char *path, char why[static SAFE_WHY_SIZE])
{
	int fd = safe_open(path, SAFE_TRUSTED, O_RDONLY, 0, why), rc = -1;

	*text = (struct conf_text){NULL, 0};
	if (fd != -1)
		rc = conf_text_take(text, fd, why);
	fd_close(&fd);
	return (rc);
}

int
conf_text_copy(struct conf_text *text, const char *string)
{
	size_t len = strlen(string);

	text->data = malloc(len + 2);
	if (text->data == NULL)
		return (-1);
	memcpy(text->data, string, len);
	conf_text_close(text, len);
	return (0);
}

void
conf_text_free(struct conf_text *text)
{
	if (text->data != NULL)
		explicit_bzero(text->data, text->len);
	free(text->data);
	*text = (struct conf_text){NULL, 0};
}

/* The start of line, counted from 1. */
static const char *
conf_text_line(const struct conf_text *text, int line)
{
	const char *p = text->data, *end;

	while (--line > 0 && (end = strchr(p, '\n')) != NULL)
		p = end + 1;
	return (p);
}

void
conf_text_variable(
    const struct conf_text *text, int line, char *buf, size_t size)
{
	const char *p = conf_text_line(text, line);
	const char *end = p + strcspn(p, "\n");
	size_t len;

	for (; p < end; p++) {
		if (strncmp(p, "${", 2) != 0)
			continue;
		len = strspn(p + 2, CONF_SCAN_NAME);
		snprintf(buf, size, "%.*s", (int)len, p + 2);
		if (getenv(buf) != NULL)
			return;
	}
	buf[0] = '\0';
}

/* Whether name stands at p as a word of its own and "=" or "+=" follows. */
static bool
conf_text_is_setting(const char *p, const char *start, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(p, name, len) != 0 ||
	    (p > start && strchr(CONF_SCAN_NAME, p[-1]) != NULL))
		return (false);
	p += len;
	p += strspn(p, " \t\r\n");
	return (*p == '=' || strncmp(p, "+=", 2) == 0);
}

int
conf_text_find(const struct conf_text *text, const char *name)
{
	int line = 1;

	for (const char *p = text->data; *p != '\0'; p++) {
		if (conf_text_is_setting(p, text->data, name))
			return (line);
		if (*p == '\n')
			line++;
	}
	return (0);
}

/* Whether the word tool stands at p, and a name comes after it. */
static bool
conf_text_is_section(const char *p, const char *start)
{
	return (strncmp(p, "tool", 4) == 0 && p[4] != '\0' &&
		strchr(" \t\r\n\"'", p[4]) != NULL &&
		(p == start || strchr(CONF_SCAN_NAME, p[-1]) == NULL));
}

int
conf_text_section(const struct conf_text *text, int line)
{
	const char *p = conf_text_line(text, line);

	for (p += strcspn(p, "\n"); p > text->data; p--) {
		if (conf_text_is_section(p, text->data))
			return (line);
		if (p[-1] == '\n')
			line--;
	}
	return (line);
}

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
conf_scan_fail(struct scan *scan, const char *why)
{
	snprintf(scan->why, CONF_SCAN_WHY_SIZE, "%s", why);
	return (false);
}

/* At "${": checks it, and moves behind its "}". */
static bool
conf_scan_variable(struct scan *scan)
{
	char name[VARIABLE_MAX];
	char *start = scan->at + 2, *rest, *end;
	size_t len = strspn(start, CONF_SCAN_NAME);

	rest = start + len;
	end = start + strcspn(start, "}\n");
	if (*end != '}')
		return (conf_scan_fail(scan, "${ without its }"));
	if (len == 0 || len >= sizeof(name) ||
	    (start[0] >= '0' && start[0] <= '9') ||
	    (rest != end && strncmp(rest, ":-", 2) != 0))
		return (
		    conf_scan_fail(scan, "not ${NAME} or ${NAME:-default}"));
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
conf_scan_string(struct scan *scan)
{
	char quote = *scan->at++;

	while (*scan->at != quote) {
		if (*scan->at == '\\' && scan->at[1] != '\n')
			scan->at += 2;
		else if (*scan->at == '\n' || *scan->at == '\\')
			return (conf_scan_fail(
			    scan, "a string is not closed on its line"));
		else if (quote != '"' || strncmp(scan->at, "${", 2) != 0)
			scan->at++;
		else if (!conf_scan_variable(scan))
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
conf_scan_argument(struct scan *scan)
{
	const char *expected = "expected include(\"FILE\")";

	scan->at++;
	scan->at += strspn(scan->at, " \t");
	if (*scan->at != '"' && *scan->at != '\'')
		return (conf_scan_fail(scan, expected));
	if (!conf_scan_string(scan))
		return (false);
	scan->at += strspn(scan->at, " \t");
	if (*scan->at != ')')
		return (conf_scan_fail(scan, expected));
	scan->at++;
	return (true);
}

static void
conf_scan_blank(struct scan *scan)
{
	if (*scan->at == '\n')
		scan->line++;
	else
		*scan->at = ' ';
	scan->at++;
}

static bool
conf_scan_line_comment(struct scan *scan)
{
	while (*scan->at != '\n')
		conf_scan_blank(scan);
	return (true);
}

static bool
conf_scan_block_comment(struct scan *scan)
{
	int start = scan->line;

	conf_scan_blank(scan);
	conf_scan_blank(scan);
	while (*scan->at != '\0' && strncmp(scan->at, "*/", 2) != 0)
		conf_scan_blank(scan);
	if (*scan->at == '\0') {
		scan->line = start;
		return (conf_scan_fail(scan, "a comment is not closed"));
	}
	conf_scan_blank(scan);
	conf_scan_blank(scan);
	return (true);
}

static bool
conf_scan_open(struct scan *scan)
{
	if (scan->depth++ == 0)
		scan->open_line = scan->line;
	scan->in_word = false;
	scan->at++;
	return (true);
}

/* One too many is for libConfuse to find. */
static bool
conf_scan_close(struct scan *scan)
{
	if (scan->depth > 0)
		scan->depth--;
	scan->in_word = false;
	scan->at++;
	return (true);
}

static bool
conf_scan_is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* libConfuse knows no word that begins so: with blanks around, quotes it. */
static bool
conf_scan_star(struct scan *scan)
{
	char *at = scan->at++;

	if (!scan->in_word && at > scan->start && conf_scan_is_blank(at[-1]) &&
	    conf_scan_is_blank(at[1])) {
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
    {"#", conf_scan_line_comment},
    {"//", conf_scan_line_comment},
    {"/*", conf_scan_block_comment},
    {"*", conf_scan_star},
    {"(", conf_scan_argument},
    {"\"", conf_scan_string},
    {"'", conf_scan_string},
    {"${", conf_scan_variable},
    {"{", conf_scan_open},
    {"}", conf_scan_close},
};

#define SCAN_PARTS (sizeof(scan_parts) / sizeof(scan_parts[0]))

static bool
conf_scan_next(struct scan *scan)
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
conf_scan_find_nul(const char *data, size_t len)
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
	int nul = conf_scan_find_nul(data, len);

	if (nul != 0) {
		conf_scan_fail(&scan, "a NUL byte");
		return (nul);
	}
	while (*scan.at != '\0')
		if (!conf_scan_next(&scan))
			return (scan.line);
	if (scan.depth == 0)
		return (0);
	conf_scan_fail(&scan, "a { without its }");
	return (scan.open_line);
}
