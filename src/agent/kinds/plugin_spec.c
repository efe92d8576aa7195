/*
 * Reads the members "plugin" and "config" of a manifest.  Called in the
 * master when it loads manifests, and by agentd -n: looks at the shared
 * object's file, but never loads it.
 */

#include "agent/kinds/plugin_spec.h"
#include "agent/manifest.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/safe.h"

#include <sys/stat.h>

#include <json-c/json.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

void *
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

void
plugin_spec_free(void *arg)
{
	struct plugin_spec *spec = arg;

	if (spec == NULL)
		return;
	free(spec->path);
	free(spec->config);
	free(spec);
}
