/*
 * Calls of HTTP tools against services on the loopback interface: what is
 * sent, what comes of each kind of reply, redirects, and addresses that are
 * refused before anything is sent there.
 *
 * Wraps: http_address_is_local json_text
 */

#include "test.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/kinds/http_address.h"
#include "agent/kinds/kind.h"
#include "common/clock.h"
#include "common/json.h"
#include "entry_help.h"
#include "http_service.h"
#include "kind_call.h"

#define OUTPUT_BYTES 4096
#define SECRET "s3cret/key"
#define PARAMETERS                                                   \
	"\"parameters\":{\"type\":\"object\",\"required\":[\"id\"]," \
	"\"properties\":{\"id\":{},\"q\":{},\"more\":{}}}"
#define HEAD(status) "HTTP/1.1 " status "\r\nConnection: close\r\n"
#define SAYS(status, body) HEAD(status) "\r\n" body

/* Stands for an address that is not local, where one is needed. */
#define ELSEWHERE "127.0.0.2"

bool __real_http_address_is_local(const struct sockaddr *);
bool __wrap_http_address_is_local(const struct sockaddr *);

bool
__wrap_http_address_is_local(const struct sockaddr *address)
{
	struct sockaddr_in in;

	memcpy(&in, address, sizeof(in));
	if (in.sin_family == AF_INET &&
	    in.sin_addr.s_addr == inet_addr(ELSEWHERE))
		return (false);
	return (__real_http_address_is_local(address));
}

const char *__real_json_text(struct json_object *, size_t *len);
const char *__wrap_json_text(struct json_object *, size_t *len);

/* There is no memory for the next text. */
static bool json_text_fails;

const char *
__wrap_json_text(struct json_object *value, size_t *len)
{
	if (!json_text_fails)
		return (__real_json_text(value, len));
	json_text_fails = false;
	return (NULL);
}

/* A tool for the URL, with what follows it and further members of "http". */
static struct registry_entry *
tool_make(const char *url, const char *rest, const char *members)
{
	struct registry_entry *entry;
	char manifest[2048];

	snprintf(manifest, sizeof(manifest),
	    "{" PARAMETERS ",\"http\":{\"url\":\"%s%s\"%s}}", url, rest,
	    members);
	entry = kind_entry(&kind_http, "/", manifest);
	entry->policy.output_bytes = OUTPUT_BYTES;
	return (entry);
}

/* One call of a tool that the service answers so; wanted is the outcome. */
static void
exchange(const char *rest, const char *members, const char *params,
    const char *answer, size_t len, const char *wanted, char *request)
{
	struct http_service service;
	struct registry_entry *entry;
	char all[512];

	http_service_start(&service, answer, len);
	snprintf(all, sizeof(all), ",\"allow_local\":true%s", members);
	entry = tool_make(service.url, rest, all);
	entry_expect(entry, params, wanted);
	http_service_stop(&service);
	kind_entry_free(entry);
	if (request != NULL)
		strlcpy(request, service.request, sizeof(service.request));
}

#define EXCHANGE(rest, members, params, answer, wanted, request) \
	exchange(rest, members, params, answer, strlen(answer), wanted, request)

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in: %s", part, text);
}

static void
assert_lacks(const char *text, const char *part)
{
	if (strcasestr(text, part) != NULL)
		fail_msg("\"%s\" in: %s", part, text);
}

static void
test_get(void **state)
{
	char request[4096];

	EXCHANGE("/{id}?q={q}&key=${HTTP_TEST_KEY}",
	    ",\"query\":{\"z\":\"{more}\"},"
	    "\"headers\":{\"Authorization\":\"Bearer ${HTTP_TEST_KEY}\"}",
	    "{\"id\":\"a/b\",\"q\":\"\xc3\xb6\"}",
	    SAYS("200 OK", "{\"n\": 1.50}"), "{\"n\":1.50}", request);
	assert_has(request,
	    "GET /weather/a%2Fb?q=%C3%B6&key=s3cret%2Fkey HTTP/1.1\r\n");
	assert_has(request, "\r\nAuthorization: Bearer " SECRET "\r\n");
	assert_has(request, "\r\nAccept: application/json\r\n");
	assert_has(request, "\r\nUser-Agent: agentd/" PACKAGE_VERSION "\r\n");
	assert_lacks(request, "Content-");
	assert_lacks(request, "Cookie");
}

