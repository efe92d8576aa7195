/*
 * One table of signals and what each does.  They arrive through the event
 * loop, so that a handler may do anything.
 */

#include "master/signals.h"
#include "common/log.h"
#include "master/globals.h"
#include "master/logger.h"
#include "master/pool.h"
#include "master/reap.h"
#include "master/reload.h"
#include "master/shutdown.h"

#include <signal.h>
#include <string.h>

#include <event2/event.h>

static void
signals_child(void)
{
	reap_children();
	shutdown_check();
}

static void
signals_more(void)
{
	pool_resize(pool_size() + 1);
}

static void
signals_less(void)
{
	pool_resize(pool_size() - 1);
}

static const struct {
	int signo;
	void (*handle)(void);
} table[] = {
    {SIGCHLD, signals_child},
    {SIGHUP, reload},
    {SIGTERM, shutdown_begin},
    {SIGINT, shutdown_begin},
    {SIGQUIT, shutdown_now},
    {SIGUSR1, logger_reopen},
    {SIGTTIN, signals_more},
    {SIGTTOU, signals_less},
};

static void
signals_arrived(evutil_socket_t signo, short what, void *arg)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].signo == signo)
			table[i].handle();
}

void
signals_hold(void)
{
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		sigaddset(&held, table[i].signo);
	sigprocmask(SIG_SETMASK, &held, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN); /* reserved for the upgrade of the binary */
	/* A log that may not grow loses lines, as one on a full disk does. */
	signal(SIGXFSZ, SIG_IGN);
}

/* Whoever started this may have blocked some, which is not for us. */
void
signals_release(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
signals_init(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct event *event = evsignal_new(
		    master.base, table[i].signo, signals_arrived, NULL);

		if (event == NULL || event_add(event, NULL) == -1)
			log_fatal("cannot handle signal %d", table[i].signo);
	}
	signals_release();
}
