/*
 * A batch: many calls in one request, and their answers in one, as an array in
 * their order or with a line for each as it ends.  Feeds the router with as
 * many calls as admit.h allows, sends the answers as they come, and stops
 * feeding while the client does not take them, so that a batch of any size
 * holds its body and a bounded lot of answers.  All of it happens in one
 * function, batch_pump(), which what goes on only wakes: no call is submitted
 * while another one is being ended.
 */

#include "frontend/api/batch.h"
#include "common/clock.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/api/api.h"
#include "frontend/api/envelope.h"
#include "frontend/api/submit.h"
#include "frontend/globals.h"
#include "frontend/http/body.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/http/send.h"
#include "frontend/memory.h"
#include "frontend/router/admit.h"
#include "frontend/router/router.h"
#include "frontend/router/stats.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

/* Entries that are begun, or refused, before others have a turn. */
#define AT_ONCE 64

/* The same in bytes, each of which is read, and mostly copied. */
#define TURN_BYTES (256 * 1024)

/* While entries wait for room that others have, it is looked again so often. */
#define LOOK_AGAIN_MS 10

static const struct body_member members[] = {
    {"requests", true},
    {NULL},
};

static void
batch_wake(struct batch *b)
{
	event_active(&b->pump, 0, 0);
}

static void
batch_wake_after(struct batch *b, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	event_add(&b->pump, &tv);
}

static void
batch_free(struct batch *b)
{
	event_del(&b->pump);
	memory_changed(
	    -(ssize_t)(b->held_bytes + b->count * sizeof(struct entry)));
	for (size_t i = 0; i < b->count; i++)
		free(b->entries[i].held);
	if (b->out != NULL)
		evbuffer_free(b->out);
	if (b->scratch != NULL)
		evbuffer_free(b->scratch);
	envelope_free(&b->envelope);
	free(b->entries);
	free(b);
}

static void
batch_done(struct call *call, enum outcome end, const char *text, size_t len)
{
	struct entry *e = call->waiter;
	struct batch *b = e->batch;

	e->call = NULL;
	b->running--;
	if (b->left)
		return;
	batch_put_end(e, call, end, text, len);
	batch_wake(b);
}

static void
batch_refuse(struct entry *e, const uint8_t id[static UUID_SIZE],
    enum problem problem, const char *words)
{
	struct report report = {.problem = problem, .words = words};
	char id_text[UUID_TEXT_SIZE];

	stats_rejected();
	uuid_format(id, id_text);
	batch_put_report(e, id_text, &report);
}

/* Begins a call, or refuses it; false: it has to wait. */
static bool
batch_submit(struct entry *e, const uint8_t id[static UUID_SIZE], size_t *more)
{
	struct submission submission = {.id = id,
	    .envelope = &e->batch->envelope,
	    .conn = e->batch->conn,
	    .since_ns = e->batch->accepted_ns,
	    .done = batch_done,
	    .waiter = e};
	struct refusal refusal;

	if (*more == 0 && !submit_is_late(&submission))
		return (false);
	if ((e->call = submit_call(&submission, &refusal)) != NULL) {
		e->state = ENTRY_RUNNING;
		e->batch->running++;
		(*more)--;
		return (true);
	}
	if (refusal.problem == PROBLEM_QUEUE_FULL)
		return (false);
	batch_refuse(e, id, refusal.problem, refusal.detail);
	return (true);
}

/* Only once: a large one that waits would cost too much. */
static bool
batch_read(struct batch *b, const struct slice *request)
{
	if (!b->is_read)
		b->is_read = envelope_read(&b->envelope, request->text,
				 request->len, NULL) == 0;
	return (b->is_read);
}

static bool
batch_begin_entry(struct entry *e, size_t *more)
{
	struct batch *b = e->batch;
	uint8_t id[UUID_SIZE];

	uuid_generate(id);
	if (b->cancelled)
		batch_refuse(e, id, PROBLEM_CANCELLED_QUEUED,
		    "the batch was cancelled before this ran");
	else if (e->request.text[0] != '{')
		batch_refuse(e, id, PROBLEM_BAD_REQUEST,
		    "a request must be a JSON object");
	else if (!batch_read(b, &e->request))
		batch_refuse(e, id, PROBLEM_BAD_REQUEST, b->envelope.error);
	else if (!batch_submit(e, id, more))
		return (false);
	envelope_free(&b->envelope);
	b->envelope.held = NULL;
	b->is_read = false;
	return (true);
}

/* Whether the answers that are there leave room for more. */
static bool
batch_has_room(const struct batch *b)
{
	return (evbuffer_get_length(b->out) + send_pending(b->conn) +
		    b->held_bytes <
		(size_t)frontend.conf->max_result_bytes);
}

static void
batch_feed(struct batch *b)
{
	size_t more = admit_window_more(b->running);
	size_t bytes = 0;
	int left = AT_ONCE;

	while (b->next < b->count && batch_has_room(b)) {
		if (left-- == 0 || bytes >= TURN_BYTES) {
			batch_wake_after(b, 0);
			return;
		}
		if (!batch_begin_entry(&b->entries[b->next], &more)) {
			batch_wake_after(b, LOOK_AGAIN_MS);
			return;
		}
		bytes += b->entries[b->next++].request.len;
	}
}