/* What a method sends as its body. */
static const struct sending {
	const char *members, *line, *body;
} sendings[] = {
    {",\"method\":\"POST\"", "POST /weather/7 ", "{\"id\":7,\"q\":[1]}"},
    {",\"method\":\"PUT\",\"body\":\"rest\"", "PUT /weather/7 ", "{\"q\":[1]}"},
    {",\"method\":\"PATCH\"", "PATCH /weather/7 ", "{\"id\":7,\"q\":[1]}"},
    {",\"method\":\"DELETE\",\"body\":\"json\"", "DELETE /weather/7 ",
	"{\"id\":7,\"q\":[1]}"},
    {",\"method\":\"DELETE\"", "DELETE /weather/7 ", NULL},
    {",\"method\":\"POST\",\"body\":\"none\"", "POST /weather/7 ", ""},
};

static void
test_bodies(void **state)
{
	for (size_t i = 0; i < COUNT(sendings); i++) {
		const struct sending *row = &sendings[i];
		char request[4096], length[64];

		EXCHANGE("/{id}", row->members, "{\"id\":7,\"q\":[1]}",
		    HEAD("204 No Content") "\r\n", "null", request);
		assert_int_equal(
		    strncmp(request, row->line, strlen(row->line)), 0);
		assert_lacks(request, "Expect:");
		if (row->body == NULL) {
			assert_lacks(request, "Content-");
			continue;
		}
		snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n",
		    strlen(row->body));
		assert_has(request, length);
		assert_string_equal(strstr(request, "\r\n\r\n") + 4, row->body);
		if (row->body[0] != '\0')
			assert_has(
			    request, "\r\nContent-Type: application/json\r\n");
		else
			assert_lacks(request, "Content-Type");
	}
}

static const struct answer {
	const char *answer, *wanted;
} answers[] = {
    {SAYS("200 OK", "[1, null]"), "[1,null]"},
    {SAYS("200 OK", "\xef\xbb\xbf{}"), "{}"},
    {SAYS("200 OK", "\xef\xbb\xbf"), "null"},
    {SAYS("200 OK", ""), "null"},
    {SAYS("201 Created", "\"x\""), "\"x\""},
    {SAYS("503 Service Unavailable", "  come\r\n back\t later\n"),
	"error: HTTP 503: come back later"},
    {SAYS("500 Oops", "<html><body>words</body></html>"), "error: HTTP 500"},
    {SAYS("500 Oops", ""), "error: HTTP 500"},
    {SAYS("404 Not Found",
	 "{\"title\":\"Not found\",\"detail\":\"no such city\"}"),
	"error: HTTP 404: no such city"},
    {SAYS("401 Unauthorized", "{\"error\":{\"message\":\"bad key\"}}"),
	"error: HTTP 401: bad key"},
    {SAYS("403 Forbidden", "bad key " SECRET "!"),
	"error: HTTP 403: bad key **********!"},
    {SAYS("400 Bad Request", "{\"message\":\"K\xf6ln\"}"),
	"error: HTTP 400: {\"message\":\"K?ln\"}"},
    {SAYS("200 OK", "{\"you\":\"" SECRET "\",\"q\":\"s3cret%2Fkey\"}"),
	"{\"you\":\"**********\",\"q\":\"************\"}"},
    {HEAD("302 Found") "Location: /x\r\n\r\n",
	"error: HTTP 302: redirects are not followed"},
    {HEAD("304 Not Modified") "\r\n",
	"error: HTTP 304: redirects are not followed"},
    {"", "error: service: Server returned nothing (no headers, no data)"},
    {HEAD("200 OK") "Content-Length: 10\r\n\r\n{}",
	"error: service: Transferred a partial file"},
};

static void
test_answers(void **state)
{
	for (size_t i = 0; i < COUNT(answers); i++)
		EXCHANGE("", ",\"query\":{\"k\":\"${HTTP_TEST_KEY}\"}",
		    "{\"id\":1}", answers[i].answer, answers[i].wanted, NULL);
}

static void
test_broken_json(void **state)
{
	static const char *const bodies[] = {
	    "{\"a\":", "{} {}", "K\xf6ln", "\"\xff\"", "<html>", "1e999"};
	char answer[128];

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct http_service service;
		struct registry_entry *entry;
		enum wire_failure failure;
		char *text;

		snprintf(
		    answer, sizeof(answer), SAYS("200 OK", "%s"), bodies[i]);
		http_service_start(&service, answer, strlen(answer));
		entry = tool_make(service.url, "", ",\"allow_local\":true");
		text = entry_call(entry, "{\"id\":1}", 10000, &failure);
		assert_has(text, "error: service: its answer is not JSON: ");
		assert_int_equal(failure, FAILURE_ERROR);
		free(text);
		http_service_stop(&service);
		kind_entry_free(entry);
	}
}

