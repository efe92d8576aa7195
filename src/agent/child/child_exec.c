/*
 * The child's side of a start: from a copy of the agent to a process that has
 * nothing of it, under the limits of the kernel and as the user that the policy
 * says, and then the program.  Runs between fork and exec; never returns.  What
 * fails is told to the parent through a pipe that the kernel closes when the
 * program runs: a tool never runs with more than its policy allows.
 */

#include "agent/child/child_impl.h"
#include "common/fd.h"
#include "conf/conf.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the pipe for trouble is in the child. */
#define TROUBLE_FD 3

static int trouble_fd = -1;

/* Tells the parent errno and what failed, and ends. */
static void __attribute__((format(printf, 1, 2), noreturn))
child_give_up(const char *fmt, ...)
{
	struct child_trouble trouble = {.error = errno};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(trouble.what, sizeof(trouble.what), fmt, ap);
	va_end(ap);
	/* One write below PIPE_BUF: whole, or the parent is gone. */
	(void)!write(trouble_fd, &trouble, sizeof(trouble));
	_exit(127);
}

/*
 * Both limits, so that the program cannot raise it again; for CPU time the
 * hard one comes a second later and kills those that ignore SIGXCPU.  Less
 * than was asked for is right when the daemon itself may not have more.
 */
static void
child_limit_set(const char *name, int resource, int64_t value, int64_t margin)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1)
		child_give_up("cannot read the limit of %s", name);
	if ((rlim_t)value + (rlim_t)margin < limit.rlim_max)
		limit.rlim_max = (rlim_t)(value + margin);
	limit.rlim_cur = limit.rlim_max;
	if ((rlim_t)value < limit.rlim_cur)
		limit.rlim_cur = (rlim_t)value;
	if (setrlimit(resource, &limit) == -1)
		child_give_up("cannot limit %s", name);
}

/* What the agent has is the most that the child gets, where nothing is said. */
static void
child_limit_keep(const char *name, int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1)
		child_give_up("cannot read the limit of %s", name);
	limit.rlim_max = limit.rlim_cur;
	if (setrlimit(resource, &limit) == -1)
		child_give_up("cannot limit %s", name);
}

static void
child_limit_or_keep(const char *name, int resource, int64_t value)
{
	if (value > 0)
		child_limit_set(name, resource, value, 0);
	else
		child_limit_keep(name, resource);
}

/* The agent's own limit, when less than it may have, is not the child's. */
static void
child_limit_lift(const char *name, int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1)
		child_give_up("cannot read the limit of %s", name);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(resource, &limit) == -1)
		child_give_up("cannot limit %s", name);
}

/* An agent's own scheduling is no business of its tools. */
static void
child_limit_scheduling(int64_t priority)
{
	struct sched_param param = {0};

	(void)!sched_setscheduler(0, SCHED_OTHER, &param);
	/* Nicer than asked for is right: we may not take it back. */
	if (priority > getpriority(PRIO_PROCESS, 0) &&
	    setpriority(PRIO_PROCESS, 0, (int)priority) == -1)
		child_give_up("cannot set nice");
}

static void
child_limit(
    const struct policy *policy, const struct child_cgroup *group, bool program)
{
	child_limit_scheduling(policy->nice);
	umask((mode_t)policy->umask);
	child_limit_set("core files", RLIMIT_CORE, 0, 0);
	if (policy->cpu_time_ms > 0)
		child_limit_set("cpu_time", RLIMIT_CPU,
		    (policy->cpu_time_ms + 999) / 1000, 1);
	if (policy->file_size_bytes >= 0)
		child_limit_set(
		    "file_size", RLIMIT_FSIZE, policy->file_size_bytes, 0);
	if (policy->processes > 0 && !group->processes)
		child_limit_set(
		    "processes", RLIMIT_NPROC, policy->processes, 0);
	child_limit_or_keep("open_files", RLIMIT_NOFILE, policy->open_files);
#ifdef WITH_SANITIZERS
	if (!program) /* they take the whole address space, to write to */
		return;
#endif
	if (group->memory)
		child_limit_lift("memory", RLIMIT_DATA);
	else
		child_limit_or_keep(
		    "memory", RLIMIT_DATA, policy->memory_bytes);
	child_limit_or_keep(
	    "address_space", RLIMIT_AS, policy->address_space_bytes);
}

/* The group that is named, or else that of the user. */
static gid_t
child_user_group(const struct policy *policy, const struct passwd *user)
{
	const struct group *group;

	if (policy->group == NULL)
		return (user == NULL ? getegid() : user->pw_gid);
	if ((group = getgrnam(policy->group)) == NULL) {
		errno = EINVAL;
		child_give_up("no group %s", policy->group);
	}
	return (group->gr_gid);
}

/* Only root becomes another; for the same user there is nothing to do. */
static void
child_user_switch(const struct passwd *user, gid_t gid)
{
	if (geteuid() != 0 && gid == getegid() &&
	    (user == NULL || user->pw_uid == geteuid()))
		return;
	if ((user == NULL ? setgroups(0, NULL)
			  : initgroups(user->pw_name, gid)) == -1 ||
	    setresgid(gid, gid, gid) == -1)
		child_give_up("cannot change group");
	if (user != NULL &&
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == -1)
		child_give_up("cannot change user");
}

