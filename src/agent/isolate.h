/*
 * Tools that run in the agent, but under a policy that needs a process: a
 * user, a limit or a directory of their own.
 */

#ifndef AGENT_ISOLATE_H
#define AGENT_ISOLATE_H

struct tool_call;

/* Runs the call in a fork of the agent. */
void isolate_run(struct tool_call *);

#endif
