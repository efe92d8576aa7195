/*
 * The syntax of the configuration, by libConfuse, which calls back for each
 * value and at the end of each section "tool NAME { ... }".  Never prints,
 * never ends the process, and keeps nothing between two files.  libConfuse has
 * one lexer a process and hands no context to its callbacks, hence the one
 * static pointer, set only while it parses.
 */

#include "conf/conf_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "conf/conf.h"
#include "conf/conf_check.h"
#include "conf/conf_scan.h"
#include "conf/conf_value.h"

struct conf_parse *conf_parsing;

/* Whether the section at that place goes on with one of another file. */
static bool
conf_section_goes_on(struct conf_tool *tool, const char *file, int line)
{
	if (strcmp(tool->file, file) != 0)
		return (conf_tool_move(tool, file, line) == 0);
	if (tool->line != line) {
		conf_error(conf_parsing, file, line,
		    "there is a section for tool '%s' already", tool->name);
		tool->line = line;
	}
	return (true);
}

/* The section as we keep it; NULL, reported, when there is no memory. */
static struct conf_tool *
conf_section_tool(cfg_t *section)
{
	struct conf *conf = conf_parsing->conf;
	const char *name = cfg_title(section), *file = section->filename;
	int line = conf_text_section(conf_parsing->text, section->line);
	struct conf_tool *tool = conf_tool_find(conf, name);

	if (tool == NULL)
		tool = conf_tool_add(conf, name, file, line);
	else if (!conf_section_goes_on(tool, file, line))
		tool = NULL;
	if (tool == NULL)
		conf_error_memory(conf_parsing);
	return (tool);
}

/* The first value here of a setting takes the place of an earlier file's. */
static void
conf_section_begin(struct conf_tool *tool, int setting)
{
	if ((tool->here & UINT64_C(1) << setting) == 0)
		policy_unchoose(&tool->choice, setting);
	tool->here |= UINT64_C(1) << setting;
}

/* Says what is wrong with a value, but not what may be secret in it. */
static void
conf_section_error(cfg_t *section, const struct conf_setting *s,
    const char *value, const char *why)
{
	size_t shown =
	    s->type == CONF_ENVIRONMENT ? strcspn(value, "=") : strlen(value);

	conf_error(conf_parsing, section->filename, section->line,
	    "tool %s: %s: \"%.*s\": %s", cfg_title(section), s->name,
	    (int)(shown > 200 ? 200 : shown), value, why);
}

/* As conf_parse_on_value() is for settings outside of sections. */
static int
conf_section_on_value(
    cfg_t *section, cfg_opt_t *opt, const char *value, void *result)
{
	int setting = (int)(opt - section->opts);
	const struct conf_setting *s = &policy_settings[setting];
	struct conf_tool *tool = conf_section_tool(section);
	char why[CONF_WHY_SIZE];

	*(const char **)result = "";
	if (tool == NULL)
		return (0);
	if (opt->nvalues <= 1 && (tool->here & UINT64_C(1) << setting) != 0) {
		conf_error(conf_parsing, section->filename, section->line,
		    "tool %s: %s is set twice", tool->name, s->name);
		return (0);
	}
	conf_section_begin(tool, setting);
	if (policy_choose(&tool->choice, setting, value, why) == -1)
		conf_section_error(section, s, value, why);
	return (0);
}

/* A list without entries is a choice too, of which nothing else tells. */
static void
conf_section_note_empty(const cfg_t *section, struct conf_tool *tool)
{
	for (size_t i = 0; i < policy_settings_count; i++)
		if (section->opts[i].nvalues == 0 &&
		    (section->opts[i].flags & CFGF_MODIFIED) != 0) {
			conf_section_begin(tool, (int)i);
			tool->choice.made |= UINT64_C(1) << i;
		}
}

/*
 * Which has just ended: libConfuse takes the place of one with the same title
 * for it, if there is one.
 */
static cfg_t *
conf_section_ended(const cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned int i = cfg_opt_size(opt);
	cfg_t *section;

	while (i-- > 0) {
		section = cfg_opt_getnsec(opt, i);
		if (section->line == cfg->line &&
		    strcmp(section->filename, cfg->filename) == 0)
			return (section);
	}
	return (cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1));
}

static int
conf_section_on_end(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = conf_section_ended(cfg, opt);
	struct conf_tool *tool = conf_section_tool(section);
	const char *why;

	if (tool == NULL)
		return (0);
	conf_section_note_empty(section, tool);
	if (strcmp(tool->name, CONF_TOOL_ALL) != 0 &&
	    (why = conf_check_tool(tool->name)) != NULL)
		conf_error(conf_parsing, tool->file, tool->line,
		    "tool \"%.200s\": %s", tool->name, why);
	return (0);
}

