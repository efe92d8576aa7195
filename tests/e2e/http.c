/*
 * A raw HTTP connection: tests send any bytes, and read whole answers with a
 * deadline.  Nothing here retries or hides what a peer does.
 */

#include "harness.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conn *
http_adopt(int fd)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	assert_non_null(conn);
	conn->fd = fd;
	conn->size = 1 << 14;
	conn->buf = malloc(conn->size);
	assert_non_null(conn->buf);
	return (conn);
}

int
http_connect_path(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return (fd);
	close(fd);
	return (-1);
}

struct conn *
http_open_path(const char *path)
{
	int fd = http_connect_path(path);

	if (fd == -1)
		fail_msg("connect: %s", strerror(errno));
	return (http_adopt(fd));
}

struct conn *
http_open(struct daemon *d)
{
	return (http_open_path(d->socket));
}

struct conn *
http_open_port(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		fail_msg("connect: %s", strerror(errno));
	return (http_adopt(fd));
}

int
http_own_port(const struct conn *conn)
{
	struct sockaddr_in address = {0};
	socklen_t len = sizeof(address);

	assert_int_equal(
	    getsockname(conn->fd, (struct sockaddr *)&address, &len), 0);
	return (ntohs(address.sin_port));
}

void
http_close(struct conn *conn)
{
	close(conn->fd);
	free(conn->buf);
	free(conn);
}

bool
http_fill(struct conn *conn)
{
	ssize_t got;

	if (conn->size - conn->len < 4096) {
		conn->size *= 2;
		conn->buf = realloc(conn->buf, conn->size);
		assert_non_null(conn->buf);
	}
	got = recv(conn->fd, conn->buf + conn->len, conn->size - conn->len - 1,
	    MSG_DONTWAIT);
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return (true);
	if (got <= 0)
		conn->ended = true;
	else
		conn->len += (size_t)got;
	conn->buf[conn->len] = '\0';
	return (!conn->ended);
}

/* Takes what arrives meanwhile, so that two full buffers never deadlock. */
static bool
http_write_some(struct conn *conn, const char **bytes, size_t *len)
{
	struct pollfd p = {.fd = conn->fd, .events = POLLIN | POLLOUT};
	ssize_t sent;

	if (poll(&p, 1, WAIT_MS) != 1)
		return (false);
	if ((p.revents & POLLIN) != 0)
		http_fill(conn);
	if ((p.revents & POLLOUT) == 0)
		return (!conn->ended);
	sent = send(conn->fd, *bytes, *len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent == -1)
		return (errno == EAGAIN || errno == EINTR);
	*bytes += sent;
	*len -= (size_t)sent;
	return (true);
}

bool
http_write(struct conn *conn, const void *data, size_t len)
{
	const char *bytes = data;

	while (len > 0)
		if (!http_write_some(conn, &bytes, &len))
			return (false);
	return (true);
}

void
http_send(struct conn *conn, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	assert_int_not_equal(len, -1);
	http_write(conn, text, (size_t)len);
	free(text);
}

void
http_request(struct conn *conn, const char *method, const char *path,
    const char *headers, const char *body)
{
	conn->head_only = strcmp(method, "HEAD") == 0;
	if (headers == NULL)
		headers = "";
	if (body == NULL)
		http_send(conn, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
		    method, path, headers);
	else
		http_send(conn,
		    "%s %s HTTP/1.1\r\nHost: localhost\r\n%s"
		    "Content-Type: application/json\r\n"
		    "Content-Length: %zu\r\n\r\n%s",
		    method, path, headers, strlen(body), body);
}

/* True when there was something to read, or the end, in time. */
static bool
http_wait(struct conn *conn, int64_t end_ms)
{
	struct pollfd p = {.fd = conn->fd, .events = POLLIN};
	int64_t left = end_ms - now_ms();

	if (poll(&p, 1, left > 0 ? (int)left : 0) != 1)
		return (false);
	http_fill(conn);
	return (true);
}

static struct reply *
reply_without(int status)
{
	struct reply *reply = calloc(1, sizeof(*reply));

	assert_non_null(reply);
	reply->status = status;
	reply->head = strdup("");
	reply->body = strdup("");
	return (reply);
}

struct reply *
http_read(struct conn *conn, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;
	struct reply *reply;

	while ((reply = reply_take(conn)) == NULL) {
		if (conn->ended)
			return (reply_without(HTTP_CLOSED));
		if (!http_wait(conn, end))
			return (reply_without(HTTP_SILENT));
	}
	return (reply);
}

struct reply *
http_answer(struct conn *conn)
{
	struct reply *reply = http_read(conn, WAIT_MS);

	if (reply->status == HTTP_CLOSED)
		fail_msg("the connection was closed instead of an answer");
	if (reply->status == HTTP_SILENT)
		fail_msg("no answer");
	return (reply);
}

bool
http_ended(struct conn *conn, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;

	while (!conn->ended && conn->len == 0)
		if (!http_wait(conn, end))
			return (false);
	return (conn->ended && conn->len == 0);
}
