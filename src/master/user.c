/*
 * Looks the user up once, before anything is started, so that a wrong name is
 * an error at the terminal and not in every child.
 */

#include "master/user.h"
#include "common/conf.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uid_t uid = (uid_t)-1;
static gid_t gid = (gid_t)-1;
static char *name; /* of the user, for its further groups */

uid_t
user_id(void)
{
	return (uid);
}

gid_t
user_group_id(void)
{
	return (gid);
}

static int
user_resolve_user(const char *user, char *why, size_t why_size)
{
	const struct passwd *pw = getpwnam(user);

	if (pw == NULL) {
		snprintf(why, why_size, "user: there is no user \"%s\"", user);
		return (-1);
	}
	if ((name = strdup(user)) == NULL) {
		snprintf(why, why_size, "out of memory");
		return (-1);
	}
	uid = pw->pw_uid;
	gid = pw->pw_gid;
	return (0);
}

static int
user_resolve_group(const char *group, char *why, size_t why_size)
{
	const struct group *gr = getgrnam(group);

	if (gr == NULL) {
		snprintf(
		    why, why_size, "group: there is no group \"%s\"", group);
		return (-1);
	}
	gid = gr->gr_gid;
	return (0);
}

int
user_resolve(const struct conf *conf, char *why, size_t why_size)
{
	if (conf->user[0] != '\0' &&
	    user_resolve_user(conf->user, why, why_size) == -1)
		return (-1);
	if (conf->group[0] != '\0' &&
	    user_resolve_group(conf->group, why, why_size) == -1)
		return (-1);
	if (geteuid() != 0 && ((uid != (uid_t)-1 && uid != geteuid()) ||
				  (gid != (gid_t)-1 && gid != getegid()))) {
		snprintf(why, why_size,
		    "user, group: only root can become another user");
		return (-1);
	}
	return (0);
}

int
user_become(void)
{
	if (geteuid() != 0)
		return (0);
	if (name != NULL && initgroups(name, gid) == -1)
		return (-1);
	if (name == NULL && gid != (gid_t)-1 && setgroups(1, &gid) == -1)
		return (-1);
	if (gid != (gid_t)-1 && setgid(gid) == -1)
		return (-1);
	return (uid != (uid_t)-1 ? setuid(uid) : 0);
}