/*
 * Fills the option that stands for the section.  Its subopts are to be freed
 * as soon as cfg_init() has copied them.  False when there is no memory.
 */
static bool
conf_section_option(cfg_opt_t *opt)
{
	cfg_opt_t *opts = calloc(policy_settings_count + 1, sizeof(*opts));

	if (opts == NULL)
		return (false);
	for (size_t i = 0; i < policy_settings_count; i++) {
		opts[i].name = policy_settings[i].name;
		opts[i].type = CFGT_STR;
		opts[i].flags = CFGF_NODEFAULT;
		if (policy_settings[i].type == CONF_ENVIRONMENT ||
		    policy_settings[i].type == CONF_WORDS)
			opts[i].flags |= CFGF_LIST;
		opts[i].parsecb = conf_section_on_value;
	}
	*opt = (cfg_opt_t)CFG_SEC("tool", opts, CFGF_MULTI | CFGF_TITLE);
	opt->validcb = conf_section_on_end;
	return (true);
}

/* Called by libConfuse for what it finds wrong; says option for setting. */
static void __attribute__((format(printf, 2, 0)))
conf_parse_on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	if (strcmp(fmt, "no such option '%s'") == 0)
		fmt = "unknown setting '%s'";
	conf_verror(conf_parsing, cfg->filename, cfg->line, fmt, ap);
}

/*
 * Notes where a setting is given; false, reported, when for a second time in
 * one file.  What another file said before is forgotten.
 */
static bool
conf_parse_note(const cfg_t *cfg, size_t i, int line)
{
	struct conf_place *place = &conf_parsing->places[i];

	if (conf_parsing->presets)
		return (true);
	if (place->file != NULL && strcmp(place->file, cfg->filename) == 0) {
		conf_error(conf_parsing, cfg->filename, line,
		    "%s is set twice, first at %s:%d", conf_settings[i].name,
		    place->file, place->line);
		return (false);
	}
	if (place->file != NULL)
		conf_value_clear(conf_parsing->conf, &conf_settings[i]);
	free(place->file);
	place->line = line;
	place->file = strdup(cfg->filename);
	if (place->file == NULL)
		conf_error_memory(conf_parsing);
	return (true);
}

/*
 * Called by libConfuse with each value, already without quotes and expanded.
 * Goes on after a wrong value, so that all of them are reported.  libConfuse
 * keeps "" for itself: nothing is to be kept twice, least of all a secret.
 */
static int
conf_parse_on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	size_t i = opt - cfg->opts;
	const struct conf_setting *s = &conf_settings[i];
	char why[CONF_WHY_SIZE];

	*(const char **)result = "";
	/* Further entries of a list, or a += to one, are no second time. */
	if (opt->nvalues <= 1 && !conf_parse_note(cfg, i, cfg->line))
		return (0);
	if (conf_value_set(conf_parsing->conf, s, value, why) == 0)
		return (0);
	if (s->type == CONF_SECRET)
		conf_error(conf_parsing, cfg->filename, cfg->line, "%s: %s",
		    s->name, why);
	else
		conf_error(conf_parsing, cfg->filename, cfg->line,
		    "%s: \"%.200s\": %s", s->name, value, why);
	return (0);
}

/*
 * libConfuse says nothing of a list without entries, but that it still waits
 * for the first one: finds those in text.
 */
static void
conf_parse_note_empty(const cfg_t *cfg, const struct conf_text *text)
{
	char why[CONF_WHY_SIZE];
	int line;

	for (size_t i = 0; i < conf_settings_count; i++) {
		if ((cfg->opts[i].flags & CFGF_LIST) == 0 ||
		    (cfg->opts[i].flags & CFGF_RESET) == 0 ||
		    (line = conf_text_find(text, conf_settings[i].name)) == 0)
			continue;
		cfg->opts[i].flags &= ~CFGF_RESET;
		if (!conf_parse_note(cfg, i, line))
			continue;
		if (conf_value_check_count(
			conf_parsing->conf, &conf_settings[i], why) == -1)
			conf_error(conf_parsing, cfg->filename, line, "%s: %s",
			    conf_settings[i].name, why);
	}
}

/*
 * Parses a prepared text under the name of a file.  Nests: an include parses
 * while the file that has it is being parsed.
 */
