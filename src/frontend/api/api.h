/*
 * The REST interface: one function for each row of the route table.
 * param is what stands in place of {} in the path, decoded; or "".
 */

#ifndef FRONTEND_API_API_H
#define FRONTEND_API_API_H

#include <stdint.h>

struct conn;
struct json_object;

/* When that was, as a JSON string; NULL without memory. */
struct json_object *api_instant(int64_t wall_ns);

/* Answers {"count": length of list, name: list}; takes over the list. */
void api_reply_list(struct conn *, const char *name, struct json_object *list);

/* Of files of their own. */
void batch_handle(struct conn *, const char *param);
void openapi_handle(struct conn *, const char *param);
void pipeline_handle(struct conn *, const char *param);

void api_root(struct conn *, const char *param);
void api_health(struct conn *, const char *param);
void api_livez(struct conn *, const char *param);
void api_readyz(struct conn *, const char *param);
void api_agents(struct conn *, const char *param);
void api_agent(struct conn *, const char *param);
void api_tools(struct conn *, const char *param);
void api_tool(struct conn *, const char *param);
void api_stats(struct conn *, const char *param);
void api_requests(struct conn *, const char *param);
void api_cancel(struct conn *, const char *param);
void api_breakers(struct conn *, const char *param);
void api_breaker(struct conn *, const char *param);
void api_call(struct conn *, const char *param);
void api_call_tool(struct conn *, const char *param);
void api_admin(struct conn *, const char *param);

#endif
