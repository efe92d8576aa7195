/*
 * Faults on the socket to the front end: closed, half a frame, garbage, a
 * wrong length or id, one answer too many.  The frame of the call that runs
 * is known by wrapping frame_read() at link time.
 */

#include "fault.h"

#include "common/frame.h"

#include <sys/socket.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __real_frame_read(struct frame_reader *, struct frame *);
int __wrap_frame_read(struct frame_reader *, struct frame *);

static struct frame_header request; /* of the call that runs */

int
__wrap_frame_read(struct frame_reader *reader, struct frame *frame)
{
	int rc = __real_frame_read(reader, frame);

	if (rc == 1)
		request = frame->header;
	return (rc);
}

static void
fault_send(const void *bytes, size_t len)
{
	if (send(WIRE_SOCKET_FD, bytes, len, MSG_NOSIGNAL) == -1)
		_exit(3);
}

/* Sends a header like that of a proper answer, changed by length and id. */
static void
fault_send_header(size_t length, int flip, enum wire_type type)
{
	struct frame_header header;

	frame_header_init(&header, type, request.slot, request.generation,
	    request.id, length);
	header.id[15] ^= (uint8_t)flip;
	fault_send(&header, sizeof(header));
}

static void
fault_send_body(void)
{
	static const char json[] = "{\"fake\": true}";
	struct wire_result result = {.outcome = WIRE_OUTCOME_SUCCESS};

	fault_send(&result, sizeof(result));
	fault_send(json, sizeof(json) - 1);
}

#define BODY_SIZE (sizeof(struct wire_result) + sizeof("{\"fake\": true}") - 1)

void
fault_send_half(void)
{
	struct wire_result result = {.outcome = WIRE_OUTCOME_SUCCESS};

	fault_send_header(BODY_SIZE, 0, WIRE_RESULT);
	fault_send(&result, sizeof(result) / 2);
}

void
fault_hang(void)
{
	for (;;)
		pause();
}

void
fault_close(struct tool_call *call)
{
	close(WIRE_SOCKET_FD);
	fault_hang();
}

void
fault_close_all(struct tool_call *call)
{
	closefrom(0);
}

void
fault_half(struct tool_call *call)
{
	fault_send_half();
	shutdown(WIRE_SOCKET_FD, SHUT_WR);
	fault_hang();
}

void
fault_garbage(struct tool_call *call)
{
	char bytes[4096];

	arc4random_buf(bytes, sizeof(bytes));
	bytes[0] = 0;
	fault_send(bytes, sizeof(bytes));
	fault_hang();
}

void
fault_oversized(struct tool_call *call)
{
	fault_send_header(
	    (size_t)tool_param_int(call, "size", 0), 0, WIRE_RESULT);
	fault_hang();
}

void
fault_wrong_id(struct tool_call *call)
{
	fault_send_header(BODY_SIZE, 1, WIRE_RESULT);
	fault_send_body();
	fault_hang();
}

void
fault_wrong_type(struct tool_call *call)
{
	fault_send_header(BODY_SIZE, 0, WIRE_REQUEST);
	fault_send_body();
	fault_hang();
}

/* Failures of parameters that are none. */
void
fault_errors(struct tool_call *call)
{
	static const char json[] = "[1, null, {\"pointer\": 2}]";
	struct wire_result result = {.outcome = WIRE_OUTCOME_INVALID};

	fault_send_header(sizeof(result) + sizeof(json) - 1, 0, WIRE_RESULT);
	fault_send(&result, sizeof(result));
	fault_send(json, sizeof(json) - 1);
	_exit(0);
}

/* One answer of its own, and then the agent's. */
void
fault_twice(struct tool_call *call)
{
	fault_send_header(BODY_SIZE, 0, WIRE_RESULT);
	fault_send_body();
}

void
fault_answer_and_die(struct tool_call *call)
{
	fault_twice(call);
	fault_abort(call);
}

/* A report of len bytes of words, all of them that byte. */
static void
fault_send_report(double value, int byte, size_t len, int flip)
{
	struct wire_progress progress = {.value = value, .total = 1};
	char words[2 * WIRE_PROGRESS_MAX];

	memset(words, byte, sizeof(words));
	fault_send_header(sizeof(progress) + len, flip, WIRE_PROGRESS);
	fault_send(&progress, sizeof(progress));
	if (len > 0)
		fault_send(words, len);
}

void
fault_report_wrong_id(struct tool_call *call)
{
	fault_send_report(0, 'x', 1, 1);
	fault_hang();
}

void
fault_report_nan(struct tool_call *call)
{
	fault_send_report(NAN, 'x', 1, 0);
	fault_hang();
}

void
fault_report_binary(struct tool_call *call)
{
	fault_send_report(0, 0xff, 3, 0);
	fault_hang();
}

void
fault_report_long(struct tool_call *call)
{
	fault_send_report(0, 'x', WIRE_PROGRESS_MAX + 1, 0);
	fault_hang();
}

void
fault_report_short(struct tool_call *call)
{
	fault_send_header(sizeof(double), 0, WIRE_PROGRESS);
	fault_hang();
}

/* The answer that the agent itself sends is then never looked at. */
void
fault_answer_and_report(struct tool_call *call)
{
	fault_send_header(BODY_SIZE, 0, WIRE_RESULT);
	fault_send_body();
	fault_send_report(0, 'x', 1, 0);
	fault_hang();
}
