/*
 * The control group that was delegated to the daemon:
 *
 *   DIR          locked by the master that has it
 *   DIR/daemon   master, front end and agents, since a group that hands
 *                controllers down may hold no process itself
 *   DIR/tools    of the agents' user, who makes a group there for each process
 *                of a tool: agent-SLOT.GENERATION.NUMBER
 *
 * What a dead agent has started there is killed.  Nothing here waits but at the
 * start and at the end of the daemon.
 */

#include "master/delegation.h"
#include "common/cgroup.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/user.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include <linux/magic.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A master that was killed has children that hold its lock for a moment. */
#define LOCK_LIMIT_MS 1000

/* What is killed at start and at the end may take so long to die. */
#define REMOVE_LIMIT_MS 1000

static const char *const controllers[] = {"memory", "pids"};

#define CONTROLLERS (sizeof(controllers) / sizeof(controllers[0]))

static bool (*agent_lives)(uint32_t slot, uint32_t generation);
static int group_fd = -1;  /* DIR */
static struct stat procs;  /* of DIR/cgroup.procs, as it was */
static bool locked, moved; /* DIR is ours; we are in DIR/daemon */
static bool dirty;	   /* something may be left of dead agents */

/* systemd says so with an extended attribute; who may read which differs. */
static bool
delegation_marked(const char *path)
{
	static const char *const names[] = {
	    "user.delegate", "trusted.delegate"};
	char value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getxattr(path, names[i], &value, 1) == 1 && value == '1')
			return (true);
	return (false);
}

static int
delegation_lock(void)
{
	int64_t give_up = clock_now_ns() + LOCK_LIMIT_MS * NS_PER_MS;

	while (flock(group_fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK || clock_now_ns() > give_up)
			return (-1);
		poll(NULL, 0, 10);
	}
	return (0);
}

/* NULL, or what is wrong with it, with errno, or 0 there. */
static const char *
delegation_open(const char *path)
{
	struct statfs fs;

	group_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (group_fd == -1 || fstatfs(group_fd, &fs) == -1)
		return ("cannot open it");
	errno = 0;
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return ("not a control group of version 2");
	if (faccessat(group_fd, ".", W_OK, AT_EACCESS) == -1)
		return ("cannot write there");
	if (delegation_lock() == -1) {
		if (errno == EWOULDBLOCK)
			errno = 0;
		return ("another agentd uses it");
	}
	locked = true;
	return (NULL);
}

static int
delegation_make(const char *name)
{
	return (
	    mkdirat(group_fd, name, 0755) == -1 && errno != EEXIST ? -1 : 0);
}

/* A limit that cannot be had here is one of setrlimit(2) instead. */
static void
delegation_hand_down(const char *path)
{
	char text[32];

	for (size_t i = 0; i < CONTROLLERS; i++) {
		if (!cgroup_has(
			group_fd, ".", "cgroup.controllers", controllers[i]))
			continue;
		snprintf(text, sizeof(text), "+%s", controllers[i]);
		if (cgroup_write(
			group_fd, ".", "cgroup.subtree_control", text) == -1 ||
		    cgroup_write(group_fd, "tools", "cgroup.subtree_control",
			text) == -1)
			log_warn("cgroup: %s: cannot limit %s: %s", path,
			    controllers[i], strerror(errno));
	}
}

/*
 * Agents move processes from DIR/daemon to below DIR/tools: for that one must
 * be able to write to cgroup.procs of what is above both.
 */
static int
delegation_give(uid_t uid)
{
	if (fstatat(group_fd, "cgroup.procs", &procs, 0) == -1)
		return (-1);
	if (uid == (uid_t)-1 || uid == geteuid())
		return (0);
	if (fchownat(group_fd, "tools", uid, (gid_t)-1, 0) == -1 ||
	    fchownat(group_fd, "cgroup.procs", uid, (gid_t)-1, 0) == -1)
		return (-1);
	return (0);
}

