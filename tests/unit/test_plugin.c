/*
 * Plugins in this process: what they may ask for, what their results may be,
 * and those that cannot be loaded.  What kills a process is in the tests of
 * the daemon.
 */

#include "test.h"

#include <sys/stat.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/kinds/kind.h"
#include "entry_help.h"
#include "kind_call.h"

#define MANIFEST(name, config) \
	"{\"plugin\":\"tests/plugin/" name ".so\",\"config\":" config "}"

/* Where copies are: the tree may be of somebody who is not trusted. */
static char dir[] = "/tmp/agentd-plugin.XXXXXX";

static int
make_copies(void **state)
{
	char command[4096];

	if (mkdtemp(dir) == NULL)
		return (-1);
	snprintf(command, sizeof(command),
	    "cd '%s' && mkdir -p %s/tests/plugin %s/tests/bin && "
	    "cp config.h %s && cp tests/plugin/*.so %s/tests/plugin",
	    test_builddir(), dir, dir, dir, dir);
	return (system(command) == 0 ? 0 : -1);
}

static int
remove_copies(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	return (system(command) == 0 ? 0 : -1);
}

static struct registry_entry *
plugin_make(const char *manifest)
{
	return (kind_entry(&kind_plugin, dir, manifest));
}

/* As a person who reads the example would try it. */
static void
test_example(void **state)
{
	struct registry_entry *entry;

	entry = plugin_make(MANIFEST("example", "null"));
	entry_expect(entry, "{\"text\":\"two words\\nand one line more\"}",
	    "{\"lines\":1,\"words\":6,\"bytes\":27,\"calls\":1}");
	entry_expect(entry, "{\"text\":\"\"}",
	    "{\"lines\":0,\"words\":0,\"bytes\":0,\"calls\":2}");
	kind_plugin.finish(entry);
	kind_entry_free(entry);
}

static const struct sample {
	const char *params, *wanted;
} samples[] = {
    {"{\"action\":\"all\",\"text\":\"K\xc3\xb6ln\\u0000\",\"list\":"
     "[1.5,9007199254740993,true]}",
	"{\"list\":[1.5,9007199254740993,true],"
	"\"all\":{\"action\":\"all\",\"text\":\"K\xc3\xb6ln\\u0000\","
	"\"list\":[1.5,9007199254740993,true]},"
	"\"text\":\"K\xc3\xb6ln\\u0000\",\"second\":9007199254740993,"
	"\"absent\":-1,\"number\":1.5,\"bool\":true,\"null\":null,"
	"\"len\":72,\"tool\":\"tool\"}"},
    {"{\"action\":\"nothing\"}", "{}"},
    {"{\"action\":\"talk\"}", "{\"made\":1}"},
    {"{\"action\":\"result\",\"text\":\" [1, {\\\"a\\\": null}] \"}",
	"[1,{\"a\":null}]"},
    {"{\"action\":\"result\",\"text\":\"null\"}", "null"},
    {"{\"action\":\"result\",\"text\":\"\"}",
	"error: the plugin's result is not JSON: empty text"},
    {"{\"action\":\"latin1\"}",
	"error: the plugin's result has text that is not UTF-8"},
    {"{\"action\":\"nan\"}",
	"error: the plugin's result has a number that is not finite"},
    {"{\"action\":\"scalar_and_add\"}",
	"error: the plugin adds to a result that is no object"},
    {"{\"action\":\"fail\",\"text\":\"why\"}", "error: first: why ?!"},
    {"{\"action\":\"silent\"}", "error: the plugin has failed without a word"},
    {"{\"action\":\"odd\"}", "error: there is no action \"odd\""},
};

static void
test_results(void **state)
{
	struct registry_entry *entry;

	entry = plugin_make(MANIFEST("fault", "{}"));
	for (size_t i = 0; i < COUNT(samples); i++)
		entry_expect(entry, samples[i].params, samples[i].wanted);
	kind_plugin.finish(entry);
	kind_entry_free(entry);
}

/* What the parser says of these is its own affair. */
static void
test_garbage(void **state)
{
	static const char *const garbage[] = {
	    "{\"action\":\"deep\"}",
	    "{\"action\":\"latin1_result\"}",
	    "{\"action\":\"result\",\"text\":\"{\"}",
	    "{\"action\":\"result\",\"text\":\"1 2\"}",
	    "{\"action\":\"result\",\"text\":\"1e999\"}",
	    "{\"action\":\"result\",\"text\":\"1\\u0000\"}",
	};
	struct registry_entry *entry;
	enum wire_failure failure;

	entry = plugin_make(MANIFEST("fault", "{}"));
	for (size_t i = 0; i < COUNT(garbage); i++) {
		char *text = entry_call(entry, garbage[i], 1000, &failure);

		if (strncmp(text,
			"error: the plugin's result is not JSON: ", 40) != 0)
			fail_msg("%s: %s", garbage[i], text);
		free(text);
	}
	kind_entry_free(entry);
}

