/*
 * Manifests: what is made of a good one, in which words a bad one is refused,
 * and that bad ones keep no other from being loaded.  The kinds of tool are
 * this program's own.
 */

#include "test.h"

#include <sys/stat.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/kinds/kind.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/pack.h"
#include "conf/conf.h"

#define REPORTS 16384
#define TEN "0123456789"
#define N64 TEN TEN TEN TEN TEN TEN "0123"

static const struct tool builtin = {
    .name = "builtin_one",
    .description = "Is built in.",
    .parameters = "{}",
};

const struct tool *const tools_table[] = {&builtin, NULL};

/* Keeps a copy of its member "fake", which must be a string. */
static void *
fake_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size)
{
	struct json_object *value = json_object_object_get(manifest, "fake");

	if (json_object_is_type(value, json_type_string))
		return (strdup(json_object_get_string(value)));
	snprintf(why, why_size, "fake: expected a string, in %s", base);
	return (NULL);
}

static void
fake_run(struct tool_call *call)
{
}

static const char *const fake_members[] = {"extra", "output", NULL};

static const struct kind kind_fake = {
    .name = "fake",
    .members = fake_members,
    .parse = fake_parse,
    .free = free,
    .run = fake_run,
};

static const struct kind kind_other = {
    .name = "other",
    .parse = fake_parse,
    .free = free,
    .run = fake_run,
};

const struct kind *const kinds[] = {
    &kind_builtin,
    &kind_fake,
    &kind_other,
    NULL,
};

static char dir[] = "/tmp/agentd-manifest-XXXXXX";
static struct conf conf;
static char reports[REPORTS];
static size_t bad;

static void
on_report(const char *line)
{
	strlcat(reports, line, sizeof(reports));
	strlcat(reports, "\n", sizeof(reports));
}

static void
put(const char *name, const char *text)
{
	FILE *fp = fopen(name, "w");

	assert_non_null(fp);
	assert_int_equal(fwrite(text, 1, strlen(text), fp), strlen(text));
	assert_int_equal(fclose(fp), 0);
}

static struct registry *
load(void)
{
	struct registry *registry;

	reports[0] = '\0';
	registry = registry_load(&conf, on_report, &bad);
	assert_non_null(registry);
	return (registry);
}

static const struct registry_entry *
find(const struct registry *registry, const char *name)
{
	return (registry_find(registry, name, strlen(name)));
}

/* Loads without any report. */
static struct registry *
load_good(void)
{
	struct registry *registry = load();

	if (bad > 0 || reports[0] != '\0')
		fail_msg("%s", reports);
	return (registry);
}

/* Loads one file and throws it away: how often it was bad, and why. */
static void
expect_bad(const char *name, const char *why)
{
	struct registry *registry = load();
	char line[1024];

	snprintf(line, sizeof(line), "%s/%s: %s\n", dir, name, why);
	if (bad != 1 || strcmp(reports, line) != 0)
		fail_msg("gives:    %sexpected: %s", reports, line);
	assert_non_null(find(registry, "builtin_one"));
	registry_free(registry);
	unlink(name);
}

static void
test_whole(void **state)
{
	struct registry *registry;
	const struct registry_entry *e;

	put("whole.json",
	    "{\"name\": \"whole\", \"description\": \"All of it\","
	    " \"parameters\": {\"type\": \"object\", \"required\": [\"a\"]},"
	    " \"result\": {\"type\": \"string\"}, \"fake\": \"spec\","
	    " \"extra\": [1, {}], \"timeout\": \"10s\", \"memory\": 1000000,"
	    " \"directory\": \"sub\", \"environment\": [\"A\"],"
	    " \"idempotent\": true, \"max_concurrent\": 2}\n");
	registry = load_good();
	e = find(registry, "whole");
	assert_non_null(e);
	assert_string_equal(e->description, "All of it");
	assert_ptr_equal(e->kind, &kind_fake);
	assert_string_equal(e->spec, "spec");
	assert_string_equal(e->base, dir);
	assert_true(e->idempotent);
	assert_non_null(e->result_schema);
	assert_int_equal(e->policy.timeout_ms, 10000);
	assert_int_equal(e->policy.memory_bytes, 1000000);
	assert_int_equal(e->policy.output_bytes, conf.max_result_bytes);
	assert_memory_equal(e->policy.directory, dir, strlen(dir));
	assert_string_equal(e->policy.directory + strlen(dir), "/sub");
	registry_free(registry);
	unlink("whole.json");
}

