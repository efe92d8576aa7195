/*
 * An HTTP service in threads of the test program: one that accepts, and one
 * for each connection.
 */

#include "service.h"
#include "harness.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HUGE_BYTES ((size_t)100 << 20)

struct service {
	int listener, port;
	pthread_t thread;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	int requests, connections;
	bool released;
};

struct visit {
	struct service *service;
	int fd;
	char request[4096];
};

static bool
visit_send(struct visit *v, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(v->fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return (false);
		text += n;
		len -= (size_t)n;
	}
	return (true);
}

static void
visit_answer(
    struct visit *v, const char *status, const char *more, const char *body)
{
	char head[256];

	snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, more,
	    strlen(body));
	if (visit_send(v, head, strlen(head)))
		visit_send(v, body, strlen(body));
}

static void
visit_ok(struct visit *v)
{
	visit_answer(v, "200 OK", "", "{\"n\": 1}");
}

/* The head as a JSON string; it has nothing to escape but its line ends. */
static void
visit_show(struct visit *v)
{
	char body[8192] = "{\"request\": \"", *to = body + strlen(body);

	for (const char *at = v->request; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\' || *at == '\r')
			continue;
		if (*at == '\n') {
			*to++ = '\\';
			*to++ = 'n';
		} else {
			*to++ = *at;
		}
	}
	strlcpy(to, "\"}", (size_t)(body + sizeof(body) - to));
	visit_answer(v, "200 OK", "", body);
}

static void
visit_hang(struct visit *v)
{
	char byte;

	while (read(v->fd, &byte, 1) > 0)
		;
}

static void
visit_wait(struct visit *v)
{
	struct service *service = v->service;

	pthread_mutex_lock(&service->mutex);
	while (!service->released)
		pthread_cond_wait(&service->changed, &service->mutex);
	pthread_mutex_unlock(&service->mutex);
	visit_answer(v, "200 OK", "", "{\"n\": 2}");
}

static void
visit_huge(struct visit *v)
{
	static char filler[1 << 16];
	size_t sent = 0;

	memset(filler, ' ', sizeof(filler));
	if (!visit_send(v, "HTTP/1.1 200 OK\r\n\r\n", 19))
		return;
	while (sent < HUGE_BYTES && visit_send(v, filler, sizeof(filler)))
		sent += sizeof(filler);
	shutdown(v->fd, SHUT_RDWR);
}

static void
visit_broken(struct visit *v)
{
	visit_answer(v, "200 OK", "", "{\"n\": ");
}

static void
visit_away(struct visit *v)
{
	visit_answer(v, "302 Found", "Location: /ok\r\n", "");
}

static void
visit_503(struct visit *v)
{
	visit_answer(v, "503 Service Unavailable", "", "come back\n later");
}

static void
visit_404(struct visit *v)
{
	visit_answer(v, "404 Not Found", "", "{\"detail\": \"no such city\"}");
}

static const struct {
	const char *path;
	void (*answer)(struct visit *);
} answers[] = {
    {"/ok", visit_ok},
    {"/show", visit_show},
    {"/hang", visit_hang},
    {"/wait", visit_wait},
    {"/huge", visit_huge},
    {"/broken", visit_broken},
    {"/away", visit_away},
    {"/503", visit_503},
    {"/404", visit_404},
};

/* One request; false: there is no other. */
static bool
visit_read(struct visit *v)
{
	size_t used = 0;
	ssize_t n;

	v->request[0] = '\0';
	while (strstr(v->request, "\r\n\r\n") == NULL) {
		n = read(
		    v->fd, v->request + used, sizeof(v->request) - 1 - used);
		if (n <= 0)
			return (false);
		used += (size_t)n;
		v->request[used] = '\0';
	}
	return (true);
}

static void
visit_dispatch(struct visit *v)
{
	const char *path = strchr(v->request, ' ');
	size_t len;

	for (size_t i = 0; path != NULL && i < COUNT(answers); i++) {
		len = strlen(answers[i].path);
		if (strncmp(path + 1, answers[i].path, len) == 0 &&
		    strchr(" ?/", path[1 + len]) != NULL) {
			answers[i].answer(v);
			return;
		}
	}
	visit_answer(v, "400 Bad Request", "", "");
}

static void
service_count(struct service *service, int requests, int connections)
{
	pthread_mutex_lock(&service->mutex);
	service->requests += requests;
	service->connections += connections;
	pthread_cond_broadcast(&service->changed);
	pthread_mutex_unlock(&service->mutex);
}

static void *
visit_main(void *arg)
{
	struct visit *v = arg;

	while (visit_read(v)) {
		service_count(v->service, 1, 0);
		visit_dispatch(v);
	}
	close(v->fd);
	service_count(v->service, 0, -1);
	free(v);
	return (NULL);
}

static void *
service_main(void *arg)
{
	struct service *service = arg;
	struct visit *v;
	pthread_t thread;
	int fd;

	while (
	    (fd = accept4(service->listener, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		if ((v = calloc(1, sizeof(*v))) == NULL)
			abort();
		v->service = service;
		v->fd = fd;
		service_count(service, 0, 1);
		if (pthread_create(&thread, NULL, visit_main, v) != 0)
			abort();
		pthread_detach(thread);
	}
	return (NULL);
}

struct service *
service_start(void)
{
	struct service *service = calloc(1, sizeof(*service));
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(service);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	service->listener = fd;
	service->port = ntohs(address.sin_port);
	pthread_mutex_init(&service->mutex, NULL);
	pthread_cond_init(&service->changed, NULL);
	assert_int_equal(
	    pthread_create(&service->thread, NULL, service_main, service), 0);
	return (service);
}

int
service_port(const struct service *service)
{
	return (service->port);
}

int
service_requests(struct service *service)
{
	int n;

	pthread_mutex_lock(&service->mutex);
	n = service->requests;
	pthread_mutex_unlock(&service->mutex);
	return (n);
}

void
service_release(struct service *service)
{
	pthread_mutex_lock(&service->mutex);
	service->released = true;
	pthread_cond_broadcast(&service->changed);
	pthread_mutex_unlock(&service->mutex);
}

/* The clients have gone; so their threads go. */
void
service_stop(struct service *service)
{
	service_release(service);
	shutdown(service->listener, SHUT_RDWR);
	pthread_join(service->thread, NULL);
	pthread_mutex_lock(&service->mutex);
	while (service->connections > 0)
		pthread_cond_wait(&service->changed, &service->mutex);
	pthread_mutex_unlock(&service->mutex);
	close(service->listener);
	pthread_cond_destroy(&service->changed);
	pthread_mutex_destroy(&service->mutex);
	free(service);
}
