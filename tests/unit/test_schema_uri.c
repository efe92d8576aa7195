/*
 * URI references: the examples of RFC 3986, section 5.4, and what schemas
 * have besides.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema_compile.h"

#define BASE "http://a/b/c/d;p?q"

static void
test_resolve(void **state)
{
	static const char *const cases[][3] = {
	    {BASE, "g:h", "g:h"},
	    {BASE, "g", "http://a/b/c/g"},
	    {BASE, "./g", "http://a/b/c/g"},
	    {BASE, "g/", "http://a/b/c/g/"},
	    {BASE, "/g", "http://a/g"},
	    {BASE, "//g", "http://g"},
	    {BASE, "?y", "http://a/b/c/d;p?y"},
	    {BASE, "g?y", "http://a/b/c/g?y"},
	    {BASE, "#s", "http://a/b/c/d;p?q#s"},
	    {BASE, "g#s", "http://a/b/c/g#s"},
	    {BASE, "g?y#s", "http://a/b/c/g?y#s"},
	    {BASE, ";x", "http://a/b/c/;x"},
	    {BASE, "", "http://a/b/c/d;p?q"},
	    {BASE, ".", "http://a/b/c/"},
	    {BASE, "./", "http://a/b/c/"},
	    {BASE, "..", "http://a/b/"},
	    {BASE, "../", "http://a/b/"},
	    {BASE, "../g", "http://a/b/g"},
	    {BASE, "../..", "http://a/"},
	    {BASE, "../../../g", "http://a/g"},
	    {BASE, "/./g", "http://a/g"},
	    {BASE, "/../g", "http://a/g"},
	    {BASE, "g.", "http://a/b/c/g."},
	    {BASE, "..g", "http://a/b/c/..g"},
	    {BASE, "./../g", "http://a/b/g"},
	    {BASE, "g/./h", "http://a/b/c/g/h"},
	    {BASE, "g/../h", "http://a/b/c/h"},
	    {BASE, "g;x=1/../y", "http://a/b/c/y"},
	    {BASE, "g?y/../x", "http://a/b/c/g?y/../x"},
	    {BASE, "g#s/../x", "http://a/b/c/g#s/../x"},
	    {BASE, "http:g", "http:g"},
	    {"", "", ""},
	    {"", "#a", "#a"},
	    {"", "a.json#/b", "a.json#/b"},
	    {"", "../a", "a"},
	    {"a/b", "c", "a/c"},
	    {"http://a", "b", "http://a/b"},
	    {"http://a?b", "", "http://a?b"},
	    {"urn:x:y", "#z", "urn:x:y#z"},
	    {"urn:x:y", "urn:q", "urn:q"},
	    {"file:///a/b", "../../..", "file:///"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *uri = schema_uri_resolve(cases[i][0], cases[i][1]);

		assert_string_equal(uri, cases[i][2]);
		free(uri);
	}
}

static void
test_cut(void **state)
{
	static const char *const cases[][3] = {
	    {"a", "a", ""},
	    {"a#", "a", ""},
	    {"a#b%20c%2f%7E", "a", "b c/~"},
	    {"#/a%", "", "/a%"},
	    {"#%4", "", "%4"},
	    {"#%00x", "", "%00x"},
	    {"#a#b", "", "a#b"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *uri = strdup(cases[i][0]);

		assert_string_equal(schema_uri_cut(uri), cases[i][2]);
		assert_string_equal(uri, cases[i][1]);
		free(uri);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_resolve),
	    cmocka_unit_test(test_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
