/*
 * Reads a configuration file into memory, because libConfuse ends the process
 * when a read fails (a directory), and finds places in it for messages.
 * Called by conf_load.c only; never prints.
 */

#include "conf/conf_text.h"

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

/* One that nobody fills just now looks like an empty file. */
static bool
conf_text_is_pipe(int fd)
{
	struct stat st;

	return (fstat(fd, &st) == 0 &&
		(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)));
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
	ssize_t len;

	if (conf_text_is_pipe(fd))
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
