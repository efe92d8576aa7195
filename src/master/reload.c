/*
 * A reload, by SIGHUP or an administrator: a transaction.  All that can fail is
 * done before anything is changed: parse, check, compare, open new listeners.
 * Then comes the switch, which cannot fail.
 */

#include "master/reload.h"
#include "common/conf.h"
#include "common/log.h"
#include "master/channel.h"
#include "master/files.h"
#include "master/listen.h"
#include "master/master.h"
#include "master/notify.h"
#include "master/pool.h"

#include <stdlib.h>
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

static void
reload_report_tool(const char *line)
{
	log_warn("%s", line);
}

/* What a reload puts in the place of what is in force. */
struct reload {
	struct conf *conf;
	struct registry *registry;
	char *catalogue;
};

static void
reload_free(struct reload *r)
{
	conf_free(r->conf);
	master.options.tools.free(r->registry);
	free(r->catalogue);
}

static int
reload_load(struct reload *next)
{
	const struct master_tools *tools = &master.options.tools;
	char why[160];
	size_t bad;

	next->conf = conf_load(master.options.conf_path, reload_report);
	if (next->conf == NULL)
		return (-1);
	if (master.options.debug)
		next->conf->log_level = LOG_DEBUG; /* -d outlives a reload */
	if (conf_keep(next->conf, master.conf, reload_report_kept) == -1)
		return (-1);
	if (files_suffice(next->conf, conf_agents_min(next->conf), why,
		sizeof(why)) == -1) {
		log_error("%s", why);
		return (-1);
	}
	next->registry = tools->load(next->conf, reload_report_tool, &bad);
	if (next->registry != NULL)
		next->catalogue = tools->catalogue(next->registry);
	if (next->catalogue == NULL)
		return (-1);
	return (listen_prepare(next->conf));
}

/* From here on nothing can fail. */
static void
reload_switch(const struct reload *next)
{
	struct reload before = {master.conf, master.registry, master.catalogue};

	master.conf = next->conf;
	master.registry = next->registry;
	master.catalogue = next->catalogue;
	log_set_level((int)next->conf->log_level);
	channel_config();
	listen_commit();
	pool_bound(next->conf);
	pool_renew();
	channel_catalogue(); /* after that, since it begins an epoch */
	reload_free(&before);
}

int
reload(void (*report)(const char *line))
{
	struct reload next = {0};
	int rc;

	notify_reloading();
	log_tap(report);
	if ((rc = reload_load(&next)) == 0)
		reload_switch(&next);
	else
		reload_free(&next);
	log_tap(NULL);
	if (rc == 0)
		log_info("configuration reloaded");
	else
		log_error("reload failed; the old configuration is in force");
	notify_ready();
	return (rc);
}
