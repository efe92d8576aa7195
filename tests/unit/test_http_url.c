/*
 * The URLs of HTTP tools: what a manifest may write, and that no parameter
 * gets out of its place.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kinds/http_secret.h"
#include "agent/kinds/http_url.h"
#include "common/json.h"

static const struct good {
	const char *url, *params, *wanted;
} goods[] = {
    {"http://a.example", "{}", "http://a.example/"},
    {"https://a.example:8443/", "{}", "https://a.example:8443/"},
    {"http://[::1]:80/x", "{}", "http://[::1]:80/x"},
    {"http://a?q=1", "{}", "http://a/?q=1"},
    {"http://a/v1/{city}/now", "{\"city\":\"London\"}",
	"http://a/v1/London/now"},
    {"http://a/{x}", "{\"x\":\"a b/c?d#e%f&g=h+i\"}",
	"http://a/a%20b%2Fc%3Fd%23e%25f%26g%3Dh%2Bi"},
    {"http://a/{x}", "{\"x\":\"A-Za.z_0~9\"}", "http://a/A-Za.z_0~9"},
    {"http://a/{x}", "{\"x\":\"K\xc3\xb6ln\"}", "http://a/K%C3%B6ln"},
    {"http://a/{x}", "{\"x\":\"a\\u0000b\"}", "http://a/a%00b"},
    {"http://a/{x}", "{\"x\":\"a\\r\\nHost: b\"}",
	"http://a/a%0D%0AHost%3A%20b"},
    {"http://a/{x}", "{\"x\":\"{y}\",\"y\":1}", "http://a/%7By%7D"},
    {"http://a/{x}", "{\"x\":\"...\"}", "http://a/..."},
    {"http://a/v{x}.json", "{\"x\":2}", "http://a/v2.json"},
    {"http://a/{x}/{y}", "{\"x\":-1.5,\"y\":true}", "http://a/-1.5/true"},
    {"http://a/%7Buser%7D/$x/@b", "{}", "http://a/%7Buser%7D/$x/@b"},
    {"http://a/a/../b", "{}", "http://a/a/../b"},
    /* the query */
    {"http://a/?x={x}&y={y}", "{\"x\":1,\"y\":\"b&c\"}",
	"http://a/?x=1&y=b%26c"},
    {"http://a/?x={x}&y={y}", "{\"y\":2}", "http://a/?y=2"},
    {"http://a/?x={x}&y={y}", "{\"x\":null,\"y\":2}", "http://a/?y=2"},
    {"http://a/?x={x}", "{}", "http://a/"},
    {"http://a/?flag&x={x}", "{\"x\":\"\"}", "http://a/?flag&x="},
    {"http://a/?at={x},{y}", "{\"x\":1,\"y\":2}", "http://a/?at=1,2"},
    {"http://a/?at={x},{y}", "{\"x\":1}", "http://a/"},
    {"http://a/?t={t}", "{\"t\":[\"a\",\"b c\",3]}",
	"http://a/?t=a&t=b%20c&t=3"},
    {"http://a/?t={t}&z=1", "{\"t\":[]}", "http://a/?z=1"},
    {"http://a/?x=../..&y={y}", "{\"y\":\"..\"}", "http://a/?x=../..&y=.."},
    /* secrets */
    {"http://a/?key=${HTTP_TEST_KEY}&x={x}", "{\"x\":1}",
	"http://a/?key=s3cret%2F%26%20%22key&x=1"},
    {"http://a/?key=k-${HTTP_TEST_KEY}", "{}",
	"http://a/?key=k-s3cret%2F%26%20%22key"},
};

