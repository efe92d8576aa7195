/*
 * What a text must look like to be an address, an origin, a path: the check
 * members of the table of settings.  Each returns NULL, or the reason in
 * words that fit after the value ("the port must be ...").
 */

#ifndef CONF_CONF_CHECK_H
#define CONF_CONF_CHECK_H

/* Bytes in the longest name of a tool. */
#define CONF_TOOL_MAX 64

/*
 * No check: the path in unix:PATH, or a PATH that begins with a slash, both of
 * which name a Unix socket; NULL: it is neither.
 */
const char *conf_socket_path(const char *text);

/* ADDRESS:PORT, NAME:PORT, *:PORT, [V6]:PORT, unix:PATH or PATH. */
const char *conf_check_listen(const char *text);

/* Empty, auto, or PATH or unix:PATH that fits the address of a socket. */
const char *conf_check_control(const char *text);

/* Empty, auto, or an absolute path. */
const char *conf_check_cgroup(const char *text);

/* A host name or address, as it stands in a Host header, without a port. */
const char *conf_check_host(const char *text);

/* SCHEME://HOST[:PORT], or "*". */
const char *conf_check_origin(const char *text);

/* Empty, or an absolute path. */
const char *conf_check_path(const char *text);

/* auto, stderr, syslog, or an absolute path. */
const char *conf_check_log(const char *text);

/* NAME or NAME=value, as in an environment. */
const char *conf_check_variable(const char *text);

/* What a tool may be called, as in MCP and others: ^[A-Za-z0-9_-]{1,64}$. */
const char *conf_check_tool(const char *text);

/* http:// or https:// and something after it. */
const char *conf_check_url(const char *text);

#endif
