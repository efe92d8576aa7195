/*
 * Opens files without being led astray.  The directories of a path are opened
 * with O_PATH and looked at one after the other, and symbolic links are read
 * and followed here rather than by the kernel, so that what was checked is
 * what is used.  Never waits for anybody but the file system.
 */

#include "common/safe.h"
#include "common/fd.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As the kernel has it. */
#define LINKS_MAX 40

/* Linux 6.6; glibc has no name for it yet. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* The user whose files a namespace cannot name, and its last one. */
#define UID_OVERFLOW 65534
#define UID_RANGE 4294967295u

/* Who can make other names of what is in a directory. */
enum openness {
	DIR_CLOSED, /* root and ourselves */
	DIR_STICKY, /* others, of what is theirs */
	DIR_OPEN,   /* others */
};

struct walk {
	enum safe_rule rule;
	int dir; /* where we are */
	enum openness openness;
	bool read_only; /* it is on such a file system */
	bool proc;	/* its links lead where no path does */
	int links;	/* followed so far */
	char done[PATH_MAX], rest[PATH_MAX];
	char *why;
};

static int __attribute__((format(printf, 3, 4)))
safe_walk_fail(struct walk *w, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->why, SAFE_WHY_SIZE, fmt, ap);
	va_end(ap);
	errno = error;
	return (-1);
}

static int
safe_walk_fail_errno(struct walk *w)
{
	int error = errno;

	return (safe_walk_fail(w, error, "%s", strerror(error)));
}

bool
safe_is_read_only(int fd)
{
	struct statvfs vfs;

	return (fstatvfs(fd, &vfs) == 0 && (vfs.f_flag & ST_RDONLY) != 0);
}

/*
 * In a user namespace that does not map it, this is not the user nobody, but
 * all those outside, who can do with us what they like anyway.
 */
static bool
safe_owner_is_outside(uid_t uid)
{
	unsigned int from, to, count;
	bool mapped = false;
	FILE *map;

	if (uid != UID_OVERFLOW ||
	    (map = fopen("/proc/self/uid_map", "re")) == NULL)
		return (false);
	while (!mapped && fscanf(map, "%u %u %u", &from, &to, &count) == 3)
		mapped = uid >= from && uid - from < count;
	fclose(map);
	return (!mapped);
}

/* Whether our own group has its user's name, as with a umask of 002. */
static bool
safe_group_has_our_name(void)
{
	static int known = -1;
	const struct passwd *user;
	const struct group *group;

	if (known == -1) {
		user = getpwuid(geteuid());
		group = getgrgid(getegid());
		known = user != NULL && group != NULL &&
			strcmp(user->pw_name, group->gr_name) == 0;
	}
	return (known == 1);
}

static bool
safe_group_is_trusted(gid_t gid)
{
	if (geteuid() == 0)
		return (false);
	return (
	    gid == 0 || (gid == getegid() &&
			    (gid == geteuid() || safe_group_has_our_name())));
}

/* What is wrong with who may write to a file or directory, or NULL. */
static const char *
safe_mode_fault(const struct stat *st)
{
	if ((st->st_mode & S_IWOTH) != 0)
		return ("everybody may write to it");
	if ((st->st_mode & S_IWGRP) != 0 && !safe_group_is_trusted(st->st_gid))
		return ("its group may write to it (chmod g-w)");
	return (NULL);
}

static const char *
safe_owner_fault(const struct stat *st)
{
	if (st->st_uid == 0 || st->st_uid == geteuid() ||
	    safe_owner_is_outside(st->st_uid))
		return (NULL);
	return ("belongs to a user that is neither root nor the one that "
		"agentd is started by");
}

/* Whether there is a component after the first of the rest. */
static bool
safe_rest_goes_on(const char *rest)
{
	rest += strcspn(rest, "/");
	return (rest[strspn(rest, "/")] != '\0');
}

