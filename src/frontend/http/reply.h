/*
 * Answers: JSON, and problems as RFC 9457 has them.
 */

#ifndef FRONTEND_HTTP_REPLY_H
#define FRONTEND_HTTP_REPLY_H

#include "frontend/problem.h"

#include <stddef.h>
#include <stdint.h>

struct conn;
struct evbuffer;
struct json_object;

/* Room for further members of a problem. */
#define REPORT_MEMBERS 192

/* A problem, and what is to be said of it; errors is a JSON array, or NULL. */
struct report {
	enum problem problem;
	const char *words;  /* UTF-8 for people; or NULL: */
	const char *detail; /* the same as a JSON string */
	size_t detail_len;
	const char *errors;
	size_t errors_len;
	const char *partial; /* a JSON object of what a tool printed; or NULL */
	size_t partial_len;
	char members[REPORT_MEMBERS]; /* further ones, each after a comma */
};

/*
 * The function says after how many seconds it is worth to come again, for
 * problems which pass.
 */
void reply_init(int (*retry_after)(void));

/* Where the body goes; the caller adds to it and then calls reply_send(). */
struct evbuffer *reply_body(struct conn *);

/* Sends what is in the body, as JSON. */
void reply_send(struct conn *, int status);

/* Sends value, which it puts; NULL: there was no memory for it. */
void reply_json(struct conn *, int status, struct json_object *value);

/* Sends no body at all. */
void reply_empty(struct conn *, int status);

/* Sends a problem; detail is UTF-8 for people. */
void reply_problem(struct conn *, enum problem, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a member "errors", the text of a JSON array. */
void reply_problem_errors(struct conn *, enum problem, const char *errors,
    size_t len, const char *detail);

void reply_report(struct conn *, const struct report *);

/*
 * Adds a problem to a buffer, as an object that begins with the members in
 * first ("" or text that ends with a comma); id_text is of the request.  0, or
 * -1 when there is no memory: then nothing was added.
 */
int reply_write_report(struct evbuffer *, const char *first,
    const char *id_text, const struct report *)
    __attribute__((warn_unused_result));

/* Begins an answer with status 200 that comes in pieces; see send.h. */
void reply_stream(struct conn *, const char *type);

/*
 * Says when a problem that is sent next may be over: so many seconds, rounded
 * up and at least 1, instead of what the kind of problem says.
 */
void reply_retry_after(struct conn *, int64_t wait_ns);

/*
 * Adds a whole answer, with its head, to a connection's output: a problem,
 * after which it ends.  For requests that evhttp does not give us.  0, or -1
 * when there is no memory.
 */
int reply_raw(struct conn *, struct evbuffer *, enum problem, const char *words)
    __attribute__((warn_unused_result));

/* The name of a method of enum evhttp_cmd_type; "-" of one that none takes. */
const char *reply_method(unsigned int);

/* Says which methods, of enum evhttp_cmd_type, there are. */
void reply_allow(struct conn *, unsigned int allowed);

/* Without memory for it, no answer is sent; see send_lose(). */
void reply_header(struct conn *, const char *name, const char *value);

#endif
