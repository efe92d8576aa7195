/*
 * The floor of tests/bench/run: what one HTTP call costs on this machine with
 * nothing behind it.  The same library, the same kind of event base and an
 * answer like agentd's, but it is always the same one and nobody works it out.
 *
 *	bench_floor PORT
 *
 * It listens on 127.0.0.1 until it is killed.
 */

#include <sys/queue.h>

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

/* An answer of agentd as it came. */
static const char answer[] =
    "{\"request_id\":\"b9a593d1-a512-4630-8454-c2668bc9b857\","
    "\"agent_id\":\"agent-2\",\"success\":true,"
    "\"result\":{\"operation\":\"add\",\"a\":10,\"b\":5,\"result\":15},"
    "\"processed_at\":\"2026-01-15T10:31:00.123456Z\","
    "\"duration\":155861,\"queued\":31438,\"attempts\":1}\n";

static void
floor_request(struct evhttp_request *req, void *arg)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);

	evhttp_add_header(headers, "Content-Type", "application/json");
	evhttp_add_header(
	    headers, "X-Request-Id", "b9a593d1-a512-4630-8454-c2668bc9b857");
	evbuffer_add(
	    evhttp_request_get_output_buffer(req), answer, sizeof(answer) - 1);
	evhttp_send_reply(req, 200, "OK", NULL);
}

/* Made as the front end makes its own. */
static struct event_base *
floor_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (config == NULL)
		errx(1, "out of memory");
	event_config_set_flag(config,
	    EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST | EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return (base);
}

int
main(int argc, char **argv)
{
	struct event_base *base = floor_base();
	struct evhttp *server;
	const char *wrong;
	uint16_t port;

	if (argc != 2)
		errx(2, "usage: bench_floor port");
	port = (uint16_t)strtonum(argv[1], 1, UINT16_MAX, &wrong);
	if (wrong != NULL)
		errx(2, "the port is %s", wrong);
	if (base == NULL || (server = evhttp_new(base)) == NULL)
		errx(1, "out of memory");
	evhttp_set_gencb(server, floor_request, NULL);
	if (evhttp_bind_socket(server, "127.0.0.1", port) == -1)
		err(1, "127.0.0.1:%s", argv[1]);
	event_base_dispatch(base);
	return (1);
}
