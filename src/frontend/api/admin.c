/*
 * Keeps the requests that the master is at.  Each is a number to the master,
 * so that an answer to a client that has left finds nobody and is dropped.
 * What they mean is api_admin.c's to know.
 */

#include "frontend/api/admin.h"
#include "common/clock.h"
#include "common/sys.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/master_link.h"

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

/* The master answers at once, unless a name server keeps a reload waiting. */
#define LIMIT_MS 30000

struct admin {
	TAILQ_ENTRY(admin) entry;
	struct wire_admin request;
	struct conn *conn; /* that waits */
	struct event limit;
};

static TAILQ_HEAD(, admin) pending = TAILQ_HEAD_INITIALIZER(pending);
static uint64_t last_number;

/* Ends the waiting.  Returns the connection, which is to be answered now. */
static struct conn *
admin_free(struct admin *admin)
{
	struct conn *conn = admin->conn;

	TAILQ_REMOVE(&pending, admin, entry);
	evtimer_del(&admin->limit);
	free(admin);
	return (conn);
}

static void
admin_left(void *admin)
{
	(void)admin_free(admin);
}

static const struct waiter waiter = {.left = admin_left};

static void
admin_limit(evutil_socket_t fd, short what, void *arg)
{
	reply_problem(admin_free(arg), PROBLEM_TIMEOUT,
	    "the master has not answered in time");
}

void
admin_ask(struct conn *conn, enum wire_admin_action action, int64_t value)
{
	struct timeval limit = clock_timeval(LIMIT_MS);
	struct admin *admin = sys.malloc(sizeof(*admin));

	if (admin == NULL) {
		reply_problem(conn, PROBLEM_NO_MEMORY, "out of memory");
		return;
	}
	memset(admin, 0, sizeof(*admin));
	admin->request.number = ++last_number;
	admin->request.action = action;
	admin->request.value = value;
	admin->conn = conn;
	evtimer_assign(&admin->limit, frontend.base, admin_limit, admin);
	evtimer_add(&admin->limit, &limit);
	TAILQ_INSERT_TAIL(&pending, admin, entry);
	conn_wait(conn, &waiter, admin);
	master_link_admin(&admin->request);
}

void
admin_done(const struct wire_admin_done *done, const char *text, size_t len)
{
	struct wire_admin request;
	struct admin *admin;

	TAILQ_FOREACH (admin, &pending, entry)
		if (admin->request.number == done->number)
			break;
	if (admin == NULL)
		return;
	request = admin->request;
	api_admin_done(admin_free(admin), &request, done->outcome, text, len);
}