static void
test_text(void **state)
{
	static const char nul[] = SAYS("200 OK", "a\0b");

	EXCHANGE("", ",\"output\":\"text\"", "{\"id\":1}",
	    SAYS("200 OK", "two\nlines \xff"), "\"two\\nlines ?\"", NULL);
	EXCHANGE("", ",\"output\":\"base64\"", "{\"id\":1}",
	    SAYS("200 OK", "foob"),
	    "{\"media_type\":\"application/octet-stream\","
	    "\"data\":\"Zm9vYg==\"}",
	    NULL);
	EXCHANGE("", ",\"output\":\"base64\"", "{\"id\":1}",
	    HEAD("200 OK") "Content-Type: image/png\r\n\r\nfoo",
	    "{\"media_type\":\"image/png\",\"data\":\"Zm9v\"}", NULL);
	EXCHANGE("", ",\"output\":\"base64\"", "{\"id\":1}",
	    HEAD("200 OK") "Content-Type: \"<png>\r\n\r\n",
	    "{\"media_type\":\"application/octet-stream\",\"data\":\"\"}",
	    NULL);
	EXCHANGE("", "", "{\"id\":1}", SAYS("200 OK", "\r\n"), "null", NULL);
	EXCHANGE("", ",\"output\":\"text\"", "{\"id\":1}", SAYS("200 OK", ""),
	    "\"\"", NULL);
	exchange("", ",\"output\":\"text\"", "{\"id\":1}", nul, sizeof(nul) - 1,
	    "error: service: its answer is not text", NULL);
}

/* One byte within the limit, and one beyond. */
static void
test_large(void **state)
{
	static char answer[8192];
	size_t head = strlen(SAYS("200 OK", ""));

	memset(answer, 'x', sizeof(answer));
	memcpy(answer, SAYS("200 OK", ""), head);
	answer[head] = answer[head + 4095] = '"';
	answer[head + 4094] = '\0';
	exchange("", ",\"output\":\"text\"", "{\"id\":1}", answer, head + 4097,
	    "error: service: its answer has more than 4096 bytes "
	    "(max_output)",
	    NULL);
	answer[head + 4094] = '\\';
	answer[head + 4095] = '\0';
	exchange("", ",\"output\":\"text\"", "{\"id\":1}", answer, head + 4096,
	    "error: service: its answer is not text", NULL);
}

static void
test_large_headers(void **state)
{
	static char answer[128 * 1024] = "HTTP/1.1 200 OK\r\n";
	size_t len = strlen(answer);

	while (len < sizeof(answer) - 64)
		len += (size_t)snprintf(
		    answer + len, 64, "X-Filler: %040zu\r\n", len);
	exchange("", "", "{\"id\":1}", answer, len,
	    "error: service: its headers are too large", NULL);
}

static void
test_failure_class(void **state)
{
	static const struct {
		const char *answer;
		enum wire_failure failure;
	} cases[] = {
	    {SAYS("500 Oops", ""), FAILURE_HTTP_5XX},
	    {SAYS("503 Oops", "x"), FAILURE_HTTP_5XX},
	    {SAYS("429 Oops", ""), FAILURE_ERROR},
	    {SAYS("200 OK", "x"), FAILURE_ERROR},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_service service;
		struct registry_entry *entry;
		enum wire_failure failure;

		http_service_start(
		    &service, cases[i].answer, strlen(cases[i].answer));
		entry = tool_make(service.url, "", ",\"allow_local\":true");
		free(entry_call(entry, "{\"id\":1}", 10000, &failure));
		assert_int_equal(failure, cases[i].failure);
		http_service_stop(&service);
		kind_entry_free(entry);
	}
}

/* It says so by itself, before the agent is killed at the deadline. */
static void
test_hanging(void **state)
{
	struct http_service service;
	struct registry_entry *entry;
	enum wire_failure failure;
	int64_t start = clock_now_ns();
	char *text;

	http_service_start(&service, NULL, 0);
	entry = tool_make(service.url, "", ",\"allow_local\":true");
	text = entry_call(entry, "{\"id\":1}", 300, &failure);
	assert_string_equal(text, "error: service: no answer in time");
	/* Not before its time; how long after it is for the machine to say. */
	assert_in_range((clock_now_ns() - start) / NS_PER_MS, 200, 10000);
	free(text);
	/* Its connection ends with the tool. */
	kind_entry_free(entry);
	http_service_stop(&service);
}