static const struct bad {
	const char *url, *why;
} bads[] = {
    {"", "http://"},
    {"ftp://a/", "http://"},
    {"file:///etc/passwd", "http://"},
    {"HTTP://a/", "http://"},
    {"//a/", "http://"},
    {"http:/a", "http://"},
    {"http://", "plain host"},
    {"http:///x", "plain host"},
    {"http://a b/", "plain host"},
    {"http://user@a/", "plain host"},
    {"http://user:pw@a/", "plain host"},
    {"http://a\\@b/", "plain host"},
    {"http://{host}/", "plain host"},
    {"http://a.{domain}/", "plain host"},
    {"http://a:{port}/", "plain host"},
    {"http://${HTTP_TEST_KEY}/", "plain host"},
    {"{scheme}://a/", "http://"},
    {"http://a:0/", "plain host"},
    {"http://a:65536/", "plain host"},
    {"http://a:8o/", "plain host"},
    {"http://a:/", "plain host"},
    {"http://[::1/", "plain host"},
    {"http://[fe80::1%25eth0]/", "plain host"},
    {"http://[]/", "plain host"},
    {"http://a#f", "plain host"},
    {"http://a/#f", "fragment"},
    {"http://a/?x=#f", "fragment"},
    {"http://a/a b", "%XX"},
    {"http://a/\xc3\xb6", "%XX"},
    {"http://a/\r\nHost: b", "%XX"},
    {"http://a/%", "%XX"},
    {"http://a/%4", "%XX"},
    {"http://a/%zz", "%XX"},
    {"http://a/}", "%XX"},
    {"http://a/{", "begin a name"},
    {"http://a/{}", "begin a name"},
    {"http://a/{x", "begin a name"},
    {"http://a/{a/b}", "begin a name"},
    {"http://a/{a b}", "begin a name"},
    {"http://a/{{x}}", "begin a name"},
    {"http://a/${HTTP_TEST_KEY}", "cannot hold ${HTTP_TEST_KEY}"},
    {"http://a/?{x}=1", "%XX"},
    {"http://a/?x={a&b}", "begin a name"},
    {"http://a/?x= ", "%XX"},
    {"http://a/?k=${HTTP_TEST_NONE}", "${HTTP_TEST_NONE} is not set"},
    {"http://a/?k=${HTTP_TEST_EMPTY}", "${HTTP_TEST_EMPTY} is empty"},
    {"http://a/?k=${HTTP_TEST_LINES}", "control characters"},
    {"http://a/?k=${}", "begin a name"},
};

/* Templates that are good, with parameters that are not. */
static const struct bad_params {
	const char *url, *params, *why;
} bad_params[] = {
    {"http://a/{x}", "{}", "needs the parameter x"},
    {"http://a/{x}", "{\"x\":null}", "needs the parameter x"},
    {"http://a/{x}/b", "{\"x\":\"\"}", "part of the URL"},
    {"http://a/{x}/b", "{\"x\":\".\"}", "part of the URL"},
    {"http://a/b/{x}", "{\"x\":\"..\"}", "part of the URL"},
    {"http://a/.{x}", "{\"x\":\".\"}", "part of the URL"},
    {"http://a/{x}{y}", "{\"x\":\".\",\"y\":\".\"}", "part of the URL"},
    {"http://a/{x}", "{\"x\":[1]}", "no value that fits"},
    {"http://a/{x}", "{\"x\":{}}", "no value that fits"},
    {"http://a/?q={x}", "{\"x\":{}}", "no value that fits"},
    {"http://a/?q=a{x}", "{\"x\":[1]}", "no value that fits"},
    {"http://a/?q={x}", "{\"x\":[[1]]}", "no value that fits"},
    {"http://a/?q={x}", "{\"x\":[null]}", "no value that fits"},
};

static struct json_object *
parsed(const char *text)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	return (value);
}

/* The URL, or NULL with the reason; the template must be good. */
static char *
expand(const char *url, const char *params, char *why, size_t size)
{
	struct http_secrets secrets = {0};
	struct json_object *object = parsed(params);
	struct http_url parts;
	char *text;

	if (http_url_parse(&parts, url, &secrets, why, size) == -1)
		fail_msg("%s: %s", url, why);
	text = http_url_expand(&parts, object, why, size);
	http_url_fini(&parts);
	http_secrets_fini(&secrets);
	json_object_put(object);
	return (text);
}

static void
test_good(void **state)
{
	char why[256];

	for (size_t i = 0; i < COUNT(goods); i++) {
		char *text =
		    expand(goods[i].url, goods[i].params, why, sizeof(why));

		if (text == NULL)
			fail_msg("%s: %s", goods[i].url, why);
		assert_string_equal(text, goods[i].wanted);
		free(text);
	}
}

