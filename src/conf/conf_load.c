/*
 * Loads a configuration: the file, then the defaults of what it does not say,
 * then the checks of settings against one another; and says what is wrong, each
 * time as one line with its place, through the function that conf_load() is
 * given. Called at start and for a reload; never prints, never ends the
 * process, keeps nothing.
 */

#include "conf/conf_parse.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"
#include "conf/conf.h"
#include "conf/conf_scan.h"
#include "conf/conf_units.h"
#include "conf/conf_value.h"

#define VARIABLE_SIZE 64

/* Prints the place in front of a message, as far as there is one. */
static void
conf_error_print_place(
    const struct conf_parse *parse, FILE *fp, const char *file, int line)
{
	if (parse->presets)
		fprintf(fp, "%s: the default of ", parse->path);
	else if (line > 0)
		fprintf(fp, "%s:%d: ", file, line);
	else
		fprintf(fp, "%s: ", file);
}

/* The value on this line may be wrong because of the environment: say so. */
static void
conf_error_print_variable(const struct conf_parse *parse, FILE *fp, int line)
{
	char name[VARIABLE_SIZE];

	if (parse->text == NULL || line == 0)
		return;
	conf_text_variable(parse->text, line, name, sizeof(name));
	if (name[0] != '\0')
		fprintf(fp, " (with %s of the environment)", name);
}

void
conf_error_memory(struct conf_parse *parse)
{
	parse->errors++;
	parse->report("out of memory");
}

void
conf_verror(struct conf_parse *parse, const char *file, int line,
    const char *fmt, va_list ap)
{
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	if (fp != NULL) {
		conf_error_print_place(parse, fp, file, line);
		vfprintf(fp, fmt, ap);
		conf_error_print_variable(parse, fp, line);
		fclose(fp);
	}
	if (text != NULL) {
		utf8_clean_controls(text); /* whatever the file put into it */
		parse->errors++;
		parse->report(text);
	} else {
		conf_error_memory(parse);
	}
	free(text);
}

void
conf_error(
    struct conf_parse *parse, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_verror(parse, file, line, fmt, ap);
	va_end(ap);
}

static size_t
conf_load_find(const char *name)
{
	return ((size_t)(conf_setting_find(name) - conf_settings));
}

/* A default timeout that a caller could not ask for makes no sense. */
static void
conf_load_check_timeouts(struct conf_parse *parse)
{
	const struct conf_place *timeout =
	    &parse->places[conf_load_find("timeout")];
	const struct conf_place *max =
	    &parse->places[conf_load_find("max_timeout")];
	const struct conf_place *place = timeout->file ? timeout : max;
	char a[CONF_UNITS_SIZE], b[CONF_UNITS_SIZE];

	if (parse->conf->timeout_ms <= parse->conf->max_timeout_ms)
		return;
	conf_units_format_duration(parse->conf->timeout_ms, a);
	conf_units_format_duration(parse->conf->max_timeout_ms, b);
	conf_error(parse, place->file, place->line,
	    "timeout (%s) is longer than max_timeout (%s)", a, b);
}

/*
 * What one call may need must be there: its body in three copies, as it comes
 * in pieces, is made one, and is handed on; then the result, with room to grow
 * as it comes.
 */
static int64_t
conf_load_memory_of_call(const struct conf *conf)
{
	int64_t body = 3 * conf->max_body_bytes;
	int64_t result = conf->max_body_bytes + conf->max_result_bytes +
			 conf->max_result_bytes / 4;

	return (body > result ? body : result);
}

static void
conf_load_check_memory(struct conf_parse *parse)
{
	const struct conf *conf = parse->conf;
	const struct conf_place *place =
	    &parse->places[conf_load_find("frontend_memory")];
	char memory[CONF_UNITS_SIZE], body[CONF_UNITS_SIZE];
	char result[CONF_UNITS_SIZE], need[CONF_UNITS_SIZE];

	if (conf->frontend_memory_bytes >= conf_load_memory_of_call(conf))
		return;
	conf_units_format_size(conf->frontend_memory_bytes, memory);
	conf_units_format_size(conf->max_body_bytes, body);
	conf_units_format_size(conf->max_result_bytes, result);
	conf_units_format_size(conf_load_memory_of_call(conf), need);
	conf_error(parse, place->file, place->line,
	    "frontend_memory (%s) is too small for one call with max_body "
	    "(%s) and max_result (%s), which may need %s",
	    memory, body, result, need);
}

