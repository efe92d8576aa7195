/*
 * The configuration as JSON, for another process of the same daemon.  Secrets
 * are never in it.  What comes in is checked as strictly as a file is.
 */

#include <stdlib.h>

#include <json-c/json.h>

#include "common/conf.h"
#include "common/conf_value.h"
#include "common/json.h"

struct json_object *
conf_to_json(const struct conf *conf)
{
	struct json_object *object = json_object_new_object();
	const struct conf_setting *s;

	for (size_t i = 0; object != NULL && i < conf_settings_count; i++) {
		s = &conf_settings[i];
		if (s->type != CONF_SECRET)
			json_add(&object, s->name, conf_value_to_json(conf, s));
	}
	return (object);
}

/* Takes a setting out of object, or makes a secret empty: 0 or -1. */
static int
json_take(struct conf *conf, const struct conf_setting *s,
    struct json_object *object, int *taken)
{
	struct json_object *value;
	char why[CONF_WHY_SIZE];

	if (s->type == CONF_SECRET)
		return (conf_value_set(conf, s, "", why));
	if (!json_object_object_get_ex(object, s->name, &value))
		return (-1);
	++*taken;
	return (conf_value_from_json(conf, s, value));
}

struct conf *
conf_from_json(struct json_object *object)
{
	struct conf *conf;
	int taken = 0, rc = 0;

	if (!json_object_is_type(object, json_type_object))
		return (NULL);
	conf = calloc(1, sizeof(*conf));
	if (conf == NULL)
		return (NULL);
	for (size_t i = 0; i < conf_settings_count && rc == 0; i++)
		rc = json_take(conf, &conf_settings[i], object, &taken);
	if (rc == 0 && taken == json_object_object_length(object))
		return (conf);
	conf_free(conf);
	return (NULL);
}
