/*
 * The configuration as a whole: print it, carry values over a reload, wipe
 * secrets, free it.  Called by every process; what is true of single types is
 * in conf_value.c, the settings are in conf_table.c.
 */

#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf_tool.h"
#include "conf/conf_value.h"

/* Variables of the environment that hold secrets. */
static const char *const secret_variables[] = {"WEATHER_API_KEY"};

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf_settings_count; i++)
		conf_value_clear(conf, &conf_settings[i]);
	conf_tools_free(conf);
	free(conf);
}

void
conf_print(const struct conf *conf, FILE *fp)
{
	for (size_t i = 0; i < conf_settings_count; i++) {
		fprintf(fp, "%s = ", conf_settings[i].name);
		conf_value_print(conf, &conf_settings[i], fp);
		fputc('\n', fp);
	}
	conf_tools_print(conf, fp);
}

int
conf_keep(struct conf *next, const struct conf *current,
    void (*changed)(const char *name))
{
	const struct conf_setting *s;

	for (size_t i = 0; i < conf_settings_count; i++) {
		s = &conf_settings[i];
		if (s->reload || conf_value_equal(next, current, s))
			continue;
		if (conf_value_copy(next, current, s) == -1)
			return (-1);
		changed(s->name);
	}
	return (0);
}

void
conf_wipe_secrets(struct conf *conf)
{
	const size_t count =
	    sizeof(secret_variables) / sizeof(secret_variables[0]);
	char *value;

	for (size_t i = 0; i < conf_settings_count; i++)
		if (conf_settings[i].type == CONF_SECRET)
			conf_value_wipe(conf, &conf_settings[i]);
	conf_tools_wipe(conf);
	for (size_t i = 0; i < count; i++) {
		value = getenv(secret_variables[i]);
		if (value == NULL)
			continue;
		/* unsetenv() alone leaves the text in the process. */
		explicit_bzero(value, strlen(value));
		unsetenv(secret_variables[i]);
	}
}
