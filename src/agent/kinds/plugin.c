/*
 * The kind "plugin": a call is one of a function in a shared object.  It can do
 * to its agent whatever it likes; what that means to its caller is for the
 * front end and the master to see to.
 *
 * Where manifests are read, its file is looked at, but never loaded.  An agent
 * loads it at the first call of its tool: what its initialisers do costs that
 * call and no other.  What cannot be loaded is not tried again in this process.
 */

#include <agentd/tool.h>

#include "agent/kinds/kind.h"
#include "agent/kinds/plugin.h"
#include "agent/registry_entry.h"
#include "agent/tool.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/log.h"
#include "common/safe.h"
#include "common/utf8.h"

#include <json-c/json.h>

#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum plugin_state {
	PLUGIN_UNTRIED,
	PLUGIN_READY,
	PLUGIN_BROKEN /* in this process for ever; why says it */
};

/* What a tool keeps of its manifest, and of its shared object. */
struct plugin_spec {
	char *path;   /* absolute */
	char *config; /* JSON text */
	/* of this process */
	enum plugin_state state;
	const struct agentd_tool *tool; /* in the shared object */
	void *data;			/* the plugin's own, from its init */
	char why[AGENTD_ERROR_SIZE];
};

#define SYMBOL "agentd_tool"

/* A file beside the manifest comes first, then one in the usual place. */
static char *
plugin_spec_path(const char *name, const char *base)
{
	char *path;

	if (name[0] == '/')
		return (strdup(name));
	if (asprintf(&path, "%s/%s", base, name) == -1)
		return (NULL);
	if (access(path, F_OK) == 0)
		return (path);
	free(path);
	if (asprintf(&path, PLUGINDIR "/%s", name) == -1)
		return (NULL);
	return (path);
}

/* Whoever may write to it may do what agents may. */
static int
plugin_spec_check_file(const char *path, char *why, size_t why_size)
{
	char reason[SAFE_WHY_SIZE];
	const char *fault = NULL;
	struct stat st;
	int fd = safe_open(path, SAFE_TRUSTED, O_PATH, 0, reason);

	if (fd == -1)
		fault = reason;
	else if (fstat(fd, &st) == -1)
		fault = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		fault = "is not a regular file";
	fd_close(&fd);
	if (fault == NULL)
		return (0);
	snprintf(why, why_size, "plugin: %s: %s", path, fault);
	return (-1);
}

static char *
plugin_spec_config(struct json_object *manifest)
{
	struct json_object *config = NULL;
	const char *text;
	size_t len;

	json_object_object_get_ex(manifest, "config", &config);
	text = json_text(config, &len);
	return (text == NULL ? NULL : strdup(text));
}

static int
plugin_spec_fill(struct plugin_spec *spec, struct json_object *manifest,
    const char *base, char *why, size_t why_size)
{
	struct json_object *name = NULL;
	const char *text;

	json_object_object_get_ex(manifest, "plugin", &name);
	text = json_string(name);
	if (text == NULL || text[0] == '\0') {
		snprintf(why, why_size,
		    "plugin: must be the name of a file, without NUL");
		return (-1);
	}
	spec->path = plugin_spec_path(text, base);
	spec->config = plugin_spec_config(manifest);
	if (spec->path == NULL || spec->config == NULL) {
		snprintf(why, why_size, "out of memory");
		return (-1);
	}
	return (plugin_spec_check_file(spec->path, why, why_size));
}

static void
plugin_spec_free(void *arg)
{
	struct plugin_spec *spec = arg;

	if (spec == NULL)
		return;
	free(spec->path);
	free(spec->config);
	free(spec);
}

static void *
plugin_spec_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size)
{
	struct plugin_spec *spec = calloc(1, sizeof(*spec));

	if (spec == NULL) {
		snprintf(why, why_size, "out of memory");
		return (NULL);
	}
	if (plugin_spec_fill(spec, manifest, base, why, why_size) == 0)
		return (spec);
	plugin_spec_free(spec);
	return (NULL);
}

/*
 * exit(3) in a plugin would run what the master and the libraries have
 * registered for their own end.  Registered last, this comes first.
 */
static void
plugin_load_on_exit(int status, void *arg)
{
	_exit(status);
}

static void
plugin_load_fail(struct plugin_spec *spec, const char *name, const char *why)
{
	spec->state = PLUGIN_BROKEN;
	strlcpy(spec->why, why, sizeof(spec->why));
	utf8_clean(spec->why);
	log_warn("%s: %s: %s", name, spec->path, spec->why);
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

/*
 * Loads the shared object into this process and lets it set itself up for the
 * tool of this name, unless that was tried before.
 */
static void
plugin_load(struct plugin_spec *spec, const char *name)
{
	static bool guarded;
	const char *fault;
	char room[128];
	void *library;

	if (spec->state != PLUGIN_UNTRIED)
		return;
	if (!guarded && on_exit(plugin_load_on_exit, NULL) != 0) {
		plugin_load_fail(spec, name, "out of memory");
		return;
	}
	guarded = true;
	if ((library = dlopen(spec->path, RTLD_NOW | RTLD_LOCAL)) == NULL) {
		/* The words of the loader name paths: they are for the log. */
		fault = dlerror();
		log_warn("%s: %s", name, fault != NULL ? fault : spec->path);
		plugin_load_fail(spec, name, "the plugin cannot be loaded");
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

static void
plugin_call(struct plugin_spec *spec, struct tool_call *call)
{
	struct agentd_call offered = {
	    .size = sizeof(offered),
	    .host = &plugin_host,
	    .tool = call->entry->name,
	    .deadline_ns = call->deadline_ns,
	    .data = spec->data,
	    .own = call,
	};

	offered.params = json_text(call->params, &offered.params_len);
	if (offered.params == NULL)
		tool_fail(call, "out of memory");
	else if (spec->tool->call(&offered) != 0)
		tool_fail(call, "the plugin has failed without a word");
}

static void
plugin_run(struct tool_call *call)
{
	struct plugin_spec *spec = call->entry->spec;

	plugin_host_run(call->entry->name);
	plugin_load(spec, call->entry->name);
	if (spec->state == PLUGIN_READY)
		plugin_call(spec, call);
	else
		tool_fail(call, "%s", spec->why);
}

static void
plugin_finish(const struct registry_entry *entry)
{
	struct plugin_spec *spec = entry->spec;

	plugin_host_run(entry->name);
	if (spec->state == PLUGIN_READY && spec->tool->fini != NULL)
		spec->tool->fini(spec->data);
	spec->state = PLUGIN_BROKEN;
}

static const char *const members[] = {"config", NULL};

const struct kind kind_plugin = {
    .name = "plugin",
    .prints = true,
    .members = members,
    .foreign = true,
    .parse = plugin_spec_parse,
    .free = plugin_spec_free,
    .run = plugin_run,
    .finish = plugin_finish,
};