/* A pool cannot keep more agents than it may have. */
static void
conf_load_check_agents(struct conf_parse *parse)
{
	const struct conf *conf = parse->conf;
	const struct conf_place *place =
	    &parse->places[conf_load_find("agents_max")];

	/* One that is not set, or is 0, adapts to the other. */
	if (conf->agents_max != 0 && conf->agents_min > conf->agents_max)
		conf_error(parse, place->file, place->line,
		    "agents_max (%lld) is less than agents_min (%lld)",
		    (long long)conf->agents_max, (long long)conf->agents_min);
}

/* A word for many tools is not one of them. */
static void
conf_load_check_builtins(struct conf_parse *parse)
{
	const struct conf_list *list = &parse->conf->builtin_tools;
	const struct conf_place *place =
	    &parse->places[conf_load_find("builtin_tools")];

	for (size_t i = 0; list->count > 1 && i < list->count; i++)
		if (strcmp(list->items[i], "all") == 0 ||
		    strcmp(list->items[i], "none") == 0)
			conf_error(parse, place->file, place->line,
			    "builtin_tools: \"%s\" stands alone",
			    list->items[i]);
}

/* The directory of the manifests is told from that of the main file. */
static void
conf_load_resolve_tools(struct conf_parse *parse)
{
	struct conf *conf = parse->conf;
	char *path;

	conf->tools_dir_preset =
	    parse->places[conf_load_find("tools_dir")].file == NULL;
	if (conf->tools_dir[0] == '\0')
		return;
	path = conf_parse_beside(parse->path, conf->tools_dir);
	if (path == NULL) {
		conf_error_memory(parse);
		return;
	}
	free(conf->tools_dir);
	conf->tools_dir = path;
}

/* A secret that is nowhere else, from the file that has its name. */
static void
conf_load_credential(struct conf_parse *parse, const struct conf_setting *s,
    const char *directory)
{
	char path[PATH_MAX], reason[SAFE_WHY_SIZE], why[CONF_WHY_SIZE];
	struct conf_text text;

	snprintf(path, sizeof(path), "%s/%s", directory, s->name);
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return;
	if (conf_text_read(&text, path, reason) == -1) {
		conf_error(parse, path, 0, "%s", reason);
		return;
	}
	text.data[strcspn(text.data, "\r\n")] = '\0';
	if (conf_value_set(parse->conf, s, text.data, why) == -1)
		conf_error(parse, path, 0, "%s", why);
	conf_text_free(&text);
}

/*
 * systemd puts secrets into a directory that the user of the service alone can
 * read, whoever the files are of that they are taken from.
 */
static void
conf_load_credentials(struct conf_parse *parse)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	const struct conf_setting *s;
	const char *value;

	if (directory == NULL || directory[0] != '/')
		return;
	for (size_t i = 0; i < conf_settings_count; i++) {
		s = &conf_settings[i];
		if (s->type != CONF_SECRET)
			continue;
		value = *(char *const *)((char *)parse->conf + s->offset);
		if (value[0] == '\0')
			conf_load_credential(parse, s, directory);
	}
}

struct conf *
conf_load(const char *path, void (*report)(const char *line))
{
	struct conf_parse parse = {.report = report, .path = path};

	parse.conf = calloc(1, sizeof(*parse.conf));
	parse.places = calloc(conf_settings_count, sizeof(*parse.places));
	if (parse.conf == NULL || parse.places == NULL)
		conf_error_memory(&parse);
	else if (conf_parse_file(&parse) == 0)
		conf_parse_presets(&parse);
	if (parse.errors == 0) {
		conf_load_credentials(&parse);
		conf_load_check_timeouts(&parse);
		conf_load_check_agents(&parse);
		conf_load_check_memory(&parse);
		conf_load_check_builtins(&parse);
		conf_load_resolve_tools(&parse);
	}
	for (size_t i = 0; parse.places != NULL && i < conf_settings_count; i++)
		free(parse.places[i].file);
	free(parse.places);
	if (parse.errors == 0)
		return (parse.conf);
	conf_free(parse.conf);
	return (NULL);
}