static void
test_bad(void **state)
{
	for (size_t i = 0; i < COUNT(bads); i++) {
		struct http_secrets secrets = {0};
		struct http_url url;
		char why[256] = "";

		if (http_url_parse(
			&url, bads[i].url, &secrets, why, sizeof(why)) == 0)
			fail_msg("%s is taken", bads[i].url);
		if (strstr(why, bads[i].why) == NULL)
			fail_msg("%s: %s", bads[i].url, why);
		/* A value, that of HTTP_TEST_LINES, is in no message. */
		assert_null(strstr(why, "evil"));
		http_url_fini(&url);
		http_secrets_fini(&secrets);
	}
}

static void
test_bad_params(void **state)
{
	char why[256];

	for (size_t i = 0; i < COUNT(bad_params); i++) {
		const struct bad_params *row = &bad_params[i];
		char *text = expand(row->url, row->params, why, sizeof(why));

		if (text != NULL)
			fail_msg(
			    "%s with %s is %s", row->url, row->params, text);
		if (strstr(why, row->why) == NULL)
			fail_msg("%s: %s", row->url, why);
	}
}

/* The member "query": names and values as they are. */
static void
test_add(void **state)
{
	struct json_object *params = parsed("{\"x\":\"a&b\",\"list\":[1,2]}");
	struct http_secrets secrets = {0};
	struct http_url url;
	char why[256], *text;

	assert_int_equal(
	    http_url_parse(&url, "http://a/?a=1", &secrets, why, sizeof(why)),
	    0);
	assert_int_equal(
	    http_url_add(&url, "b c", "d&e {x}}", &secrets, why, sizeof(why)),
	    0);
	assert_int_equal(http_url_add(&url, "k", "${HTTP_TEST_KEY}", &secrets,
			     why, sizeof(why)),
	    0);
	assert_int_equal(
	    http_url_add(&url, "l", "{list}", &secrets, why, sizeof(why)), 0);
	assert_int_equal(
	    http_url_add(&url, "gone", "{none}", &secrets, why, sizeof(why)),
	    0);
	assert_int_equal(
	    http_url_add(&url, "z", "{x", &secrets, why, sizeof(why)), -1);
	/* What did not parse is not to be used; end with what did. */
	url.pair_count--;
	text = http_url_expand(&url, params, why, sizeof(why));
	assert_string_equal(text, "http://a/?a=1&b%20c=d%26e%20a%26b%7D&"
				  "k=s3cret%2F%26%20%22key&l=1&l=2");
	free(text);
	free(url.pairs[url.pair_count].name);
	http_template_fini(&url.pairs[url.pair_count].value);
	http_url_fini(&url);
	http_secrets_fini(&secrets);
	json_object_put(params);
}

static bool
list_param(void *arg, const char *name, bool needed)
{
	char *names = arg;

	strlcat(names, name, 64);
	strlcat(names, needed ? "! " : " ", 64);
	return (strcmp(name, "stop") != 0);
}

static void
test_params(void **state)
{
	struct http_secrets secrets = {0};
	struct http_url url;
	char why[256], names[64] = "";

	assert_int_equal(
	    http_url_parse(&url, "http://a/{x}/b{y}?q={z}&s={stop}&t={t}",
		&secrets, why, sizeof(why)),
	    0);
	assert_false(http_url_params(&url, list_param, names));
	assert_string_equal(names, "x! y! z stop ");
	http_url_fini(&url);
	http_secrets_fini(&secrets);
}

static int
set_secrets(void **state)
{
	setenv("HTTP_TEST_KEY", "s3cret/& \"key", 1);
	setenv("HTTP_TEST_EMPTY", "", 1);
	setenv("HTTP_TEST_LINES", "a\r\nX-Evil: evil", 1);
	unsetenv("HTTP_TEST_NONE");
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_bad_params),
	    cmocka_unit_test(test_add),
	    cmocka_unit_test(test_params),
	};

	return (cmocka_run_group_tests(tests, set_secrets, NULL));
}
