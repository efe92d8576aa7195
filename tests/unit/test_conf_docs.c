/*
 * Holds the table of settings, etc/agentd.conf and man/agentd.conf.5 against
 * one another: names, types, defaults, ranges, and what a reload applies.
 * The two files are taken from AGENTD_SRCDIR.
 */

#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/conf_units.h"
#include "conf/policy.h"

#define SAMPLE "etc/agentd.conf"
#define MANUAL "man/agentd.conf.5"

#define TEXT_SIZE (1 << 17)

static const char *const type_names[] = {
    [CONF_INTEGER] = "integer",
    [CONF_BOOLEAN] = "boolean",
    [CONF_STRING] = "string",
    [CONF_SECRET] = "string",
    [CONF_LIST] = "list",
    [CONF_ENVIRONMENT] = "list",
    [CONF_DURATION] = "duration",
    [CONF_SIZE] = "size",
    [CONF_MODE] = "mode",
    [CONF_WORD] = "word",
    [CONF_WORDS] = "list",
    [CONF_RATE] = "rate",
    [CONF_WINDOW] = "window",
};

static void (*const formats[])(int64_t, char buf[static CONF_UNITS_SIZE]) = {
    [CONF_INTEGER] = conf_units_format_integer,
    [CONF_STRING] = conf_units_format_integer,
    [CONF_SECRET] = conf_units_format_integer,
    [CONF_LIST] = conf_units_format_integer,
    [CONF_ENVIRONMENT] = conf_units_format_integer,
    [CONF_DURATION] = conf_units_format_duration,
    [CONF_SIZE] = conf_units_format_size,
    [CONF_MODE] = conf_units_format_mode,
    [CONF_RATE] = conf_units_format_rate,
    [CONF_WINDOW] = conf_units_format_window,
};

static const char *const range_ends[] = {
    [CONF_STRING] = " characters",
    [CONF_SECRET] = " characters",
    [CONF_LIST] = " entries",
    [CONF_ENVIRONMENT] = " entries",
    [CONF_WINDOW] = NULL,
};

static void
print_error_line(const char *line)
{
	print_message("%s\n", line);
}

/* The text of a file of the source tree; to be freed. */
static char *
slurp(const char *name)
{
	char path[4096], *text = malloc(TEXT_SIZE);
	size_t len;
	FILE *fp;

	snprintf(path, sizeof(path), "%s/%s", test_srcdir(), name);
	fp = fopen(path, "r");
	if (fp == NULL || text == NULL)
		fail_msg("%s: cannot be read", path);
	len = fread(text, 1, TEXT_SIZE, fp);
	assert_in_range(len, 1, TEXT_SIZE - 1);
	text[len] = '\0';
	fclose(fp);
	return (text);
}

static size_t
count_lines(const char *text, const char *start)
{
	size_t count = strncmp(text, start, strlen(start)) == 0;
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "\n%s", start);
	while ((text = strstr(text, pattern)) != NULL) {
		count++;
		text++;
	}
	return (count);
}

static struct conf *
load_text(const char *text)
{
	char path[] = "/tmp/agentd-conf-XXXXXX";
	int fd = mkstemp(path);
	struct conf *conf;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	conf = conf_load(path, print_error_line);
	unlink(path);
	assert_non_null(conf);
	return (conf);
}

static char *
printed(const struct conf *conf)
{
	char *text;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	assert_non_null(fp);
	conf_print(conf, fp);
	fclose(fp);
	return (text);
}

/*
 * Takes away the "#" of lines "#NAME = ..." and of those of the section of a
 * tool; returns how many.
 */
static size_t
uncomment(char *text)
{
	size_t count = 0;
	char *p;

	for (p = text; (p = strstr(p, "\n#")) != NULL; p += 2) {
		if ((p[2] < 'a' || p[2] > 'z') && p[2] != '\t' && p[2] != '}')
			continue;
		p[1] = ' ';
		count++;
	}
	return (count);
}

/* As it would stand in the file; what is not there has an empty value. */
static const char *
preset_of(const struct conf_setting *s)
{
	if (s->preset != NULL)
		return (s->preset);
	return (s->type == CONF_STRING ? "\"\"" : "{}");
}

/* The setting, with its default, in a line of its own. */
static void
check_line(const char *sample, const char *start, const struct conf_setting *s)
{
	char line[1024];

	snprintf(
	    line, sizeof(line), "\n%s%s = %s\n", start, s->name, preset_of(s));
	if (strstr(sample, line) == NULL)
		fail_msg("%s has no line %s", SAMPLE, line + 1);
}