/*
 * It sees that its time is over before it is; on a busy machine perhaps not at
 * once.
 */
static void
test_cancelled(void **state)
{
	struct registry_entry *entry = plugin_make(MANIFEST("fault", "{}"));
	enum wire_failure failure;
	bool in_time = false;
	char *text;

	for (int i = 0; i < 50 && !in_time; i++) {
		text = entry_call(
		    entry, "{\"action\":\"patient\"}", 100, &failure);
		assert_int_equal(failure, FAILURE_ERROR);
		in_time = strcmp(text, "error: cancelled with time left") == 0;
		free(text);
	}
	assert_true(in_time);
	kind_entry_free(entry);
}

static const struct broken {
	const char *manifest, *wanted;
} brokens[] = {
    {MANIFEST("broken_abi", "1"),
	"error: the plugin was built for version 7 of the interface, and "
	"this is version 1"},
    {MANIFEST("broken_call", "1"), "error: the plugin has no call"},
    {MANIFEST("broken_link", "1"), "error: the plugin cannot be loaded"},
    {MANIFEST("broken_size", "1"),
	"error: the plugin's agentd_tool is too short"},
    {MANIFEST("broken_symbol", "1"),
	"error: the plugin does not export agentd_tool"},
    {MANIFEST("fault", "{\"init\":\"fail\"}"), "error: no licence"},
    {MANIFEST("fault", "\"silent\""), "error: the plugin cannot be set up"},
    {"{\"plugin\":\"tests/bin/../../config.h\"}",
	"error: the plugin cannot be loaded"},
};

static void
test_broken(void **state)
{
	for (size_t i = 0; i < COUNT(brokens); i++) {
		struct registry_entry *entry;

		entry = plugin_make(brokens[i].manifest);
		entry_expect(entry, "{}", brokens[i].wanted);
		/* It is not tried again. */
		entry_expect(entry, "{}", brokens[i].wanted);
		kind_plugin.finish(entry);
		kind_entry_free(entry);
	}
}

static const struct refused {
	const char *manifest, *why;
} refusals[] = {
    {"{\"plugin\":1}", "plugin: must be the name of a file, without NUL"},
    {"{\"plugin\":\"\"}", "plugin: must be the name of a file, without NUL"},
    {"{\"plugin\":\"a\\u0000b\"}",
	"plugin: must be the name of a file, without NUL"},
    {"{\"plugin\":\"none.so\"}", "No such file or directory"},
    {"{\"plugin\":\"/nowhere/none.so\"}",
	"plugin: /nowhere/none.so: No such file or directory"},
    {"{\"plugin\":\"tests\"}", "tests: is not a regular file"},
    {"{\"plugin\":\"/dev/null\"}", "/dev/null: is not a regular file"},
};

static void
test_refused(void **state)
{
	for (size_t i = 0; i < COUNT(refusals); i++) {
		const char *why =
		    entry_refused(&kind_plugin, refusals[i].manifest, dir);

		if (strstr(why, refusals[i].why) == NULL)
			fail_msg("%s: %s", refusals[i].manifest, why);
	}
}

static void
test_writable(void **state)
{
	char path[] = "/tmp/agentd-plugin.XXXXXX", manifest[64];
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, 0646), 0);
	snprintf(manifest, sizeof(manifest), "{\"plugin\":\"%s\"}", path);
	assert_non_null(strstr(entry_refused(&kind_plugin, manifest, "/"),
	    "everybody may write to it"));
	close(fd);
	unlink(path);
}

/* fini comes once for each init, with its data. */
static void
test_finish(void **state)
{
	char path[] = "/tmp/agentd-mark.XXXXXX", manifest[160];
	int fd = mkstemp(path);
	struct registry_entry *entry;
	struct stat st;

	assert_int_not_equal(fd, -1);
	snprintf(manifest, sizeof(manifest),
	    MANIFEST("fault", "{\"mark\":\"%s\"}"), path);
	entry = plugin_make(manifest);
	kind_plugin.finish(entry); /* no call, no init, no fini */
	kind_entry_free(entry);
	entry = plugin_make(manifest);
	entry_expect(entry, "{\"action\":\"nothing\"}", "{}");
	kind_plugin.finish(entry);
	kind_plugin.finish(entry);
	kind_entry_free(entry);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1);
	close(fd);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_example),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_garbage),
	    cmocka_unit_test(test_cancelled),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_writable),
	    cmocka_unit_test(test_finish),
	};

	return (cmocka_run_group_tests(tests, make_copies, remove_copies));
}
