/*
 * The table of message types.  Every reader checks against it before it
 * believes a length or dispatches.
 */

#include "common/wire.h"

#define FIXED(type) sizeof(type), sizeof(type)
#define ATLEAST(type) sizeof(type), WIRE_MAX_BODY

static const struct wire_kind kinds[WIRE_TYPES] = {
    [WIRE_REQUEST] = {"REQUEST", WIRE_FRONTEND, WIRE_AGENT,
	ATLEAST(struct wire_request)},
    [WIRE_RESULT] = {"RESULT", WIRE_AGENT, WIRE_FRONTEND,
	ATLEAST(struct wire_result)},
    [WIRE_PING] = {"PING", WIRE_MASTER, WIRE_FRONTEND, 0, 0},
    [WIRE_PONG] = {"PONG", WIRE_FRONTEND, WIRE_MASTER, 0, 0},
    [WIRE_CONFIG] = {"CONFIG", WIRE_MASTER, WIRE_FRONTEND, 2, WIRE_MAX_BODY},
    [WIRE_LISTEN] = {"LISTEN", WIRE_MASTER, WIRE_FRONTEND, 1, WIRE_NAME_MAX,
	true},
    [WIRE_CONTROL] = {"CONTROL", WIRE_MASTER, WIRE_FRONTEND, 1, WIRE_NAME_MAX,
	true},
    [WIRE_UNLISTEN] = {"UNLISTEN", WIRE_MASTER, WIRE_FRONTEND, 1,
	WIRE_NAME_MAX},
    [WIRE_UNLISTENED] = {"UNLISTENED", WIRE_FRONTEND, WIRE_MASTER, 1,
	WIRE_NAME_MAX},
    [WIRE_AGENT_UP] = {"AGENT_UP", WIRE_MASTER, WIRE_FRONTEND,
	FIXED(struct wire_agent), true},
    [WIRE_AGENT_STATE] = {"AGENT_STATE", WIRE_MASTER, WIRE_FRONTEND,
	FIXED(struct wire_agent)},
    [WIRE_AGENT_DRAIN] = {"AGENT_DRAIN", WIRE_MASTER, WIRE_FRONTEND, 0, 0},
    [WIRE_AGENT_GONE] = {"AGENT_GONE", WIRE_MASTER, WIRE_FRONTEND,
	FIXED(struct wire_gone)},
    [WIRE_AGENT_STOPPED] = {"AGENT_STOPPED", WIRE_MASTER, WIRE_FRONTEND,
	FIXED(struct wire_stopped)},
    [WIRE_AGENT_KILL] = {"AGENT_KILL", WIRE_FRONTEND, WIRE_MASTER,
	FIXED(struct wire_kill)},
    [WIRE_AGENT_FREE] = {"AGENT_FREE", WIRE_FRONTEND, WIRE_MASTER, 0, 0},
    [WIRE_DRAIN] = {"DRAIN", WIRE_MASTER, WIRE_FRONTEND,
	FIXED(struct wire_drain)},
    [WIRE_CATALOGUE] = {"CATALOGUE", WIRE_MASTER, WIRE_FRONTEND, 2,
	WIRE_MAX_BODY},
    [WIRE_DRAINED] = {"DRAINED", WIRE_FRONTEND, WIRE_MASTER, 0, 0},
    [WIRE_ADMIN] = {"ADMIN", WIRE_FRONTEND, WIRE_MASTER,
	FIXED(struct wire_admin)},
    [WIRE_AUTOSCALE] = {"AUTOSCALE", WIRE_FRONTEND, WIRE_MASTER,
	FIXED(struct wire_autoscale)},
    [WIRE_ADMIN_DONE] = {"ADMIN_DONE", WIRE_MASTER, WIRE_FRONTEND,
	sizeof(struct wire_admin_done),
	sizeof(struct wire_admin_done) + WIRE_REASONS_MAX},
    [WIRE_CANCEL] = {"CANCEL", WIRE_FRONTEND, WIRE_AGENT, 0, 0},
    [WIRE_PROGRESS] = {"PROGRESS", WIRE_AGENT, WIRE_FRONTEND,
	sizeof(struct wire_progress),
	sizeof(struct wire_progress) + WIRE_PROGRESS_MAX},
};

static const char *const causes[CAUSE_COUNT] = {
    [CAUSE_TIMEOUT] = "timeout",
    [CAUSE_CANCELLED] = "cancelled",
    [CAUSE_ABANDONED] = "its caller has gone",
    [CAUSE_PROTOCOL] = "broke the protocol",
    [CAUSE_CLOSED] = "closed its socket",
    [CAUSE_STOPPED] = "is stopped, as by SIGSTOP",
    [CAUSE_UNRESPONSIVE] = "does not begin its calls",
    [CAUSE_SHUTDOWN] = "shutdown",
};

const struct wire_kind *
wire_kind(unsigned int type)
{
	if (type >= WIRE_TYPES || kinds[type].name == NULL)
		return (NULL);
	return (&kinds[type]);
}

const char *
wire_cause_name(unsigned int cause)
{
	return (cause < CAUSE_COUNT ? causes[cause] : "unknown");
}
