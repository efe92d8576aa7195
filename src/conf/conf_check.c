/*
 * Checks the form of addresses, origins and paths.  Called when a setting is
 * read; resolves no name and opens nothing, so that a configuration can be
 * checked on another machine than the one that it is for.
 */

#include "conf/conf_check.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <stdbool.h>
#include <string.h>

#include "conf/conf_units.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

#define HOST_MAX 255

/* A copy of len bytes in buf, or false when there is no room. */
static bool
conf_check_copy(char *buf, size_t size, const char *text, size_t len)
{
	if (len >= size)
		return (false);
	memcpy(buf, text, len);
	buf[len] = '\0';
	return (true);
}

static bool
conf_check_is_v6(const char *text, size_t len)
{
	char host[INET6_ADDRSTRLEN];
	struct in6_addr address;

	return (conf_check_copy(host, sizeof(host), text, len) &&
		inet_pton(AF_INET6, host, &address) == 1);
}

/* What has only digits and points is an address, everything else a name. */
static bool
conf_check_is_name(const char *text, size_t len)
{
	char host[HOST_MAX + 1];
	struct in_addr address;

	if (len == 0 || !conf_check_copy(host, sizeof(host), text, len))
		return (false);
	if (strspn(host, DIGITS ".") == len)
		return (inet_pton(AF_INET, host, &address) == 1);
	return (strspn(host, LETTERS DIGITS "-._") == len && host[0] != '-' &&
		host[0] != '.');
}

static bool
conf_check_is_host(const char *text, size_t len)
{
	if (len > 2 && text[0] == '[' && text[len - 1] == ']')
		return (conf_check_is_v6(text + 1, len - 2));
	return (conf_check_is_name(text, len));
}

static bool
conf_check_is_port(const char *text)
{
	int64_t port;

	return (conf_units_parse_integer(text, &port) == 0 && port <= 65535);
}

static const char *
conf_check_socket_length(const char *path)
{
	struct sockaddr_un sun;

	if (strlen(path) >= sizeof(sun.sun_path))
		return ("the path of a socket must be shorter than 108 bytes");
	return (NULL);
}

static const char *
conf_check_unix(const char *path)
{
	if (path[0] != '/')
		return ("the path after unix: must begin with /");
	return (conf_check_socket_length(path));
}

const char *
conf_socket_path(const char *text)
{
	if (strncmp(text, "unix:", 5) == 0)
		return (text + 5);
	return (text[0] == '/' ? text : NULL);
}

const char *
conf_check_listen(const char *text)
{
	const char *colon = strrchr(text, ':');
	const char *path = conf_socket_path(text);
	size_t len;

	if (path != NULL)
		return (conf_check_unix(path));
	if (colon == NULL || colon == text || strchr(colon, ']') != NULL)
		return ("expected ADDRESS:PORT, [V6ADDRESS]:PORT or unix:PATH");
	len = colon - text;
	if (text[0] != '[' && memchr(text, ':', len) != NULL)
		return ("a version 6 address stands in brackets, [::1]:8080");
	if (!conf_check_is_host(text, len) && !(len == 1 && text[0] == '*'))
		return ("the address must be a name, an address or *");
	if (!conf_check_is_port(colon + 1))
		return ("the port must be a number from 0 to 65535");
	return (NULL);
}

const char *
conf_check_control(const char *text)
{
	const char *path = conf_socket_path(text);

	if (text[0] == '\0' || strcmp(text, "auto") == 0)
		return (NULL);
	if (path == NULL)
		return ("expected auto, an absolute path or nothing");
	return (conf_check_unix(path));
}

const char *
conf_check_cgroup(const char *text)
{
	if (text[0] == '\0' || text[0] == '/' || strcmp(text, "auto") == 0)
		return (NULL);
	return ("expected auto, an absolute path or nothing");
}

const char *
conf_check_host(const char *text)
{
	const char *name = strncmp(text, "*.", 2) == 0 ? text + 2 : text;

	if (strcmp(text, "*") == 0 || conf_check_is_host(name, strlen(name)))
		return (NULL);
	return ("expected a host name or address without a port, *.NAME or *");
}

const char *
conf_check_origin(const char *text)
{
	size_t scheme = strspn(text, LETTERS DIGITS "+-.");
	const char *host = text + scheme + 3;
	const char *end, *colon;

	if (strcmp(text, "*") == 0)
		return (NULL);
	if (scheme == 0 || strncmp(text + scheme, "://", 3) != 0)
		return ("expected SCHEME://HOST, SCHEME://HOST:PORT or *");
	end = host + strcspn(host, "/?#");
	if (*end != '\0')
		return ("an origin has nothing after its host and port");
	colon = strrchr(host, ':');
	if (colon != NULL && strchr(colon, ']') == NULL) {
		if (!conf_check_is_port(colon + 1))
			return ("the port must be a number from 0 to 65535");
		end = colon;
	}
	if (!conf_check_is_host(host, end - host))
		return ("the host must be a name or an address");
	return (NULL);
}

const char *
conf_check_path(const char *text)
{
	if (text[0] != '\0' && text[0] != '/')
		return ("a path must begin with /");
	return (NULL);
}

const char *
conf_check_log(const char *text)
{
	static const char *const words[] = {"auto", "stderr", "syslog"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0)
			return (NULL);
	if (text[0] != '/')
		return ("expected auto, stderr, syslog or an absolute path");
	return (NULL);
}

const char *
conf_check_url(const char *text)
{
	static const char *const schemes[] = {"http://", "https://"};
	size_t len;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		len = strlen(schemes[i]);
		if (strncmp(text, schemes[i], len) == 0 && text[len] != '\0' &&
		    strchr(text, ' ') == NULL)
			return (NULL);
	}
	return ("expected http://... or https://...");
}

const char *
conf_check_variable(const char *text)
{
	size_t len = strspn(text, LETTERS DIGITS "_");

	if (len == 0 || strchr(DIGITS, text[0]) != NULL ||
	    (text[len] != '=' && text[len] != '\0'))
		return ("expected NAME or NAME=value");
	return (NULL);
}

const char *
conf_check_tool(const char *text)
{
	size_t len = strspn(text, LETTERS DIGITS "_-");

	if (len == 0 || len > CONF_TOOL_MAX || text[len] != '\0')
		return ("a tool's name has 1 to 64 letters (a to z), digits, "
			"_ and -");
	return (NULL);
}
