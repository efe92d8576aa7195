/*
 * The front end's start.  It reads what clients send, so it holds nothing
 * that they should not get: no privilege, no secret, no child.
 */

#include "frontend/frontend.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/log.h"
#include "common/pack.h"
#include "conf/conf.h"
#include "frontend/channel.h"
#include "frontend/globals.h"
#include "frontend/http/http.h"
#include "frontend/http/send.h"
#include "frontend/memory.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/router.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

static void
frontend_log_libevent(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("libevent: %s", message);
}

/*
 * The change list saves system calls on every request; it forbids duplicates
 * of descriptors that are watched, and we have none.
 */
static void
frontend_make_base(void)
{
	struct event_config *config = event_config_new();

	if (config != NULL) {
		event_config_set_flag(
		    config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST |
				EVENT_BASE_FLAG_NOLOCK);
		frontend.base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (frontend.base == NULL)
		fatal("cannot make an event base: %s", strerror(errno));
}

/* Our own copy: the one inherited belongs to the master's ways. */
static struct conf *
frontend_copy_conf(const struct conf *conf)
{
	struct pack pack = {0};
	struct unpack unpack;
	struct conf *copy = NULL;

	conf_pack(conf, CONF_SHARED, &pack);
	unpack = (struct unpack){.at = pack.data, .left = pack.len};
	if (!pack.failed)
		copy = conf_unpack(&unpack);
	if (copy == NULL)
		fatal("cannot copy the configuration");
	pack_free(&pack);
	return (copy);
}

void
frontend_main(const struct conf *conf, const char *catalogue, uint32_t epoch)
{
	frontend.conf = frontend_copy_conf(conf);
	clock_show_local(conf->compatible);
	json_limit_depth((int)conf->max_nesting + JSON_ENVELOPE_DEPTH);
	/* This process's copy of it, which nobody reads any more. */
	conf_wipe_secrets((struct conf *)(uintptr_t)conf);
	frontend.started_ns = clock_now_ns();
	fd_raise_limit();
	event_set_log_callback(frontend_log_libevent);
	memory_count_libevent();
	frontend_make_base();
	memory_init();
	send_init();
	if (catalogue_load(catalogue, strlen(catalogue), epoch) == -1)
		fatal("cannot read the catalogue of tools");
	router_init();
	http_init();
	channel_init();
	event_base_dispatch(frontend.base);
	_exit(1);
}
