/*
 * From the reply of a service to the result of a call.
 */

#ifndef AGENT_KINDS_HTTP_REPLY_H
#define AGENT_KINDS_HTTP_REPLY_H

struct http_reply;
struct http_spec;
struct tool_call;

/* Sets the result of the call, or fails it; scrubs secrets from the reply. */
void http_reply_take(
    struct tool_call *, const struct http_spec *, struct http_reply *);

#endif
