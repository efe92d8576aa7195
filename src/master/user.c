/*
 * Looks the users up once, before anything is started, so that a wrong name is
 * an error at the terminal and not in every child; makes a process that user's,
 * and its own.
 */

#include "master/user.h"
#include "conf/conf.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct user {
	uid_t uid;  /* -1: unchanged */
	gid_t gid;  /* -1: unchanged */
	char *name; /* for its further groups; or NULL */
};

static struct user agents = {(uid_t)-1, (gid_t)-1, NULL};
static struct user frontend = {(uid_t)-1, (gid_t)-1, NULL};

uid_t
user_id(void)
{
	return (agents.uid);
}

gid_t
user_group_id(void)
{
	return (agents.gid);
}

static int
user_resolve_user(struct user *user, const char *setting, const char *name,
    char *why, size_t why_size)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL) {
		snprintf(why, why_size, "%s: there is no user \"%s\"", setting,
		    name);
		return (-1);
	}
	if ((user->name = strdup(name)) == NULL) {
		snprintf(why, why_size, "out of memory");
		return (-1);
	}
	user->uid = pw->pw_uid;
	user->gid = pw->pw_gid;
	return (0);
}

static int
user_resolve_group(
    struct user *user, const char *name, char *why, size_t why_size)
{
	const struct group *gr = getgrnam(name);

	if (gr == NULL) {
		snprintf(
		    why, why_size, "group: there is no group \"%s\"", name);
		return (-1);
	}
	user->gid = gr->gr_gid;
	return (0);
}

static bool
user_is_us(const struct user *user)
{
	return ((user->uid == (uid_t)-1 || user->uid == geteuid()) &&
		(user->gid == (gid_t)-1 || user->gid == getegid()));
}

int
user_resolve(const struct conf *conf, char *why, size_t why_size)
{
	if (conf->user[0] != '\0' &&
	    user_resolve_user(&agents, "user", conf->user, why, why_size) == -1)
		return (-1);
	if (conf->group[0] != '\0' &&
	    user_resolve_group(&agents, conf->group, why, why_size) == -1)
		return (-1);
	frontend = agents;
	if (conf->frontend_user[0] != '\0' &&
	    user_resolve_user(&frontend, "frontend_user", conf->frontend_user,
		why, why_size) == -1)
		return (-1);
	if (geteuid() != 0 &&
	    (!user_is_us(&agents) || !user_is_us(&frontend))) {
		snprintf(why, why_size,
		    "user, group, frontend_user: only root can become another "
		    "user");
		return (-1);
	}
	return (0);
}

static int
user_become_one(const struct user *user)
{
	if (geteuid() != 0)
		return (0);
	if (user->name != NULL && initgroups(user->name, user->gid) == -1)
		return (-1);
	if (user->name == NULL && user->gid != (gid_t)-1 &&
	    setgroups(1, &user->gid) == -1)
		return (-1);
	if (user->gid != (gid_t)-1 && setgid(user->gid) == -1)
		return (-1);
	return (user->uid != (uid_t)-1 ? setuid(user->uid) : 0);
}

int
user_become(void)
{
	return (user_become_one(&agents));
}

int
user_become_frontend(void)
{
	return (user_become_one(&frontend));
}

void
user_keep_out(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = 0;
		(void)!setrlimit(RLIMIT_CORE, &limit);
	}
#ifndef WITH_SANITIZERS /* the one that looks for leaks traces us */
	(void)!prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}