/* What such a result looks like need not be said. */
static void
test_media(void **state)
{
	struct registry *registry;
	const struct registry_entry *e;

	put("media.json", "{\"name\": \"media\", \"fake\": \"spec\","
			  " \"output\": \"base64\"}");
	put("own.json", "{\"name\": \"own\", \"fake\": \"spec\","
			" \"output\": \"base64\", \"result\": {}}");
	registry = load_good();
	e = find(registry, "media");
	assert_non_null(e->result_schema);
	assert_non_null(
	    strstr(json_object_to_json_string(e->result), "base64"));
	e = find(registry, "own");
	assert_string_equal(json_object_to_json_string(e->result), "{ }");
	registry_free(registry);
	unlink("media.json");
	unlink("own.json");
}

/* With a byte order mark, as some editors write it. */
static void
test_least(void **state)
{
	struct registry *registry;
	const struct registry_entry *e;

	put(N64 ".json", "\xef\xbb\xbf{\"name\": \"" N64 "\", \"fake\": \"\"}");
	registry = load_good();
	e = find(registry, N64);
	assert_non_null(e);
	assert_string_equal(e->description, "");
	assert_string_equal(json_object_to_json_string_ext(
				e->parameters, JSON_C_TO_STRING_PLAIN),
	    "{\"type\":\"object\"}");
	assert_null(e->result);
	assert_false(e->idempotent);
	assert_true(e->policy.enabled);
	assert_string_equal(e->policy.directory, dir);
	assert_int_equal(e->policy.umask, 077);
	registry_free(registry);
	unlink(N64 ".json");
}

#define HEAD "{\"name\": \"m\", \"fake\": \"\", "

