/*
 * Results that are no text: base64 as RFC 4648 has it, and media types.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "agent/kinds/media.h"
#include "common/base64.h"

/* RFC 4648, section 10, and each of the last digits. */
static const struct {
	const char *bytes;
	size_t len;
	const char *text;
} vectors[] = {
    {"", 0, ""},
    {"f", 1, "Zg=="},
    {"fo", 2, "Zm8="},
    {"foo", 3, "Zm9v"},
    {"foob", 4, "Zm9vYg=="},
    {"fooba", 5, "Zm9vYmE="},
    {"foobar", 6, "Zm9vYmFy"},
    {"\xfb\xff\xbf", 3, "+/+/"},
    {"\0\0\0\0", 4, "AAAAAA=="},
};

static void
test_base64(void **state)
{
	char text[16];

	for (size_t i = 0; i < COUNT(vectors); i++) {
		memset(text, 'x', sizeof(text));
		base64_encode(text, vectors[i].bytes, vectors[i].len);
		assert_string_equal(text, vectors[i].text);
		assert_int_equal(
		    base64_length(vectors[i].len), strlen(vectors[i].text));
	}
}

static const struct {
	const char *text;
	bool valid;
} types[] = {
    {"image/png", true},
    {"application/vnd.api+json", true},
    {"text/plain; charset=utf-8", true},
    {"text/plain;charset=utf-8", true},
    {"", false},
    {"image", false},
    {"image/", false},
    {"/png", false},
    {"image/png\n", false},
    {"image/png/x", false},
    {"image/p\"ng", false},
    {"image/png; a=\x01", false},
    {"image/png; a=\xc3\xa9", false},
};

static void
test_types(void **state)
{
	char *text = malloc(MEDIA_TYPE_MAX + 2);

	for (size_t i = 0; i < COUNT(types); i++)
		assert_int_equal(
		    media_type_valid(types[i].text), types[i].valid);
	assert_non_null(text);
	memset(text, 'a', MEDIA_TYPE_MAX + 1);
	text[1] = '/';
	text[MEDIA_TYPE_MAX] = '\0';
	assert_true(media_type_valid(text));
	text[MEDIA_TYPE_MAX] = 'a';
	text[MEDIA_TYPE_MAX + 1] = '\0';
	assert_false(media_type_valid(text));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_base64),
	    cmocka_unit_test(test_types),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
