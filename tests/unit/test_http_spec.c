/*
 * The member "http" of manifests: what is refused, with words that help, what
 * the request is by default, and secrets in headers and replies.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kinds/http_spec.h"
#include "common/json.h"
#include "common/pack.h"

#define SECRET "s3cret/\"key"

static const struct bad {
	const char *http, *why;
} bads[] = {
    {"1", "must be an object"},
    {"null", "must be an object"},
    {"{}", "url: is missing"},
    {"{\"url\":1}", "url: must be a string without NUL"},
    {"{\"url\":\"http://a/\\u0000b\"}", "url: must be a string without NUL"},
    {"{\"url\":\"gopher://a/\"}", "http://"},
    {"{\"url\":\"http://a/\",\"urls\":1}", "urls: there is no such"},
    {"{\"url\":\"http://a/\",\"method\":\"get\"}", "method: must be GET"},
    {"{\"url\":\"http://a/\",\"method\":\"CONNECT\"}", "method: must be"},
    {"{\"url\":\"http://a/\",\"method\":\"GET\\u0000x\"}", "method: must be"},
    {"{\"url\":\"http://a/\",\"body\":\"json\"}", "a GET has none"},
    {"{\"url\":\"http://a/\",\"body\":\"none\\u0000\"}", "body: is none"},
    {"{\"url\":\"http://a/\",\"body\":1}", "body: is none"},
    {"{\"url\":\"http://a/\",\"output\":\"xml\"}", "output: is none"},
    {"{\"url\":\"http://a/\",\"output\":\"text\\u0000y\"}", "output: is none"},
    {"{\"url\":\"http://a/\",\"redirects\":-1}", "redirects: must be"},
    {"{\"url\":\"http://a/\",\"redirects\":11}", "redirects: must be"},
    {"{\"url\":\"http://a/\",\"redirects\":true}", "redirects: must be"},
    {"{\"url\":\"http://a/\",\"allow_local\":1}", "must be true or false"},
    {"{\"url\":\"http://a/\",\"query\":[]}", "query: must be an object"},
    {"{\"url\":\"http://a/\",\"query\":{\"a\":[]}}", "must have strings"},
    {"{\"url\":\"http://a/\",\"query\":{\"a\":\"b\\u0000c\"}}",
	"query: must have strings without NUL"},
    {"{\"url\":\"http://a/\",\"query\":{\"a\":\"{b\"}}", "begin a name"},
    {"{\"url\":\"http://a/{typo}\"}", "{typo} is none of the properties"},
    {"{\"url\":\"http://a/?q={typo}\"}", "{typo} is none of the prop"},
    {"{\"url\":\"http://a/{maybe}\"}", "{maybe}, which parameters do not"},
    {"{\"url\":\"http://a/\",\"headers\":[]}", "headers: must be an object"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\":1}}", "A: must be a string"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A b\":\"\"}}", "no name of"},
    {"{\"url\":\"http://a/\",\"headers\":{\"\":\"\"}}", "no name of"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A:\":\"\"}}", "no name of"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\\r\\nB\":\"\"}}", "no name of"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\":\"b\\r\\nC: d\"}}",
	"A: has control"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\":\"b\\nC: d\"}}",
	"A: has control"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\":\"b\\u0000\"}}",
	"A: has control"},
    {"{\"url\":\"http://a/\",\"headers\":{\"host\":\"b\"}}",
	"host: cannot be set"},
    {"{\"url\":\"http://a/\",\"headers\":{\"Content-Length\":\"1\"}}",
	"cannot be set"},
    {"{\"url\":\"http://a/\",\"headers\":{\"transfer-encoding\":\"x\"}}",
	"cannot be set"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\":\"${HTTP_TEST_NONE}\"}}",
	"headers: A: ${HTTP_TEST_NONE} is not set in the environment"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\":\"${HTTP_TEST_LINES}\"}}",
	"A: ${HTTP_TEST_LINES} has control"},
    {"{\"url\":\"http://a/\",\"headers\":{\"A\":\"${x\"}}", "begin a name"},
};

/* A manifest with these members of "http"; parameters need "id". */
static struct http_spec *
parse(const char *http, char *why, size_t size)
{
	static const char parameters[] =
	    "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":"
	    "{\"id\":{},\"maybe\":{}}}";
	struct json_object *manifest = json_object_new_object();
	struct json_object *value;
	struct http_spec *spec;
	char reason[JSON_REASON_SIZE];

	assert_true(json_parse(parameters, strlen(parameters), &value, reason));
	json_object_object_add(manifest, "parameters", value);
	if (!json_parse(http, strlen(http), &value, reason))
		fail_msg("%s: %s", http, reason);
	json_object_object_add(manifest, "http", value);
	spec = http_spec_parse(manifest, "/", why, size);
	json_object_put(manifest);
	return (spec);
}

static struct http_spec *
parse_good(const char *http)
{
	char why[256];
	struct http_spec *spec = parse(http, why, sizeof(why));

	if (spec == NULL)
		fail_msg("%s: %s", http, why);
	return (spec);
}

static bool
has_header(const struct http_spec *spec, const char *line)
{
	for (size_t i = 0; i < spec->headers.count; i++)
		if (strcmp(spec->headers.items[i].line, line) == 0)
			return (true);
	return (false);
}