/* False: a part is lost, so that no more is sent; batch_left() comes next. */
static bool
batch_send(struct batch *b)
{
	if (b->failed)
		send_lose(b->conn);
	else
		send_piece(b->conn, b->out);
	return (!b->failed);
}

static void
batch_end(struct batch *b)
{
	struct conn *conn = b->conn;

	batch_put_tail(b);
	if (!batch_send(b))
		return;
	batch_free(b);
	send_end(conn);
}

static void
batch_pump(evutil_socket_t fd, short what, void *arg)
{
	struct batch *b = arg;

	batch_feed(b);
	if (b->next == b->count && b->running == 0)
		batch_end(b);
	else
		(void)batch_send(b);
}

static void
batch_drained(void *arg)
{
	batch_wake(arg);
}

/*
 * Ends all calls in flight; one that ends may take others with it.  Returns
 * whether end() said of any that it has ended it.
 */
static bool
batch_end_calls(struct batch *b, bool (*end)(struct call *))
{
	bool ended = false;

	for (size_t i = 0; i < b->next; i++)
		if (b->entries[i].call != NULL && end(b->entries[i].call))
			ended = true;
	return (ended);
}

static bool
batch_leave_call(struct call *call)
{
	struct entry *e = call->waiter;

	e->call = NULL;
	router_leave(call);
	return (true);
}

static void
batch_left(void *arg)
{
	struct batch *b = arg;

	b->left = true;
	(void)batch_end_calls(b, batch_leave_call);
	batch_free(b);
}

static bool
batch_cancel(void *arg)
{
	struct batch *b = arg;
	bool ended = batch_end_calls(b, router_cancel);

	batch_wake(b);
	if (b->next < b->count) /* those are refused */
		b->cancelled = ended = true;
	return (ended);
}

static size_t
batch_size(const void *arg)
{
	const struct batch *b = arg;

	return (b->held_bytes + b->count * sizeof(struct entry) +
		evbuffer_get_length(b->out));
}

static const struct waiter waiter = {
    .size = batch_size,
    .left = batch_left,
    .cancel = batch_cancel,
    .drained = batch_drained,
};

static struct batch *
batch_new(struct conn *conn, const struct slices *slices)
{
	size_t size = slices->count * sizeof(struct entry);
	struct batch *b;

	if (!memory_has_room(size) || (b = sys.malloc(sizeof(*b))) == NULL)
		return (NULL);
	memset(b, 0, sizeof(*b));
	evtimer_assign(&b->pump, frontend.base, batch_pump, b);
	b->conn = conn;
	b->entries = sys.malloc(size > 0 ? size : 1);
	b->out = evbuffer_new();
	b->scratch = evbuffer_new();
	if (b->entries == NULL || b->out == NULL || b->scratch == NULL) {
		batch_free(b);
		return (NULL);
	}
	memset(b->entries, 0, size);
	memory_changed((ssize_t)size);
	b->count = slices->count;
	for (size_t i = 0; i < b->count; i++) {
		b->entries[i].batch = b;
		b->entries[i].request = slices->at[i];
	}
	return (b);
}

/* -1: there is no memory, and nothing was begun. */
static int
batch_start(struct conn *conn, const struct slices *slices, bool lines)
{
	struct batch *b = batch_new(conn, slices);

	if (b == NULL)
		return (-1);
	b->lines = lines;
	b->accepted_ns = clock_now_ns();
	conn_wait(conn, &waiter, b);
	reply_stream(conn, lines ? "application/x-ndjson" : "application/json");
	batch_put_head(b);
	batch_wake_after(b, 0); /* to read it all has taken a turn */
	return (0);
}

static bool
batch_wants_lines(struct conn *conn)
{
	const char *accept = evhttp_find_header(
	    evhttp_request_get_input_headers(conn->req), "Accept");

	return (accept != NULL &&
		strcasestr(accept, "application/x-ndjson") != NULL);
}

static void
batch_read_requests(struct conn *conn, const struct slice *requests)
{
	size_t max = (size_t)frontend.conf->batch_max;
	struct slices slices;

	switch (body_read_array(&slices, requests->text, requests->len, max)) {
	case SLICES_NO_ARRAY:
		submit_refuse(
		    conn, PROBLEM_BAD_REQUEST, "requests must be an array");
		break;
	case SLICES_TOO_MANY:
		submit_refuse(conn, PROBLEM_BAD_REQUEST,
		    "requests may have at most %zu entries; see batch_max",
		    max);
		break;
	case SLICES_NO_MEMORY:
		submit_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
		break;
	case SLICES_READ:
		if (!submit_admits(conn, slices.count))
			break;
		if (batch_start(conn, &slices, batch_wants_lines(conn)) == -1)
			submit_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
		break;
	}
	free(slices.at);
}

void
batch_handle(struct conn *conn, const char *param)
{
	struct slice found[1];
	struct refusal refusal;

	if (body_read(conn, members, found, &refusal) == 0)
		batch_read_requests(conn, &found[0]);
	else
		submit_refuse(conn, refusal.problem, "%s", refusal.detail);
}
