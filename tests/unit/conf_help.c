/*
 * What the tests of the configuration share: a directory of their own with
 * some files in it, loading from there, and the messages of the last load.
 */

#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf_help.h"

char conf_help_errors[4096];
size_t conf_help_errors_count;

static void
note_error(const char *line)
{
	if (conf_help_errors_count++ > 0)
		strncat(conf_help_errors, "\n",
		    sizeof(conf_help_errors) - strlen(conf_help_errors) - 1);
	strncat(conf_help_errors, line,
	    sizeof(conf_help_errors) - strlen(conf_help_errors) - 1);
}

void
conf_help_put_bytes(const char *name, const char *bytes, size_t len)
{
	FILE *fp = fopen(name, "w");

	assert_non_null(fp);
	assert_int_equal(fwrite(bytes, 1, len, fp), len);
	assert_int_equal(fclose(fp), 0);
}

void
conf_help_put(const char *name, const char *content)
{
	conf_help_put_bytes(name, content, strlen(content));
}

struct conf *
conf_help_load(const char *name)
{
	conf_help_errors[0] = '\0';
	conf_help_errors_count = 0;
	return (conf_load(name, note_error));
}

struct conf *
conf_help_load_good(const char *content)
{
	struct conf *conf;

	conf_help_put(FILE_NAME, content);
	conf = conf_help_load(FILE_NAME);
	if (conf == NULL)
		print_message("%s\n", conf_help_errors);
	assert_non_null(conf);
	assert_int_equal(conf_help_errors_count, 0);
	return (conf);
}

/* What conf_print() prints; to be freed. */
char *
conf_help_printed(const struct conf *conf)
{
	char *text;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	assert_non_null(fp);
	conf_print(conf, fp);
	fclose(fp);
	return (text);
}

void
conf_help_expect_bad(const char *content, const char *message)
{
	conf_help_put(FILE_NAME, content);
	if (conf_help_load(FILE_NAME) != NULL)
		fail_msg("taken: %s", content);
	if (strcmp(conf_help_errors, message) != 0)
		fail_msg("%s\n  gives:    %s\n  expected: %s", content,
		    conf_help_errors, message);
}

size_t
conf_help_count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return (count);
}

int
conf_help_set_up(void **state)
{
	static char template[] = "/tmp/agentd-conf-XXXXXX";

	unsetenv("AGENTD_CONTROL");
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("PORT");
	unsetenv("WEATHER_API_KEY");
	unsetenv("UNSET");
	setenv("SET", "value", 1);
	if (mkdtemp(template) == NULL || chdir(template) == -1 ||
	    mkdir("sub", 0700) == -1)
		return (-1);
	conf_help_put("sub/wrong.conf", "agents = 4\nx = 5\n");
	conf_help_put("sub/open.conf", "user = a\ngroup = \"b\n");
	conf_help_put("sub/good.conf", "user = deep\ninclude(\"deep.conf\")\n");
	conf_help_put("sub/deep.conf", "agents = 6\n");
	*state = template;
	return (0);
}

int
conf_help_tear_down(void **state)
{
	static const char *const files[] = {"sub/wrong.conf", "sub/open.conf",
	    "sub/good.conf", "sub/deep.conf", FILE_NAME};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir("sub");
	return (rmdir(*state));
}
