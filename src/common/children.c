/*
 * Reads /proc/PID/task/TID/children: every thread has a list of its own.  Works
 * in signal handlers too, hence without stdio and without opendir(3).
 */

#include "common/children.h"

#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "/proc/4194304/task/4194304/children" */
#define PATH_SIZE 48

struct kernel_dirent {
	ino64_t ino;
	off64_t off;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* Appends a number to text; both come from us. */
static void
children_path_number(char *text, pid_t number)
{
	char digits[16];
	size_t n = 0, len = strlen(text);

	do
		digits[n++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (n > 0)
		text[len++] = digits[--n];
	text[len] = '\0';
}

/* /proc/PID and the rest of a path in it; 0 is this process. */
static void
children_path_make(char path[static PATH_SIZE], pid_t pid, const char *rest)
{
	strcpy(path, "/proc/");
	if (pid == 0)
		strcat(path, "self");
	else
		children_path_number(path, pid);
	strcat(path, rest);
}

bool
children_known(void)
{
	char text[16], own[16] = "";
	ssize_t got = readlink("/proc/self", text, sizeof(text) - 1);

	if (got <= 0)
		return (false);
	text[got] = '\0';
	children_path_number(own, getpid());
	return (strcmp(text, own) == 0);
}

int
children_read(int fd, children_visit visit, void *arg)
{
	char buf[4096];
	off_t offset = 0;
	ssize_t got;
	pid_t pid = 0;
	int count = 0;

	while ((got = pread(fd, buf, sizeof(buf), offset)) > 0) {
		offset += got;
		for (ssize_t i = 0; i < got; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
			} else if (pid != 0) {
				visit(pid, arg);
				pid = 0;
				count++;
			}
		}
	}
	return (got == -1 ? -1 : count);
}

/* A thread that ends meanwhile has none; its process has them then. */
static int
children_of_thread(
    int tasks, const char *thread, children_visit visit, void *arg)
{
	char path[PATH_SIZE];
	int fd, count;

	strcpy(path, thread);
	strcat(path, "/children");
	if ((fd = openat(tasks, path, O_RDONLY | O_CLOEXEC)) == -1)
		return (errno == ENOENT || errno == ESRCH ? 0 : -1);
	count = children_read(fd, visit, arg);
	close(fd);
	return (count);
}

static int
children_of_threads(int tasks, children_visit visit, void *arg)
{
	_Alignas(struct kernel_dirent) char buf[2048];
	int count = 0, one;
	long got;

	while ((got = syscall(SYS_getdents64, tasks, buf, sizeof(buf))) > 0)
		for (long at = 0; at < got;) {
			const struct kernel_dirent *entry =
			    (const void *)(buf + at);

			at += entry->length;
			if (entry->name[0] == '.')
				continue;
			one =
			    children_of_thread(tasks, entry->name, visit, arg);
			if (one == -1)
				return (-1);
			count += one;
		}
	return (got == -1 ? -1 : count);
}

int
children_each(pid_t pid, children_visit visit, void *arg)
{
	char path[PATH_SIZE];
	int tasks, count, error;

	children_path_make(path, pid, "/task");
	tasks = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tasks == -1)
		return (-1);
	count = children_of_threads(tasks, visit, arg);
	error = errno;
	close(tasks);
	errno = error;
	return (count);
}

/* "123 (any name) S 1 ...": a name may hold anything but is no longer. */
char
children_look(pid_t pid, pid_t *parent)
{
	char path[PATH_SIZE], text[64];
	const char *end;
	ssize_t got;
	int fd;

	children_path_make(path, pid, "/stat");
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (0);
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return (0);
	text[got] = '\0';
	end = strrchr(text, ')');
	if (end == NULL || strlen(end) < sizeof(") S "))
		return (0);
	*parent = 0;
	for (const char *c = end + 4; *c >= '0' && *c <= '9'; c++)
		*parent = *parent * 10 + (*c - '0');
	return (end[2]);
}

char
children_state(pid_t pid)
{
	pid_t parent;

	return (children_look(pid, &parent));
}
