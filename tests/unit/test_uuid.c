/*
 * Request ids: made, printed and read.
 */

#include "test.h"

#include <string.h>

#include "common/uuid.h"

#define TEXT "0123abcd-ef45-4678-9abc-def012345678"

static const uint8_t bytes[UUID_SIZE] = {0x01, 0x23, 0xab, 0xcd, 0xef, 0x45,
    0x46, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78};

static void
test_format(void **state)
{
	char text[UUID_TEXT_SIZE + 1] = {[UUID_TEXT_SIZE] = 'x'};

	uuid_format(bytes, text);
	assert_string_equal(text, TEXT);
	assert_int_equal(text[UUID_TEXT_SIZE], 'x');
}

static void
test_parse(void **state)
{
	uint8_t id[UUID_SIZE];

	assert_true(uuid_parse(TEXT, id));
	assert_memory_equal(id, bytes, sizeof(id));
	memset(id, 0, sizeof(id));
	assert_true(uuid_parse("0123ABCD-eF45-4678-9AbC-DEF012345678", id));
	assert_memory_equal(id, bytes, sizeof(id));
	memset(id, 0, sizeof(id));
	assert_true(uuid_parse("0123abcdEF4546789abcdef012345678", id));
	assert_memory_equal(id, bytes, sizeof(id));
}

/* Every character matters, in every place. */
static void
test_wrong_character(void **state)
{
	static const char wrong[] = "/:@G`g- \x80\xff";
	uint8_t id[UUID_SIZE];
	char text[] = TEXT;

	for (size_t i = 0; i < sizeof(TEXT) - 1; i++) {
		for (const char *c = wrong; *c != '\0'; c++) {
			text[i] = *c;
			if (uuid_parse(text, id) !=
			    (TEXT[i] == '-' && *c == '-'))
				fail_msg("%s", text);
		}
		text[i] = TEXT[i] == '-' ? '0' : '-';
		assert_false(uuid_parse(text, id));
		text[i] = TEXT[i];
	}
}

static void
test_wrong_length(void **state)
{
	uint8_t id[UUID_SIZE];
	char text[] = TEXT;

	assert_false(uuid_parse(TEXT "0", id));
	assert_false(uuid_parse(TEXT " ", id));
	assert_false(uuid_parse(" " TEXT, id));
	assert_false(uuid_parse("{" TEXT "}", id));
	assert_false(uuid_parse("0123abcdef4546789abcdef0123456780", id));
	assert_false(uuid_parse("0123abcd-ef4546789abcdef012345678", id));
	assert_false(uuid_parse("0123abcdef45-46789abcdef012345678", id));
	assert_false(uuid_parse("0123abcdef4546789abcdef01234567", id));
	for (size_t i = sizeof(TEXT) - 1; i-- > 0;) {
		text[i] = '\0';
		assert_false(uuid_parse(text, id));
	}
}

static void
test_generate(void **state)
{
	uint8_t id[UUID_SIZE], again[UUID_SIZE], first[UUID_SIZE];
	uint8_t ones[UUID_SIZE] = {0}, zeros[UUID_SIZE] = {0};
	char text[UUID_TEXT_SIZE];

	uuid_generate(first);
	for (int i = 0; i < 1000; i++) {
		uuid_generate(id);
		assert_memory_not_equal(id, first, sizeof(id));
		uuid_format(id, text);
		assert_int_equal(text[14], '4');
		assert_non_null(strchr("89ab", text[19]));
		assert_true(uuid_parse(text, again));
		assert_memory_equal(again, id, sizeof(id));
		for (int j = 0; j < UUID_SIZE; j++) {
			ones[j] |= id[j];
			zeros[j] |= (uint8_t)~id[j];
		}
	}
	/* All bits but those of version and variant were seen either way. */
	for (int j = 0; j < UUID_SIZE; j++) {
		assert_int_equal(ones[j], j == 6 ? 0x4f : j == 8 ? 0xbf : 0xff);
		assert_int_equal(zeros[j], j == 6   ? 0xbf
					   : j == 8 ? 0x7f
						    : 0xff);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_format),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_wrong_character),
	    cmocka_unit_test(test_wrong_length),
	    cmocka_unit_test(test_generate),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
