/*
 * Does what an administrator asks for.  Who is one, and what they sent, was
 * the front end's to find out; here comes an action and a number, and both are
 * checked again.  A front end that somebody has taken over could ask for these
 * actions, and for nothing else: that, and not more, is what it gains.
 */

#include "master/admin.h"
#include "common/conf.h"
#include "common/log.h"
#include "common/wire.h"
#include "master/channel.h"
#include "master/files.h"
#include "master/master.h"
#include "master/pool.h"
#include "master/reload.h"
#include "master/shutdown.h"

#include <string.h>

/* What is said when there is no room for all that is to be said. */
#define MORE "there is more in the log"

/* Room for why there cannot be so many agents. */
#define ADMIN_WHY_SIZE 160

/* The lines that go with the answer; one request is handled at a time. */
static char reasons[WIRE_REASONS_MAX];
static size_t reasons_len;
static bool reasons_full;

static void
admin_reason(const char *line)
{
	size_t len = strlen(line);

	if (reasons_full)
		return;
	if (len + 1 > sizeof(reasons) - reasons_len - sizeof(MORE)) {
		reasons_full = true;
		line = MORE;
		len = strlen(MORE);
	}
	for (size_t i = 0; i < len; i++)
		reasons[reasons_len++] = line[i] == '\n' ? ' ' : line[i];
	reasons[reasons_len++] = '\n';
}

static int
admin_reload(int64_t value)
{
	return (reload(admin_reason));
}

static int
admin_agents(int64_t value)
{
	char why[ADMIN_WHY_SIZE];

	if (files_suffice(master.conf, value, why, sizeof(why)) == -1) {
		admin_reason(why);
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
	channel_config();
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
} actions[ADMIN_ACTIONS] = {
    [ADMIN_RELOAD] = {"reload", NULL, admin_reload, NULL},
    [ADMIN_AGENTS] = {"agents", "agents", admin_agents, NULL},
    [ADMIN_DRAIN] = {"drain", NULL, NULL, admin_drain},
    [ADMIN_LOG] = {"log", "log_level", admin_log, NULL},
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

	reasons_len = 0;
	reasons_full = false;
	done.outcome = known ? admin_try(request) : ADMIN_FAILED;
	channel_admin_done(&done, reasons, reasons_len);
	if (known && actions[request->action].afterwards != NULL)
		actions[request->action].afterwards();
}
