/*
 * Load: callers on connections of their own, driven by poll in this process,
 * each with one call at a time.  Every answer is held against its call: its
 * id in header and body, and the very text that was sent to be echoed.
 */

#include "harness.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
load_init(struct load *load, struct daemon *d, int callers)
{
	memset(load, 0, sizeof(*load));
	load->daemon = d;
	load->callers = callers;
	assert_in_range(callers, 1, LOAD_MAX);
}

static void
caller_send(struct load *load, struct load_caller *caller)
{
	char header[80], body[160];

	snprintf(caller->id, sizeof(caller->id), "%08x-0000-4000-8000-%012llx",
	    (unsigned int)getpid(), (unsigned long long)++load->sequence);
	snprintf(header, sizeof(header), "X-Request-Id: %s\r\n", caller->id);
	snprintf(body, sizeof(body),
	    "{\"tool_name\": \"echo\", \"params\": {\"message\": \"%s\"}}",
	    caller->id);
	load->sent++;
	http_request(caller->conn, "POST", "/api/v1/request", header, body);
}

static bool
caller_open(struct load *load, struct load_caller *caller)
{
	int fd = http_connect_path(load->daemon->socket);

	if (fd == -1) {
		load->refused++;
		return (false);
	}
	close(fd);
	caller->conn = http_open(load->daemon);
	return (true);
}

static void
caller_close(struct load_caller *caller)
{
	http_close(caller->conn);
	caller->conn = NULL;
	caller->id[0] = '\0';
}

static bool
same_string(const struct reply *reply, const char *pointer, const char *text)
{
	return (reply_has(reply, pointer) &&
		strcmp(reply_string(reply, pointer), text) == 0);
}

/* True when this answer can be that of the call with this id. */
static bool
answer_fits(const struct reply *reply, const char *id)
{
	const char *header = reply_header(reply, "X-Request-Id");
	char urn[64];

	if (header == NULL || strcmp(header, id) != 0)
		return (false);
	if (reply->status == 200)
		return (same_string(reply, "/request_id", id) &&
			same_string(reply, "/result/echo", id));
	snprintf(urn, sizeof(urn), "urn:uuid:%s", id);
	return (same_string(reply, "/instance", urn));
}

static void
caller_answered(
    struct load *load, struct load_caller *caller, struct reply *reply)
{
	load->answered++;
	load->status[reply->status < 600 ? reply->status : 0]++;
	if (reply->status == 200)
		load->succeeded++;
	if (!answer_fits(reply, caller->id)) {
		if (load->wrong++ == 0)
			print_message("# to %s: %s%s\n", caller->id,
			    reply->head, reply->body);
	}
	reply_free(reply);
	caller->id[0] = '\0';
	/* Not even a byte of a second answer. */
	if (caller->conn->len > 0)
		load->wrong++;
}

/* Takes what came for this caller, and the end of its connection. */
static void
caller_receive(struct load *load, struct load_caller *caller)
{
	struct reply *reply;

	http_fill(caller->conn);
	if (caller->id[0] != '\0' && (reply = reply_take(caller->conn)) != NULL)
		caller_answered(load, caller, reply);
	if (!caller->conn->ended)
		return;
	if (caller->id[0] != '\0')
		load->closed++;
	caller_close(caller);
}

static void
load_poll(struct load *load, int timeout_ms)
{
	struct pollfd p[LOAD_MAX];

	for (int i = 0; i < load->callers; i++) {
		p[i].fd = load->caller[i].conn == NULL
			      ? -1
			      : load->caller[i].conn->fd;
		p[i].events = POLLIN;
		p[i].revents = 0;
	}
	if (poll(p, (nfds_t)load->callers, timeout_ms) == -1)
		assert_int_equal(errno, EINTR);
	for (int i = 0; i < load->callers; i++)
		if (p[i].revents != 0)
			caller_receive(load, &load->caller[i]);
}

static void
load_send(struct load *load)
{
	for (int i = 0; i < load->callers; i++) {
		struct load_caller *caller = &load->caller[i];

		if (caller->conn == NULL && !caller_open(load, caller))
			continue;
		if (caller->id[0] == '\0')
			caller_send(load, caller);
	}
}

void
load_run(struct load *load, int duration_ms)
{
	int64_t end = now_ms() + duration_ms;
	int64_t next = now_ms() + load->tick_ms;

	while (now_ms() < end) {
		load_send(load);
		load_poll(load, load->tick == NULL ? 100 : load->tick_ms);
		if (load->tick == NULL || now_ms() < next)
			continue;
		next = now_ms() + load->tick_ms;
		if (!load->tick(load->tick_arg))
			break;
	}
}

static bool
load_idle(void *arg)
{
	struct load *load = arg;
	int waiting = 0;

	load_poll(load, 0);
	for (int i = 0; i < load->callers; i++)
		if (load->caller[i].id[0] != '\0')
			waiting++;
	return (waiting == 0);
}

void
load_pause(struct load *load)
{
	if (!wait_until(load_idle, load, WAIT_MS))
		fail_msg("a call got no answer");
}

void
load_finish(struct load *load)
{
	load_pause(load);
	for (int i = 0; i < load->callers; i++)
		if (load->caller[i].conn != NULL)
			caller_close(&load->caller[i]);
	print_message(
	    "# %d calls: %d good, %d with 502, %d with 503, %d closed, "
	    "%d refused\n",
	    load->sent, load->succeeded, load->status[502], load->status[503],
	    load->closed, load->refused);
	assert_int_equal(load->wrong, 0);
	assert_int_equal(load->answered + load->closed, load->sent);
}