/* Judges a directory that we have come to. */
static int
safe_walk_judge(struct walk *w, const struct stat *st)
{
	const char *owner = safe_owner_fault(st), *mode = safe_mode_fault(st);

	w->openness = DIR_CLOSED;
	if (w->read_only || (owner == NULL && mode == NULL))
		return (0);
	if (owner == NULL && (st->st_mode & S_ISVTX) != 0)
		w->openness = DIR_STICKY;
	else if (w->rule == SAFE_WRITTEN && !safe_rest_goes_on(w->rest))
		w->openness = DIR_OPEN;
	else
		return (
		    safe_walk_fail(w, EPERM, "its directory %.300s: %s (%s)",
			w->done, owner != NULL ? owner : mode,
			owner != NULL ? "chown it" : "chmod go-w"));
	return (0);
}

/* Goes on in fd, a directory of that name, and takes it over. */
static int
safe_walk_enter(struct walk *w, int fd, const char *name)
{
	struct statfs fs;
	struct stat st;
	size_t len;

	if (fstat(fd, &st) == -1 || fstatfs(fd, &fs) == -1) {
		close(fd);
		return (safe_walk_fail_errno(w));
	}
	fd_close(&w->dir);
	w->dir = fd;
	w->read_only = safe_is_read_only(fd);
	w->proc = fs.f_type == PROC_SUPER_MAGIC;
	len = strlen(w->done); /* for messages alone; what is too long is cut */
	snprintf(w->done + len, sizeof(w->done) - len, "%s%s",
	    len > 0 && w->done[len - 1] != '/' ? "/" : "", name);
	return (safe_walk_judge(w, &st));
}

