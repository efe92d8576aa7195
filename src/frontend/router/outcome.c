/*
 * The table of outcomes.
 */

#include "frontend/router/outcome.h"
#include "conf/policy.h"

static const struct outcome_kind kinds[OUTCOMES] = {
    [OUTCOME_SUCCESS] = {"success", COUNTED_SUCCESSFUL, .tells = true},
    [OUTCOME_FAILURE] = {"failure", COUNTED_FAILED, .tells = true,
	.failure = POLICY_ERROR},
    [OUTCOME_MALFORMED] = {"malformed_params", COUNTED_REJECTED,
	.problem = PROBLEM_BAD_REQUEST},
    [OUTCOME_INVALID] = {"invalid_params", COUNTED_REJECTED,
	.problem = PROBLEM_INVALID_PARAMS,
	.detail = "the parameters do not fit the tool's schema"},
    [OUTCOME_UNKNOWN_TOOL] = {"unknown_tool", COUNTED_REJECTED,
	.problem = PROBLEM_UNKNOWN_TOOL, .detail = "there is no such tool"},
    [OUTCOME_CRASHED] = {"agent_crashed", COUNTED_FAILED, .tells = true,
	.failure = POLICY_CRASH, .problem = PROBLEM_AGENT_CRASHED},
    [OUTCOME_SHED] = {"shed", COUNTED_REJECTED, .problem = PROBLEM_QUEUE_FULL,
	.detail =
	    "the daemon is overloaded: the request has waited for too long"},
    [OUTCOME_EXPIRED] = {"timeout_queued", COUNTED_FAILED,
	.problem = PROBLEM_TIMEOUT_QUEUED,
	.detail = "the deadline passed before an agent was free"},
    [OUTCOME_TIMEOUT] = {"timeout", COUNTED_FAILED, .tells = true,
	.failure = POLICY_TIMEOUT, .problem = PROBLEM_TIMEOUT,
	.detail =
	    "the tool did not finish within the deadline; it was stopped"},
    [OUTCOME_CANCELLED_QUEUED] = {"cancelled_queued", COUNTED_CANCELLED,
	.problem = PROBLEM_CANCELLED_QUEUED,
	.detail = "the request was cancelled before it ran"},
    [OUTCOME_CANCELLED] = {"cancelled", COUNTED_CANCELLED,
	.problem = PROBLEM_CANCELLED, .detail = "the request was cancelled"},
    [OUTCOME_ABANDONED] = {"abandoned", COUNTED_CANCELLED},
    [OUTCOME_DRAINED_QUEUED] = {"drained_queued", COUNTED_FAILED,
	.problem = PROBLEM_DRAINING,
	.detail = "the daemon stops; the request was not started"},
    [OUTCOME_DRAINED_RUNNING] = {"drained", COUNTED_FAILED,
	.problem = PROBLEM_DRAINING_RUNNING,
	.detail = "the daemon stops; the request was running"},
    [OUTCOME_UNABLE] = {"no_agent", COUNTED_REJECTED,
	.problem = PROBLEM_NO_AGENT,
	.detail = "no agent could begin the call, for want of processes, "
		  "descriptors or memory"},
    [OUTCOME_NO_MEMORY] = {"no_memory", COUNTED_REJECTED,
	.problem = PROBLEM_NO_MEMORY, .detail = "out of memory"},
};

const struct outcome_kind *
outcome_kind(enum outcome outcome)
{
	return (&kinds[outcome]);
}
