/*
 * Fuzzes where requests end.  The first byte is how many bytes come at a time,
 * the rest is what a client sends.  The pieces must not matter; and evhttp,
 * which reads the same, must see no request where the framing sees none, and
 * must see each of them, as long as nothing is in doubt.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "frontend/http/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What fits a socket's buffer for certain, and so do the answers to it. */
#define INPUT_MAX 4096

/* Turns of the loop in which evhttp does nothing more, until it is at rest. */
#define TURNS 4

static struct event_base *base;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static socklen_t address_len;

static struct framing framing; /* of what was sent */
static uint64_t handled;
static bool in_doubt;

/* What server.c and routes.c do with a request. */
static void
handle(struct evhttp_request *req, void *arg)
{
	handled++;
	if (in_doubt || !framing_is_clear(req) ||
	    framing_is_bad(&framing, handled - 1)) {
		in_doubt = true;
		evhttp_add_header(evhttp_request_get_output_headers(req),
		    "Connection", "close");
	} else {
		assert(framing.number >= handled);
	}
	evhttp_send_reply(req, HTTP_OK, "OK", NULL);
}

static void
make_server(void)
{
	struct evconnlistener *listener;
	struct evhttp *server;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	base = event_base_new();
	server = evhttp_new(base);
	address_len = sizeof(sa_family_t);
	if (fd == -1 ||
	    bind(fd, (struct sockaddr *)&address, address_len) == -1 ||
	    listen(fd, 1) == -1)
		abort();
	address_len = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &address_len) == -1)
		abort();
	listener =
	    evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (evhttp_bind_listener(server, listener) == NULL)
		abort();
	evhttp_set_allowed_methods(server,
	    EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
		EVHTTP_REQ_DELETE | EVHTTP_REQ_PUT | EVHTTP_REQ_OPTIONS |
		EVHTTP_REQ_TRACE | EVHTTP_REQ_PATCH);
	evhttp_set_max_headers_size(server, INPUT_MAX);
	evhttp_set_max_body_size(server, INPUT_MAX);
	evhttp_set_gencb(server, handle, NULL);
}

/* Lets evhttp go on for as long as it does something; false: it hung up. */
static bool
turn(int fd)
{
	static char answers[65536];

	for (int idle = 0; idle < TURNS; idle++) {
		uint64_t before = handled;
		ssize_t got;

		event_base_loop(base, EVLOOP_NONBLOCK);
		if ((got = recv(fd, answers, sizeof(answers), MSG_DONTWAIT)) ==
		    0)
			return (false);
		/* early.c answers what evhttp refuses, and hangs up. */
		if (got > 12 && memmem(answers, (size_t)got, "<HTML>", 6))
			return (false);
		if (handled != before || got > 0)
			idle = -1;
	}
	return (true);
}

static void
ask_evhttp(size_t piece, const char *bytes, size_t size)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool open = true;

	if (fd == -1 ||
	    connect(fd, (struct sockaddr *)&address, address_len) == -1)
		abort();
	memset(&framing, 0, sizeof(framing));
	handled = 0;
	in_doubt = false;
	while (size > 0 && open && !in_doubt) {
		size_t n = piece < size ? piece : size;

		framing_feed(&framing, bytes, n);
		if (send(fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
			break;
		open = turn(fd);
		bytes += n;
		size -= n;
	}
	if (open && size == 0 && !in_doubt && !framing.bad)
		assert(handled == framing.number);
	close(fd);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
check_pieces(size_t piece, const char *bytes, size_t size)
{
	struct framing whole = {0}, pieces = {0};

	framing_feed(&whole, bytes, size);
	for (size_t i = 0; i < size; i += piece) {
		size_t n = size - i < piece ? size - i : piece;

		if (!framing_skip(&pieces, n))
			framing_feed(&pieces, bytes + i, n);
	}
	assert(whole.bad == pieces.bad);
	assert(whole.number == pieces.number || whole.bad);
	assert(whole.bad_number == pieces.bad_number);
	if (whole.bad)
		return;
	assert(whole.place == pieces.place && whole.left == pieces.left);
	assert(whole.len == pieces.len && whole.chunked == pieces.chunked);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece;

	if (size < 2 || size > INPUT_MAX)
		return (0);
	if (base == NULL)
		make_server();
	piece = data[0] == 0 ? INPUT_MAX : data[0];
	check_pieces(piece, (const char *)data + 1, size - 1);
	ask_evhttp(piece, (const char *)data + 1, size - 1);
	return (0);
}
