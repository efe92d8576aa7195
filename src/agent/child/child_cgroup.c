/*
 * One control group for each running child of an agent: made before it is
 * forked, removed after it is reaped.  The agent's TERM handler, which may come
 * at any time, goes through the list of groups: it is whole at every instant.
 * The master removes what an agent leaves that is killed.
 */

#include "agent/child/child_cgroup.h"
#include "common/cgroup.h"
#include "common/fd.h"
#include "common/log.h"
#include "conf/policy.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is killed there may take so long to die; then it is left. */
#define REMOVE_LIMIT_MS 1000

/* Names that an earlier agent may have left behind, in a row. */
#define NAMES_MAX 16

static int tools_fd = -1;
static uint32_t own_slot, own_generation;
static unsigned int number; /* of the last group */
static struct child_cgroup *groups;

void
child_cgroup_init(uint32_t slot, uint32_t generation)
{
	const char *tools = cgroup_tools();

	own_slot = slot;
	own_generation = generation;
	fd_close(&tools_fd);
	if (tools[0] == '\0')
		return;
	tools_fd = open(tools, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Who may not write above both cannot move a process from here. */
	if (tools_fd != -1 &&
	    faccessat(tools_fd, "../cgroup.procs", W_OK, AT_EACCESS) == 0)
		return;
	log_warn("cgroup: %s: %s", tools, strerror(errno));
	fd_close(&tools_fd);
}

/* Said once: it will be the same with the next. */
static void
child_group_complain(const char *what)
{
	static bool said;

	if (!said)
		log_warn("cgroup: %s: %s", what, strerror(errno));
	said = true;
}

static void
child_group_list(struct child_cgroup *group)
{
	group->next = groups;
	atomic_signal_fence(memory_order_seq_cst);
	groups = group;
}

static void
child_group_unlist(const struct child_cgroup *group)
{
	struct child_cgroup **link = &groups;

	while (*link != NULL && *link != group)
		link = &(*link)->next;
	if (*link != NULL)
		*link = group->next;
	atomic_signal_fence(memory_order_seq_cst);
}

/* A file that is not there belongs to a controller that we were not given. */
static bool
child_group_limit(
    const struct child_cgroup *group, const char *file, int64_t value)
{
	if (value == 0)
		return (false);
	if (cgroup_write_number(tools_fd, group->name, file, value) == 0)
		return (true);
	if (errno != ENOENT)
		child_group_complain(file);
	return (false);
}

int64_t
child_inherited(int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1 ||
	    limit.rlim_cur > (rlim_t)INT64_MAX)
		return (0);
	return ((int64_t)limit.rlim_cur);
}

static void
child_group_limits(struct child_cgroup *group, const struct policy *policy)
{
	group->memory = child_group_limit(group, "memory.max",
	    policy->memory_bytes > 0 ? policy->memory_bytes
				     : child_inherited(RLIMIT_DATA));
	group->processes =
	    child_group_limit(group, "pids.max", policy->processes);
	if (!group->memory)
		return;
	/* What is swapped out is memory too; and half a tool is no tool. */
	(void)!cgroup_write(tools_fd, group->name, "memory.swap.max", "0");
	(void)!cgroup_write(tools_fd, group->name, "memory.oom.group", "1");
}

static int
child_group_mkdir(char *name, size_t size)
{
	for (int i = 0; i < NAMES_MAX; i++) {
		snprintf(name, size, "agent-%u.%u.%u", own_slot, own_generation,
		    ++number);
		if (mkdirat(tools_fd, name, 0755) == 0)
			return (0);
		if (errno != EEXIST)
			break;
	}
	return (-1);
}

void
child_cgroup_make(struct child_cgroup *group, const struct policy *policy)
{
	*group = (struct child_cgroup){0};
	if (tools_fd == -1)
		return;
	if (child_group_mkdir(group->name, sizeof(group->name)) == -1) {
		child_group_complain("cannot make a group");
		group->name[0] = '\0';
		return;
	}
	child_group_list(group);
	child_group_limits(group, policy);
}

void
child_cgroup_enter(struct child_cgroup *group)
{
	if (group->name[0] != '\0' &&
	    cgroup_write(tools_fd, group->name, "cgroup.procs", "0") == -1)
		group->memory = group->processes = false;
	/* The groups of the agent are none of the child's business. */
	groups = NULL;
	fd_close(&tools_fd);
}

void
child_cgroup_kill(const struct child_cgroup *group)
{
	if (group->name[0] != '\0')
		cgroup_kill(tools_fd, group->name);
}

void
child_cgroup_end(struct child_cgroup *group)
{
	if (group->name[0] == '\0')
		return;
	child_cgroup_kill(group);
	if (group->memory)
		group->oom_kills = cgroup_count(
		    tools_fd, group->name, "memory.events", "oom_kill");
	if (group->processes)
		group->forks_refused =
		    cgroup_count(tools_fd, group->name, "pids.events", "max");
	if (cgroup_remove(tools_fd, group->name, REMOVE_LIMIT_MS) == -1)
		child_group_complain("cannot remove a group");
	child_group_unlist(group);
	group->name[0] = '\0';
}

void
child_cgroup_kill_all(void)
{
	for (const struct child_cgroup *g = groups; g != NULL; g = g->next)
		child_cgroup_kill(g);
}

void
child_cgroup_remove_all(void)
{
	for (const struct child_cgroup *g = groups; g != NULL; g = g->next)
		(void)unlinkat(tools_fd, g->name, AT_REMOVEDIR);
}
