/*
 * The request log is made of words "name=value" without blanks, so that its
 * lines become members without knowing any of them.
 */

#include "common/log_json.h"
#include "common/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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
