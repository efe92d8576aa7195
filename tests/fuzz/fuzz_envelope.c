/*
 * Fuzzes what surrounds a call.  The input is one byte of choices, the query
 * up to a NUL, and the body.  What is accepted is within its bounds, and what
 * is refused has a reason.
 */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "conf/conf.h"
#include "frontend/api/envelope.h"
#include "frontend/globals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf conf = {.timeout_ms = 30000, .max_timeout_ms = 600000};

struct frontend frontend = {.conf = &conf};

static void
check_options(const struct envelope *e)
{
	assert(e->timeout_ns >= 0 && e->timeout_ns <= 600 * NS_PER_SEC);
	assert(e->priority >= 1 && e->priority <= 5);
	assert(e->retries >= -1 && e->retries <= 100);
}

static bool
pass_over(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	return (true);
}

/* The form is good; members that are there twice are the agent's to find. */
static void
check_body(const struct envelope *e)
{
	assert(e->tool != NULL);
	assert(json_walk(e->params, e->params_len, pass_over, NULL) == 1);
	check_options(e);
}

static void
check_query(struct envelope *e, const uint8_t *query, size_t len, bool options)
{
	char *uri = malloc(len + 2);

	assert(uri != NULL);
	uri[0] = '?';
	memcpy(uri + 1, query, len);
	uri[len + 1] = '\0';
	if (envelope_read_query(e, uri, options) == 0) {
		assert(options || len == 0 || query[0] == '\0');
		check_options(e);
	} else {
		assert(e->error[0] != '\0');
	}
	free(uri);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul;
	size_t query_len, used;
	struct envelope e;

	if (size < 2 || (nul = memchr(data + 1, '\0', size - 1)) == NULL)
		return (0);
	conf.compatible = data[0] & 4;
	query_len = (size_t)(nul - data) - 1;
	used = query_len + 2;
	if (envelope_read(&e, (const char *)data + used, size - used,
		data[0] & 1 ? "echo" : NULL) == 0) {
		check_body(&e);
		check_query(&e, data + 1, query_len, data[0] & 2);
	} else {
		assert(e.error[0] != '\0');
	}
	envelope_free(&e);
	return (0);
}
