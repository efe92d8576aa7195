/*
 * Finds the manifests of a directory and reads their files, if they can be
 * trusted: what stands in them will run.  What cannot be read is reported and
 * left out, whatever it is.  Never waits, since this is done at a reload.
 */

#include "agent/manifest.h"
#include "common/fd.h"
#include "common/safe.h"
#include "common/utf8.h"
#include "conf/conf.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_MAX 10000

/* All of them together, bytes: the front end gets it in one message. */
#define TOTAL_MAX (32u << 20)

#define SUFFIX ".json"

struct dir {
	const struct conf *conf;
	const char *(*add)(void *arg, struct registry_entry *);
	void *arg;
	void (*report)(const char *line);
	size_t bad;
	size_t unreadable; /* of these */
	size_t total;	   /* bytes of manifests so far */
};

static const char *
manifest_text_refuse(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return ("is no regular file");
	if (st->st_size > MANIFEST_MAX)
		return ("is larger than a mebibyte");
	return (NULL);
}

/* It may grow while it is read, so the size is checked again. */
static char *
manifest_text_read(
    int fd, size_t room, char why[static REGISTRY_WHY_SIZE], size_t *size)
{
	char *text = malloc(room);
	ssize_t len = text == NULL ? -1 : fd_read_all(fd, text, room);

	if (len >= 0 && (size_t)len < room) {
		*size = utf8_unmark(text, (size_t)len);
		return (text);
	}
	if (len >= 0)
		errno = EAGAIN;
	snprintf(why, REGISTRY_WHY_SIZE, "%s",
	    len == -1 ? strerror(errno) : "changes while it is read");
	free(text);
	return (NULL);
}

char *
manifest_text(
    const char *path, char why[static REGISTRY_WHY_SIZE], size_t *size)
{
	char reason[SAFE_WHY_SIZE];
	int fd = safe_open(path, SAFE_TRUSTED, O_RDONLY, 0, reason);
	const char *refusal;
	struct stat st;
	char *text = NULL;
	int error;

	if (fd == -1) {
		error = errno;
		snprintf(why, REGISTRY_WHY_SIZE, "%s", reason);
		/* We know what is wrong with it. */
		errno = error == EPERM ? 0 : error;
	} else if (fstat(fd, &st) == -1) {
		snprintf(why, REGISTRY_WHY_SIZE, "%s", strerror(errno));
	} else if ((refusal = manifest_text_refuse(&st)) != NULL) {
		snprintf(why, REGISTRY_WHY_SIZE, "%s", refusal);
		errno = 0;
	} else {
		text =
		    manifest_text_read(fd, (size_t)st.st_size + 1, why, size);
	}
	error = errno;
	if (fd != -1)
		close(fd);
	errno = error;
	return (text);
}

static void
manifest_dir_report(struct dir *dir, const char *path, const char *why)
{
	char line[PATH_MAX + REGISTRY_WHY_SIZE + 2];

	dir->bad++;
	snprintf(line, sizeof(line), "%s: %s", path, why);
	utf8_clean(line);
	utf8_clean_controls(line);
	dir->report(line);
}

/* Nobody can tell what it would have been. */
static void
manifest_dir_report_unreadable(
    struct dir *dir, const char *path, const char *why)
{
	dir->unreadable++;
	manifest_dir_report(dir, path, why);
}

/* It was listed, and is gone before it is read: it may as well never be. */
static bool
manifest_dir_has_lost(const char *path)
{
	struct stat st;

	return (lstat(path, &st) == -1 && errno == ENOENT);
}

static int
manifest_dir_filter(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return (entry->d_name[0] != '.' && len > strlen(SUFFIX) &&
		strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) == 0);
}

static int
manifest_dir_compare(const struct dirent **a, const struct dirent **b)
{
	return (strcmp((*a)->d_name, (*b)->d_name));
}

static void
manifest_dir_read(struct dir *dir, const char *name)
{
	struct registry_entry *entry;
	char path[PATH_MAX], why[REGISTRY_WHY_SIZE];
	const char *refusal;
	size_t size = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir->conf->tools_dir,
		name) >= sizeof(path)) {
		manifest_dir_report(dir, name, strerror(ENAMETOOLONG));
		return;
	}
	entry = manifest_read(path, dir->conf, why, &size);
	if (entry == NULL && errno == 0)
		manifest_dir_report(dir, path, why);
	else if (entry == NULL && !manifest_dir_has_lost(path))
		manifest_dir_report_unreadable(dir, path, why);
	if (entry == NULL)
		return;
	dir->total += size;
	if (dir->total > TOTAL_MAX) {
		registry_entry_free(entry);
		manifest_dir_report(
		    dir, path, "all manifests together are too large");
	} else if ((refusal = dir->add(dir->arg, entry)) != NULL) {
		manifest_dir_report(dir, path, refusal);
	}
}

static void
manifest_dir_read_all(struct dir *dir)
{
	struct dirent **names = NULL;
	const char *path = dir->conf->tools_dir;
	int count =
	    scandir(path, &names, manifest_dir_filter, manifest_dir_compare);

	if (count == -1)
		manifest_dir_report_unreadable(dir, path, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (i < COUNT_MAX)
			manifest_dir_read(dir, names[i]->d_name);
		else if (i == COUNT_MAX)
			manifest_dir_report(dir, path,
			    "has more than 10000 manifests; the rest is left "
			    "out");
		free(names[i]);
	}
	free(names);
}

size_t
manifest_dir(const struct conf *conf,
    const char *(*add)(void *arg, struct registry_entry *), void *arg,
    void (*report)(const char *line), size_t *unreadable)
{
	struct dir dir = {conf, add, arg, report, 0, 0, 0};
	const char *path = conf->tools_dir;
	char why[SAFE_WHY_SIZE];
	int fd;

	*unreadable = 0;
	if (path == NULL || path[0] == '\0')
		return (0);
	fd = safe_open(path, SAFE_TRUSTED, O_PATH, 0, why);
	if (fd != -1)
		manifest_dir_read_all(&dir);
	else if (errno != ENOENT || !conf->tools_dir_preset)
		manifest_dir_report_unreadable(&dir, path, why);
	fd_close(&fd);
	*unreadable = dir.unreadable;
	return (dir.bad);
}