static const struct {
	const char *text, *why;
} contents[] = {
    {"", "is no JSON: empty text"},
    {"{\"name\": \"m\"", "is no JSON: unexpected end at byte 12"},
    {"[]", "expected an object"},
    {"null", "expected an object"},
    {"{}", "does not say how it runs: has none of fake, other"},
    {"{\"kind\":\"fake\",\"fake\":{}}",
	"unknown member \"kind\": how it runs is said by having one of fake, "
	"other"},
    {"{\"name\": \"m\", \"builtin\": 1}",
	"does not say how it runs: has none of fake, other"},
    {"{\"fake\": \"\"}", "name: is missing"},
    {"{\"name\": 5, \"fake\": \"\"}", "name: expected a string"},
    {"{\"name\": \"m\\u0000\", \"fake\": \"\"}",
	"name: expected a string without NUL"},
    {"{\"name\": \"m n\", \"fake\": \"\"}",
	"name: a tool's name has 1 to 64 letters (a to z), digits, _ and -"},
    {"{\"name\": \"\", \"fake\": \"\"}",
	"name: a tool's name has 1 to 64 letters (a to z), digits, _ and -"},
    {"{\"name\": \"mm\", \"fake\": \"\"}",
	"name: is \"mm\", but the file is not mm.json"},
    {"{\"name\": \"m\", \"name\": \"m\", \"fake\": \"\"}",
	"is no JSON: member name used twice"},
    {"{\"name\": \"m\", \"fake\": \"\", \"other\": \"\"}",
	"has both fake and other"},
    {"{\"name\": \"m\", \"other\": \"\", \"extra\": 1}",
	"unknown member \"extra\" for the kind other"},
    {HEAD "\"titel\": 1}", "unknown member \"titel\" for the kind fake"},
    {HEAD "\"builtin\": 1}", "unknown member \"builtin\" for the kind fake"},
    {HEAD "\"a\\nb\": 1}", "unknown member \"a?b\" for the kind fake"},
    {HEAD "\"description\": null}", "description: expected a string"},
    {HEAD "\"parameters\": []}",
	"parameters: expected an object, a JSON Schema"},
    {HEAD "\"parameters\": true}",
	"parameters: expected an object, a JSON Schema"},
    {HEAD "\"result\": \"string\"}",
	"result: expected an object, a JSON Schema"},
    {HEAD "\"pass_headers\": \"X-A\"}",
	"pass_headers: expected an array of at most 16 names of headers"},
    {HEAD "\"pass_headers\": [\"X-B\", \"x-a\"], \"headers\": "
	  "{\"X-A\": \"1\"}}",
	"pass_headers: \"X-A\" is among the headers, too"},
    {HEAD "\"pass_headers\": [\"X-A\", \"x-a\"]}",
	"pass_headers: \"x-a\" is there twice"},
    {HEAD "\"pass_headers\": [\"X_A\"]}", "pass_headers: \"X_A\" is no name of "
					  "a header of letters, digits and -"},
    {HEAD "\"pass_headers\": [\"content-length\"]}",
	"pass_headers: \"content-length\" cannot be passed on"},
    {HEAD "\"pass_headers\": [\"X-A\", 1]}",
	"pass_headers: \"1\" is no string"},
    {HEAD "\"idempotent\": 1}", "idempotent: expected true or false"},
    {HEAD "\"timeout\": \"soon\"}",
	"timeout: expected a duration from 0s to 24h, such as 500ms, 30s, 2m "
	"or 1h"},
    {HEAD "\"nice\": 20}", "nice: expected a whole number from 0 to 19"},
    {HEAD "\"directory\": 1}", "directory: expected a string"},
    {HEAD "\"directory\": \"x\\u0000y\"}",
	"directory: expected a string without NUL"},
    {HEAD "\"directory\": \"/x\\u0000y\"}",
	"directory: expected a string without NUL"},
    {"{\"name\": \"m\", \"fake\": 1}", "fake: expected a string, in "},
};

static void
test_contents(void **state)
{
	for (size_t i = 0; i < COUNT(contents); i++) {
		char why[512];

		snprintf(why, sizeof(why), "%s%s", contents[i].why,
		    strstr(contents[i].why, ", in ") == NULL ? "" : dir);
		put("m.json", contents[i].text);
		expect_bad("m.json", why);
	}
}

#define SEVEN "\"$schema\": \"http://json-schema.org/draft-07/schema#\", "

/* A warning, which is no fault. */
static void
test_doubts(void **state)
{
	put("m.json",
	    HEAD "\"parameters\": {" SEVEN
		 "\"$ref\": \"#/definitions/a\", \"required\": [\"b\"], "
		 "\"definitions\": {\"a\": {}}}}");
	put("n.json", "{\"name\": \"n\", \"fake\": \"\", \"result\": {" SEVEN
		      "\"items\": {\"$ref\": \"#\", \"type\": \"null\"}}}");
	registry_free(load());
	assert_int_equal(bad, 0);
	assert_non_null(strstr(reports,
	    "/m.json: parameters: /required: has no effect beside $ref in "
	    "draft-07\n"));
	assert_non_null(strstr(reports,
	    "/n.json: result: /items/type: has no effect beside $ref in "
	    "draft-07\n"));
	unlink("m.json");
	unlink("n.json");
}

