/*
 * Reads the file of a manifest, if it can be trusted: what stands in it will
 * run.  Never waits, since the master calls this at a reload.
 */

#include "agent/manifest.h"
#include "common/fd.h"
#include "common/safe.h"
#include "common/utf8.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
