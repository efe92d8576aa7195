/*
 * The kinds of child process, a row each, and what it means to the rest of the
 * master that a service comes, speaks and goes.  A further kind is its row
 * here, its member of enum role_kind, and the function that it runs.
 */

#include "master/roles.h"
#include "common/frame.h"
#include "master/admin.h"
#include "master/bundle.h"
#include "master/globals.h"
#include "master/listen.h"
#include "master/logger.h"
#include "master/pool.h"
#include "master/reload.h"
#include "master/service.h"
#include "master/slot.h"
#include "master/user.h"
#include "master/warden.h"

#include <signal.h>
#include <string.h>

static void
roles_run_frontend(void *arg)
{
	master.options.run.frontend(
	    master.conf, master.bundle.catalogue, master.epoch);
}

static void
roles_introduce_frontend(void)
{
	/* Agents first: with the first socket comes the first call. */
	pool_introduce();
	listen_introduce();
}

static void
roles_frontend_lost(void)
{
	pool_frontend_lost();
	listen_frontend_lost();
	reload_forget();
}

static void
roles_on_pong(void *arg, const struct frame *frame)
{
	service_heard(ROLE_FRONTEND);
}

static void
roles_on_drained(void *arg, const struct frame *frame)
{
	service_drained(ROLE_FRONTEND);
}

static void
roles_on_kill(void *arg, const struct frame *frame)
{
	struct wire_kill body;

	memcpy(&body, frame->body, sizeof(body));
	pool_kill(frame->header.slot, frame->header.generation, body.cause);
}

static void
roles_on_free(void *arg, const struct frame *frame)
{
	pool_free(frame->header.slot, frame->header.generation);
}

static void
roles_on_wanted(void *arg, const struct frame *frame)
{
	struct wire_autoscale body;

	memcpy(&body, frame->body, sizeof(body));
	pool_wish(body.agents, frame->header.slot, frame->header.generation);
}

static void
roles_on_unlistened(void *arg, const struct frame *frame)
{
	listen_left((const char *)frame->body, frame->header.length);
}

static void
roles_on_admin(void *arg, const struct frame *frame)
{
	struct wire_admin body;

	memcpy(&body, frame->body, sizeof(body));
	admin_handle(&body);
}

static const peer_handler frontend_handlers[WIRE_TYPES] = {
    [WIRE_PONG] = roles_on_pong,
    [WIRE_AGENT_KILL] = roles_on_kill,
    [WIRE_AGENT_FREE] = roles_on_free,
    [WIRE_DRAINED] = roles_on_drained,
    [WIRE_ADMIN] = roles_on_admin,
    [WIRE_AUTOSCALE] = roles_on_wanted,
    [WIRE_UNLISTENED] = roles_on_unlistened,
};

static const struct service_role frontend_service = {
    .wire = WIRE_FRONTEND,
    .handlers = frontend_handlers,
    .drains = true,
    .introduce = roles_introduce_frontend,
    .lost = roles_frontend_lost,
};

const struct role roles[ROLES] = {
    /*
     * It must see the end of its link, even when it is stopped: it kills
     * agents that ignore TERM before it goes.
     */
    [ROLE_FRONTEND] = {.name = "frontend",
	.title = "front end",
	.fds = 2,
	.become = user_become_frontend,
	.fixed_code = true,
	.run = roles_run_frontend,
	.stop_signal = SIGTERM,
	.death_signal = SIGCONT,
	.reaped = service_reaped,
	.pause_ms = 100,
	.pause_most_ms = 30000,
	.pause_up_ms = 500,
	.service = &frontend_service},
    /* Its handler of TERM takes along what its tool has started. */
    [ROLE_AGENT] = {.name = "agent",
	.fds = 3,
	.secrets = true,
	.become = user_become,
	.run = slot_run,
	.stop_signal = SIGTERM,
	.death_signal = SIGTERM,
	.reaped = pool_reaped,
	.stopped = pool_stopped,
	.pause_ms = 100,
	.pause_most_ms = 30000,
	.pause_up_ms = 30000},
    /* It reads and opens what the master would. */
    [ROLE_RELOAD] = {.name = "reload",
	.fds = 3,
	.secrets = true,
	.run = bundle_run,
	.stop_signal = SIGKILL,
	.death_signal = SIGKILL,
	.reaped = reload_reaped},
    /* It has to open what the master would before it becomes another user. */
    [ROLE_LOGGER] = {.name = "log",
	.title = "process that writes the log",
	.fds = 3,
	.run = logger_run,
	.death_signal = SIGTERM,
	.reaped = logger_reaped,
	.pause_ms = 1000,
	.pause_most_ms = 1000,
	.pause_up_ms = 1000},
    /* It lives on after the master: that is what it is for. */
    [ROLE_WARDEN] = {.name = "warden",
	.title = "warden",
	.fds = 2,
	.become = user_become,
	.fixed_code = true,
	.run = warden_run,
	.reaped = warden_reaped,
	.pause_ms = 1000,
	.pause_most_ms = 1000,
	.pause_up_ms = 1000},
};
