/*
 * Small files, as the harness and the tests write and read them whole.
 */

#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The whole of a file, NUL-terminated, or NULL; the caller frees it. */
char *
file_read(const char *path)
{
	size_t have = 0, size = 1 << 16;
	char *text = malloc(size);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	assert_non_null(text);
	while (fd != -1 && (got = read(fd, text + have, size - have - 1)) > 0) {
		have += (size_t)got;
		if (size - have < 4096) {
			size *= 2;
			assert_non_null(text = realloc(text, size));
		}
	}
	if (fd == -1) {
		free(text);
		return (NULL);
	}
	close(fd);
	text[have] = '\0';
	return (text);
}

/* Counts the entries of dir, and lists them in names for a message. */
size_t
files_in(const char *dir, char *names, size_t size)
{
	DIR *handle = opendir(dir);
	struct dirent *entry;
	size_t count = 0, len = 0;

	assert_non_null(handle);
	names[0] = '\0';
	while ((entry = readdir(handle)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (len + strlen(entry->d_name) + 2 < size)
			len += (size_t)snprintf(
			    names + len, size - len, " %s", entry->d_name);
	}
	closedir(handle);
	return (count);
}

/* Removes a directory and the files in it. */
void
dir_remove(const char *dir)
{
	DIR *handle = opendir(dir);
	struct dirent *entry;

	while (handle != NULL && (entry = readdir(handle)) != NULL)
		unlinkat(dirfd(handle), entry->d_name, 0);
	if (handle != NULL)
		closedir(handle);
	rmdir(dir);
}
