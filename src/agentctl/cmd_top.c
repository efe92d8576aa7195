/*
 * agentctl top: looks at the daemon again and again.  On a terminal until q
 * or ^C; otherwise one picture, or as many as are asked for.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/interrupt.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/screen.h"
#include "agentctl/view.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#define INTERVAL_MS 1000

/* For each answer, unless -t says otherwise. */
#define ANSWER_MS 3000

#define PIPE_COLUMNS 80

struct top {
	struct ctl *ctl;
	struct answer root, stats, agents;
	struct view_state state;
	char trouble[256];
	int64_t taken_ns, calls; /* at the last look, for the rate */
	int64_t next_ns, frames;
	int fds[2]; /* signals, keys */
	size_t fds_count;
	bool live;
	int ended; /* -1: goes on; else what to exit with */
};

/* Ends by the signal at hand, after the terminal was given back. */
static void
cmd_top_signal(struct top *top, int number)
{
	if (number == SIGWINCH || number == 0)
		return;
	if (number == SIGINT) {
		top->ended = CTL_OK;
		return;
	}
	screen_leave();
	if (number != SIGTSTP)
		interrupt_die(number);
	raise(SIGSTOP);
	screen_enter();
}

static void
cmd_top_key(struct top *top)
{
	int key = screen_key();

	if (key == 'q' || key == 'Q')
		top->ended = CTL_OK;
	else if (key == -1)
		top->fds_count = 1;
}

/* Deals with what came while it waited; true when the screen may differ. */
static void
cmd_top_attend(struct top *top)
{
	struct pollfd keys = {.fd = top->fds[1], .events = POLLIN};

	cmd_top_signal(top, interrupt_take(top->fds[0]));
	if (top->fds_count > 1 && poll(&keys, 1, 0) == 1)
		cmd_top_key(top);
	client_watch(top->ctl->client, top->fds, top->fds_count);
}

/* One answer; the old one stays when there is none.  False: not now. */
static bool
cmd_top_get(struct top *top, const char *path, struct answer *kept)
{
	struct request request = {.method = "GET",
	    .path = path,
	    .timeout_ms =
		top->ctl->timeout_ms == 0 ? ANSWER_MS : top->ctl->timeout_ms};
	struct client *client = top->ctl->client;
	struct answer answer;
	enum client_end end = client_ask(client, &request, &answer);

	if (end == CLIENT_ANSWERED && answer.status == 200 &&
	    answer.json != NULL) {
		client_answer_free(kept);
		*kept = answer;
		return (true);
	}
	if (end == CLIENT_ANSWERED)
		snprintf(top->trouble, sizeof(top->trouble),
		    "an answer of status %ld", answer.status);
	else if (end != CLIENT_INTERRUPTED)
		snprintf(top->trouble, sizeof(top->trouble), "%s: %s",
		    client_where(client),
		    end == CLIENT_TIMEOUT ? "no answer in time"
					  : client_why(client));
	client_answer_free(&answer);
	return (false);
}

static void
cmd_top_rate(struct top *top)
{
	int64_t now = clock_now_ns();
	int64_t calls = field_int(top->stats.json, "total_requests");

	/* A new front end counts anew. */
	top->state.rate = -1;
	if (top->taken_ns != 0 && calls >= top->calls && now > top->taken_ns)
		top->state.rate = (double)(calls - top->calls) * NS_PER_SEC /
				  (double)(now - top->taken_ns);
	top->taken_ns = now;
	top->calls = calls;
}

static bool
cmd_top_look(struct top *top)
{
	bool good;

	top->trouble[0] = '\0';
	good = cmd_top_get(top, "/", &top->root) &&
	       cmd_top_get(top, "/api/v1/agents", &top->agents) &&
	       cmd_top_get(top, "/api/v1/stats", &top->stats);
	if (good)
		cmd_top_rate(top);
	top->state.root = top->root.json;
	top->state.agents = top->agents.json;
	top->state.stats = top->stats.json;
	top->state.trouble = top->trouble[0] == '\0' ? NULL : top->trouble;
	return (good);
}

