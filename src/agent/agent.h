/*
 * An agent: a process that runs one tool call at a time.
 */

#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stddef.h>
#include <stdint.h>

struct conf;

/*
 * Runs as agent number slot on WIRE_SOCKET_FD and WIRE_STATUS_FD until its
 * socket reports end of file.  conf and tools, which is of registry_pack(),
 * are borrowed for ever.
 */
void agent_main(uint32_t slot, uint32_t generation, const struct conf *,
    const void *tools, size_t tools_len) __attribute__((noreturn));

#endif
