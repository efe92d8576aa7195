/*
 * Offers calls to a daemon at times of its own, whether answers come or not.
 *
 *	bench_overload PORT CALLS/S SECONDS TIMEOUT-MS CAPACITY/S NAP-MS
 *
 * sends calls of the tool nap over as many connections as it takes, at random
 * times (a Poisson process), and prints a line of what became of those that
 * were due after the first second:
 *
 *	offered/s answered/s in-time/s useful% p50 p99 refused/s late/s lost/s
 *
 * Milliseconds count from when a call was due, not from when it could be sent,
 * so that nothing is left out when the daemon stalls.  p50 and p99 are those of
 * calls that were answered with 200; in time are those within their timeout,
 * and useful is their share of the capacity.  Late is 504, refused 503.
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#define CONNECTIONS 1000
#define WARM_UP_NS NS_PER_SEC
#define SAMPLES_MAX 1000000

struct connection {
	int fd;
	int64_t due_ns; /* of the call that it carries; 0: none */
	char buf[2048];
	size_t len;
};

static struct connection connections[CONNECTIONS];
static struct pollfd polled[CONNECTIONS];
static int opened;
static uint16_t port;
static char request[512];
static size_t request_len;
static int64_t begin_ns, timeout_ns;

static int64_t samples[SAMPLES_MAX];
static size_t answered, in_time, refused, late, lost, offered;

static double
number(const char *text, double least)
{
	char *end;
	double value = strtod(text, &end);

	if (*text == '\0' || *end != '\0' || !(value >= least))
		errx(2, "not a number that will do: %s", text);
	return (value);
}

static void
make_request(int timeout_ms, int nap_ms)
{
	char body[160];
	int len = snprintf(body, sizeof(body),
	    "{\"tool_name\":\"nap\",\"params\":{\"ms\":%d},\"timeout\":%d.%"
	    "03d}",
	    nap_ms, timeout_ms / 1000, timeout_ms % 1000);

	request_len = (size_t)snprintf(request, sizeof(request),
	    "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    len, body);
}

static void
connection_open(struct connection *c)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1 ||
	    connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == -1 ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ==
		-1)
		err(2, "connect");
	c->len = 0;
	c->due_ns = 0;
}

/* One that carries nothing; a new one if need be. */
static struct connection *
connection_free(void)
{
	for (int i = 0; i < opened; i++)
		if (connections[i].due_ns == 0)
			return (&connections[i]);
	if (opened == CONNECTIONS)
		return (NULL);
	connection_open(&connections[opened]);
	return (&connections[opened++]);
}

static void
count(int64_t due_ns, int status)
{
	int64_t took_ns = clock_now_ns() - due_ns;

	if (due_ns < begin_ns + WARM_UP_NS)
		return;
	if (status == 200 && answered < SAMPLES_MAX) {
		samples[answered++] = took_ns;
		in_time += took_ns <= timeout_ns;
	} else if (status == 503)
		refused++;
	else if (status == 504)
		late++;
	else
		lost++;
}

static void
send_call(int64_t due_ns)
{
	struct connection *c = connection_free();

	if (due_ns >= begin_ns + WARM_UP_NS)
		offered++;
	if (c == NULL || send(c->fd, request, request_len, MSG_NOSIGNAL) !=
			     (ssize_t)request_len) {
		count(due_ns, 0);
		return;
	}
	c->due_ns = due_ns;
}

/* The status of the answer in buf, once it is whole; else 0. */
static int
answer_status(struct connection *c)
{
	const char *head_end, *length;

	c->buf[c->len] = '\0';
	if ((head_end = strstr(c->buf, "\r\n\r\n")) == NULL)
		return (0);
	if ((length = strcasestr(c->buf, "Content-Length:")) == NULL)
		errx(2, "an answer without a length");
	if (c->len < (size_t)(head_end + 4 - c->buf) +
			 strtoul(length + strlen("Content-Length:"), NULL, 10))
		return (0);
	return (atoi(c->buf + strlen("HTTP/1.1 ")));
}

static void
receive(struct connection *c)
{
	ssize_t got =
	    recv(c->fd, c->buf + c->len, sizeof(c->buf) - 1 - c->len, 0);
	int status;

	if (got <= 0) {
		if (c->due_ns != 0)
			count(c->due_ns, 0);
		close(c->fd);
		connection_open(c);
		return;
	}
	c->len += (size_t)got;
	if ((status = answer_status(c)) == 0)
		return;
	count(c->due_ns, status);
	c->due_ns = 0;
	c->len = 0;
}

/* Takes answers until then. */
static void
receive_until(int64_t until_ns)
{
	int64_t left_ns = until_ns - clock_now_ns();
	struct timespec t = {0};

	if (left_ns > 0)
		t = (struct timespec){
		    left_ns / NS_PER_SEC, left_ns % NS_PER_SEC};
	for (int i = 0; i < opened; i++)
		polled[i] = (struct pollfd){connections[i].fd, POLLIN, 0};
	if (ppoll(polled, (nfds_t)opened, &t, NULL) == -1 && errno != EINTR)
		err(2, "poll");
	for (int i = 0, n = opened; i < n; i++)
		if (polled[i].revents != 0)
			receive(&connections[i]);
}

static void
offer(double per_second, double seconds)
{
	int64_t end_ns, due_ns;

	begin_ns = due_ns = clock_now_ns();
	end_ns = begin_ns + WARM_UP_NS + (int64_t)(seconds * 1e9);
	while (due_ns < end_ns) {
		while (clock_now_ns() < due_ns)
			receive_until(due_ns);
		receive_until(0);
		send_call(due_ns);
		due_ns += (int64_t)(-log(1 - drand48()) / per_second * 1e9);
	}
	end_ns += timeout_ns;
	while (answered + refused + late + lost < offered &&
	       clock_now_ns() < end_ns)
		receive_until(end_ns);
	lost = offered - answered - refused - late;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return ((x > y) - (x < y));
}

static double
quantile_ms(double q)
{
	if (answered == 0)
		return (NAN);
	return ((double)samples[(size_t)(q * (double)(answered - 1))] / 1e6);
}

int
main(int argc, char *argv[])
{
	double per_second, seconds, capacity;

	if (argc != 7)
		errx(2, "usage: bench_overload port calls/s seconds timeout-ms "
			"capacity/s nap-ms");
	port = (uint16_t)number(argv[1], 1);
	per_second = number(argv[2], 0.001);
	seconds = number(argv[3], 0.1);
	timeout_ns = (int64_t)(number(argv[4], 1) * 1e6);
	capacity = number(argv[5], 0.001);
	make_request((int)number(argv[4], 1), (int)number(argv[6], 1));
	offer(per_second, seconds);
	qsort(samples, answered, sizeof(samples[0]), compare);
	printf("%9.1f %10.1f %9.1f %7.1f %7.1f %7.1f %9.1f %6.1f %6.1f\n",
	    (double)offered / seconds, (double)answered / seconds,
	    (double)in_time / seconds,
	    100 * (double)in_time / seconds / capacity, quantile_ms(0.5),
	    quantile_ms(0.99), (double)refused / seconds,
	    (double)late / seconds, (double)lost / seconds);
	return (0);
}
