/*
 * Parses sections "tool NAME { ... }": libConfuse calls back for each value
 * and at the end of each section.  Part of conf_parse.c, which says whose
 * configuration is being parsed; the settings are those of policies.
 */

#include "conf/conf_section.h"

#include <confuse.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/conf_check.h"
#include "conf/conf_parse.h"
#include "conf/conf_text.h"
#include "conf/conf_value.h"

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

/* As parse_on_value() is for settings outside of sections. */
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

bool
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
