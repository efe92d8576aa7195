/*
 * An HTTP service for the tests of clients: a process of its own on the
 * loopback interface that takes one connection and gives one prepared answer.
 */

#include "http_service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t
receive(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n;

	buf[0] = '\0';
	while (strstr(buf, "\r\n\r\n") == NULL && used < size - 1 &&
	       (n = read(fd, buf + used, size - 1 - used)) > 0) {
		used += n;
		buf[used] = '\0';
	}
	return (used);
}

/* Gives the answer, or none and waits until the client gives up. */
static void
serve(int listener, int request_fd, const char *answer, size_t len)
{
	char buf[2048];
	size_t used;
	ssize_t n = 1;
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		return;
	used = receive(fd, buf, sizeof(buf));
	if (write(request_fd, buf, used) != (ssize_t)used)
		return;
	for (; answer != NULL && len > 0 && n > 0; answer += n, len -= n)
		n = send(fd, answer, len, MSG_NOSIGNAL);
	if (answer == NULL)
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	close(fd);
}

static int
listen_somewhere(struct http_service *service)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(service->url, sizeof(service->url),
	    "http://127.0.0.1:%d/weather", ntohs(address.sin_port));
	return (fd);
}

void
http_service_start(struct http_service *service, const char *answer, size_t len)
{
	int fds[2], listener = listen_somewhere(service);

	assert_int_equal(pipe(fds), 0);
	service->pid = fork();
	assert_int_not_equal(service->pid, -1);
	if (service->pid == 0) {
		close(fds[0]);
		serve(listener, fds[1], answer, len);
		_exit(0);
	}
	close(listener);
	close(fds[1]);
	service->request_fd = fds[0];
}

void
http_service_stop(struct http_service *service)
{
	int status;

	receive(
	    service->request_fd, service->request, sizeof(service->request));
	close(service->request_fd);
	assert_int_equal(waitpid(service->pid, &status, 0), service->pid);
	assert_int_equal(status, 0);
}
