/*
 * The master's start and end.  It forks everything, kills everything and
 * parses nothing that a client sent; what it does in between is in the files
 * beside this one, each a duty.
 */

#include "master/master.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/log_form.h"
#include "common/title.h"
#include "conf/conf.h"
#include "master/admin.h"
#include "master/bundle.h"
#include "master/daemon.h"
#include "master/delegation.h"
#include "master/globals.h"
#include "master/listen.h"
#include "master/logger.h"
#include "master/notify.h"
#include "master/pool.h"
#include "master/reap.h"
#include "master/reload.h"
#include "master/roles.h"
#include "master/service.h"
#include "master/shutdown.h"
#include "master/signals.h"
#include "master/user.h"
#include "master/warden.h"
#include "master/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

/* A part is up: when it was the last, the daemon is. */
static void
master_ready(void)
{
	static bool ready;

	if (ready || !pool_was_ready() || !service_up())
		return;
	ready = true;
	daemon_release();
	notify_ready();
	log_info("serving");
}

/* Who starts us looks here, and then would look in vain. */
static void
master_tell_log(const char *to)
{
	bool lost = strcmp(to, "syslog") == 0 && log_syslog_try() == -1;

	if (lost)
		log_warn("log: lines go to syslog, but %s: %s: they are lost "
			 "until somebody listens there; see log in "
			 "agentd.conf(5)",
		    log_syslog_path, strerror(errno));
	else if (strcmp(to, "stderr") != 0)
		log_info("log: lines go to %s from here on", to);
	else if (!master.options.foreground)
		log_warn("log: lines go to standard error, which a daemon "
			 "closes: see log in agentd.conf(5)");
}

/* As log_open() takes it. */
static const char *
master_log(void)
{
	const char *to = master.conf->log;

	if (strcmp(to, "auto") != 0)
		return (to);
	return (master.options.foreground ? "stderr" : "syslog");
}

/*
 * What may keep whoever writes it waiting has a process for that.  Standard
 * error of a daemon is nowhere, and syslogd is asked without waiting.
 */
static void
master_start_logger(void)
{
	const char *to = master_log();

	if (to[0] == '/' ||
	    (strcmp(to, "stderr") == 0 && master.options.foreground))
		logger_start(to);
}

/* Until here messages go to the terminal. */
static void
master_open_log(void)
{
	const char *to = master_log();

	/* Nobody is sent to where nothing can be written. */
	if (log_open(to) == -1)
		log_fatal("%s: %s", to, log_open_why());
	log_open_lines(-1);
	master_tell_log(to);
	if (log_open(to) == -1)
		log_fatal("%s: %s", to, log_open_why());
	if (master.options.debug)
		master.conf->log_level = LOG_DEBUG;
	log_set_json(master.conf->log_format == LOG_AS_JSON);
	log_set_level((int)master.conf->log_level);
}

static void
master_report(const char *line)
{
	log_warn("%s", line);
}

/* What is wrong with single tools is in the log; the others work. */
static void
master_load_tools(void)
{
	int fd = bundle_open();

	/* From now on it has to be there. */
	if (access(master.conf->tools_dir, F_OK) == 0)
		master.conf->tools_dir_preset = false;
	if (fd == -1 || bundle_write(fd, master.conf, master_report) == -1 ||
	    bundle_read(fd, &master.bundle, NULL) == -1)
		log_fatal("cannot load the tools: %s", strerror(errno));
	fd_close(&fd);
}

/* Children inherit no event base: it is made after the last fork of ours. */
static void
master_make_base(void)
{
	struct event_config *config = event_config_new();

	if (config != NULL) {
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		master.base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (master.base == NULL)
		log_fatal("cannot make an event base: %s", strerror(errno));
}

/* However the master ends, no socket and no pidfile is left behind. */
static void
master_clean_up(void)
{
	if (getpid() != master.pid)
		return; /* a child, which owns neither */
	listen_close();
	daemon_unlock();
}

/* The very last: whoever writes the log is in the master's group. */
static void
master_finish(void)
{
	if (getpid() != master.pid)
		return;
	warden_finish();
	logger_finish();
	delegation_finish();
}

/* All that can fail comes before the terminal is let go. */
static void
master_start(void)
{
	char why[512];
	int watch;

	log_pipe_make_key();
	master.pid = getpid();
	user_keep_out(); /* it holds secrets from here on */
	fd_raise_limit();
	if (pool_fits(master.conf, conf_agents_min(master.conf), why,
		sizeof(why)) == -1)
		log_fatal("%s", why);
	/* That which is registered first comes last. */
	if (atexit(master_finish) != 0 || atexit(master_clean_up) != 0)
		log_fatal("out of memory");
	if (master.options.pidfile != NULL)
		daemon_lock(master.options.pidfile);
	if (listen_inherit() == -1 || listen_prepare(master.conf) == -1)
		log_fatal("cannot start");
	/* Before the first fork, so that all of us are in the same place. */
	if (delegation_init(master.conf, pool_has, why, sizeof(why)) == -1)
		log_fatal("%s", why);
	master_open_log();
	if (geteuid() == 0 && master.conf->user[0] == '\0')
		log_warn("all processes run as root: see user in "
			 "agentd.conf(5)");
	watch = watch_open(master.conf);
	master_load_tools();
	if (!master.options.foreground)
		daemon_detach();
	master.pid = getpid();
	title_set("master %s", master.options.conf_path);
	notify_init();
	master_make_base();
	reap_init();
	master_start_logger();
	logger_init();
	warden_init();
	reload_init(admin_reloaded);
	watch_take(watch);
	shutdown_init();
	signals_init();
}

int
master_run(const struct master_options *options, struct conf *conf)
{
	master.options = *options;
	master.roles = roles;
	master.conf = conf;
	master.epoch = 1;
	master_start();
	listen_commit();
	pool_init(master_ready);
	service_init(master_ready, shutdown_drained);
	pool_configure(conf);
	notify_watchdog(service_probe);
	event_base_dispatch(master.base);
	reap_finish();
	master_clean_up();
	log_info("stopped");
	master_finish();
	return (0);
}
