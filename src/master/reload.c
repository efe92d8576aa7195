/*
 * A reload, by SIGHUP or an administrator: a transaction.  All that can fail is
 * done before anything is changed: parse, check, compare, open new listeners.
 * Then comes the switch, which cannot fail.
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

/* All that can fail: the configuration that is to be in force, or NULL. */
static struct conf *
reload_prepare(void)
{
	struct conf *next = conf_load(master.options.conf_path, reload_report);

	if (next != NULL && master.options.debug)
		next->log_level = LOG_DEBUG; /* -d outlives a reload */
	if (next != NULL &&
	    conf_keep(next, master.conf, reload_report_kept) == 0 &&
	    listen_prepare(next) == 0)
		return (next);
	conf_free(next);
	return (NULL);
}

int
reload(void (*report)(const char *line))
{
	struct conf *next;

	notify_reloading();
	log_tap(report);
	if ((next = reload_prepare()) != NULL)
		reload_switch(next);
	log_tap(NULL);
	if (next != NULL)
		log_info("configuration reloaded");
	else
		log_error("reload failed; the old configuration is in force");
	notify_ready();
	return (next == NULL ? -1 : 0);
}