static void
child_become_user(const struct policy *policy)
{
	const struct passwd *user = NULL;

	if (policy->user == NULL && policy->group == NULL)
		return;
	if (policy->user != NULL && (user = getpwnam(policy->user)) == NULL) {
		errno = EINVAL;
		child_give_up("no user %s", policy->user);
	}
	child_user_switch(user, child_user_group(policy, user));
}

/* Of the agents, once they have given up their privileges. */
static uid_t
child_user_of_agents(const struct conf *conf)
{
	const struct passwd *user = NULL;

	if (geteuid() == 0 && conf->user != NULL && conf->user[0] != '\0')
		user = getpwnam(conf->user);
	return (user == NULL ? geteuid() : user->pw_uid);
}

static gid_t
child_group_of_agents(const struct conf *conf)
{
	const struct passwd *user;
	const struct group *group;

	if (geteuid() != 0)
		return (getegid());
	if (conf->group != NULL && conf->group[0] != '\0')
		return ((group = getgrnam(conf->group)) == NULL
			    ? getegid()
			    : group->gr_gid);
	user = getpwuid(child_user_of_agents(conf));
	return (user == NULL ? getegid() : user->pw_gid);
}

int
child_check_user(const struct policy *policy, const struct conf *conf,
    char *why, size_t why_size)
{
	uid_t uid = child_user_of_agents(conf), wanted = uid;
	gid_t gid = child_group_of_agents(conf), wanted_group = gid;
	const struct passwd *user;
	const struct group *group;

	if (policy->user != NULL) {
		if ((user = getpwnam(policy->user)) == NULL) {
			snprintf(why, why_size, "user: there is no \"%s\"",
			    policy->user);
			return (-1);
		}
		wanted = user->pw_uid;
		wanted_group = user->pw_gid;
	}
	if (policy->group != NULL) {
		if ((group = getgrnam(policy->group)) == NULL) {
			snprintf(why, why_size, "group: there is no \"%s\"",
			    policy->group);
			return (-1);
		}
		wanted_group = group->gr_gid;
	}
	if (uid == 0 || (wanted == uid && wanted_group == gid))
		return (0);
	snprintf(why, why_size,
	    "%s: only agents that run as root can run a tool as another",
	    wanted != uid ? "user" : "group");
	return (-1);
}

/* Pending signals find the defaults, not the agent's handlers. */
static void
child_become_signals(void)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
child_become_own(const struct child_plan *plan)
{
	trouble_fd = plan->fds[TROUBLE_FD];
	if (setsid() == -1)
		child_give_up("cannot make a session");
	if (fd_install(plan->fds, TROUBLE_FD + 1) == -1)
		child_give_up("cannot arrange descriptors");
	trouble_fd = TROUBLE_FD;
	if (fd_set_cloexec(TROUBLE_FD) == -1)
		child_give_up("cannot arrange descriptors");
}

/* After the change of user, which clears the death signal. */
static void
child_become_mortal(pid_t parent)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		child_give_up("cannot give up privileges");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		child_give_up("cannot request the death signal");
	if (getppid() != parent) /* it died before */
		_exit(127);
}

/*
 * A file that is there but cannot be found has an interpreter that is not:
 * the first line of a script names it.
 */
static void
child_exec_path(const char *path, const char *const *argv, char **environment)
{
	execve(path, (char *const *)(uintptr_t)argv, environment);
	if (errno != ENOENT || access(path, F_OK) == -1)
		return;
	errno = ENOENT;
	child_give_up("cannot run %s" CHILD_INTERPRETER, path);
}

/* As execvp(3), but with the child's PATH, and never through a shell. */
static void
child_exec_search(const char *path, const char *const *argv, char **environment)
{
	char file[PATH_MAX];
	int worst = ENOENT;

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		/* An empty entry would be the current directory. */
		if (len > 0 && snprintf(file, sizeof(file), "%.*s/%s", (int)len,
				   path, argv[0]) < (int)sizeof(file)) {
			child_exec_path(file, argv, environment);
			if (errno != ENOENT && errno != ENOTDIR)
				worst = errno;
		}
		if (worst != ENOENT && worst != EACCES)
			break;
		path += len + (path[len] == ':');
	}
	errno = worst;
}

void
child_become(const struct child_plan *plan)
{
	const struct child_spec *spec = plan->spec;

	child_cgroup_enter(plan->group); /* with the agent's rights, and fds */
	child_become_own(plan);
	child_become_user(spec->policy);
	if (spec->policy->directory != NULL &&
	    chdir(spec->policy->directory) == -1)
		child_give_up("cannot enter %s", spec->policy->directory);
	child_limit(spec->policy, plan->group, spec->argv != NULL);
	child_become_mortal(plan->parent);
	child_become_signals();
	if (spec->argv != NULL) {
		if (strchr(spec->argv[0], '/') != NULL)
			child_exec_path(
			    spec->argv[0], spec->argv, plan->environment);
		else
			child_exec_search(
			    child_variable(plan->environment, "PATH"),
			    spec->argv, plan->environment);
		child_give_up("cannot run %s", spec->argv[0]);
	}
	environ = plan->environment;
	close(TROUBLE_FD);
	spec->function(spec->arg);
	_exit(0);
}