/* The reason is the schema's own, with the member before it. */
static void
test_schemas(void **state)
{
	static const char *const members[] = {"parameters", "result"};

	for (size_t i = 0; i < COUNT(members); i++) {
		struct registry *registry;
		char text[256];

		snprintf(text, sizeof(text),
		    HEAD "\"%s\": {\"type\": \"objekt\"}}", members[i]);
		put("m.json", text);
		registry = load();
		assert_int_equal(bad, 1);
		snprintf(text, sizeof(text), "%s/m.json: %s: /type: ", dir,
		    members[i]);
		assert_memory_equal(reports, text, strlen(text));
		registry_free(registry);
	}
	unlink("m.json");
}

static void
test_files(void **state)
{
	assert_int_equal(mkfifo("m.json", 0600), 0);
	expect_bad("m.json", "is no regular file");
	assert_int_equal(mkdir("m.json", 0700), 0);
	expect_bad("m.json", "is no regular file");
	rmdir("m.json");
	assert_int_equal(symlink("nowhere", "m.json"), 0);
	expect_bad("m.json", "No such file or directory");
	put("m.json", HEAD "\"nice\": 1}");
	assert_int_equal(truncate("m.json", (1 << 20) + 1), 0);
	expect_bad("m.json", "is larger than a mebibyte");
	put("m.json", HEAD "\"nice\": 1}");
	assert_int_equal(chmod("m.json", 0602), 0);
	expect_bad("m.json", "everybody may write to it");
	put("builtin_one.json", "{\"name\": \"builtin_one\", \"fake\": \"\"}");
	expect_bad("builtin_one.json", "name: a built-in tool is called so");
}

/* Only root can make a file that belongs to somebody else. */
static void
test_owner(void **state)
{
	if (geteuid() != 0) {
		print_message("not root: no file can be given away\n");
		return;
	}
	put("m.json", HEAD "\"nice\": 1}");
	assert_int_equal(chown("m.json", 65534, 65534), 0);
	expect_bad("m.json",
	    "belongs to a user that is neither root nor the one that agentd "
	    "is started by");
}

static void
test_links(void **state)
{
	struct registry *registry;

	put("real", HEAD "\"nice\": 1}");
	assert_int_equal(symlink("real", "m.json"), 0);
	registry = load_good();
	assert_non_null(find(registry, "m"));
	registry_free(registry);
	unlink("real");
	unlink("m.json");
}

/* Hidden files and those with other endings are none of ours. */
static void
test_others(void **state)
{
	static const char *const names[] = {
	    ".json", ".m.json", "m.json~", "m.json.new", "README"};

	for (size_t i = 0; i < COUNT(names); i++)
		put(names[i], "what is this?");
	registry_free(load_good());
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(names[i]);
}

/* All reports, in the order of the names; the good ones are there. */
static void
test_mixture(void **state)
{
	struct registry *registry;
	char wanted[1024];

	put("b.json", "{");
	put("a.json", "{\"name\": \"a\", \"fake\": \"\"}");
	put("c.json", "[]");
	put("d.json", "{\"name\": \"d\", \"other\": \"\", \"fake\": \"\"}");
	put("e.json", "{\"name\": \"e\", \"fake\": \"\"}");
	registry = load();
	snprintf(wanted, sizeof(wanted),
	    "%s/b.json: is no JSON: unexpected end at byte 1\n"
	    "%s/c.json: expected an object\n"
	    "%s/d.json: has both fake and other\n",
	    dir, dir, dir);
	assert_string_equal(reports, wanted);
	assert_int_equal(bad, 3);
	assert_non_null(find(registry, "a"));
	assert_non_null(find(registry, "e"));
	assert_null(find(registry, "b"));
	registry_free(registry);
	for (char name[] = "a.json"; name[0] <= 'e'; name[0]++)
		unlink(name);
}