/* Two calls, one connection: the service takes no other. */
static void
test_warm(void **state)
{
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7";
	struct http_service service;
	struct registry_entry *entry;

	http_service_start_at(&service, "127.0.0.1", 3, answer, strlen(answer));
	entry = tool_make(service.url, "/{id}", ",\"allow_local\":true");
	entry_expect(entry, "{\"id\":1}", "7");
	entry_expect(entry, "{\"id\":2}", "7");
	entry_expect(entry, "{\"id\":3}", "7");
	http_service_stop(&service);
	assert_has(service.request, "GET /weather/3 ");
	kind_entry_free(entry);
}

/*
 * In a child: answers the first request of a connection, carries the second
 * out and loses the connection.  Whatever comes after that is counted and
 * answered, too.
 */
static void
lose_second(int listener, int count_fd)
{
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7";
	char head[4096];
	ssize_t n;
	int fd;

	for (int request = 0; (fd = accept(listener, NULL, NULL)) != -1;) {
		while ((n = read(fd, head, sizeof(head))) > 0) {
			if (write(count_fd, "x", 1) != 1 || ++request == 2)
				break;
			if (write(fd, answer, sizeof(answer) - 1) == -1)
				break;
		}
		close(fd);
	}
}

static const struct lost {
	const char *members;
	bool again;
} losts[] = {
    {"\"method\":\"POST\",\"body\":\"none\"", false},
    {"\"method\":\"PATCH\",\"body\":\"none\"", false},
    {"\"method\":\"POST\"", false},
    {"\"method\":\"GET\"", true},
    {"\"method\":\"DELETE\"", true},
};

/* What is not idempotent is never sent a second time. */
static void
test_lost(void **state)
{
	for (size_t i = 0; i < COUNT(losts); i++) {
		struct registry_entry *entry;
		char url[64], members[128], counted[16];
		int fds[2], listener, status;
		pid_t pid;

		listener = http_service_listen("127.0.0.1", url, sizeof(url));
		assert_int_equal(pipe(fds), 0);
		if ((pid = fork()) == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fds[0]);
			lose_second(listener, fds[1]);
			_exit(0);
		}
		close(listener);
		close(fds[1]);
		snprintf(members, sizeof(members), ",\"allow_local\":true,%s",
		    losts[i].members);
		entry = tool_make(url, "", members);
		entry_expect(entry, "{\"id\":1}", "7");
		entry_expect(entry, "{\"id\":2}",
		    losts[i].again ? "7"
				   : "error: service: the connection was lost, "
				     "and the request may have been carried "
				     "out");
		kind_entry_free(entry);
		assert_int_equal(kill(pid, SIGTERM), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(read(fds[0], counted, sizeof(counted)),
		    losts[i].again ? 3 : 2);
		close(fds[0]);
	}
}

/* A name is looked up here, and its connections stay warm as well. */
static void
test_name(void **state)
{
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7";
	struct http_service service;
	struct registry_entry *entry;
	char url[64];

	http_service_start_at(&service, "127.0.0.1", 2, answer, strlen(answer));
	snprintf(
	    url, sizeof(url), "http://localhost%s", strrchr(service.url, ':'));
	entry = tool_make(url, "", ",\"allow_local\":true");
	entry_expect(entry, "{\"id\":1}", "7");
	entry_expect(entry, "{\"id\":1}", "7");
	http_service_stop(&service);
	assert_has(service.request, "\r\nHost: localhost:");
	kind_entry_free(entry);
}

/* Every way to say "this host"; nothing must arrive there. */
static void
test_refused(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "127.1", "0x7f.1",
	    "0177.0.0.1", "2130706433", "localhost", "LOCALHOST", "0.0.0.0",
	    "0", "127.0.0.3", "[::1]", "[::]", "[::ffff:127.0.0.1]",
	    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254"};
	char where[64], url[96];
	int listener = http_service_listen("0.0.0.0", where, sizeof(where));

	assert_int_equal(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct registry_entry *entry;

		snprintf(url, sizeof(url), "http://%s%s", hosts[i],
		    strrchr(where, ':'));
		print_message("# %s\n", url);
		entry = tool_make(url, "", "");
		entry_expect(entry, "{\"id\":1}",
		    "error: service: addresses of this host are refused "
		    "(allow_local)");
		assert_int_equal(accept(listener, NULL, NULL), -1);
		assert_int_equal(errno, EAGAIN);
		kind_entry_free(entry);
	}
	close(listener);
}

