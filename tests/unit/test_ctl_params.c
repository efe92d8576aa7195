/*
 * Words of a command line as parameters of a call.
 */

#include "test.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentctl/params.h"
#include "common/json.h"

#define WORDS_MAX 4

static char dir[] = "/tmp/agentctl-params.XXXXXX";

/* Words, and the parameters as text; NULL: refused, because of what. */
static const struct row {
	const char *words[WORDS_MAX + 1];
	const char *text, *why;
} rows[] = {
    {{NULL}, "{}", NULL},
    {{"a=1"}, "{\"a\":\"1\"}", NULL},
    {{"a:=1"}, "{\"a\":1}", NULL},
    {{"a="}, "{\"a\":\"\"}", NULL},
    {{"a=b=c"}, "{\"a\":\"b=c\"}", NULL},
    {{"a=:=1"}, "{\"a\":\":=1\"}", NULL},
    {{"a:b=c"}, "{\"a:b\":\"c\"}", NULL},
    {{"b=2", "a=1"}, "{\"b\":\"2\",\"a\":\"1\"}", NULL},
    {{"a:=[1, {\"b\": null}]"}, "{\"a\":[1,{\"b\":null}]}", NULL},
    {{"a:=null"}, "{\"a\":null}", NULL},
    {{"a:=1.10"}, "{\"a\":1.10}", NULL},
    {{"a:=18446744073709551615"}, "{\"a\":18446744073709551615}", NULL},
    {{"a= with  spaces "}, "{\"a\":\" with  spaces \"}", NULL},
    {{"a=x\ny"}, "{\"a\":\"x\\ny\"}", NULL},
    {{"a=\"quoted\""}, "{\"a\":\"\\\"quoted\\\"\"}", NULL},
    {{"\xc3\xa4=\xc3\xb6"}, "{\"\xc3\xa4\":\"\xc3\xb6\"}", NULL},
    /* escapes in names */
    {{"a\\=b=c"}, "{\"a=b\":\"c\"}", NULL},
    {{"a\\:=b"}, "{\"a:\":\"b\"}", NULL},
    {{"a\\\\=b"}, "{\"a\\\\\":\"b\"}", NULL},
    {{"a\\b=c"}, "{\"a\\\\b\":\"c\"}", NULL},
    {{"a=\\b"}, "{\"a\":\"\\\\b\"}", NULL},
    {{"-a=1"}, "{\"-a\":\"1\"}", NULL},
    /* files */
    {{"a=@text"}, "{\"a\":\"line\\n\"}", NULL},
    {{"a:=@json"}, "{\"a\":[1,2]}", NULL},
    {{"a:=@marked"}, "{\"a\":{}}", NULL},
    {{"a=@empty"}, "{\"a\":\"\"}", NULL},
    {{"a=\\@text"}, "{\"a\":\"@text\"}", NULL},
    {{"a=\\\\@text"}, "{\"a\":\"\\\\\\\\@text\"}", NULL},
    {{"a=x@text"}, "{\"a\":\"x@text\"}", NULL},
    {{"a=@nothing"}, NULL, "nothing: No such file"},
    {{"a=@."}, NULL, "directory"},
    {{"a:=@text"}, NULL, "a: is not JSON"},
    {{"a:=@empty"}, NULL, "a: is not JSON"},
    {{"a=@bytes"}, NULL, "a: is not UTF-8"},
    /* objects */
    {{"{\"a\": 1}"}, "{\"a\":1}", NULL},
    {{"{\"a\": \"b=c\"}", "d=e"}, "{\"a\":\"b=c\",\"d\":\"e\"}", NULL},
    {{"a=2", "{\"a\": 1, \"b\": 1}"}, "{\"a\":\"2\",\"b\":1}", NULL},
    {{"@marked"}, "{}", NULL},
    {{"@object"}, "{\"o\":true}", NULL},
    {{"@json"}, NULL, "json: is no JSON object"},
    {{"@text"}, NULL, "text: is not JSON"},
    {{"@nothing"}, NULL, "nothing: No such file"},
    {{"{"}, NULL, "the parameters: is not JSON"},
    {{"{}", "@object"}, NULL, "@object: is a second object"},
    /* refused */
    {{""}, NULL, "neither"},
    {{"a"}, NULL, "a: is neither"},
    {{"=a"}, NULL, "=a: is neither"},
    {{":=1"}, NULL, "neither"},
    {{"a\\=b"}, NULL, "neither"},
    {{"a:="}, NULL, "a: is not JSON"},
    {{"a:=x"}, NULL, "a: is not JSON"},
    {{"a:=1 2"}, NULL, "a: is not JSON"},
    {{"a:={\"b\":1,\"b\":2}"}, NULL, "a: is not JSON"},
    {{"a:=NaN"}, NULL, "a: is not JSON"},
    {{"a:=1e999"}, NULL, "a: is not JSON"},
    {{"a=\xff"}, NULL, "a: is not UTF-8"},
    {{"\xff=a"}, NULL, "is not UTF-8"},
    {{"a=1", "a=2"}, NULL, "a: is given twice"},
    {{"a=1", "b=1", "a:=2"}, NULL, "a: is given twice"},
};

