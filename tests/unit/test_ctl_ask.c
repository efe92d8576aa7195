/*
 * What agentctl makes of answers: exit statuses, and what is sent for each
 * order to the daemon.
 */

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/message.h"
#include "http_service.h"

static const struct {
	long status;
	int exit;
} exit_rows[] = {
    {200, CTL_OK},
    {202, CTL_OK},
    {100, CTL_CONNECT},
    {301, CTL_CONNECT},
    {400, CTL_REFUSED},
    {403, CTL_REFUSED},
    {404, CTL_REFUSED},
    {408, CTL_TIMEOUT},
    {409, CTL_REFUSED},
    {413, CTL_REFUSED},
    {422, CTL_REFUSED},
    {429, CTL_REFUSED},
    {500, CTL_REFUSED},
    {501, CTL_REFUSED},
    {502, CTL_TOOL},
    {503, CTL_REFUSED},
    {504, CTL_TIMEOUT},
    {600, CTL_CONNECT},
    {0, CTL_CONNECT},
};

static void
ask_exits(void **state)
{
	for (size_t i = 0; i < COUNT(exit_rows); i++)
		assert_int_equal(
		    ask_exit(exit_rows[i].status), exit_rows[i].exit);
}

/* Answers that are odd, and what they are worth to "agentctl tools". */
static const struct {
	const char *status, *body;
	int exit;
} answer_rows[] = {
    {"200 OK", "{}", CTL_CONNECT},
    {"200 OK", "{\"status\": \"up\"}", CTL_CONNECT},
    {"200 OK", "{\"tools\": 1}", CTL_OK},
    {"200 OK", "{\"tools\": [1, null, {\"name\": 2}]}", CTL_OK},
    {"200 OK", "<html>", CTL_CONNECT},
    {"200 OK", "", CTL_CONNECT},
    {"200 OK", "null", CTL_CONNECT},
    {"200 OK", "[]", CTL_CONNECT},
    {"200 OK", "{", CTL_CONNECT},
    {"200 OK", "{} {}", CTL_CONNECT},
    {"200 OK", "{\"a\": \"\xff\"}", CTL_CONNECT},
    {"302 Found", "{}", CTL_CONNECT},
    {"404 Not Found", "<html>", CTL_REFUSED},
    {"422 Unprocessable", "{\"detail\": 1, \"errors\": 2}", CTL_REFUSED},
    {"422 Unprocessable", "{\"errors\": [1, {}, {\"pointer\": null}]}",
	CTL_REFUSED},
    {"503 Service Unavailable", "{}", CTL_REFUSED},
    {"504 Gateway Timeout", "{}", CTL_TIMEOUT},
};

/* Runs a command against a service that gives this answer to anything. */
static int
run(struct http_service *service, const char *status, const char *body,
    int (*command)(struct ctl *, int, char **), char *argument)
{
	char text[1024], *argv[] = {argument, NULL};
	int len = snprintf(text, sizeof(text),
	    "HTTP/1.1 %s\r\nContent-Length: %zu\r\n"
	    "Location: http://127.0.0.1:1/\r\n\r\n%s",
	    status, strlen(body), body);
	struct ctl ctl = {0};
	int exit;

	http_service_start(service, text, (size_t)len);
	ctl.client = client_new(NULL, service->url);
	exit = command(&ctl, argument == NULL ? 0 : 1, argv);
	client_free(ctl.client);
	http_service_stop(service);
	return (exit);
}

static void
ask_answers(void **state)
{
	struct http_service service;

	for (size_t i = 0; i < COUNT(answer_rows); i++) {
		print_message(
		    "# %s %s\n", answer_rows[i].status, answer_rows[i].body);
		assert_int_equal(run(&service, answer_rows[i].status,
				     answer_rows[i].body, cmd_tools, NULL),
		    answer_rows[i].exit);
	}
}

/* What any of them wants to see in an answer. */
#define ALL_MEMBERS                                                           \
	"{\"reloaded\": true, \"draining\": true, \"agents\": 8, \"level\": " \
	"1, "                                                                 \
	"\"cancelled\": true, \"parameters\": {}}"

/* What each order sends; reload makes several requests, see
 * test_agentctl_admin. */
static const struct {
	int (*command)(struct ctl *, int, char **);
	const char *argument, *path, *body;
} order_rows[] = {
    {cmd_drain, NULL, "POST /weather/api/v1/admin/drain ", "{}"},
    {cmd_resize, "8", "POST /weather/api/v1/admin/agents ", "{\"agents\": 8}"},
    {cmd_log, "debug", "POST /weather/api/v1/admin/log ",
	"{\"level\": \"debug\"}"},
    {cmd_cancel, "550e8400-e29b-41d4-a716-446655440000",
	"DELETE /weather/api/v1/requests/550e8400-e29b-41d4-a716-446655440000 ",
	NULL},
    {cmd_describe, "calculator", "GET /weather/api/v1/tools/calculator ", NULL},
};

static void
ask_orders(void **state)
{
	struct http_service service;
	char length[64];

	for (size_t i = 0; i < COUNT(order_rows); i++) {
		char *argument = order_rows[i].argument == NULL
				     ? NULL
				     : strdup(order_rows[i].argument);

		assert_int_equal(run(&service, "200 OK", "{}",
				     order_rows[i].command, argument),
		    CTL_CONNECT);
		assert_int_equal(run(&service, "200 OK", ALL_MEMBERS,
				     order_rows[i].command, argument),
		    CTL_OK);
		if (strncmp(service.request, order_rows[i].path,
			strlen(order_rows[i].path)) != 0)
			fail_msg("%s", service.request);
		if (order_rows[i].body != NULL) {
			snprintf(length, sizeof(length),
			    "\r\nContent-Length: %zu\r\n",
			    strlen(order_rows[i].body));
			assert_non_null(strstr(service.request, length));
		}
		free(argument);
	}
}

/* A service that takes the request and says nothing. */
static void
ask_silence(void **state)
{
	struct http_service service;
	struct ctl ctl = {.timeout_ms = 50};

	http_service_start(&service, NULL, 0);
	ctl.client = client_new(NULL, service.url);
	assert_int_equal(cmd_tools(&ctl, 0, NULL), CTL_TIMEOUT);
	client_free(ctl.client);
	http_service_stop(&service);
}

/* One that ends the connection within the answer. */
static void
ask_half(void **state)
{
	static const char half[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}";
	struct http_service service;
	struct ctl ctl = {0};

	http_service_start(&service, half, strlen(half));
	ctl.client = client_new(NULL, service.url);
	assert_int_equal(cmd_tools(&ctl, 0, NULL), CTL_CONNECT);
	client_free(ctl.client);
	http_service_stop(&service);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ask_exits),
	    cmocka_unit_test(ask_answers),
	    cmocka_unit_test(ask_orders),
	    cmocka_unit_test(ask_silence),
	    cmocka_unit_test(ask_half),
	};

	/* What is said there is no matter here, and no TAP. */
	message_quiet(true);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
