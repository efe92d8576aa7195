/*
 * The JSON Schema validator against the official test suite, which is not
 * part of this program.  A draft's files are read from a folder of its name in
 * JSON_SCHEMA_SUITE, in ../shared/json-schema beside the source tree, and in
 * what a package of Debian brings.  Where they are absent a notice says so.
 */

#include "test.h"

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

#define SUITE_PACKAGE \
	"/usr/share/gocode/src/github.com/flowstack/go-jsonschema/testdata"

static const struct draft {
	const char *name;
	/* What a schema says that follows it; older files leave that out. */
	const char *uri;
} drafts[] = {
    {"draft4", "http://json-schema.org/draft-04/schema#"},
    {"draft6", "http://json-schema.org/draft-06/schema#"},
    {"draft7", "http://json-schema.org/draft-07/schema#"},
    {"draft2019-09", "https://json-schema.org/draft/2019-09/schema"},
    {"draft2020-12", "https://json-schema.org/draft/2020-12/schema"},
};

/*
 * Of the folder optional, what this validator does.  Not unicode.json, where
 * older suites want other characters of \\w and \\d than ECMA-262 has.
 */
static const char *const optional[] = {
    "optional/ecmascript-regex.json",
    "optional/non-bmp-regex.json",
    "optional/refOfUnknownKeyword.json",
};

#define REMOTE "refers to another document: "
#define VOCABULARY "/$schema: must name draft "

/*
 * What does not pass: a group of cases, or all of a file (group NULL).  The
 * schema is refused when it is compiled, with these words.
 */
static const struct exception {
	const char *file, *group, *words;
} exceptions[] = {
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

/* Whether the group is known not to pass, for that reason. */
static bool
excused(const char *file, const char *group, const char *why)
{
	for (size_t i = 0; i < COUNT(exceptions); i++) {
		const struct exception *e = &exceptions[i];

		if (strcmp(e->file, file) == 0 &&
		    (e->group == NULL || strcmp(e->group, group) == 0) &&
		    strstr(why, e->words) != NULL) {
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

/* That of the group; says which draft it follows, if it does not itself. */
static struct json_object *
group_schema(const struct draft *draft, struct json_object *group)
{
	struct json_object *document = member(group, "schema");

	if (json_object_is_type(document, json_type_object) &&
	    !json_object_object_get_ex(document, "$schema", NULL))
		assert_int_equal(json_object_object_add(document, "$schema",
				     json_object_new_string(draft->uri)),
		    0);
	return (document);
}

static size_t
run_group(
    const struct draft *draft, const char *file, struct json_object *group)
{
	struct json_object *tests = member(group, "tests");
	char why[512] = "";
	struct schema *schema =
	    schema_compile(group_schema(draft, group), why, sizeof(why));
	size_t wrong = 0;

	for (size_t i = 0; i < json_object_array_length(tests); i++) {
		struct json_object *test = json_object_array_get_idx(tests, i);

		if (judged_right(schema, test))
			passed++;
		else if (schema == NULL && excused(file, words(group), why))
			excepted++;
		else {
			wrong++;
			print_error("%s: %s: %s: %s%s%s\n", draft->name, file,
			    words(group), words(test),
			    why[0] != '\0' ? ": " : "", why);
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
run_file(const struct draft *draft, const char *directory, const char *name)
{
	struct json_object *groups = read_file(directory, name);
	size_t wrong = 0;

	for (size_t i = 0; i < json_object_array_length(groups); i++)
		wrong += run_group(
		    draft, name, json_object_array_get_idx(groups, i));
	json_object_put(groups);
	return (wrong);
}

/* Of static storage; NULL: the draft's folder is not there. */
static const char *
draft_directory(const struct draft *draft)
{
	static char path[PATH_MAX];
	const char *set = getenv("JSON_SCHEMA_SUITE");

	if (set != NULL) {
		snprintf(path, sizeof(path), "%s/%s", set, draft->name);
		return (path);
	}
	snprintf(path, sizeof(path), "%s/../shared/json-schema/%s",
	    test_srcdir(), draft->name);
	if (access(path, R_OK) == 0)
		return (path);
	snprintf(path, sizeof(path), SUITE_PACKAGE "/%s", draft->name);
	return (access(path, R_OK) == 0 ? path : NULL);
}

static int
is_json(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return (dot != NULL && strcmp(dot, ".json") == 0);
}

static size_t
run_optional(const struct draft *draft, const char *directory)
{
	char path[PATH_MAX + 64];
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT(optional); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, optional[i]);
		if (access(path, R_OK) == 0)
			wrong += run_file(draft, directory, optional[i]);
	}
	return (wrong);
}

static size_t
run_draft(const struct draft *draft, const char *directory)
{
	struct dirent **files;
	size_t wrong = run_optional(draft, directory);
	int i, count;

	count = scandir(directory, &files, is_json, alphasort);
	assert_true(count > 0);
	for (i = 0; i < count; i++) {
		wrong += run_file(draft, directory, files[i]->d_name);
		free(files[i]);
	}
	free(files);
	return (wrong);
}

static void
test_suite(void **state)
{
	const char *directory;
	size_t wrong = 0, absent = 0;

	for (size_t i = 0; i < COUNT(drafts); i++) {
		passed = excepted = 0;
		if ((directory = draft_directory(&drafts[i])) == NULL) {
			print_message("# the JSON Schema test suite for %s is "
				      "not there: set JSON_SCHEMA_SUITE\n",
			    drafts[i].name);
			absent++;
			continue;
		}
		wrong += run_draft(&drafts[i], directory);
		print_message("# %s: %zu cases passed, %zu are exceptions\n",
		    drafts[i].name, passed, excepted);
	}
	assert_int_equal(wrong, 0);
	for (size_t i = 0; absent == 0 && i < COUNT(exceptions); i++)
		if (!exception_used[i])
			fail_msg("%s: %s: no longer: %s", exceptions[i].file,
			    exceptions[i].group != NULL ? exceptions[i].group
							: "all",
			    exceptions[i].words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_suite),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
