/*
 * What the randomised test does to the daemon besides calling: kills and stops
 * agents, changes the configuration and the number of agents, cancels what it
 * finds, and looks at everything.
 */

#include "random.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_TEXT 96

/* The harness has two agents where a configuration says nothing. */
#define BASE                                            \
	"tools_dir = \"@DIR@/tools.d\"\ntimeout = 2s\n" \
	"cancel_grace = \"100ms\"\nrequest_timeout = \"2s\"\n"

static const char *const agents[] = {"agents = 4\n",
    "agents = 3\nreserve = 1\n", "agents = 6\n",
    "agents = 2\nagents_max = 8\nagents_idle_time = \"100ms\"\n",
    ("agents = 3\nagents_max = 6\nagents_spare = 2\n"
     "agents_idle_time = \"10ms\"\n")};
static const char *const wear[] = {
    "", "", "max_calls = 10\n", "max_age = \"1s\"\n", "max_rss = \"16m\"\n"};
static const char *const queues[] = {"", "queue_max = 4\n", "queue_max = 0\n",
    "codel_target = \"5ms\"\n", "priority_ageing = \"20ms\"\n",
    "client_rate = \"100000/s\"\n", "on_disconnect = finish\n",
    "cancel_grace = \"0s\"\n", "retry_budget = 0\nmax_deaths = 1\n"};
static const char *const policies[] = {"",
    ("tool fault { breaker = yes breaker_window = 4 breaker_min_calls = 4 "
     "breaker_wait = \"100ms\" breaker_probes = 2 }\n"),
    "tool fault { max_concurrent = 1 queue_max = 3 }\n",
    "tool fault { retries = 2 retry_backoff = \"5ms\" }\n",
    "tool text { rate = \"20/s\" burst = 2 }\n", "tool say { enabled = no }\n",
    "tool co { max_concurrent = 2 }\ntool echo { rate = \"5000/s\" }\n"};

#define ANY(r, list) ((list)[random_below((r), COUNT(list))])

int
random_ask(struct random *r, const char *socket, const char *method,
    const char *path, const char *body)
{
	struct conn *conn = http_open_path(socket);
	struct reply *reply;
	int status;

	http_request(conn, method, path, NULL, body);
	reply = http_read(conn, WAIT_MS);
	status = reply->status;
	if (status == HTTP_SILENT || (status == HTTP_CLOSED && !r->closing))
		fail_msg("%s %s: no answer", method, path);
	reply_free(reply);
	http_close(conn);
	return (status);
}

static void
check_status(struct random *r, int status, int good, int other)
{
	if (status != good && status != other && !(r->closing && status == 0))
		fail_msg("%d instead of %d or %d", status, good, other);
}

static pid_t
any_agent(struct random *r)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_agents(r->daemon, pids);

	return (n == 0 ? -1 : pids[random_below(r, (uint32_t)n)]);
}

static void
act_kill(struct random *r)
{
	pid_t pid = any_agent(r);

	if (pid != -1)
		proc_kill(pid, SIGKILL);
}

static void
act_stop(struct random *r)
{
	pid_t *place = &ANY(r, r->stopped), pid = any_agent(r);

	if (*place == 0 && pid != -1 && proc_kill(pid, SIGSTOP))
		*place = pid;
}

/* Nobody reads what the others write to the log. */
static void
act_stop_log(struct random *r)
{
	pid_t *place = &ANY(r, r->stopped), pid = proc_find(r->daemon, "log");

	if (*place == 0 && pid != -1 && proc_kill(pid, SIGSTOP))
		*place = pid;
}

static void
act_continue(struct random *r)
{
	pid_t *place = &ANY(r, r->stopped);

	if (*place != 0)
		proc_kill(*place, SIGCONT);
	*place = 0;
}

void
random_continue(struct random *r)
{
	for (size_t i = 0; i < COUNT(r->stopped); i++) {
		if (r->stopped[i] != 0)
			proc_kill(r->stopped[i], SIGCONT);
		r->stopped[i] = 0;
	}
	fault_clear(r->daemon, "fork");
	fault_clear(r->daemon, "pipe2");
	random_mend_manifests(r);
}

void
random_configure(struct daemon *d)
{
	daemon_configure(d, BASE "agents = 4\n");
}

static void
configure(struct random *r)
{
	char text[1024];

	snprintf(text, sizeof(text), BASE "%s%s%s%s%s", ANY(r, agents),
	    ANY(r, wear), ANY(r, queues), ANY(r, policies),
	    random_chance(r, 10) ? "nonsense = 1\n" : "");
	/* The same setting twice is an error; so be it now and then. */
	daemon_configure(r->daemon, text);
}

