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

void
file_copy(const char *from, const char *to)
{
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	char data[65536];
	size_t n;

	if (in == NULL || out == NULL)
		fail_msg("%s: %s", in == NULL ? from : to, strerror(errno));
	while ((n = fread(data, 1, sizeof(data), in)) > 0)
		assert_int_equal(fwrite(data, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
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
