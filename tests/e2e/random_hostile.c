/*
 * What the randomised test does to the daemon that no friend would: bodies in
 * chunks that are none, and manifests that cannot be read or make no sense.
 */

#include "random.h"
#include "tools.h"

#include <sys/stat.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNKED                                                        \
	"POST /api/v1/tools/echo HTTP/1.1\r\nHost: localhost\r\n"      \
	"Content-Type: application/json\r\nTransfer-Encoding: chunked" \
	"\r\n\r\n"

/* Each is refused as soon as it is read. */
static const char *const chunks[] = {"0x2\r\n{}\r\n0\r\n\r\n",
    "+2\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n",
    "2 foo\r\n{}\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}", "\r\n{}\r\n",
    "2\r\n{}xx0\r\n\r\n", "two\r\n"};

/* The connection is good for nothing after it, and says so but once. */
void
random_malformed(struct random *r)
{
	const char *chunk = chunks[random_below(r, COUNT(chunks))];
	struct conn *conn = http_open(r->daemon);
	struct reply *reply;

	http_send(conn, "%s%s", CHUNKED, chunk);
	reply = http_read(conn, WAIT_MS);
	if (reply->status != 400 && reply->status != 413 &&
	    !(r->closing && reply->status == HTTP_CLOSED))
		fail_msg("%d to a chunk of %s", reply->status, chunk);
	if (!http_ended(conn, WAIT_MS))
		fail_msg("kept after a chunk of %s", chunk);
	reply_free(reply);
	http_close(conn);
}

/* Its place, of which whatever is there is taken away. */
static void
manifest_take(struct random *r, const char *name, char path[RANDOM_PATH])
{
	snprintf(path, RANDOM_PATH, "%s/tools.d/%s.json", r->daemon->dir, name);
	if (unlink(path) == -1)
		(void)rmdir(path);
}

/* The next reload leaves it out, or is refused as a whole. */
void
random_break_manifest(struct random *r)
{
	static const char *const names[] = {"say", "stranger"};
	char path[RANDOM_PATH];

	manifest_take(r, names[random_below(r, COUNT(names))], path);
	switch (random_below(r, 4)) {
	case 0:
		file_write(path, "{\"name\": ");
		break;
	case 1:
		file_write(path, "{\"name\": \"say\", \"command\": 5}");
		break;
	case 2:
		assert_int_equal(symlink("/nonexistent/manifest", path), 0);
		break;
	default:
		assert_int_equal(mkdir(path, 0755), 0);
	}
}

void
random_mend_manifests(struct random *r)
{
	char path[RANDOM_PATH];

	manifest_take(r, "stranger", path);
	manifest_take(r, "say", path);
	random_tool_say(r->daemon);
}
