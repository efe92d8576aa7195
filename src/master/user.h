/*
 * The user that children run as.
 */

#ifndef MASTER_USER_H
#define MASTER_USER_H

#include <sys/types.h>

#include <stddef.h>

struct conf;

/*
 * Looks up the configured user and group.  Returns 0; or -1 with the reason
 * in why: no such name, or only root could become that user.
 */
int user_resolve(const struct conf *, char *why, size_t why_size)
    __attribute__((warn_unused_result));

/* What was looked up; -1: unchanged. */
uid_t user_id(void);
gid_t user_group_id(void);

/* In a child: becomes that user for good.  0, or -1 with errno. */
int user_become(void) __attribute__((warn_unused_result));

#endif