static void
check_directory(const char *path, bool preset, const char *why)
{
	char line[512];

	conf.tools_dir = (char *)(uintptr_t)path;
	conf.tools_dir_preset = preset;
	snprintf(line, sizeof(line), "%s%s%s%s", why == NULL ? "" : path,
	    why == NULL ? "" : ": ", why == NULL ? "" : why,
	    why == NULL ? "" : "\n");
	registry_free(load());
	assert_string_equal(reports, line);
	assert_int_equal(bad, why != NULL);
	conf.tools_dir = dir;
	conf.tools_dir_preset = false;
}

static void
test_directory(void **state)
{
	check_directory("", false, NULL);
	check_directory("/nonexistent/tools.d", true, NULL);
	check_directory(
	    "/nonexistent/tools.d", false, "No such file or directory");
	check_directory("/dev/zero", true, "everybody may write to it");
	check_directory("/etc/passwd", false, "Not a directory");
	assert_int_equal(chmod(dir, 0777), 0);
	check_directory(dir, false, "everybody may write to it");
	assert_int_equal(chmod(dir, 0700), 0);
}

static void
choose(struct conf_tool *section, const char *name, const char *text)
{
	char why[256];

	assert_int_equal(
	    policy_choose(&section->choice, policy_find(name), text, why), 0);
}

/* What the section says stands above what the manifest says. */
static void
test_section(void **state)
{
	struct conf_tool *section;
	struct registry *registry;
	const struct registry_entry *e;

	put("m.json",
	    HEAD "\"timeout\": 10, \"nice\": 1, \"user\": \"daemon\"}");
	section = conf_tool_add(&conf, "m", "t.conf", 7);
	assert_non_null(section);
	choose(section, "timeout", "5s");
	choose(section, "user", "");
	registry = load_good();
	e = find(registry, "m");
	assert_int_equal(e->policy.timeout_ms, 5000);
	assert_int_equal(e->policy.nice, 1);
	assert_null(e->policy.user);
	registry_free(registry);
	/* And that above what is said of all tools. */
	section = conf_tool_add(&conf, CONF_TOOL_ALL, "t.conf", 8);
	choose(section, "timeout", "1s");
	choose(section, "nice", "7");
	choose(section, "umask", "0027");
	registry = load_good();
	e = find(registry, "m");
	assert_int_equal(e->policy.timeout_ms, 5000);
	assert_int_equal(e->policy.nice, 1);
	assert_int_equal(e->policy.umask, 0027);
	assert_int_equal(find(registry, "builtin_one")->policy.nice, 7);
	registry_free(registry);
	unlink("m.json");
	registry = load();
	assert_string_equal(reports, "t.conf:7: there is no tool m\n");
	assert_int_equal(bad, 0);
	registry_free(registry);
	conf_tools_free(&conf);
	conf.tools = NULL;
	conf.tool_count = 0;
}

/* Its name is then free. */
static void
test_builtins(void **state)
{
	char none[] = "none", other[] = "other", *items[] = {none, NULL};
	struct registry *registry;

	conf.builtin_tools = (struct conf_list){items, 1};
	registry = load_good();
	assert_null(find(registry, "builtin_one"));
	registry_free(registry);
	put("builtin_one.json", "{\"name\": \"builtin_one\", \"fake\": \"\"}");
	registry = load_good();
	assert_ptr_equal(find(registry, "builtin_one")->kind, &kind_fake);
	registry_free(registry);
	unlink("builtin_one.json");
	items[0] = other;
	registry = load();
	assert_string_equal(
	    reports, "builtin_tools: there is no built-in tool other\n");
	assert_int_equal(bad, 1);
	registry_free(registry);
	conf.builtin_tools = (struct conf_list){NULL, 0};
}

