/*
 * The user that children run as.
 */

#ifndef MASTER_USER_H
#define MASTER_USER_H

#include <sys/types.h>

#include <stddef.h>

struct conf;

/*
 * Looks up the configured users and group.  Returns 0; or -1 with the reason
 * in why: no such name, or only root could become that user.
 */
int user_resolve(const struct conf *, char *why, size_t why_size)
    __attribute__((warn_unused_result));

/* What was looked up for the agents; -1: unchanged. */
uid_t user_id(void);
gid_t user_group_id(void);

/*
 * In a child: becomes that user for good, or the front end's.  0, or -1 with
 * errno.
 */
int user_become(void) __attribute__((warn_unused_result));
int user_become_frontend(void) __attribute__((warn_unused_result));

/*
 * Keeps others of our user out of this process: nobody may read its memory,
 * trace it or take its descriptors, and it leaves no core.  The files of its
 * directory in /proc are root's from then on; it can read them itself.  The
 * programs that it runs are not kept apart in this way.
 */
void user_keep_out(void);

#endif
