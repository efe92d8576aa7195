/*
 * Stops the daemon in three steps: the front end finishes what it has
 * accepted, then everything is told to stop, then what did not is killed.
 * Each step has a limit, so that the end always comes.  Who asks again has the
 * front end answer those who wait, and then all is killed.
 */

#include "master/shutdown.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "master/listen.h"
#include "master/notify.h"
#include "master/pool.h"
#include "master/reload.h"
#include "master/service.h"

#include <event2/event.h>

/* The front end answers what is left at the limit; so much for that. */
#define ANSWER_LIMIT_MS 2000

/*
 * What comes so soon after the first is the same request once more: timeout(1)
 * signals the process and then its group, a service manager all processes.
 */
#define SAME_NS NS_PER_SEC

/* How often KILL is tried. */
#define KILL_ROUNDS 5

enum phase { RUNNING, FINISHING, ANSWERING, STOPPING, KILLING };

static enum phase phase = RUNNING;
static struct event *limit;
static int64_t begun_ns;

static void
shutdown_limit(evutil_socket_t fd, short what, void *arg)
{
	static int rounds;

	if (phase == FINISHING)
		log_warn("shutdown: calls did not finish in time");
	if (phase == KILLING && ++rounds == KILL_ROUNDS) {
		/* In the kernel, and not to be got out of there. */
		log_error("shutdown: %u agent%s not die; leaving them",
		    pool_alive(), pool_alive() == 1 ? " does" : "s do");
		event_base_loopbreak(master.base);
		return;
	}
	shutdown_now();
}

void
shutdown_init(void)
{
	if ((limit = evtimer_new(master.base, shutdown_limit, NULL)) == NULL)
		log_fatal("out of memory");
}

bool
shutdown_started(void)
{
	return (phase != RUNNING);
}

static void
shutdown_again(void)
{
	if (clock_now_ns() - begun_ns < SAME_NS)
		return;
	if (phase != FINISHING) {
		shutdown_now();
		return;
	}
	/* Whoever waits gets an answer, and nobody is waited for. */
	phase = ANSWERING;
	log_info("shutdown: calls are no longer waited for");
	globals_arm(limit, ANSWER_LIMIT_MS);
	service_drain(0);
}

void
shutdown_begin(void)
{
	if (phase != RUNNING) {
		shutdown_again();
		return;
	}
	phase = FINISHING;
	begun_ns = clock_now_ns();
	log_info("shutdown: finishing accepted calls");
	notify_stopping();
	reload_stop();
	listen_close();
	globals_arm(limit, master.conf->shutdown_timeout_ms + ANSWER_LIMIT_MS);
	service_drain(master.conf->shutdown_timeout_ms);
}

void
shutdown_drained(void)
{
	if (phase == ANSWERING)
		shutdown_now();
	if (phase != FINISHING)
		return;
	phase = STOPPING;
	globals_arm(limit, 2 * master.conf->stop_timeout_ms + ANSWER_LIMIT_MS);
	service_stop(false);
	pool_shutdown(false);
	shutdown_check();
}

void
shutdown_now(void)
{
	if (phase == RUNNING)
		notify_stopping();
	if (phase != KILLING)
		log_info("shutdown: stopping now");
	phase = KILLING;
	reload_stop();
	listen_close();
	service_stop(true);
	pool_shutdown(true);
	globals_arm(limit, ANSWER_LIMIT_MS); /* KILL again */
	shutdown_check();
}

void
shutdown_check(void)
{
	if (phase >= STOPPING && pool_alive() == 0 && !service_any())
		event_base_loopbreak(master.base);
}