/* All that was looked at, as one line. */
static void
cmd_top_print_json(const struct top *top)
{
	printf("{\"daemon\":");
	output_json_part(top->root.body, top->root.len);
	printf(",\"agents\":");
	output_json_part(top->agents.body, top->agents.len);
	printf(",\"stats\":");
	output_json_part(top->stats.body, top->stats.len);
	puts("}");
}

static void
cmd_top_draw(struct top *top)
{
	struct screen_size size = screen_size();
	char *text = top->live ? view_top(&top->state, size.rows, size.columns)
			       : view_top(&top->state, 0, PIPE_COLUMNS);

	if (top->live)
		screen_show(text);
	else if (top->ctl->json)
		cmd_top_print_json(top);
	else
		printf("%s%s", top->frames > 0 ? "\n" : "", text);
	if (!top->live && fflush(stdout) != 0)
		top->ended = CTL_SELF;
	free(text);
}

/* Until the next look; earlier when there is something to attend to. */
static void
cmd_top_sleep(struct top *top)
{
	struct pollfd fds[2] = {{.fd = top->fds[0], .events = POLLIN},
	    {.fd = top->fds[1], .events = POLLIN}};
	int64_t left_ns;

	while (
	    top->ended == -1 && (left_ns = top->next_ns - clock_now_ns()) > 0) {
		struct timespec left = {
		    left_ns / NS_PER_SEC, left_ns % NS_PER_SEC};

		if (ppoll(fds, top->fds_count, &left, NULL) <= 0)
			continue;
		cmd_top_attend(top);
		if (top->ended == -1 && top->live)
			cmd_top_draw(top);
	}
}

/* On a terminal it goes on, since the daemon may come back. */
static void
cmd_top_failed(struct top *top)
{
	cmd_top_attend(top);
	if (top->live || top->state.trouble == NULL || top->ended != -1)
		return;
	message("%s", top->state.trouble);
	top->ended = CTL_CONNECT;
}

static void
cmd_top_loop(struct top *top, int64_t interval_ms, int64_t frames)
{
	while (top->ended == -1) {
		top->next_ns = clock_now_ns() + interval_ms * NS_PER_MS;
		if (!cmd_top_look(top))
			cmd_top_failed(top);
		if (top->ended != -1)
			break;
		cmd_top_draw(top);
		if (++top->frames == frames)
			top->ended = CTL_OK;
		cmd_top_sleep(top);
	}
}

static void
cmd_top_prepare(struct top *top)
{
	static const int signals[] = {
	    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, 0};

	top->live = screen_possible() && !top->ctl->json;
	top->fds[0] = interrupt_open(signals);
	if (top->fds[0] == -1)
		message_die(CTL_SELF, "signals: %s", strerror(errno));
	top->fds[1] = STDIN_FILENO;
	top->fds_count = top->live && isatty(STDIN_FILENO) ? 2 : 1;
}

/* The first look is by ask(), which says what is wrong. */
static int
cmd_top_first(struct ctl *ctl)
{
	struct answer answer;
	bool json = ctl->json;
	int status;

	ctl->json = false; /* it is not to be seen */
	status = ask_get(ctl, "/api/v1/stats", "total_requests", &answer);
	ctl->json = json;
	client_answer_free(&answer);
	return (status);
}

int
cmd_top(struct ctl *ctl, int argc, char **argv)
{
	struct top top = {.ctl = ctl, .ended = -1, .state = {.rate = -1}};
	int status = cmd_top_first(ctl);
	int64_t interval_ms =
	    ctl->interval_ms == 0 ? INTERVAL_MS : ctl->interval_ms;

	if (status != CTL_OK)
		return (status);
	cmd_top_prepare(&top);
	client_watch(ctl->client, top.fds, top.fds_count);
	if (top.live)
		screen_enter();
	cmd_top_loop(
	    &top, interval_ms, ctl->frames == 0 && !top.live ? 1 : ctl->frames);
	screen_leave();
	client_answer_free(&top.root);
	client_answer_free(&top.stats);
	client_answer_free(&top.agents);
	return (top.ended);
}
