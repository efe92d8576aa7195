/*
 * SIGHUP: a transaction.  All that can fail is done before anything is
 * changed: parse, check, compare, open new listeners.  Then comes the switch,
 * which cannot fail.
 */

#include "master/reload.h"
#include "common/conf.h"
#include "common/log.h"
#include "master/channel.h"
#include "master/listen.h"
#include "master/master.h"
#include "master/notify.h"
#include "master/pool.h"

#include <syslog.h>

static void
reload_report(const char *line)
{
	log_error("%s", line);
}

static void
reload_report_kept(const char *name)
{
	log_warn("reload: %s is changed only by a restart", name);
}

/* From here on nothing can fail. */
static void
reload_switch(struct conf *next)
{
	struct conf *before = master.conf;

	master.conf = next;
	log_set_level((int)next->log_level);
	channel_config();
	listen_commit();
	/* A number set by signal stays until the file says another. */
	if (next->agents != before->agents)
		pool_resize(next->agents);
	pool_renew();
	conf_free(before);
}

int
reload(void)
{
	struct conf *next;

	notify_reloading();
	next = conf_load(master.options.conf_path, reload_report);
	if (next != NULL && master.options.debug)
		next->log_level = LOG_DEBUG; /* -d outlives a reload */
	if (next == NULL ||
	    conf_keep(next, master.conf, reload_report_kept) == -1 ||
	    listen_prepare(next) == -1) {
		conf_free(next);
		log_error("reload failed; the old configuration is in force");
		notify_ready();
		return (-1);
	}
	reload_switch(next);
	log_info("configuration reloaded");
	notify_ready();
	return (0);
}
