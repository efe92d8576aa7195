/*
 * Asks the daemon, and says what went wrong.  The one place where HTTP statuses
 * become exit statuses.
 */

#include "agentctl/ask.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "agentctl/field.h"
#include "agentctl/interrupt.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "common/control_place.h"
#include "conf/conf_check.h"

#define TIMEOUT_MS 10000

/* The first that holds the status counts. */
static const struct {
	long first, last;
	int status;
} exits[] = {
    {200, 299, CTL_OK},
    {408, 408, CTL_TIMEOUT},
    {502, 502, CTL_TOOL}, /* it crashed */
    {504, 504, CTL_TIMEOUT},
    {400, 599, CTL_REFUSED},
};

int
ask_exit(long http_status)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		if (http_status >= exits[i].first &&
		    http_status <= exits[i].last)
			return (exits[i].status);
	return (CTL_CONNECT);
}

void
ask_errors(struct json_object *errors)
{
	for (size_t i = 0; i < field_count(errors); i++) {
		struct json_object *e = field_at(errors, i);
		const char *pointer = field_text(e, "pointer");
		const char *detail = field_text(e, "detail");

		if (pointer != NULL && pointer[0] != '\0')
			message(
			    "%s: %s", pointer, detail == NULL ? "" : detail);
		else
			message("%s", detail == NULL ? "" : detail);
	}
}

/* What a proxy may have answered without a reason. */
static const char *
ask_reason(const struct answer *answer)
{
	const char *title = field_text(answer->json, "title");

	if (answer->status == 413)
		return ("the request is larger than the daemon accepts; see "
			"max_body in agentd.conf(5)");
	return (title == NULL ? "the request failed" : title);
}

/* What a tool had written before its time was up, when its manifest says so. */
static void
ask_partial(struct json_object *partial)
{
	static const struct {
		const char *member, *label;
	} streams[] = {
	    {"stdout", "standard output"}, {"stderr", "standard error"}};

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		const char *text = field_text(partial, streams[i].member);

		if (text != NULL && text[0] != '\0')
			message("%s: %s", streams[i].label, text);
	}
}

static int
ask_problem(const struct answer *answer)
{
	const char *detail = field_text(answer->json, "detail");
	int status = ask_exit(answer->status);

	if (status == CTL_CONNECT)
		message("the server there is not agentd (status %ld)",
		    answer->status);
	else if (detail == NULL)
		message("%s (status %ld)", ask_reason(answer), answer->status);
	else
		message("%s", detail);
	ask_errors(field_list(answer->json, "errors"));
	ask_partial(field(answer->json, "partial"));
	return (status);
}

/* Whether no daemon is where one would be that was not named by an option. */
static bool
ask_is_absent(const struct ctl *ctl)
{
	const char *why = client_why(ctl->client);

	return (ctl->url == NULL && !ctl->chose_socket &&
		(strcmp(why, strerror(ENOENT)) == 0 ||
		    strcmp(why, strerror(ECONNREFUSED)) == 0));
}

/* The status of a request that was not answered, nor interrupted. */
static int
ask_unanswered(const struct ctl *ctl, enum client_end end)
{
	switch (end) {
	case CLIENT_UNREACHABLE:
		message("cannot connect to %s: %s", client_where(ctl->client),
		    client_why(ctl->client));
		if (ask_is_absent(ctl))
			message("no agentd is there; -u url or AGENTD_URL "
				"leads to one elsewhere, as in -u "
				"http://127.0.0.1:8080");
		return (CTL_CONNECT);
	case CLIENT_LOST:
		message("the connection to %s was lost: %s",
		    client_where(ctl->client), client_why(ctl->client));
		return (CTL_CONNECT);
	case CLIENT_TIMEOUT:
		message("no answer in time");
		return (CTL_TIMEOUT);
	default:
		message("out of memory");
		return (CTL_SELF);
	}
}

/* What an answer is worth, with the message and the printing. */
static int
ask_judge(const struct ctl *ctl, const struct request *request,
    const struct answer *answer)
{
	int status = ask_exit(answer->status);

	if (ctl->json && answer->json != NULL)
		output_json(answer->body, answer->len);
	if (status != CTL_OK)
		return (ask_problem(answer));
	if (field(answer->json, request->member) != NULL)
		return (CTL_OK);
	message("the server there is not agentd");
	return (CTL_CONNECT);
}

int
ask(struct ctl *ctl, struct request *request, struct answer *answer)
{
	enum client_end end;

	if (request->timeout_ms == 0)
		request->timeout_ms =
		    ctl->timeout_ms == 0 ? TIMEOUT_MS : ctl->timeout_ms;
	end = client_ask(ctl->client, request, answer);
	return (end == CLIENT_ANSWERED ? ask_judge(ctl, request, answer)
				       : ask_unanswered(ctl, end));
}

static int
ask_interrupted(int fd)
{
	int number = interrupt_take(fd);

	message("cancelled");
	return (CTL_SIGNAL + (number == 0 ? SIGINT : number));
}

int
ask_waiting(struct ctl *ctl, struct request *request, struct answer *answer)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0};
	enum client_end end;
	int fd = interrupt_open(signals);

	if (fd == -1)
		message_die(CTL_SELF, "signals: %s", strerror(errno));
	client_watch(ctl->client, &fd, 1);
	end = client_ask(ctl->client, request, answer);
	client_watch(ctl->client, NULL, 0);
	if (end == CLIENT_INTERRUPTED)
		return (ask_interrupted(fd));
	return (end == CLIENT_ANSWERED ? ask_judge(ctl, request, answer)
				       : ask_unanswered(ctl, end));
}

int
ask_get(struct ctl *ctl, const char *path, const char *member,
    struct answer *answer)
{
	struct request request = {
	    .method = "GET", .path = path, .member = member};

	return (ask(ctl, &request, answer));
}

/* Elsewhere such a path is as if it were not: 404, but for another reason. */
int
ask_admin(struct ctl *ctl, struct request *request, struct answer *answer)
{
	int status = ask(ctl, request, answer);
	const char *detail = field_text(answer->json, "detail");

	if (answer->status == 404 && detail != NULL &&
	    strcmp(detail, "no such path") == 0)
		message("only the control socket of the daemon accepts this "
			"command: see -s in agentctl(1)");
	return (status);
}

void
ask_check_tool(const char *name)
{
	const char *why = conf_check_tool(name);

	if (why != NULL)
		message_die(CTL_USAGE, "\"%s\": %s", name, why);
}

/* Whether it can be connected to; -1 with errno when not. */
static int
ask_place_try(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result, saved;

	if (fd == -1)
		return (-1);
	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	saved = errno;
	close(fd);
	errno = saved;
	/* A full backlog is one of a daemon that lives. */
	return (result == -1 && errno == EAGAIN ? 0 : result);
}

const char *
ask_place_find(void)
{
	static char best[CONTROL_PLACE_SIZE];
	char path[CONTROL_PLACE_SIZE];
	bool missing = true;

	best[0] = '\0';
	for (unsigned int i = 0; control_place(i, path); i++) {
		if (path[0] == '\0')
			continue;
		if (ask_place_try(path) == 0) {
			strlcpy(best, path, sizeof(best));
			break;
		}
		/* One that refuses says more than one that is not there. */
		if (best[0] == '\0' || (missing && errno != ENOENT)) {
			missing = errno == ENOENT;
			strlcpy(best, path, sizeof(best));
		}
	}
	return (best);
}