/* NULL, or what failed, with errno. */
static const char *
delegation_take(const char *path)
{
	char place[PATH_MAX];

	if (delegation_make("daemon") == -1 || delegation_make("tools") == -1)
		return ("cannot make groups there");
	if (cgroup_write(group_fd, "daemon", "cgroup.procs", "0") == -1)
		return ("cannot go there");
	moved = true;
	delegation_hand_down(path);
	if (delegation_give(user_id()) == -1)
		return ("cannot give it to the user of the agents");
	if (snprintf(place, sizeof(place), "%s/tools", path) >=
	    (int)sizeof(place))
		return ("the path is too long");
	cgroup_set_tools(place);
	return (NULL);
}

/* "agent-3.1.27" of an agent that lives is not ours to remove. */
static bool
delegation_in_use(const char *name)
{
	unsigned int slot, generation;

	return (sscanf(name, "agent-%u.%u.", &slot, &generation) == 2 &&
		agent_lives(slot, generation));
}

/* How many groups without an agent there still are, or -1. */
static int
delegation_sweep(void)
{
	int fd = openat(group_fd, "tools", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int left = 0;

	if (dir == NULL) {
		fd_close(&fd);
		return (-1);
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    delegation_in_use(entry->d_name))
			continue;
		cgroup_kill(fd, entry->d_name);
		left += cgroup_remove(fd, entry->d_name, 0) == -1;
	}
	closedir(dir);
	return (left);
}

static void
delegation_clear(void)
{
	int64_t give_up = clock_now_ns() + REMOVE_LIMIT_MS * NS_PER_MS;

	while (delegation_sweep() > 0 && clock_now_ns() < give_up)
		poll(NULL, 0, 1); /* a killed process needs its turn to die */
}

int
delegation_init(const struct conf *conf,
    bool (*lives)(uint32_t slot, uint32_t generation), char *why,
    size_t why_size)
{
	bool automatic = strcmp(conf->cgroup, "auto") == 0;
	const char *failed;
	char path[PATH_MAX];
	int error;

	agent_lives = lives;
	strlcpy(path, conf->cgroup, sizeof(path));
	if (automatic &&
	    (cgroup_own(path, sizeof(path)) == -1 || !delegation_marked(path)))
		return (0);
	if (path[0] == '\0')
		return (0);
	if ((failed = delegation_open(path)) == NULL)
		failed = delegation_take(path);
	if (failed == NULL) {
		delegation_clear();
		return (0);
	}
	error = errno;
	snprintf(why, why_size, "cgroup: %s: %s%s%s", path, failed,
	    error == 0 ? "" : ": ", error == 0 ? "" : strerror(error));
	delegation_finish();
	if (automatic)
		log_warn("%s", why);
	return (automatic ? 0 : -1);
}

void
delegation_orphaned(void)
{
	dirty = group_fd != -1;
	delegation_tidy();
}

void
delegation_tidy(void)
{
	/* What could not be looked at is looked at the next time. */
	if (dirty)
		dirty = delegation_sweep() != 0;
}

/* Back into DIR, which may hold a process when it hands nothing down. */
static void
delegation_leave(void)
{
	char text[32];

	for (size_t i = 0; i < CONTROLLERS; i++) {
		snprintf(text, sizeof(text), "-%s", controllers[i]);
		(void)!cgroup_write(
		    group_fd, ".", "cgroup.subtree_control", text);
	}
	if (procs.st_ino != 0)
		(void)!fchownat(
		    group_fd, "cgroup.procs", procs.st_uid, (gid_t)-1, 0);
	if (cgroup_write(group_fd, ".", "cgroup.procs", "0") == -1)
		log_warn("cgroup: cannot leave: %s", strerror(errno));
}

void
delegation_finish(void)
{
	if (group_fd == -1)
		return;
	if (locked) {
		delegation_clear();
		(void)cgroup_remove(group_fd, "tools", 0);
		if (moved)
			delegation_leave();
		(void)cgroup_remove(group_fd, "daemon", REMOVE_LIMIT_MS);
	}
	cgroup_set_tools("");
	locked = moved = dirty = false;
	fd_close(&group_fd);
}
