/*
 * The table of routes.
 */

#include "frontend/api/route_table.h"
#include "frontend/api/api.h"

#include <event2/http.h>

const struct route route_table[] = {
    {EVHTTP_REQ_GET, "/", api_root},
    {EVHTTP_REQ_GET, "/health", api_health},
    {EVHTTP_REQ_GET, "/livez", api_livez},
    {EVHTTP_REQ_GET, "/readyz", api_readyz},
    {EVHTTP_REQ_POST, "/api/v1/request", api_call},
    {EVHTTP_REQ_POST, "/api/v1/batch", api_batch},
    {EVHTTP_REQ_POST, "/api/v1/pipeline", api_pipeline},
    {EVHTTP_REQ_GET, "/api/v1/agents", api_agents},
    {EVHTTP_REQ_GET, "/api/v1/agents/{}", api_agent},
    {EVHTTP_REQ_GET, "/api/v1/tools", api_tools},
    {EVHTTP_REQ_GET, "/api/v1/tools/{}", api_tool},
    {EVHTTP_REQ_POST, "/api/v1/tools/{}", api_call_tool},
    {EVHTTP_REQ_GET, "/api/v1/stats", api_stats},
    {EVHTTP_REQ_GET, "/api/v1/requests", api_requests},
    {EVHTTP_REQ_GET, "/api/v1/breakers", api_breakers},
    {EVHTTP_REQ_POST, "/api/v1/breakers/{}", api_breaker, true},
    {EVHTTP_REQ_DELETE, "/api/v1/requests/{}", api_cancel},
    {EVHTTP_REQ_GET, "/openapi.json", api_openapi},
    {EVHTTP_REQ_POST, "/api/v1/admin/{}", api_admin, true},
    {0},
};