static void
act_hangup(struct random *r)
{
	configure(r);
	daemon_signal(r->daemon, SIGHUP);
}

static void
act_reload(struct random *r)
{
	configure(r);
	check_status(r,
	    random_ask(
		r, r->daemon->control, "POST", "/api/v1/admin/reload", ""),
	    200, 422);
}

static void
act_resize(struct random *r)
{
	char body[32];

	snprintf(body, sizeof(body), "{\"agents\": %u}",
	    (unsigned int)(1 + random_below(r, 8)));
	check_status(r,
	    random_ask(
		r, r->daemon->control, "POST", "/api/v1/admin/agents", body),
	    200, 200);
}

static void
act_more(struct random *r)
{
	daemon_signal(r->daemon, SIGTTIN);
}

static void
act_fewer(struct random *r)
{
	daemon_signal(r->daemon, SIGTTOU);
}

static void
act_breaker(struct random *r)
{
	static const char *const bodies[] = {
	    "{\"action\": \"reset\"}", "{\"action\": \"open\"}"};

	/* The tool may have none just now. */
	(void)random_ask(r, r->daemon->control, "POST",
	    "/api/v1/breakers/fault", ANY(r, bodies));
}

static void
act_read(struct random *r)
{
	static const char *const paths[] = {"/api/v1/stats", "/api/v1/agents",
	    "/api/v1/tools", "/api/v1/requests", "/api/v1/breakers", "/livez"};

	check_status(r,
	    random_ask(r, r->daemon->socket, "GET", ANY(r, paths), NULL), 200,
	    200);
}

static void
cancel(struct random *r, const char *id)
{
	char path[PATH_MAX_TEXT];

	snprintf(path, sizeof(path), "/api/v1/requests/%s", id);
	check_status(r, random_ask(r, r->daemon->socket, "DELETE", path, NULL),
	    202, 404);
}

/* Something under way, be it a call, a batch or a pipeline. */
static void
act_cancel(struct random *r)
{
	struct random_caller *caller = &ANY(r, r->caller);

	if (random_chance(r, 5))
		cancel(r, "00000000-0000-4000-8000-000000000000");
	else if (caller->id[0] != '\0')
		cancel(r, caller->id);
}

/* A call out of the list, perhaps one of a batch. */
static void
act_cancel_listed(struct random *r)
{
	struct conn *conn = http_open(r->daemon);
	struct reply *reply;
	char pointer[64];
	size_t count;

	http_request(conn, "GET", "/api/v1/requests", NULL, NULL);
	reply = http_read(conn, WAIT_MS);
	check_status(r, reply->status, 200, 200);
	count = reply->status == 200
		    ? json_object_array_length(reply_at(reply, "/requests"))
		    : 0;
	if (count > 0) {
		snprintf(pointer, sizeof(pointer), "/requests/%u/request_id",
		    (unsigned int)random_below(r, (uint32_t)count));
		cancel(r, reply_string(reply, pointer));
	}
	reply_free(reply);
	http_close(conn);
}

/* An agent, or the master, cannot have one of these once. */
static void
act_want(struct random *r)
{
	static const char *const wants[] = {"fork", "pipe2"};

	fault_set(r->daemon, ANY(r, wants), "1");
}

void
random_stop(struct random *r)
{
	struct daemon *d = r->daemon;

	/* Some may not have been taken in before the listeners went. */
	r->closing = true;
	random_send_all(r);
	daemon_signal(d, SIGTERM);
	daemon_signal(d, SIGTERM);
	random_finish(r);
	for (size_t i = 0; i < COUNT(r->caller); i++)
		if (r->caller[i].conn != NULL)
			http_close(r->caller[i].conn);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

void
random_kill_frontend(struct random *r)
{
	pid_t pid = proc_frontend(r->daemon);

	if (pid != -1)
		proc_kill(pid, SIGKILL);
}

static const struct act {
	uint32_t weight;
	void (*run)(struct random *);
} acts[] = {
    {10, act_kill},
    {4, act_stop},
    {2, act_stop_log},
    {10, act_continue},
    {3, act_want},
    {3, act_hangup},
    {3, act_reload},
    {3, act_resize},
    {3, act_more},
    {3, act_fewer},
    {3, act_breaker},
    {3, random_break_manifest},
    {2, random_mend_manifests},
    {6, random_malformed},
    {15, act_read},
    {20, act_cancel},
    {10, act_cancel_listed},
};

void
random_act(struct random *r)
{
	uint32_t all = 0, at;
	size_t i;

	for (i = 0; i < COUNT(acts); i++)
		all += acts[i].weight;
	at = random_below(r, all);
	for (i = 0; at >= acts[i].weight; i++)
		at -= acts[i].weight;
	r->acts++;
	acts[i].run(r);
}