/* What leads elsewhere, and what comes of it when 1 is followed. */
static const struct lead {
	const char *status, *method, *line, *body;
} leads[] = {
    {"301", "GET", "GET /weather", NULL},
    {"302", "GET", "GET /weather", NULL},
    {"303", "GET", "GET /weather", NULL},
    {"307", "GET", "GET /weather", NULL},
    {"308", "GET", "GET /weather", NULL},
    {"301", "POST", "GET /weather", NULL},
    {"302", "POST", "GET /weather", NULL},
    {"303", "POST", "GET /weather", NULL},
    {"303", "PUT", "GET /weather", NULL},
    {"302", "PUT", "PUT /weather", "{\"id\":1}"},
    {"307", "POST", "POST /weather", "{\"id\":1}"},
    {"308", "PATCH", "PATCH /weather", "{\"id\":1}"},
};

static void
test_redirects(void **state)
{
	for (size_t i = 0; i < COUNT(leads); i++) {
		struct http_service first, second;
		struct registry_entry *entry;
		char answer[256], members[256];

		http_service_start(
		    &second, SAYS("200 OK", "2"), strlen(SAYS("200 OK", "2")));
		snprintf(answer, sizeof(answer),
		    HEAD("%s Moved") "Location: %s\r\n\r\n", leads[i].status,
		    second.url);
		http_service_start(&first, answer, strlen(answer));
		snprintf(members, sizeof(members),
		    ",\"allow_local\":true,\"redirects\":1,\"method\":\"%s\","
		    "\"headers\":{\"X-Key\":\"${HTTP_TEST_KEY}\","
		    "\"X-Plain\":\"p\"}",
		    leads[i].method);
		entry = tool_make(first.url, "", members);
		entry_headers = "{\"X-Tenant\": \"acme\", \"Cookie\": \"c=1\"}";
		entry_expect(entry, "{\"id\":1}", "2");
		entry_headers = NULL;
		http_service_stop(&first);
		http_service_stop(&second);
		kind_entry_free(entry);
		assert_has(first.request, "X-Key: " SECRET);
		/* Another port is another origin. */
		assert_lacks(second.request, SECRET);
		assert_has(first.request, "X-Tenant: acme\r\n");
		assert_has(first.request, "Cookie: c=1\r\n");
		assert_lacks(second.request, "acme");
		assert_lacks(second.request, "Cookie");
		assert_has(second.request, "X-Plain: p");
		assert_has(second.request, leads[i].line);
		if (leads[i].body != NULL)
			assert_has(second.request, leads[i].body);
		else
			assert_lacks(second.request, "Content-Length");
	}
}

/* The same origin is whom the caller's headers are for. */
static void
test_redirect_within(void **state)
{
	static const char answer[] =
	    "HTTP/1.1 302 Found\r\nLocation: /again\r\n"
	    "Content-Length: 0\r\n\r\n";
	struct http_service service;
	struct registry_entry *entry;
	const char *again;

	http_service_start_at(&service, "127.0.0.1", 2, answer, strlen(answer));
	entry =
	    tool_make(service.url, "", ",\"allow_local\":true,\"redirects\":1");
	entry_headers = "{\"X-Tenant\": \"acme\"}";
	entry_expect(entry, "{\"id\":1}",
	    "error: HTTP 302: more redirects than are allowed");
	entry_headers = NULL;
	http_service_stop(&service);
	kind_entry_free(entry);
	assert_non_null(again = strstr(service.request, "GET /again"));
	assert_has(again, "X-Tenant: acme\r\n");
}

/* What we would say ourselves is the caller's to say, and is said once. */
static void
test_passed_preset(void **state)
{
	char request[4096];

	entry_headers = "{\"accept\": \"text/plain\", \"X-Empty\": \"\"}";
	EXCHANGE("/x", "", "{\"id\":1}", SAYS("200 OK", "1"), "1", request);
	entry_headers = NULL;
	assert_has(request, "\r\naccept: text/plain\r\n");
	assert_has(request, "\r\nX-Empty:\r\n");
	assert_lacks(request, "application/json");
}

