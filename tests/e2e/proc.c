/*
 * Processes as /proc shows them: the tree below a daemon, titles, open
 * descriptors, private memory, zombies, and strays.
 */

#include "daemon.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of /proc/PID/stat. */
struct proc_stat {
	char state;
	pid_t parent;
	unsigned long user, system; /* clock ticks */
};

static bool
proc_read_stat(pid_t pid, struct proc_stat *stat)
{
	char path[64], line[1024];
	const char *after;
	FILE *file;
	int parent = 0, fields = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((file = fopen(path, "re")) == NULL)
		return (false);
	/* The name of the command may itself hold parentheses. */
	if (fgets(line, sizeof(line), file) != NULL &&
	    (after = strrchr(line, ')')) != NULL)
		fields = sscanf(after + 1,
		    " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		    &stat->state, &parent, &stat->user, &stat->system);
	fclose(file);
	stat->parent = parent;
	return (fields == 4);
}

struct proc_pair {
	pid_t pid, parent;
};

/* Every process there is, with its parent. */
static size_t
proc_all(struct proc_pair **all)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	struct proc_stat stat;
	size_t n = 0, size = 0;

	*all = NULL;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !proc_read_stat(atoi(entry->d_name), &stat))
			continue;
		if (n == size) {
			size = size * 2 + 64;
			*all = realloc(*all, size * sizeof(**all));
			assert_non_null(*all);
		}
		(*all)[n].pid = atoi(entry->d_name);
		(*all)[n++].parent = stat.parent;
	}
	closedir(dir);
	return (n);
}

size_t
proc_tree(pid_t root, pid_t pids[static PROC_MAX])
{
	struct proc_pair *all;
	size_t count = proc_all(&all), found = 0, done = 0;
	pid_t parent = root;

	for (;;) {
		for (size_t i = 0; i < count; i++)
			if (all[i].parent == parent && found < PROC_MAX)
				pids[found++] = all[i].pid;
		if (done == found)
			break;
		parent = pids[done++];
	}
	free(all);
	return (found);
}

char
proc_state(pid_t pid)
{
	struct proc_stat stat;

	return (proc_read_stat(pid, &stat) ? stat.state : 0);
}

int64_t
proc_cpu_ms(pid_t pid)
{
	struct proc_stat stat;
	long hertz = sysconf(_SC_CLK_TCK);

	if (!proc_read_stat(pid, &stat))
		return (0);
	return ((int64_t)(stat.user + stat.system) * 1000 / hertz);
}

bool
proc_title(pid_t pid, char *title, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (false);
	got = read(fd, title, size - 1);
	close(fd);
	title[got > 0 ? got : 0] = '\0';
	return (got > 0);
}

/* The title without the name of the program. */
static bool
title_begins(pid_t pid, const char *prefix)
{
	char title[256], *role;

	if (!proc_title(pid, title, sizeof(title)))
		return (false);
	role = strstr(title, ": ");
	return (role != NULL && strncmp(role + 2, prefix, strlen(prefix)) == 0);
}

pid_t
proc_master(struct daemon *d)
{
	pid_t pids[PROC_MAX];
	size_t n;

	if (d->pid == -1 || title_begins(d->pid, "master"))
		return (d->pid);
	n = proc_tree(d->pid, pids);
	for (size_t i = 0; i < n; i++)
		if (title_begins(pids[i], "master"))
			return (pids[i]);
	return (d->pid);
}

size_t
proc_workers(struct daemon *d, pid_t pids[static PROC_MAX])
{
	size_t n = proc_tree(proc_master(d), pids), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!title_begins(pids[i], "log") &&
		    !title_begins(pids[i], "warden"))
			pids[kept++] = pids[i];
	return (kept);
}

pid_t
proc_find(struct daemon *d, const char *title)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(proc_master(d), pids);

	for (size_t i = 0; i < n; i++)
		if (title_begins(pids[i], title) && proc_state(pids[i]) != 'Z')
			return (pids[i]);
	return (-1);
}

pid_t
proc_frontend(struct daemon *d)
{
	return (proc_find(d, "frontend"));
}

pid_t
proc_agent(struct daemon *d, int number)
{
	char title[32];

	snprintf(title, sizeof(title), "agent %d ", number);
	return (proc_find(d, title));
}

size_t
proc_agents(struct daemon *d, pid_t agents[static PROC_MAX])
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(proc_master(d), pids), found = 0;

	for (size_t i = 0; i < n; i++)
		if (title_begins(pids[i], "agent ") &&
		    proc_state(pids[i]) != 'Z')
			agents[found++] = pids[i];
	return (found);
}

pid_t
proc_any_agent(struct daemon *d)
{
	return (proc_find(d, "agent "));
}

int
proc_fds(pid_t pid)
{
	char path[64], names[8];

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	if (access(path, R_OK) == -1)
		return (-1);
	return ((int)files_in(path, names, sizeof(names)));
}

long
proc_private_kb(pid_t pid)
{
	char path[64], *text, *at;
	long total = 0;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if ((text = file_read(path)) == NULL)
		return (-1);
	for (at = text; (at = strstr(at, "Private_")) != NULL; at++)
		total += strtol(at + strcspn(at, " "), NULL, 10);
	free(text);
	return (total);
}

long
proc_sleeps(pid_t pid)
{
	static const char name[] = "\nvoluntary_ctxt_switches:";
	char path[64], *text, *at;
	long n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	text = file_read(path);
	assert_non_null(text);
	at = strstr(text, name);
	assert_non_null(at);
	n = strtol(at + strlen(name), NULL, 10);
	free(text);
	return (n);
}

bool
proc_kill(pid_t pid, int signal)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(getpid(), pids);

	if (pid <= 1)
		fail_msg("there is no process to send a signal to");
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return (kill(pid, signal) == 0);
	return (false);
}

size_t
proc_zombies(struct daemon *d)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(proc_master(d), pids), zombies = 0;

	for (size_t i = 0; i < n; i++)
		if (proc_state(pids[i]) == 'Z')
			zombies++;
	return (zombies);
}

size_t
proc_strays(struct daemon *d)
{
	struct proc_pair *all;
	size_t n, strays = 0;

	daemon_reap();
	n = proc_all(&all);
	for (size_t i = 0; i < n; i++)
		if (all[i].parent == getpid() && !daemon_knows(all[i].pid))
			strays++;
	free(all);
	return (strays);
}

bool
proc_no_strays(void *arg)
{
	return (proc_strays(arg) == 0);
}

bool
proc_gone(void *arg)
{
	return (proc_state(*(pid_t *)arg) == 0);
}
