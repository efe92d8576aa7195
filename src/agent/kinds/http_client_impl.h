/*
 * Between the files of the HTTP client; see http_client.h for its use.
 */

#ifndef AGENT_KINDS_HTTP_CLIENT_IMPL_H
#define AGENT_KINDS_HTTP_CLIENT_IMPL_H

#include "agent/curl.h"
#include "agent/kinds/http_client.h"

/* The most that all headers of a reply may have. */
#define HTTP_HEADERS_MAX ((size_t)64 * 1024)

struct http_client {
	const struct curl_api *lib;
	CURL *curl;
	CURLM *multi;		/* keeps its connections */
	struct curl_slist *pin; /* for CURLOPT_RESOLVE */
	char pinned[300];	/* host and port, or "" */
	int64_t pinned_ns;
	/* of the exchange */
	const struct http_request *request;
	struct http_reply *reply;
	size_t sent, header_bytes;
	bool refused;
	bool begun; /* it was sent */
	bool lost;  /* and should have been sent again, but must not be */
};

/* Callbacks of libcurl; arg is the client. */
size_t http_client_give(char *to, size_t size, size_t n, void *arg);
size_t http_client_take(char *data, size_t size, size_t n, void *arg);
size_t http_client_take_header(char *data, size_t size, size_t n, void *arg);
int http_client_begin(
    void *arg, char *to_ip, char *from_ip, int to_port, int from_port);
curl_socket_t http_client_open_socket(
    void *arg, curlsocktype purpose, struct curl_sockaddr *to);

/* A part of a URL, to be freed with curl_free(), or NULL. */
char *http_client_part(struct http_client *, const char *url, CURLUPart part);

#endif
