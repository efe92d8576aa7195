/*
 * Loads a plugin into this agent, at the first call of its tool: what its
 * initialisers do costs that call and no other.  What cannot be loaded is
 * not tried again in this process.
 */

#include "agent/kinds/plugin.h"
#include "agent/kinds/plugin_spec.h"
#include "common/log.h"
#include "common/utf8.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYMBOL "agentd_tool"

/*
 * exit(3) in a plugin would run what the master and the libraries have
 * registered for their own end.  Registered last, this comes first.
 */
static void
plugin_load_on_exit(int status, void *arg)
{
	_exit(status);
}

static int
plugin_load_guard(void)
{
	static bool guarded;

	if (!guarded && on_exit(plugin_load_on_exit, NULL) != 0)
		return (-1);
	guarded = true;
	return (0);
}

static void
plugin_load_fail(struct plugin_spec *spec, const char *name, const char *why)
{
	spec->state = PLUGIN_BROKEN;
	strlcpy(spec->why, why, sizeof(spec->why));
	utf8_clean(spec->why);
	log_warn("%s: %s: %s", name, spec->path, spec->why);
}

/* The words of the loader name paths: they are for the log alone. */
static void
plugin_load_fail_loader(struct plugin_spec *spec, const char *name)
{
	const char *words = dlerror();

	log_warn("%s: %s", name, words != NULL ? words : spec->path);
	plugin_load_fail(spec, name, "the plugin cannot be loaded");
}

/* Why it is none for us; NULL: it is. */
static const char *
plugin_load_fault(const struct agentd_tool *tool, char *room, size_t size)
{
	if (tool == NULL)
		return ("the plugin does not export " SYMBOL);
	if (tool->abi != AGENTD_ABI) {
		snprintf(room, size,
		    "the plugin was built for version %u of the interface, "
		    "and this is version %u",
		    tool->abi, AGENTD_ABI);
		return (room);
	}
	if (tool->size < sizeof(*tool))
		return ("the plugin's " SYMBOL " is too short");
	if (tool->call == NULL)
		return ("the plugin has no call");
	return (NULL);
}

static void
plugin_load_init(struct plugin_spec *spec, const char *name)
{
	struct agentd_setup setup = {
	    .size = sizeof(setup),
	    .host = &plugin_host,
	    .tool = name,
	    .config = spec->config,
	    .config_len = strlen(spec->config),
	};

	if (spec->tool->init != NULL && spec->tool->init(&setup) != 0) {
		setup.error[sizeof(setup.error) - 1] = '\0';
		plugin_load_fail(spec, name,
		    setup.error[0] != '\0' ? setup.error
					   : "the plugin cannot be set up");
		return;
	}
	spec->data = setup.data;
	spec->state = PLUGIN_READY;
	log_debug("%s: loaded %s (%s)", name, spec->path,
	    spec->tool->name != NULL ? spec->tool->name : "no name");
}

void
plugin_load(struct plugin_spec *spec, const char *name)
{
	const char *fault;
	char room[128];
	void *library;

	if (spec->state != PLUGIN_UNTRIED)
		return;
	if (plugin_load_guard() == -1) {
		plugin_load_fail(spec, name, "out of memory");
		return;
	}
	if ((library = dlopen(spec->path, RTLD_NOW | RTLD_LOCAL)) == NULL) {
		plugin_load_fail_loader(spec, name);
		return;
	}
	/* It stays loaded: what it has started by itself cannot be undone. */
	spec->tool = dlsym(library, SYMBOL);
	fault = plugin_load_fault(spec->tool, room, sizeof(room));
	if (fault != NULL)
		plugin_load_fail(spec, name, fault);
	else
		plugin_load_init(spec, name);
}
