/*
 * What libcurl asks of an HTTP tool while it makes an exchange: the body to
 * send, room for the reply, sockets.  Bounds what it takes, and decides to
 * which addresses it may connect.  Called by libcurl alone.
 */

#include "agent/kinds/http_address.h"
#include "agent/kinds/http_client_impl.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

/* libcurl takes a piece of the body from us. */
size_t
http_client_give(char *to, size_t size, size_t n, void *arg)
{
	struct http_client *client = arg;
	size_t left = client->request->body_len - client->sent;

	if (size * n < left)
		left = size * n;
	if (left > 0)
		memcpy(to, client->request->body + client->sent, left);
	client->sent += left;
	return (left);
}

/* And gives a piece of the reply's; anything but n stops it. */
size_t
http_client_take(char *data, size_t size, size_t n, void *arg)
{
	struct http_client *client = arg;
	struct http_reply *reply = client->reply;
	size_t room = client->request->max_bytes - reply->len, take = n;
	char *larger;

	if ((reply->too_large = n > room))
		take = room;
	larger = realloc(reply->body, reply->len + take + 1);
	if (larger == NULL)
		return (0);
	memcpy(larger + reply->len, data, take);
	reply->body = larger;
	reply->len += take;
	reply->body[reply->len] = '\0';
	return (take == n ? n : 0);
}

size_t
http_client_take_header(char *data, size_t size, size_t n, void *arg)
{
	struct http_client *client = arg;

	client->header_bytes += n;
	return (client->header_bytes <= HTTP_HEADERS_MAX ? n : 0);
}

/* Whether it does no harm that it is carried out twice (RFC 9110, 9.2.2). */
static bool
http_io_is_idempotent(const char *method)
{
	return (strcmp(method, "POST") != 0 && strcmp(method, "PATCH") != 0);
}

/*
 * Just before it sends a request.  When a kept connection is lost before the
 * reply, libcurl would send it again over another, though the service may have
 * carried it out.
 */
int
http_client_begin(
    void *arg, char *to_ip, char *from_ip, int to_port, int from_port)
{
	struct http_client *client = arg;

	client->lost =
	    client->begun && !http_io_is_idempotent(client->request->method);
	client->begun = true;
	return (client->lost ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK);
}

/* The one place where a connection begins: its address is final here. */
curl_socket_t
http_client_open_socket(
    void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http_client *client = arg;

	if (!client->request->allow_local && http_address_is_local(&to->addr)) {
		client->refused = true;
		return (CURL_SOCKET_BAD);
	}
	return (socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol));
}