static void
check_row(const struct row *row)
{
	char why[PARAMS_WHY_SIZE] = "", *words[WORDS_MAX + 1] = {NULL};
	struct json_object *params;
	size_t count = 0, len;

	for (; row->words[count] != NULL; count++)
		words[count] = strdup(row->words[count]);
	params = params_parse(words, count, why);
	print_message("# %s\n", count > 0 ? words[0] : "");
	if (row->text != NULL) {
		assert_non_null(params);
		assert_string_equal(json_text(params, &len), row->text);
	} else {
		assert_null(params);
		if (strstr(why, row->why) == NULL)
			fail_msg("%s", why);
	}
	json_object_put(params);
	while (count > 0)
		free(words[--count]);
}

static void
params_rows(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(&rows[i]);
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* What is on standard input, and the parameters with it. */
static const struct row inputs[] = {
    {{"{\"a\": 1, \"b\": 2}", "-"}, "{\"a\":1,\"b\":2}", NULL},
    {{"{\"a\": 1}", "-", "b=2"}, "{\"a\":1,\"b\":\"2\"}", NULL},
    {{"{\"a\": 1}", "b=2", "-"}, "{\"a\":1,\"b\":\"2\"}", NULL},
    {{"{\"a\": 1}", "-", "a=2"}, "{\"a\":\"2\"}", NULL},
    {{"{}\n", "-"}, "{}", NULL},
    {{"", "-"}, NULL, "standard input: is not JSON"},
    {{"x", "-"}, NULL, "standard input: is not JSON"},
    {{"[1]", "-"}, NULL, "standard input: is no JSON object"},
    {{"null", "-"}, NULL, "standard input: is no JSON object"},
    {{"{}", "-", "-"}, NULL, "a second object"},
};

static void
params_input(void **state)
{
	for (size_t i = 0; i < COUNT(inputs); i++) {
		struct row row = inputs[i];

		write_file("input", row.words[0]);
		assert_non_null(freopen("input", "re", stdin));
		memmove(&row.words[0], &row.words[1],
		    sizeof(row.words) - sizeof(row.words[0]));
		check_row(&row);
	}
}

/* Larger than any buffer on the way. */
static void
params_large(void **state)
{
	size_t size = 300000;
	char why[PARAMS_WHY_SIZE], *text = malloc(size + 1);
	char *word = (char[]){"a=@large"};
	struct json_object *params;

	memset(text, 'x', size);
	text[size] = '\0';
	write_file("large", text);
	params = params_parse(&word, 1, why);
	assert_non_null(params);
	assert_string_equal(
	    json_object_get_string(json_object_object_get(params, "a")), text);
	json_object_put(params);
	free(text);
}

static int
setup(void **state)
{
	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return (-1);
	write_file("text", "line\n");
	write_file("json", " [1, 2]\n");
	write_file("object", "{\"o\": true}\n");
	write_file("marked", "\xef\xbb\xbf{}");
	write_file("bytes", "\xff\xfe");
	write_file("empty", "");
	return (0);
}

static int
teardown(void **state)
{
	static const char *const files[] = {"text", "json", "object", "marked",
	    "bytes", "empty", "input", "large"};

	for (size_t i = 0; i < COUNT(files); i++)
		unlink(files[i]);
	return (rmdir(dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(params_rows),
	    cmocka_unit_test(params_input),
	    cmocka_unit_test(params_large),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