static void
test_sample_lines(void **state)
{
	char *sample = slurp(SAMPLE);

	for (size_t i = 0; i < conf_settings_count; i++)
		check_line(sample, "#", &conf_settings[i]);
	for (size_t i = 0; i < policy_settings_count; i++)
		check_line(sample, "#\t", &policy_settings[i]);
	/* And the two lines around the section of a tool. */
	assert_int_equal(
	    uncomment(sample), conf_settings_count + policy_settings_count + 2);
	free(sample);
}

/* As it is shipped, and with every "#" taken away: all of it the defaults. */
static void
test_sample_loads(void **state)
{
	char *sample = slurp(SAMPLE), *shipped, *all, *none;
	struct conf *conf;

	conf = load_text("");
	none = printed(conf);
	conf_free(conf);
	conf = load_text(sample);
	shipped = printed(conf);
	conf_free(conf);
	uncomment(sample);
	conf = load_text(sample);
	assert_int_equal(conf->tool_count, 1);
	conf_tools_free(conf);
	conf->tools = NULL;
	conf->tool_count = 0;
	all = printed(conf);
	conf_free(conf);
	assert_string_equal(shipped, none);
	assert_string_equal(all, none);
	free(sample);
	free(none);
	free(shipped);
	free(all);
}

static void
format_words(const struct conf_word *words, char *buf, size_t size)
{
	size_t len = snprintf(buf, size, "%s", words->name);

	for (words++; words->name != NULL && len < size; words++)
		len += snprintf(buf + len, size - len, "%s%s",
		    words[1].name == NULL ? " or " : ", ", words->name);
}

/* The range as the manual has it, or "" when it has it in words of its own. */
static void
format_range(const struct conf_setting *s, char *buf, size_t size)
{
	char min[CONF_UNITS_SIZE], max[CONF_UNITS_SIZE];
	const char *end;

	buf[0] = '\0';
	if (s->type == CONF_WORD || s->type == CONF_WORDS) {
		format_words(s->words, buf, size);
	} else if (s->type == CONF_BOOLEAN) {
		snprintf(buf, size, "yes or no");
	} else if (s->type != CONF_STRING || s->check == NULL) {
		formats[s->type](s->min, min);
		formats[s->type](s->max, max);
		end = range_ends[s->type];
		snprintf(buf, size, "%s to %s%s%s%s", min, max,
		    end == NULL ? "" : end, s->words == NULL ? "" : ", or ",
		    s->words == NULL ? "" : s->words->name);
	}
}

/* text with quotes as mdoc has them. */
static void
format_quotes(const char *text, char *buf, size_t size)
{
	size_t len = 0;

	for (; *text != '\0' && len + 5 < size; text++)
		len += snprintf(buf + len, size - len,
		    *text == '"' ? "\\(dq" : "%c", *text);
	buf[len] = '\0';
}

static void
check_manual(
    const char *manual, const struct conf_setting *s, const char *reload)
{
	char preset[256], range[128], head[512], tail[256];
	const char *item;

	format_quotes(preset_of(s), preset, sizeof(preset));
	format_range(s, range, sizeof(range));
	snprintf(head, sizeof(head),
	    "\n.It Ic %s\nType: %s.\nDefault:\n.Li %s .\nRange: %s", s->name,
	    type_names[s->type], preset, range);
	snprintf(tail, sizeof(tail), ".\n%s.Pp\n", reload);
	item = strstr(manual, head);
	if (item == NULL)
		fail_msg("%s has not: %s", MANUAL, head + 1);
	item += strlen(head);
	if (range[0] == '\0')
		item += strcspn(item, "\n") - 1;
	if (strncmp(item, tail, strlen(tail)) != 0)
		fail_msg(
		    "%s: %s is not followed by: %s", MANUAL, s->name, tail);
}

static void
test_manual(void **state)
{
	char *manual = slurp(MANUAL);
	const char *tools = strstr(manual, "\n.Ss Single tools\n");

	assert_non_null(tools);
	for (size_t i = 0; i < conf_settings_count; i++)
		check_manual(manual, &conf_settings[i],
		    conf_settings[i].reload ? "Reload: yes.\n"
					    : "Reload: no.\n");
	for (size_t i = 0; i < policy_settings_count; i++)
		check_manual(tools, &policy_settings[i], "");
	assert_int_equal(count_lines(manual, ".It Ic "),
	    conf_settings_count + policy_settings_count);
	free(manual);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sample_lines),
	    cmocka_unit_test(test_sample_loads),
	    cmocka_unit_test(test_manual),
	};

	unsetenv("AGENTD_CONTROL");
	unsetenv("PORT");
	unsetenv("WEATHER_API_KEY");
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