/* Begins at the root or where we are, for what the rest says. */
static int
safe_walk_begin(struct walk *w)
{
	bool absolute = w->rest[0] == '/';
	int fd = open(absolute ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return (safe_walk_fail_errno(w));
	w->done[0] = '\0';
	memmove(w->rest, w->rest + strspn(w->rest, "/"),
	    strlen(w->rest + strspn(w->rest, "/")) + 1);
	return (safe_walk_enter(w, fd, absolute ? "/" : "."));
}

/* Puts what the link says in the place of its name, the first of the rest. */
static int
safe_walk_follow(struct walk *w, const char *name, const struct stat *st)
{
	const char *fault = w->read_only ? NULL : safe_owner_fault(st);
	const char *after = w->rest + strcspn(w->rest, "/");
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t len;

	if (w->openness == DIR_OPEN)
		fault = "is not followed where others may write";
	if (fault != NULL)
		return (safe_walk_fail(w, EPERM,
		    "its symbolic link %.200s in "
		    "%.200s %s",
		    name, w->done, fault));
	len = readlinkat(w->dir, name, target, sizeof(target) - 1);
	if (len == -1)
		return (safe_walk_fail_errno(w));
	target[len] = '\0';
	errno = w->links++ >= LINKS_MAX ? ELOOP : ENAMETOOLONG;
	if (w->links > LINKS_MAX || (size_t)snprintf(rest, sizeof(rest), "%s%s",
					target, after) >= sizeof(rest))
		return (safe_walk_fail_errno(w));
	memcpy(w->rest, rest, strlen(rest) + 1);
	if (rest[0] == '/')
		return (safe_walk_begin(w));
	return (0);
}

/* Takes one step: into a directory, or along a link. */
static int
safe_walk_step(struct walk *w)
{
	size_t len = strcspn(w->rest, "/");
	char name[NAME_MAX + 1];
	struct stat st;
	int fd;

	errno = ENAMETOOLONG;
	if (len >= sizeof(name))
		return (safe_walk_fail_errno(w));
	memcpy(name, w->rest, len);
	name[len] = '\0';
	if (fstatat(w->dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return (safe_walk_fail_errno(w));
	if (S_ISLNK(st.st_mode))
		return (safe_walk_follow(w, name, &st));
	fd =
	    openat(w->dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return (safe_walk_fail_errno(w));
	len += strspn(w->rest + len, "/");
	memmove(w->rest, w->rest + len, strlen(w->rest + len) + 1);
	return (safe_walk_enter(w, fd, name));
}

/* To the directory of the last component. */
static int
safe_walk_to_parent(struct walk *w)
{
	while (!w->proc && safe_rest_goes_on(w->rest))
		if (safe_walk_step(w) == -1)
			return (-1);
	return (0);
}

/* And on, as long as the last component is a link. */
static int
safe_walk_to_file(struct walk *w)
{
	struct stat st;
	size_t len;

	for (;;) {
		if (safe_walk_to_parent(w) == -1)
			return (-1);
		if (w->proc)
			return (0);
		for (len = strlen(w->rest); len > 0 && w->rest[len - 1] == '/';)
			w->rest[--len] = '\0';
		if (w->rest[0] == '\0' ||
		    fstatat(w->dir, w->rest, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		    !S_ISLNK(st.st_mode))
			return (0); /* what is missing may be made */
		if (safe_walk_step(w) == -1)
			return (-1);
	}
}

static int
safe_walk_start(
    struct walk *w, const char *path, enum safe_rule rule, char *why)
{
	w->rule = rule;
	w->dir = -1;
	w->links = 0;
	w->why = why;
	errno = ENAMETOOLONG;
	if (strlcpy(w->rest, path, sizeof(w->rest)) >= sizeof(w->rest))
		return (safe_walk_fail_errno(w));
	return (safe_walk_begin(w));
}

/* There is nothing in it that anybody could change. */
static bool
safe_file_is_null(const struct stat *st)
{
	return (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3));
}

/* What is wrong with a file that we write, where others make names. */
static const char *
safe_file_fault(const struct stat *st)
{
	const char *fault = safe_owner_fault(st);

	if (fault == NULL && (!S_ISREG(st->st_mode) || st->st_nlink != 1))
		fault = "is no regular file with one name, in a directory "
			"where others may write";
	return (fault);
}

/* Whether the file that was opened is one that we may use. */
static int
safe_walk_check(struct walk *w, int fd)
{
	const char *fault = NULL;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return (safe_walk_fail_errno(w));
	if (safe_file_is_null(&st) || safe_is_read_only(fd))
		return (0);
	if (w->rule == SAFE_WRITTEN && w->openness != DIR_CLOSED && !w->proc)
		fault = safe_file_fault(&st);
	else if (w->rule == SAFE_TRUSTED &&
		 (fault = safe_owner_fault(&st)) == NULL)
		fault = safe_mode_fault(&st);
	return (fault == NULL ? 0 : safe_walk_fail(w, EPERM, "%s", fault));
}

static int
safe_walk_open(struct walk *w, int flags, mode_t mode)
{
	const char *name = w->rest[0] == '\0' ? "." : w->rest;
	int fd;

	flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (!w->proc)
		flags |= O_NOFOLLOW;
	if ((fd = openat(w->dir, name, flags, mode)) == -1)
		return (safe_walk_fail_errno(w));
	if (safe_walk_check(w, fd) == -1)
		fd_close(&fd);
	return (fd);
}

int
safe_open(const char *path, enum safe_rule rule, int flags, mode_t mode,
    char why[static SAFE_WHY_SIZE])
{
	struct walk w;
	int fd = -1;

	if (safe_walk_start(&w, path, rule, why) == 0 &&
	    safe_walk_to_file(&w) == 0)
		fd = safe_walk_open(&w, flags, mode);
	fd_close(&w.dir);
	return (fd);
}

int
safe_open_parent(const char *path, enum safe_rule rule, const char **name,
    char why[static SAFE_WHY_SIZE])
{
	const char *slash = strrchr(path, '/');
	struct walk w;

	*name = slash == NULL ? path : slash + 1;
	if (safe_walk_start(&w, path, rule, why) == -1 ||
	    safe_walk_to_parent(&w) == -1)
		fd_close(&w.dir);
	return (w.dir);
}

/* The same through its name in /proc, where the kernel is older. */
int
safe_chmod(int fd, mode_t mode)
{
	char path[32];

	if (syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0)
		return (0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return (chmod(path, mode));
}