/* Built in or not, it is as if it were not there. */
static void
test_disabled(void **state)
{
	struct registry *registry;
	char *catalogue;

	put("m.json", HEAD "\"nice\": 1}");
	choose(conf_tool_add(&conf, "m", "t.conf", 1), "enabled", "no");
	choose(
	    conf_tool_add(&conf, "builtin_one", "t.conf", 2), "enabled", "no");
	registry = load_good();
	assert_null(find(registry, "m"));
	assert_null(find(registry, "builtin_one"));
	catalogue = registry_catalogue(registry);
	assert_string_equal(catalogue, "[]");
	free(catalogue);
	registry_free(registry);
	unlink("m.json");
	conf_tools_free(&conf);
	conf.tools = NULL;
	conf.tool_count = 0;
}

static uint64_t
digest(const char *text)
{
	struct registry *registry;
	uint64_t value;

	put("m.json", text);
	registry = load_good();
	value = find(registry, "m")->digest;
	registry_free(registry);
	unlink("m.json");
	return (value);
}

/* Whatever changes how the tool runs changes its digest. */
static void
test_digest(void **state)
{
	uint64_t before = digest(HEAD "\"nice\": 1}");

	assert_true(digest(HEAD "\"nice\": 1}") == before);
	assert_true(digest(HEAD "\"nice\": 2}") != before);
	assert_true(digest(HEAD "\"extra\": 1}") != before);
	conf.max_result_bytes++;
	assert_true(digest(HEAD "\"nice\": 1}") != before);
	conf.max_result_bytes--;
}

/* Secrets are in no catalogue. */
static void
test_secrets(void **state)
{
	const struct registry_entry *e;
	struct registry *registry;
	char *catalogue;

	put("m.json",
	    "{\"name\": \"m\", \"fake\": \"hush1\", \"extra\": \"hush2\","
	    " \"environment\": [\"KEY=hush3\"]}");
	registry = load_good();
	catalogue = registry_catalogue(registry);
	assert_non_null(strstr(catalogue, "\"name\":\"m\""));
	assert_null(strstr(catalogue, "hush"));
	free(catalogue);
	e = find(registry, "m");
	assert_string_equal(e->policy.environment[0], "KEY=hush3");
	registry_free(registry);
	unlink("m.json");
}

/* Packs what is loaded from m.json, which goes. */
static void
packed(struct pack *pack, uint64_t *digest)
{
	struct registry *registry = load_good();

	*digest = find(registry, "m")->digest;
	registry_pack(registry, pack);
	assert_false(pack->failed);
	registry_free(registry);
	unlink("m.json");
}

/* An agent has the tool as it was loaded, but reads it when it is called. */
static void
test_pack(void **state)
{
	struct pack pack = {0};
	struct registry *registry;
	const struct registry_entry *e;
	char why[REGISTRY_WHY_SIZE];
	uint64_t digest;

	put("m.json", HEAD "\"nice\": 3, \"environment\": [\"KEY=hush\"]}");
	packed(&pack, &digest);
	registry = registry_open(pack.data, pack.len, &conf);
	assert_non_null(registry);
	assert_null(find(registry, "n"));
	e = find(registry, "m");
	assert_true(e->unread);
	assert_ptr_equal(e->kind, &kind_fake);
	assert_int_equal(registry_ready(registry, e, why), 0);
	assert_false(e->unread);
	assert_ptr_equal(find(registry, "m"), e);
	assert_true(e->digest == digest);
	assert_int_equal(e->policy.nice, 3);
	assert_string_equal(e->policy.environment[0], "KEY=hush");
	assert_non_null(e->parameters_schema);
	e = find(registry, "builtin_one");
	assert_int_equal(registry_ready(registry, e, why), 0);
	assert_ptr_equal(e->spec, &builtin);
	assert_non_null(e->parameters_schema);
	registry_free(registry);
	pack_free(&pack);
}

/* What is cut or goes on is no registry, and nothing beyond it is read. */
static void
test_pack_cut(void **state)
{
	struct pack pack = {0};
	uint64_t digest;
	char *part;

	put("m.json", HEAD "\"nice\": 3}");
	packed(&pack, &digest);
	pack_int(&pack, 0);
	for (size_t len = 0; len <= pack.len; len++) {
		if (len == pack.len - sizeof(int64_t))
			continue;
		part = malloc(len + 1);
		assert_non_null(part);
		memcpy(part, pack.data, len);
		assert_null(registry_open(part, len, &conf));
		free(part);
	}
	pack_free(&pack);
}

