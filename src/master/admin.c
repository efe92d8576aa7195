/*
 * Does what an administrator asks for.  Who is one, and what they sent, was
 * the front end's to find out; here comes an action and a number, and both are
 * checked again.  A front end that somebody has taken over could ask for these
 * actions, and for nothing else: that, and not more, is what it gains.
 */

#include "master/admin.h"
#include "common/log.h"
#include "common/wire.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "master/link.h"
#include "master/pool.h"
#include "master/reload.h"
#include "master/shutdown.h"

/* Room for why there cannot be so many agents. */
#define ADMIN_WHY_SIZE 160

/* Of what is done at once; one request is handled at a time. */
static struct link_reasons reasons;

static int
admin_agents(int64_t value)
{
	char why[ADMIN_WHY_SIZE];

	if (pool_fits(master.conf, value, why, sizeof(why)) == -1) {
		link_reason_add(&reasons, why);
		return (-1);
	}
	pool_resize(value);
	return (0);
}

/* For this process, the front end, and the agents that it forks from now on. */
static int
admin_log(int64_t value)
{
	master.conf->log_level = value;
	log_set_level((int)value);
	link_config();
	return (0);
}

/* A second request is no second SIGTERM, which would stop at once. */
static void
admin_drain(void)
{
	if (!shutdown_started())
		shutdown_begin();
}

static const struct {
	const char *name;
	const char *setting;	  /* whose range holds; NULL: no value */
	int (*handle)(int64_t);	  /* before the answer: 0, or -1 */
	void (*afterwards)(void); /* after it */
	void (*later)(uint64_t);  /* has it answered, by that number */
} actions[ADMIN_ACTIONS] = {
    [ADMIN_RELOAD] = {"reload", NULL, NULL, NULL, reload_for},
    [ADMIN_AGENTS] = {"agents", "agents", admin_agents, NULL, NULL},
    [ADMIN_DRAIN] = {"drain", NULL, NULL, admin_drain, NULL},
    [ADMIN_LOG] = {"log", "log_level", admin_log, NULL, NULL},
};

static bool
admin_in_range(const char *name, int64_t value)
{
	const struct conf_setting *s = conf_setting_find(name);

	if (s->words == NULL)
		return (value >= s->min && value <= s->max);
	for (const struct conf_word *w = s->words; w->name != NULL; w++)
		if (w->value == value)
			return (true);
	return (false);
}

static enum wire_admin_outcome
admin_try(const struct wire_admin *request)
{
	const char *setting = actions[request->action].setting;

	if (setting != NULL && !admin_in_range(setting, request->value))
		return (ADMIN_FAILED);
	if (shutdown_started())
		return (request->action == ADMIN_DRAIN ? ADMIN_TAKEN
						       : ADMIN_STOPPING);
	log_info("an administrator asks for %s", actions[request->action].name);
	if (actions[request->action].handle != NULL &&
	    actions[request->action].handle(request->value) == -1)
		return (ADMIN_FAILED);
	return (ADMIN_TAKEN);
}

void
admin_handle(const struct wire_admin *request)
{
	struct wire_admin_done done = {.number = request->number};
	bool known = request->action < ADMIN_ACTIONS;

	reasons.len = 0;
	reasons.full = false;
	done.outcome = known ? admin_try(request) : ADMIN_FAILED;
	if (known && done.outcome == ADMIN_TAKEN &&
	    actions[request->action].later != NULL) {
		actions[request->action].later(request->number);
		return;
	}
	link_admin_done(&done, &reasons);
	if (known && actions[request->action].afterwards != NULL)
		actions[request->action].afterwards();
}

void
admin_reloaded(uint64_t number, bool done, const struct link_reasons *why)
{
	struct wire_admin_done body = {.number = number,
	    .outcome = done		    ? ADMIN_TAKEN
		       : shutdown_started() ? ADMIN_STOPPING
					    : ADMIN_FAILED};

	link_admin_done(&body, why);
}