static void
test_bad(void **state)
{
	for (size_t i = 0; i < COUNT(bads); i++) {
		char why[256] = "";
		struct http_spec *spec = parse(bads[i].http, why, sizeof(why));

		if (spec != NULL)
			fail_msg("%s is taken", bads[i].http);
		if (strncmp(why, "http: ", 6) != 0 ||
		    strstr(why, bads[i].why) == NULL)
			fail_msg("%s: %s", bads[i].http, why);
		assert_null(strstr(why, "evil"));
	}
}

static void
test_defaults(void **state)
{
	struct http_spec *spec = parse_good("{\"url\":\"http://a/{id}\"}");

	assert_string_equal(spec->method->name, "GET");
	assert_int_equal(spec->body, HTTP_BODY_NONE);
	assert_int_equal(spec->output, HTTP_OUTPUT_JSON);
	assert_int_equal(spec->redirects, 0);
	assert_false(spec->allow_local);
	assert_true(has_header(spec, "Accept: application/json"));
	assert_true(has_header(spec, "User-Agent: agentd/" PACKAGE_VERSION));
	assert_true(has_header(spec, "Content-Type: "));
	assert_int_equal(spec->headers.count, 3);
	http_spec_free(spec);
}

static void
test_chosen(void **state)
{
	struct http_spec *spec = parse_good(
	    "{\"method\":\"PATCH\",\"url\":\"http://a/{id}\","
	    "\"body\":\"rest\",\"output\":\"text\",\"redirects\":3,"
	    "\"allow_local\":true,\"headers\":{\"accept\":\"text/plain\","
	    "\"user-agent\":\"me\",\"CONTENT-TYPE\":\"text/json\","
	    "\"X-Brace\":\"{id}\"}}");

	assert_string_equal(spec->method->name, "PATCH");
	assert_int_equal(spec->body, HTTP_BODY_REST);
	assert_int_equal(spec->output, HTTP_OUTPUT_TEXT);
	assert_int_equal(spec->redirects, 3);
	assert_true(spec->allow_local);
	assert_int_equal(spec->headers.count, 4);
	assert_true(has_header(spec, "accept: text/plain"));
	/* Parameters have no place in a header. */
	assert_true(has_header(spec, "X-Brace: {id}"));
	http_spec_free(spec);
	spec = parse_good("{\"method\":\"POST\",\"url\":\"http://a/\"}");
	assert_int_equal(spec->body, HTTP_BODY_JSON);
	assert_true(has_header(spec, "Content-Type: application/json"));
	http_spec_free(spec);
}

static void
test_secret_headers(void **state)
{
	struct http_spec *spec =
	    parse_good("{\"url\":\"http://a/\",\"headers\":{\"Accept\":\"*\","
		       "\"Authorization\":\"Bearer ${HTTP_TEST_KEY}!\","
		       "\"Accept-Language\":\"de\"}}");

	assert_true(has_header(spec, "Authorization: Bearer " SECRET "!"));
	assert_false(spec->headers.items[0].secret);
	assert_true(spec->headers.items[1].secret);
	assert_false(spec->headers.items[2].secret);
	http_spec_free(spec);
}

static const struct scrubbing {
	const char *data, *wanted;
} scrubbings[] = {
    {"", ""},
    {"nothing here", "nothing here"},
    {"<" SECRET "><" SECRET ">", "<***********><***********>"},
    {"{\"a\":\"s3cret\\/\\\"key\"}", "{\"a\":\"*************\"}"},
    {"{\"a\":\"s3cret/\\\"key\"}", "{\"a\":\"************\"}"},
    {"?key=s3cret%2F%22key&", "?key=***************&"},
    {"s3cret/", "s3cret/"},
};

static void
test_scrub(void **state)
{
	struct http_secrets secrets = {0};
	char why[128], data[64];

	assert_non_null(
	    http_secret_get(&secrets, "HTTP_TEST_KEY", 13, why, sizeof(why)));
	/* One that is short enough to be anything is left alone. */
	assert_non_null(
	    http_secret_get(&secrets, "HTTP_TEST_SHORT", 15, why, sizeof(why)));
	for (size_t i = 0; i < COUNT(scrubbings); i++) {
		strlcpy(data, scrubbings[i].data, sizeof(data));
		http_secrets_scrub(&secrets, data, strlen(data));
		assert_string_equal(data, scrubbings[i].wanted);
	}
	http_secrets_fini(&secrets);
}

/* A process that runs no tool is told what to forget. */
static void
test_variables(void **state)
{
	struct http_spec *spec;
	struct pack pack = {0};
	struct unpack unpack;

	spec = parse_good("{\"url\":\"http://a/?k=${HTTP_TEST_KEY}\"}");
	http_spec_variables(spec, &pack);
	unpack = (struct unpack){.at = pack.data, .left = pack.len};
	assert_string_equal(pack_take_text(&unpack), "HTTP_TEST_KEY");
	assert_true(pack_taken(&unpack));
	pack_free(&pack);
	http_spec_free(spec);
}

static int
set_secrets(void **state)
{
	setenv("HTTP_TEST_KEY", SECRET, 1);
	setenv("HTTP_TEST_SHORT", "th", 1);
	setenv("HTTP_TEST_LINES", "a\r\nX-Evil: evil", 1);
	unsetenv("HTTP_TEST_NONE");
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_chosen),
	    cmocka_unit_test(test_secret_headers),
	    cmocka_unit_test(test_scrub),
	    cmocka_unit_test(test_variables),
	};

	return (cmocka_run_group_tests(tests, set_secrets, NULL));
}