/* Where no tool runs, variables that manifests name have no value. */
static void
test_forget(void **state)
{
	struct pack pack = {0};
	uint64_t digest;

	setenv("MANIFEST_TEST_KEY", "hush", 1);
	setenv("MANIFEST_TEST_OTHER", "kept", 1);
	put("m.json",
	    HEAD "\"environment\": [\"MANIFEST_TEST_KEY\", \"A=b\"]}");
	packed(&pack, &digest);
	registry_forget(pack.data, pack.len);
	assert_string_equal(getenv("MANIFEST_TEST_KEY"), "");
	assert_string_equal(getenv("MANIFEST_TEST_OTHER"), "kept");
	pack_free(&pack);
}

static size_t
unreadable(void)
{
	struct registry *registry = load();
	size_t count = registry_unreadable(registry);

	registry_free(registry);
	return (count);
}

/* What is wrong is known; what cannot be read may be a tool in use. */
static void
test_unreadable(void **state)
{
	char *before = conf.tools_dir, missing[] = "./missing";

	put("m.json", "{");
	assert_int_equal(unreadable(), 0);
	assert_int_equal(bad, 1);
	unlink("m.json");
	assert_int_equal(mkdir("m.json", 0755), 0);
	assert_int_equal(unreadable(), 0);
	assert_int_equal(bad, 1);
	rmdir("m.json");
	assert_int_equal(symlink("away", "m.json"), 0);
	assert_int_equal(unreadable(), 1);
	assert_non_null(strstr(reports, "m.json: No such file"));
	unlink("m.json");
	conf.tools_dir = missing;
	assert_int_equal(unreadable(), 1);
	assert_non_null(strstr(reports, "./missing: No such file"));
	conf.tools_dir_preset = true;
	assert_int_equal(unreadable(), 0);
	assert_int_equal(bad, 0);
	conf.tools_dir_preset = false;
	conf.tools_dir = before;
}

/* One more than there may be: all but one are there. */
static void
test_too_many(void **state)
{
	struct registry *registry;
	char name[32], text[96];

	for (int i = 0; i <= 10000; i++) {
		snprintf(name, sizeof(name), "t%05d.json", i);
		snprintf(text, sizeof(text),
		    "{\"name\":\"t%05d\",\"fake\":\"\"}", i);
		put(name, text);
	}
	registry = load();
	snprintf(text, sizeof(text),
	    "%s: has more than 10000 manifests; the rest is left out\n", dir);
	assert_string_equal(reports, text);
	assert_int_equal(bad, 1);
	assert_non_null(find(registry, "t09999"));
	assert_null(find(registry, "t10000"));
	registry_free(registry);
	for (int i = 0; i <= 10000; i++) {
		snprintf(name, sizeof(name), "t%05d.json", i);
		unlink(name);
	}
}

static int
set_up(void **state)
{
	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return (-1);
	conf.tools_dir = dir;
	conf.max_result_bytes = 4 << 20;
	return (0);
}

static int
tear_down(void **state)
{
	return (rmdir(dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_media),
	    cmocka_unit_test(test_least),
	    cmocka_unit_test(test_contents),
	    cmocka_unit_test(test_schemas),
	    cmocka_unit_test(test_doubts),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_owner),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_mixture),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_section),
	    cmocka_unit_test(test_builtins),
	    cmocka_unit_test(test_disabled),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_pack),
	    cmocka_unit_test(test_pack_cut),
	    cmocka_unit_test(test_forget),
	    cmocka_unit_test(test_unreadable),
	    cmocka_unit_test(test_too_many),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
