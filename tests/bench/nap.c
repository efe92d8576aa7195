/*
 * A tool of known duration for tests/bench/overload: it sleeps for as many
 * milliseconds as its parameter "ms" says, and costs next to no processor time.
 */

#include <agentd/tool.h>

#include <poll.h>

static int
nap_call(struct agentd_call *call)
{
	int64_t ms = agentd_int(call, "/ms", 0);

	poll(NULL, 0, (int)ms);
	return (agentd_add_int(call, "ms", ms));
}

const struct agentd_tool agentd_tool = {
    AGENTD_ABI,
    sizeof(struct agentd_tool),
    "nap",
    NULL,
    nap_call,
    NULL,
};
