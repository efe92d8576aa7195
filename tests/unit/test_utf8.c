/*
 * What is left of text that claims to be UTF-8.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

static const struct {
	const char *text, *clean;
} cases[] = {
    {"", ""},
    {"plain\ttext\n\x7f", "plain\ttext\n\x7f"},
    {"\u00e9\u20ac\U0001f600", "\u00e9\u20ac\U0001f600"},
    {"\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf"},		      /* two bytes */
    {"\xe0\xa0\x80\xed\x9f\xbf", "\xe0\xa0\x80\xed\x9f\xbf"}, /* three */
    {"\xee\x80\x80", "\xee\x80\x80"},
    {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"}, /* four */
    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
    {"\x80", "?"},
    {"a\xbfz", "a?z"},
    {"\xfe\xff", "??"},
    {"\xc0\x80", "??"}, /* overlong */
    {"\xc1\xbf", "??"},
    {"\xe0\x9f\xbf", "???"},
    {"\xf0\x8f\xbf\xbf", "????"},
    {"\xed\xa0\x80", "???"}, /* surrogate */
    {"\xed\xbf\xbf", "???"},
    {"\xf4\x90\x80\x80", "????"}, /* too large */
    {"\xf8\x88\x80\x80\x80", "?????"},
    {"\xc3", "?"}, /* cut off */
    {"\xe2\x82", "??"},
    {"\xf0\x9f\x98", "???"},
    {"\xc3z", "?z"},
    {"\xe2\x82z", "??z"},
    {"\xf0\x9f\x98\u00e9", "???\u00e9"},
};

/* In memory of just its size, so that a sanitizer sees what is read. */
static void
test_clean(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *copy = strdup(cases[i].text);

		utf8_clean(copy);
		if (strcmp(copy, cases[i].clean) != 0)
			fail_msg("case %zu: \"%s\"", i, copy);
		utf8_clean(copy);
		assert_string_equal(copy, cases[i].clean);
		free(copy);
	}
}

static void
test_clean_controls(void **state)
{
	char text[] = "a\tb\r\nc\x01\x1f \x7e\x7f\u00e9\x80";

	utf8_clean_controls(text);
	assert_string_equal(text, "a?b??c?? \x7e?\u00e9\x80");
}

static void
test_clean_line(void **state)
{
	static const struct {
		const char *text, *clean;
	} lines[] = {
	    {"a\tb ~", "a\tb ~"},
	    {"a\nb\rc\x1b[31m\x7f", "a?b?c?[31m?"},
	    {"\u00e9\u20ac\U0001f600", "\u00e9\u20ac\U0001f600"},
	    {"\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "??????\xc2\xa0"},
	    {"\u2028\u2029\u202e\u2066", "????????????"},
	    {"\xff\xe2\x82", "???"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *copy = strdup(lines[i].text);

		assert_non_null(copy);
		utf8_clean_line(copy);
		assert_string_equal(copy, lines[i].clean);
		free(copy);
	}
}

static void
test_whole(void **state)
{
	static const char text[] = "a\u00e9\u20ac\U0001f600z";
	static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};

	for (size_t len = 0; len < sizeof(text); len++)
		assert_int_equal(utf8_whole(text, len), whole[len]);
	/* What is no UTF-8 is not waited for. */
	assert_int_equal(utf8_whole("a\x80\x80\x80\x80", 5), 5);
	assert_int_equal(utf8_whole("\x80", 1), 1);
}

/* Valid is what there is nothing to clean in; a NUL is a character. */
static void
test_valid(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);
		char *copy = malloc(len + 1);
		bool valid = strcmp(cases[i].text, cases[i].clean) == 0;

		assert_non_null(copy);
		memcpy(copy, cases[i].text, len);
		if (utf8_valid(copy, len) != valid)
			fail_msg("case %zu", i);
		free(copy);
	}
	assert_true(utf8_valid("a\0b", 3));
	assert_false(utf8_valid("a\0\xff", 3));
}

/* One mark, in front and whole; others are characters. */
static void
test_mark(void **state)
{
	char text[] = "\xef\xbb\xbf\xef\xbb\xbf{}", bare[] = "{}";

	assert_int_equal(utf8_mark(text, 8), 3);
	assert_int_equal(utf8_mark(text, 3), 3);
	assert_int_equal(utf8_mark(text, 2), 0);
	assert_int_equal(utf8_mark("", 0), 0);
	assert_int_equal(utf8_unmark(text, sizeof(text)), sizeof(text) - 3);
	assert_string_equal(text, "\xef\xbb\xbf{}");
	assert_int_equal(utf8_unmark(bare, sizeof(bare)), sizeof(bare));
	assert_string_equal(bare, "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_clean_controls),
	    cmocka_unit_test(test_clean_line),
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_valid),
	    cmocka_unit_test(test_mark),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
