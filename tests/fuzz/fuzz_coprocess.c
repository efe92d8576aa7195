/*
 * Fuzzes what a coprocess says.  The input is one byte of choices, one that
 * tells how many bytes come at a time, and what it writes.  Each line is taken
 * once as it is read and once by itself, in memory of just its size: both must
 * make the same of the call, and what goes to the caller must be good.
 */

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "agent/child/child_pump.h"
#include "agent/kinds/coprocess.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/log.h"
#include "common/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What fits a pipe for certain. */
#define INPUT_MAX 16384

/* Of a line. */
#define LIMIT 8192

/* The call's; a short one is found more often. */
#define ID 7

static struct registry_entry entry = {.name = (char *)(uintptr_t) "fuzz"};

/* One coprocess, and the call that it has, if any. */
struct side {
	struct coprocess coprocess;
	struct coprocess_talk talk;
	struct tool_call call;
};

static void
side_init(struct side *side, bool has_call)
{
	memset(side, 0, sizeof(*side));
	side->talk.id = ID;
	side->coprocess.child.out = -1;
	side->call.entry = &entry;
	side->call.result = json_object_new_object();
	side->talk.coprocess = &side->coprocess;
	side->talk.entry = &entry;
	side->talk.call = has_call ? &side->call : NULL;
}

static void
side_fini(struct side *side)
{
	json_object_put(side->call.result);
	child_io_fini(&side->coprocess.io);
	fd_close(&side->coprocess.child.out);
}

/* False: a line was too long. */
static bool
take_read(struct side *side, size_t piece, const uint8_t *data, size_t size)
{
	enum child_read rc = CHILD_READ_SOME;
	int fds[2];

	if (child_io_init(&side->coprocess.io, "fuzz", LIMIT, 0) == -1 ||
	    pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		abort();
	side->coprocess.child.out = fds[0];
	while (size > 0 && rc != CHILD_READ_LIMIT) {
		size_t n = piece < size ? piece : size;

		if (write(fds[1], data, n) != (ssize_t)n)
			abort();
		while ((rc = coprocess_read(&side->talk)) == CHILD_READ_SOME)
			;
		assert(rc == CHILD_READ_LATER || rc == CHILD_READ_LIMIT);
		data += n;
		size -= n;
	}
	close(fds[1]);
	return (rc != CHILD_READ_LIMIT);
}

static void
take_lines(struct side *side, const uint8_t *data, size_t size)
{
	const uint8_t *end;

	for (; (end = memchr(data, '\n', size)) != NULL; data = end + 1) {
		size_t len = (size_t)(end - data);
		char *line = malloc(len == 0 ? 1 : len);

		if (line == NULL)
			abort();
		memcpy(line, data, len);
		coprocess_take_line(&side->talk, line, len);
		free(line);
		size -= len + 1;
	}
}

/* The caller can read it. */
static void
check_result(const struct tool_call *call)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *again;
	size_t len;
	const char *text = json_text(call->result, &len);

	assert(text != NULL);
	assert(json_parse(text, len, &again, reason));
	json_object_put(again);
}

static void
check(const struct side *side)
{
	const struct tool_call *call = &side->call;

	assert(!side->talk.no_memory);
	if (side->talk.call == NULL) {
		assert(!side->talk.answered && !side->talk.garbled);
		assert(call->outcome == TOOL_OK);
	}
	if (call->outcome != TOOL_OK) {
		assert(side->talk.answered || side->talk.garbled);
		assert(call->error[0] != '\0');
		assert(utf8_valid(call->error, strlen(call->error)));
	}
	check_result(call);
}

static void
check_same(const struct side *a, const struct side *b)
{
	assert(a->talk.answered == b->talk.answered);
	assert(a->talk.garbled == b->talk.garbled);
	assert(a->coprocess.stray == b->coprocess.stray);
	assert(strcmp(a->call.error, b->call.error) == 0);
	assert(json_object_equal(a->call.result, b->call.result));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int null = -1;
	struct side *read_side, *line_side;
	size_t piece;

	if (size < 2 || size > INPUT_MAX)
		return (0);
	if (null == -1) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		log_open_pipe(null);
		log_set_level(LOG_DEBUG);
	}
	piece = data[1] == 0 ? INPUT_MAX : data[1];
	read_side = malloc(sizeof(*read_side));
	line_side = malloc(sizeof(*line_side));
	assert(read_side != NULL && line_side != NULL);
	side_init(read_side, data[0] & 1);
	side_init(line_side, data[0] & 1);
	take_lines(line_side, data + 2, size - 2);
	check(line_side);
	if (take_read(read_side, piece, data + 2, size - 2))
		check_same(read_side, line_side);
	check(read_side);
	side_fini(read_side);
	side_fini(line_side);
	free(read_side);
	free(line_side);
	return (0);
}
