/*
 * Writes the answers of a batch: in the order of its entries, or, as lines,
 * in that of their ends.  In order, an answer that comes before its turn is
 * held; how much may be is batch.c's to judge.
 */

#include "common/sys.h"
#include "frontend/api/answer.h"
#include "frontend/api/batch.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/memory.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>

#define FIRST_SIZE 40

static size_t
batch_index(const struct entry *e)
{
	return ((size_t)(e - e->batch->entries));
}

static void
batch_add(struct batch *b, const char *text, size_t len)
{
	if (evbuffer_add(b->out, text, len) == -1)
		b->failed = true;
}

/* The members that an answer begins with. */
static void
batch_first(const struct entry *e, char first[static FIRST_SIZE])
{
	snprintf(first, FIRST_SIZE, "\"index\":%zu,", batch_index(e));
}

/* It is this one's turn. */
static bool
batch_is_next(const struct entry *e)
{
	return (e->batch->lines || batch_index(e) == e->batch->written);
}

/* False: there is no memory for it, which is said when its turn comes. */
static bool
batch_hold(struct entry *e)
{
	struct evbuffer *scratch = e->batch->scratch;
	size_t len = evbuffer_get_length(scratch);

	if (len > 0 && (e->held = sys.malloc(len)) != NULL) {
		evbuffer_remove(scratch, e->held, len);
		e->held_len = len;
		e->batch->held_bytes += len;
		memory_changed((ssize_t)len);
		e->state = ENTRY_HELD;
	} else {
		e->state = ENTRY_LOST;
	}
	evbuffer_drain(scratch, evbuffer_get_length(scratch));
	return (e->state == ENTRY_HELD);
}

/* What is to be held can be tried again when its turn comes. */
static void
batch_write_lost(struct evbuffer *to, struct entry *e)
{
	static const char words[] = "\"out of memory\"";
	struct report report = {.problem = PROBLEM_NO_MEMORY_RAN,
	    .detail = words,
	    .detail_len = sizeof(words) - 1};
	struct batch *b = e->batch;
	char first[FIRST_SIZE];

	batch_first(e, first);
	if (reply_write_report(to, first, b->conn->id_text, &report) == -1 &&
	    to == b->out)
		b->failed = true;
}

/* Those whose turn has come with that of the one before. */
static void
batch_release(struct batch *b)
{
	struct entry *e;

	for (; b->written < b->count; b->written++) {
		e = &b->entries[b->written];
		if (e->state < ENTRY_HELD)
			return;
		if (e->state != ENTRY_DONE && b->written > 0)
			batch_add(b, ",", 1);
		if (e->state == ENTRY_HELD)
			batch_add(b, e->held, e->held_len);
		else if (e->state == ENTRY_LOST)
			batch_write_lost(b->out, e);
		b->held_bytes -= e->held_len;
		memory_changed(-(ssize_t)e->held_len);
		e->held_len = 0;
		free(e->held);
		e->held = NULL;
		e->state = ENTRY_DONE;
	}
}

/* Where the answer goes that is written next. */
static struct evbuffer *
batch_begin(struct entry *e)
{
	struct batch *b = e->batch;

	if (!batch_is_next(e))
		return (b->scratch);
	if (!b->lines && b->written > 0)
		batch_add(b, ",", 1);
	return (b->out);
}

static void
batch_written(struct entry *e, bool success)
{
	struct batch *b = e->batch;
	bool next = batch_is_next(e);

	if (!next && !batch_hold(e))
		success = false;
	b->succeeded += success;
	b->unsuccessful += !success;
	if (!next)
		return;
	e->state = ENTRY_DONE;
	if (b->lines)
		batch_add(b, "\n", 1);
	else
		batch_release(b);
}

void
batch_put_end(struct entry *e, const struct call *call, enum outcome end,
    const char *text, size_t len)
{
	struct evbuffer *to = batch_begin(e);
	char first[FIRST_SIZE];

	batch_first(e, first);
	if (answer_write(to, first, call, end, text, len) == -1) {
		batch_write_lost(to, e);
		end = OUTCOME_NO_MEMORY;
	}
	batch_written(e, end == OUTCOME_SUCCESS);
}

void
batch_put_report(
    struct entry *e, const char *id_text, const struct report *report)
{
	struct evbuffer *to = batch_begin(e);
	char first[FIRST_SIZE];

	batch_first(e, first);
	if (reply_write_report(to, first, id_text, report) == -1)
		batch_write_lost(to, e);
	batch_written(e, false);
}

void
batch_put_head(struct batch *b)
{
	if (!b->lines && evbuffer_add_printf(b->out,
			     "{\"count\":%zu,\"results\":[", b->count) == -1)
		b->failed = true;
}

void
batch_put_tail(struct batch *b)
{
	if (!b->lines &&
	    evbuffer_add_printf(b->out, "],\"succeeded\":%zu,\"failed\":%zu}\n",
		b->succeeded, b->unsuccessful) == -1)
		b->failed = true;
}
