/*
 * The JSON Schema validator against the official test suite, which is not
 * part of this program: its files for draft 2020-12 are read from the folder
 * JSON_SCHEMA_SUITE, or from ../shared/json-schema/draft2020-12 beside the
 * source tree.  Where they are absent a notice says so.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "schema/schema.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define REMOTE "refers to a document that would have to be fetched"
#define META "refers to the meta-schema, which is another document"
#define VOCABULARY "follows a meta-schema that would have to be fetched"

/*
 * What does not pass, and why: a group of cases, or all of a file (group
 * NULL).  Each must be needed, and for the reason given: the schema is
 * refused when it is compiled.
 */
static const struct exception {
	const char *file, *group, *reason;
} exceptions[] = {
    {"defs.json", "validate definition against metaschema", META},
    {"dynamicRef.json",
	"$ref and $dynamicAnchor are independent of order - $defs first",
	REMOTE},
    {"dynamicRef.json",
	"$ref and $dynamicAnchor are independent of order - $ref first",
	REMOTE},
    {"dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor",
	REMOTE},
    {"dynamicRef.json",
	"strict-tree schema, guards against misspelled properties", REMOTE},
    {"dynamicRef.json",
	"tests for implementation dynamic anchor and reference link", REMOTE},
    {"ref.json", "remote ref, containing refs itself", META},
    {"refRemote.json", NULL, REMOTE},
    {"vocabulary.json", "ignore unrecognized optional vocabulary", VOCABULARY},
    {"vocabulary.json",
	"schema that uses custom metaschema with with no validation vocabulary",
	VOCABULARY},
};

static bool exception_used[COUNT(exceptions)];
static size_t passed, excepted;

static struct json_object *
member(struct json_object *object, const char *name)
{
	struct json_object *value;

	assert_true(json_object_object_get_ex(object, name, &value));
	return (value);
}

static const char *
words(struct json_object *object)
{
	return (json_object_get_string(member(object, "description")));
}

/* Whether the group is known not to pass. */
static bool
excused(const char *file, const char *group)
{
	for (size_t i = 0; i < COUNT(exceptions); i++) {
		const struct exception *e = &exceptions[i];

		if (strcmp(e->file, file) == 0 &&
		    (e->group == NULL || strcmp(e->group, group) == 0)) {
			exception_used[i] = true;
			return (true);
		}
	}
	return (false);
}

/* Whether schema (NULL: it was refused) says of the value what is expected. */
static bool
judged_right(const struct schema *schema, struct json_object *test)
{
	struct json_object *errors = json_object_new_array();
	int failures = -1;

	assert_non_null(errors);
	if (schema != NULL) {
		failures =
		    schema_validate(schema, member(test, "data"), errors);
		assert_true(failures >= 0);
		assert_true(
		    json_object_array_length(errors) == (size_t)failures);
	}
	json_object_put(errors);
	return (
	    schema != NULL &&
	    (failures == 0) == json_object_get_boolean(member(test, "valid")));
}

static size_t
run_group(const char *file, struct json_object *group)
{
	struct json_object *tests = member(group, "tests");
	char why[512] = "";
	struct schema *schema =
	    schema_compile(member(group, "schema"), why, sizeof(why));
	size_t wrong = 0;

	for (size_t i = 0; i < json_object_array_length(tests); i++) {
		struct json_object *test = json_object_array_get_idx(tests, i);

		if (judged_right(schema, test))
			passed++;
		else if (schema == NULL && excused(file, words(group)))
			excepted++;
		else {
			wrong++;
			print_error("%s: %s: %s%s%s\n", file, words(group),
			    words(test), why[0] != '\0' ? ": " : "", why);
		}
	}
	schema_free(schema);
	return (wrong);
}

static struct json_object *
read_file(const char *directory, const char *name)
{
	static char text[1024 * 1024], path[2 * PATH_MAX];
	char reason[JSON_REASON_SIZE];
	struct json_object *value;
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if ((file = fopen(path, "r")) == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_true(len < sizeof(text));
	if (!json_parse(text, len, &value, reason))
		fail_msg("%s: %s", path, reason);
	return (value);
}

static size_t
run_file(const char *directory, const char *name)
{
	struct json_object *groups = read_file(directory, name);
	size_t wrong = 0;

	for (size_t i = 0; i < json_object_array_length(groups); i++)
		wrong += run_group(name, json_object_array_get_idx(groups, i));
	json_object_put(groups);
	return (wrong);
}

/* Of static storage; NULL: the suite is not there. */
static const char *
suite_directory(void)
{
	static char path[PATH_MAX];
	const char *set = getenv("JSON_SCHEMA_SUITE");
	const char *top = getenv("AGENTD_SRCDIR");

	if (set != NULL)
		return (set);
	snprintf(path, sizeof(path), "%s/../shared/json-schema/draft2020-12",
	    top != NULL ? top : ".");
	return (access(path, R_OK) == 0 ? path : NULL);
}

static int
is_json(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return (dot != NULL && strcmp(dot, ".json") == 0);
}

static void
test_suite(void **state)
{
	const char *directory = suite_directory();
	struct dirent **files;
	size_t wrong = 0;
	int i, count;

	if (directory == NULL) {
		print_message("# the JSON Schema test suite is not there: "
			      "set JSON_SCHEMA_SUITE\n");
		return;
	}
	count = scandir(directory, &files, is_json, alphasort);
	assert_true(count > 0);
	for (i = 0; i < count; i++) {
		wrong += run_file(directory, files[i]->d_name);
		free(files[i]);
	}
	free(files);
	print_message(
	    "# %zu cases passed, %zu are exceptions\n", passed, excepted);
	assert_int_equal(wrong, 0);
	for (i = 0; i < (int)COUNT(exceptions); i++)
		if (!exception_used[i])
			fail_msg("%s: %s: no longer: %s", exceptions[i].file,
			    exceptions[i].group != NULL ? exceptions[i].group
							: "all",
			    exceptions[i].reason);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_suite),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
