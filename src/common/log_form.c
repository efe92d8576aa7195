/*
 * What lines of the log look like: those of children on their way to the
 * master,
 * "<SEVERITY KEY>TEXT", and lines as JSON.  The key lives in the memory of our
 * processes only: a program that a tool starts does not inherit it, and a
 * plugin, which could read it, can do to its agent whatever it likes anyway.
 * The request log is made of words "name=value" without blanks, so that its
 * lines become members without knowing any of them.
 */

#include "common/log_form.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/utf8.h"

/* Stands where a severity does. */
#define TOOL_MARK 't'

static char key[1 + 16 + 1]; /* a blank and digits; or "" */

void
log_pipe_make_key(void)
{
	uint64_t random;

	arc4random_buf(&random, sizeof(random));
	snprintf(key, sizeof(key), " %016" PRIx64, random);
}

static size_t
log_pipe_put(char *line, size_t size, char what, const char *text)
{
	/* Others may not have ended their line. */
	size_t len = (size_t)snprintf(line, size, "%s<%c%s>%s\n",
	    key[0] == '\0' ? "" : "\n", what, key, text);

	if (len < size)
		return (len);
	len = utf8_whole(line, size - 2);
	line[len] = '\n';
	line[len + 1] = '\0';
	return (len + 1);
}

size_t
log_pipe_write(char *line, size_t size, int level, const char *text)
{
	return (log_pipe_put(line, size, (char)('0' + level), text));
}

size_t
log_pipe_write_tool(char *line, size_t size, const char *tool)
{
	return (log_pipe_put(line, size, TOOL_MARK, tool));
}

static bool
log_pipe_is_severity(char c)
{
	return (c >= '0' + LOG_ERR && c <= '0' + LOG_DEBUG);
}

enum log_pipe_kind
log_pipe_read(const char *line, int *level, const char **text)
{
	size_t key_len = strlen(key);
	bool marked = line[0] == '<' &&
		      (log_pipe_is_severity(line[1]) || line[1] == TOOL_MARK);

	*level = LOG_INFO;
	*text = line;
	if (!marked)
		return (LOG_PIPE_OTHER);
	if (log_pipe_is_severity(line[1]))
		*level = line[1] - '0';
	if (strncmp(line + 2, key, key_len) == 0 && line[2 + key_len] == '>') {
		*text = line + 2 + key_len + 1;
		return (line[1] == TOOL_MARK ? LOG_PIPE_TOOL : LOG_PIPE_OURS);
	}
	if (line[1] != TOOL_MARK && line[2] == '>')
		*text = line + 3;
	return (LOG_PIPE_OTHER);
}

/* For what ends the object, its text having been cut. */
#define RESERVE 4

#define REQUEST "request "

struct writer {
	char *line;
	size_t size, len;
};

/* False: there is no room for it. */
static bool
log_writer_put(struct writer *w, const char *text, size_t len)
{
	if (w->len + len + RESERVE > w->size)
		return (false);
	memcpy(w->line + w->len, text, len);
	w->len += len;
	return (true);
}

/* Text without control characters needs no other escapes. */
static size_t
log_writer_escape(char c, char escaped[static 2])
{
	escaped[0] = c;
	if (c != '"' && c != '\\' && c != '\t')
		return (1);
	escaped[0] = '\\';
	escaped[1] = c == '\t' ? 't' : c;
	return (2);
}

/* There is room for the quotes. */
static void
log_writer_put_string(struct writer *w, const char *text, size_t len)
{
	size_t begin = w->len + 1;
	char escaped[2];

	w->line[w->len++] = '"';
	for (size_t i = 0; i < len; i++)
		if (!log_writer_put(
			w, escaped, log_writer_escape(text[i], escaped)))
			break;
	w->len = begin + utf8_whole(w->line + begin, w->len - begin);
	w->line[w->len++] = '"';
}

/* Left out when there is no room for more than its name. */
static void
log_writer_put_member(struct writer *w, const char *name, size_t name_len,
    const char *value, size_t len, bool plain)
{
	if (w->len + name_len + (plain ? len : 2) + 4 + RESERVE > w->size)
		return;
	log_writer_put(w, ",\"", w->len > 1 ? 2 : 0);
	if (w->len == 1)
		log_writer_put(w, "\"", 1);
	log_writer_put(w, name, name_len);
	log_writer_put(w, "\":", 2);
	if (plain)
		log_writer_put(w, value, len);
	else
		log_writer_put_string(w, value, len);
}

static void
log_writer_put_text(struct writer *w, const char *name, const char *value)
{
	log_writer_put_member(
	    w, name, strlen(name), value, strlen(value), false);
}

/* "queued_us=12" is a number; "-" stands for nothing. */
static void
log_writer_put_fields(struct writer *w, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		size_t name = strcspn(text, "= ");
		const char *value = text + name + 1;
		size_t rest = len - name - (name < len);
		bool number = name > 3 &&
			      (strncmp(text + name - 3, "_us", 3) == 0 ||
				  strncmp(text, "status=", 7) == 0) &&
			      rest > 0 && strspn(value, "0123456789") == rest;

		if (name < len && !(rest == 1 && *value == '-'))
			log_writer_put_member(
			    w, text, name, value, rest, number);
		text += len + (text[len] == ' ');
	}
}

size_t
log_json_write(char *line, size_t size, const struct log_json *j)
{
	struct writer w = {line, size, 0};
	char pid[16];

	log_writer_put(&w, "{", 1);
	log_writer_put_text(&w, "time", j->when);
	log_writer_put_text(&w, "severity", j->severity);
	log_writer_put_text(&w, "process", j->process);
	snprintf(pid, sizeof(pid), "%d", j->pid);
	log_writer_put_member(&w, "pid", 3, pid, strlen(pid), true);
	if (j->fields && strncmp(j->text, REQUEST, strlen(REQUEST)) == 0) {
		log_writer_put_text(&w, "event", "request");
		log_writer_put_fields(&w, j->text + strlen(REQUEST));
	} else {
		log_writer_put_text(&w, "message", j->text);
	}
	memcpy(w.line + w.len, "}\n", 2);
	w.line[w.len + 2] = '\0';
	return (w.len + 2);
}
