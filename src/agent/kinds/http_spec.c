/*
 * Reads the member "http" of a manifest.  Called in the master when it loads
 * manifests, and by agentd -n; so it connects to nothing, and is strict: what
 * it lets through can at most fail for what a service does.
 */

#include "agent/kinds/http_client.h"
#include "agent/kinds/http_spec_impl.h"
#include "common/json.h"
#include "common/pack.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
http_array_has(struct json_object *array, const char *text)
{
	size_t n = json_object_is_type(array, json_type_array)
		       ? json_object_array_length(array)
		       : 0;

	for (size_t i = 0; i < n; i++) {
		const char *item =
		    json_string(json_object_array_get_idx(array, i));

		if (item != NULL && strcmp(item, text) == 0)
			return (true);
	}
	return (false);
}

/* A place that no parameter can fill is a slip of the pen. */
static bool
http_check_param(void *arg, const char *name, bool needed)
{
	struct http_reading *r = arg;
	struct json_object *properties = NULL, *required = NULL;

	json_object_object_get_ex(r->parameters, "properties", &properties);
	json_object_object_get_ex(r->parameters, "required", &required);
	if (!json_object_object_get_ex(properties, name, NULL))
		snprintf(r->why, r->why_size,
		    "http: url: {%s} is none of the properties of parameters",
		    name);
	else if (needed && !http_array_has(required, name))
		snprintf(r->why, r->why_size,
		    "http: url: its path needs {%s}, which parameters do not "
		    "require",
		    name);
	else
		return (true);
	return (false);
}

static int
http_add_presets(struct http_reading *r)
{
	struct http_spec *spec = r->spec;
	const char *accept =
	    spec->output == HTTP_OUTPUT_JSON ? "application/json" : "*/*";
	/* With nothing to say of it, libcurl does not add one of its own. */
	const char *type =
	    spec->body == HTTP_BODY_NONE ? "" : "application/json";

	if (http_headers_preset(&spec->headers, "Accept", accept) == -1 ||
	    http_headers_preset(&spec->headers, "User-Agent",
		"agentd/" PACKAGE_VERSION) == -1 ||
	    http_headers_preset(&spec->headers, "Content-Type", type) == -1)
		return (http_spec_refuse(r, "headers", "out of memory"));
	return (0);
}

static int
http_read_all(struct http_reading *r, struct json_object *object)
{
	struct http_spec *spec = r->spec;

	if (!json_object_is_type(object, json_type_object)) {
		snprintf(r->why, r->why_size, "http: must be an object");
		return (-1);
	}
	spec->body = -1;
	if (http_spec_read(r, object) == -1)
		return (-1);
	if (spec->body == -1)
		spec->body = spec->method->preset;
	if (spec->body != HTTP_BODY_NONE && !spec->method->bodies)
		return (http_spec_refuse(r, "body", "a GET has none"));
	if (!http_url_params(&spec->url, http_check_param, r))
		return (-1);
	return (http_add_presets(r));
}

void *
http_spec_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size)
{
	struct json_object *object = NULL;
	struct http_reading r = {.why = why, .why_size = why_size};

	json_object_object_get_ex(manifest, "http", &object);
	json_object_object_get_ex(manifest, "parameters", &r.parameters);
	if ((r.spec = calloc(1, sizeof(*r.spec))) == NULL) {
		snprintf(why, why_size, "out of memory");
		return (NULL);
	}
	if (http_read_all(&r, object) == 0)
		return (r.spec);
	http_spec_free(r.spec);
	return (NULL);
}

/* All that may be secret, and what belongs to it; the rest stays as it is. */
static void
http_spec_fini(struct http_spec *spec)
{
	http_url_fini(&spec->url);
	http_headers_fini(&spec->headers);
	http_secrets_fini(&spec->secrets);
}

void
http_spec_variables(const void *arg, struct pack *pack)
{
	const struct http_spec *spec = arg;

	for (size_t i = 0; i < spec->secrets.count; i++)
		pack_text(pack, spec->secrets.items[i].name);
}

void
http_spec_free(void *arg)
{
	struct http_spec *spec = arg;

	if (spec == NULL)
		return;
	http_client_free(spec->client);
	http_spec_fini(spec);
	free(spec);
}
