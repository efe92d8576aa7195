/*
 * The links to services, and the messages that go to the front end.  Sending
 * fails when there is no link, or when the other end cannot be told anything;
 * who keeps the service is then told, and replaces it.
 */

#ifndef MASTER_LINK_H
#define MASTER_LINK_H

#include "common/peer.h"
#include "master/spawn.h"

/* The lines that go with an answer; starts with zeroes. */
struct link_reasons {
	char text[WIRE_REASONS_MAX];
	size_t len;
	bool full;
};

/* When there is no room for all of them, the last says so. */
void link_reason_add(struct link_reasons *, const char *line);

/* lost is called when one is of no use any more, and is to close it. */
void link_init(void (*lost)(enum role_kind, const char *why));

/*
 * Takes over fd on success; handlers are for what the other end sends.  0, or
 * -1 with errno.
 */
int link_attach(enum role_kind, int fd, enum wire_role other,
    const peer_handler *handlers) __attribute__((warn_unused_result));
void link_detach(enum role_kind);
bool link_present(enum role_kind);

/* Whether there is one and its other end is open. */
bool link_alive(enum role_kind);

/* Asks for a sign of life.  0, or -1. */
int link_ping(enum role_kind) __attribute__((warn_unused_result));

/* Finish what is accepted and refuse the rest.  0, or -1. */
int link_drain(enum role_kind, int64_t timeout_ms)
    __attribute__((warn_unused_result));

/*
 * To the front end, about the agent of that number and generation; the socket
 * stays the caller's.  0, or -1.
 */
int link_agent_up(uint32_t number, uint32_t generation,
    const struct wire_agent *, int socket_fd)
    __attribute__((warn_unused_result));
int link_agent_drain(uint32_t number, uint32_t generation)
    __attribute__((warn_unused_result));
void link_agent_state(
    uint32_t number, uint32_t generation, const struct wire_agent *);
void link_agent_stopped(uint32_t number, uint32_t generation, bool stopped);
void link_agent_gone(
    uint32_t number, uint32_t generation, const struct wire_gone *);

/* The configuration changed: master.conf is the new one. */
void link_config(void);

/* So did the tools: master.bundle has those of master.epoch. */
void link_catalogue(void);

/* control: its clients are administrators. */
void link_listen(const char *name, int fd, bool control);
void link_unlisten(const char *name);

/* What came of an administrator's request. */
void link_admin_done(
    const struct wire_admin_done *, const struct link_reasons *);

#endif