static const struct stray {
	const char *location, *wanted;
} strays[] = {
    {"http://127.0.0.1:1/",
	"error: service: addresses of this host are refused (allow_local)"},
    {"http://localhost:1/",
	"error: service: addresses of this host are refused (allow_local)"},
    {"//[::1]:1/",
	"error: service: addresses of this host are refused (allow_local)"},
    {"http://0x7f.1:1/",
	"error: service: addresses of this host are refused (allow_local)"},
    {"file:///etc/passwd",
	"error: HTTP 302: leads to where it must not be followed"},
    {"gopher://127.0.0.1:1/x",
	"error: HTTP 302: leads to where it must not be followed"},
    {"http://user:pw@192.0.2.1/",
	"error: HTTP 302: leads to where it must not be followed"},
};

/* The rules are those of the first request, at every further one. */
static void
test_strays(void **state)
{
	for (size_t i = 0; i < COUNT(strays); i++) {
		struct http_service service;
		struct registry_entry *entry;
		char answer[256];

		snprintf(answer, sizeof(answer),
		    HEAD("302 Found") "Location: %s\r\n\r\n",
		    strays[i].location);
		http_service_start_at(
		    &service, ELSEWHERE, 1, answer, strlen(answer));
		entry = tool_make(service.url, "", ",\"redirects\":3");
		entry_expect(entry, "{\"id\":1}", strays[i].wanted);
		http_service_stop(&service);
		kind_entry_free(entry);
	}
}

/* A service that leads to itself for ever. */
static void
test_circle(void **state)
{
	static const char answer[] =
	    "HTTP/1.1 302 Found\r\nLocation: /again\r\n"
	    "Content-Length: 0\r\n\r\n";
	struct http_service service;
	struct registry_entry *entry;

	http_service_start_at(&service, "127.0.0.1", 4, answer, strlen(answer));
	entry = tool_make(service.url, "",
	    ",\"allow_local\":true,\"redirects\":3,"
	    "\"headers\":{\"X-Key\":\"${HTTP_TEST_KEY}\"}");
	entry_expect(entry, "{\"id\":1}",
	    "error: HTTP 302: more redirects than are allowed");
	http_service_stop(&service);
	/* The same origin gets what it got before. */
	assert_has(strstr(service.request, "GET /again"), SECRET);
	kind_entry_free(entry);
}

/* TLS is not given up when the other side does not speak it. */
static void
test_tls(void **state)
{
	struct http_service service;
	struct registry_entry *entry;
	enum wire_failure failure;
	char url[64], *text;

	http_service_start(
	    &service, SAYS("200 OK", "1"), strlen(SAYS("200 OK", "1")));
	snprintf(
	    url, sizeof(url), "https://127.0.0.1%s", strrchr(service.url, ':'));
	entry = tool_make(url, "", ",\"allow_local\":true");
	text = entry_call(entry, "{\"id\":1}", 2000, &failure);
	assert_has(text, "error: service: ");
	free(text);
	kind_entry_free(entry);
	http_service_stop(&service);
	assert_lacks(service.request, "GET ");
}

/* A service is not asked without the body that it is to have. */
static void
test_no_memory(void **state)
{
	static const char *const bodies[] = {"json", "rest"};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct registry_entry *entry;
		char members[64];

		snprintf(members, sizeof(members),
		    ",\"method\":\"POST\",\"body\":\"%s\"", bodies[i]);
		entry = tool_make("http://127.0.0.1:1/", "", members);
		json_text_fails = true;
		entry_expect(entry, "{\"id\":1}", "error: out of memory");
		assert_false(json_text_fails);
		kind_entry_free(entry);
	}
}

/* Nothing from the environment leads the request elsewhere. */
static int
set_environment(void **state)
{
	setenv("HTTP_TEST_KEY", SECRET, 1);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	unsetenv("no_proxy");
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_get),
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_broken_json),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_large_headers),
	    cmocka_unit_test(test_failure_class),
	    cmocka_unit_test(test_hanging),
	    cmocka_unit_test(test_warm),
	    cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_name),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_redirects),
	    cmocka_unit_test(test_redirect_within),
	    cmocka_unit_test(test_passed_preset),
	    cmocka_unit_test(test_strays),
	    cmocka_unit_test(test_circle),
	    cmocka_unit_test(test_tls),
	    cmocka_unit_test(test_no_memory),
	};

	return (cmocka_run_group_tests(tests, set_environment, NULL));
}
