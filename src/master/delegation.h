/*
 * The control group that was handed to the daemon, if one was.
 */

#ifndef MASTER_DELEGATION_H
#define MASTER_DELEGATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;

/*
 * Takes the group over as the setting "cgroup" says: this process goes below
 * it, and agents can make groups below it for what they run.  lives tells
 * whether there is such an agent.  Called before the first fork.  0, also when
 * there is no group and none is asked for; or -1 with the reason in why: the
 * group that is asked for cannot be had.
 */
int delegation_init(const struct conf *,
    bool (*lives)(uint32_t slot, uint32_t generation), char *why,
    size_t why_size) __attribute__((warn_unused_result));

/* An agent is dead: what it had there is to go. */
void delegation_orphaned(void);

/* Goes on with that; never waits. */
void delegation_tidy(void);

/* At the end, and after a start that failed: leaves nothing there. */
void delegation_finish(void);

#endif