static int
conf_parse_text(cfg_t *cfg, const char *name, const struct conf_text *text)
{
	const struct conf_text *outer_text = conf_parsing->text;
	char *outer_name = cfg->filename;
	int outer_line = cfg->line, errors = conf_parsing->errors, rc = -1;
	FILE *fp = fmemopen(text->data, text->len, "r");

	cfg->filename = strdup(name);
	if (fp == NULL || cfg->filename == NULL) {
		conf_error_memory(conf_parsing);
	} else {
		conf_parsing->text = text;
		rc = cfg_parse_fp(cfg, fp) == CFG_SUCCESS ? 0 : -1;
		if (rc == -1 && errors == conf_parsing->errors)
			conf_error(conf_parsing, cfg->filename, cfg->line,
			    "syntax error");
		else if (!conf_parsing->presets)
			conf_parse_note_empty(cfg, text);
		conf_parsing->text = outer_text;
	}
	if (fp != NULL)
		fclose(fp);
	free(cfg->filename);
	cfg->filename = outer_name;
	cfg->line = outer_line;
	return (rc);
}

int
conf_parse_included(cfg_t *cfg, const char *path)
{
	const struct conf_text *outer_text = conf_parsing->text;
	struct conf_text text;
	char why[CONF_SCAN_WHY_SIZE], reason[SAFE_WHY_SIZE];
	int line, rc = -1;

	if (conf_text_read(&text, path, reason) == -1) {
		if (cfg->filename == NULL)
			conf_error(conf_parsing, path, 0, "%s", reason);
		else
			conf_error(conf_parsing, cfg->filename, cfg->line,
			    "include: %s: %s", path, reason);
		return (-1);
	}
	line = conf_scan_prepare(text.data, text.len, why);
	if (line == 0) {
		rc = conf_parse_text(cfg, path, &text);
	} else {
		conf_parsing->text = NULL;
		conf_error(conf_parsing, path, line, "%s", why);
		conf_parsing->text = outer_text;
	}
	conf_text_free(&text);
	return (rc);
}

char *
conf_parse_beside(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	char *path;

	if (name[0] == '/' || slash == NULL)
		return (strdup(name));
	if (asprintf(&path, "%.*s/%s", (int)(slash - file), file, name) == -1)
		return (NULL);
	return (path);
}

/* The table as libConfuse wants it, without defaults. */
static cfg_t *
conf_parse_new(void)
{
	cfg_opt_t *opts = calloc(conf_settings_count + 3, sizeof(*opts));
	cfg_t *cfg = NULL;
	size_t i;

	if (opts == NULL)
		return (NULL);
	for (i = 0; i < conf_settings_count; i++) {
		opts[i].name = conf_settings[i].name;
		opts[i].type = CFGT_STR;
		opts[i].flags = CFGF_NODEFAULT;
		if (conf_settings[i].type == CONF_LIST)
			opts[i].flags |= CFGF_LIST;
		opts[i].parsecb = conf_parse_on_value;
	}
	opts[i++] = (cfg_opt_t)CFG_FUNC("include", conf_include);
	if (conf_section_option(&opts[i])) {
		cfg = cfg_init(opts, CFGF_NONE);
		free(opts[i].subopts);
	}
	free(opts);
	if (cfg != NULL)
		cfg_set_error_function(cfg, conf_parse_on_error);
	return (cfg);
}

/* Presets have a variable at most. */
static void
conf_parse_preset_variable(const char *preset)
{
	const char *start = strstr(preset, "${");
	char name[64];
	size_t len;

	if (start == NULL)
		return;
	start += 2;
	len = strcspn(start, ":}");
	if (len >= sizeof(name))
		return;
	memcpy(name, start, len);
	name[len] = '\0';
	conf_scan_forget_empty(name);
}

static int
conf_parse_preset(cfg_t *cfg, const struct conf_setting *s)
{
	char *line;
	struct conf_text text = {NULL, 0};
	int rc = -1;

	conf_parse_preset_variable(s->preset);
	if (asprintf(&line, "%s = %s", s->name, s->preset) == -1)
		line = NULL;
	if (line == NULL || conf_text_copy(&text, line) == -1)
		conf_error_memory(conf_parsing);
	else
		rc = conf_parse_text(cfg, conf_parsing->path, &text);
	conf_text_free(&text);
	free(line);
	return (rc);
}

static int
conf_parse_all_presets(cfg_t *cfg)
{
	int rc = 0;

	for (size_t i = 0; i < conf_settings_count && rc == 0; i++)
		if (conf_parsing->places[i].file == NULL)
			rc = conf_parse_preset(cfg, &conf_settings[i]);
	return (rc);
}

int
conf_parse_file(struct conf_parse *parse)
{
	cfg_t *cfg = conf_parse_new();
	int rc = -1;

	conf_parsing = parse;
	if (cfg == NULL) {
		conf_error_memory(parse);
	} else {
		rc = parse->presets ? conf_parse_all_presets(cfg)
				    : conf_parse_included(cfg, parse->path);
		cfg_free(cfg);
	}
	conf_parsing = NULL;
	return (rc);
}

void
conf_parse_presets(struct conf_parse *parse)
{
	parse->presets = true;
	(void)!conf_parse_file(parse); /* it has reported them */
	parse->presets = false;
}
