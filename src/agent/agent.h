/*
 * An agent: a process that runs one tool call at a time.
 */

#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdint.h>

struct conf;
struct registry;

/*
 * Runs as agent number slot on WIRE_SOCKET_FD and WIRE_STATUS_FD until its
 * socket reports end of file.  conf and registry are borrowed for ever.
 */
void agent_main(uint32_t slot, uint32_t generation, const struct conf *,
    const struct registry *) __attribute__((noreturn));

#endif
