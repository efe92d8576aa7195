/*
 * An HTTP service for the tests of clients: a process of its own on the
 * loopback interface that takes one connection and gives a prepared answer.
 */

#include "http_service.h"

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether text is a request with all of its body. */
static bool
whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "\r\nContent-Length:");

	if (body == NULL)
		return (false);
	if (length == NULL || length > body)
		return (true);
	return (strlen(body + 4) >=
		strtoul(length + strlen("\r\nContent-Length:"), NULL, 10));
}

static size_t
receive(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n;

	buf[0] = '\0';
	while (!whole(buf) && used < size - 1 &&
	       (n = read(fd, buf + used, size - 1 - used)) > 0) {
		used += n;
		buf[used] = '\0';
	}
	return (used);
}

/* Gives the answer, or none and waits until the client gives up. */
static void
serve(int listener, int request_fd, const char *answer, size_t len, int times)
{
	char buf[4096];
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		return;
	for (; times > 0; times--) {
		const char *rest = answer;
		size_t left = len, used = receive(fd, buf, sizeof(buf));
		ssize_t n = 1;

		if (write(request_fd, buf, used) != (ssize_t)used)
			return;
		for (; rest != NULL && left > 0 && n > 0; rest += n, left -= n)
			n = send(fd, rest, left, MSG_NOSIGNAL);
	}
	if (answer == NULL)
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	close(fd);
}

int
http_service_listen(const char *host, char *url, size_t size)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(
	    url, size, "http://%s:%d/weather", host, ntohs(address.sin_port));
	return (fd);
}

void
http_service_start_at(struct http_service *service, const char *host, int times,
    const char *answer, size_t len)
{
	int listener =
	    http_service_listen(host, service->url, sizeof(service->url));
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	service->pid = fork();
	assert_int_not_equal(service->pid, -1);
	if (service->pid == 0) {
		close(fds[0]);
		serve(listener, fds[1], answer, len, times);
		_exit(0);
	}
	close(listener);
	close(fds[1]);
	service->request_fd = fds[0];
}

void
http_service_start(struct http_service *service, const char *answer, size_t len)
{
	http_service_start_at(service, "127.0.0.1", 1, answer, len);
}

/* What was asked, up to the end of the pipe. */
static void
collect(struct http_service *service)
{
	size_t used = 0, size = sizeof(service->request);
	ssize_t n;

	while ((n = read(service->request_fd, service->request + used,
		    size - 1 - used)) > 0)
		used += n;
	service->request[used] = '\0';
}

void
http_service_stop(struct http_service *service)
{
	int status;

	collect(service);
	close(service->request_fd);
	assert_int_equal(waitpid(service->pid, &status, 0), service->pid);
	assert_int_equal(status, 0);
}
