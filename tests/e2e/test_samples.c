/*
 * The manifests that come with agentd: all of them load, and what they need
 * being there, they work.
 */

#include "tools.h"

#include <dirent.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* That one waits for its plugin to be built. */
static bool
sample_waits(const char *name)
{
	return (name[0] == '.' || strncmp(name, "wordcount", 9) == 0);
}

/* Copies the directory; a name loses its ".sample". */
static void
samples_copy(struct daemon *d)
{
	char from[512], to[512], *end, *text;
	struct dirent *entry;
	DIR *dir;

	snprintf(from, sizeof(from), "%s/etc/tools.d", test_srcdir());
	assert_non_null(dir = opendir(from));
	while ((entry = readdir(dir)) != NULL) {
		if (sample_waits(entry->d_name))
			continue;
		snprintf(from, sizeof(from), "%s/etc/tools.d/%s", test_srcdir(),
		    entry->d_name);
		snprintf(
		    to, sizeof(to), "%s/tools.d/%s", d->dir, entry->d_name);
		if ((end = strstr(to, ".sample")) != NULL)
			*end = '\0';
		assert_non_null(text = file_read(from));
		file_write(to, text);
		free(text);
	}
	closedir(dir);
}

static bool
installed(const char *program)
{
	static const char *const places[] = {
	    "/usr/bin", "/bin", "/usr/local/bin"};
	char path[128];

	for (size_t i = 0; i < COUNT(places); i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], program);
		if (access(path, X_OK) == 0)
			return (true);
	}
	print_message("# %s is not installed\n", program);
	return (false);
}

static const struct sample {
	const char *tool, *needs, *params, *text;
} samples[] = {
    {"disk_free", "df", "{}", "\"result\":[\"Filesystem"},
    {"disk_free", "df", "{\"path\": \"/\"}", " /\"]"},
    {"disk_free", "df", "{\"path\": \"--help\"}", "must not begin with"},
    {"resolve", "getent", "{\"name\": \"127.0.0.1\"}", "\"result\":[\"127.0"},
    {"system_info", "uname", "{}", "\"result\":\"Linux "},
    {"wordfreq", "python3", "{\"text\": \"a rose is a rose\", \"most\": 1}",
	"\"result\":{\"words\":5,\"most\":{\"a\":2}}"},
    {"unicode_names", "python3", "{\"text\": \"a\\u00e4\"}",
	"\"result\":[\"LATIN SMALL LETTER A\",\"LATIN SMALL LETTER A WITH "
	"DIAERESIS\"]"},
    {"unicode_names", "python3", "{\"text\": \"b\"}",
	"\"result\":[\"LATIN SMALL LETTER B\"]"},
};

static void
samples_work(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	struct reply *reply;

	samples_copy(d);
	setenv("TRACKER_TOKEN", "secret", 1); /* that ticket.json names */
	daemon_configure(d, "tools_dir = \"@DIR@/tools.d\"\n");
	daemon_spawn(d, &o);
	/* Nothing is said of them, but that a program is not installed here. */
	assert_int_equal(daemon_logged(d, ".json: "),
	    daemon_logged(d, ".json: command: there is no program "));
	for (size_t i = 0; i < COUNT(samples); i++) {
		if (!installed(samples[i].needs))
			continue;
		reply = call(d, samples[i].tool, samples[i].params);
		if (reply->status != 200 ||
		    strstr(reply->body, samples[i].text) == NULL)
			fail_msg("%s: %d %s", samples[i].tool, reply->status,
			    reply->body);
		reply_free(reply);
	}
	/* Even where its program is missing. */
	reply = get(d, "/api/v1/tools/dig");
	expect(reply, 200, NULL);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(samples_work),
	};

	return (cmocka_run_group_tests_name("samples", tests, NULL, NULL));
}
