/*
 * Finds the files that a configuration includes.  libConfuse has an include of
 * its own, which after an error in the included file leaves that open for
 * ever.  Called while a file is parsed; keeps nothing.
 */

#include "conf/conf_parse.h"

#include <confuse.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/safe.h"

#define INCLUDE_MAX 10

#define WILD "*?["

static int __attribute__((format(printf, 2, 3)))
conf_include_fail(const cfg_t *cfg, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_verror(conf_parsing, cfg->filename, cfg->line, fmt, ap);
	va_end(ap);
	return (-1);
}

static int
conf_include_by_name(const struct dirent **a, const struct dirent **b)
{
	return (strcmp((*a)->d_name, (*b)->d_name));
}

/* The names in a directory, as scandir(3) has them; -1 after a report. */
static int
conf_include_list(
    const cfg_t *cfg, const char *directory, struct dirent ***names)
{
	char why[SAFE_WHY_SIZE];
	int fd =
	    safe_open(directory, SAFE_TRUSTED, O_RDONLY | O_DIRECTORY, 0, why);
	int count = -1;

	if (fd != -1) {
		count = scandirat(fd, ".", names, NULL, conf_include_by_name);
		if (count == -1)
			snprintf(why, sizeof(why), "%s", strerror(errno));
	}
	fd_close(&fd);
	if (count == -1)
		return (
		    conf_include_fail(cfg, "include: %s: %s", directory, why));
	return (count);
}

/* directory is "" or ends with a slash. */
static int
conf_include_one(cfg_t *cfg, const char *directory, const char *name)
{
	char *path;
	int rc;

	if (asprintf(&path, "%s%s", directory, name) == -1) {
		conf_error_memory(conf_parsing);
		return (-1);
	}
	rc = conf_parse_included(cfg, path);
	free(path);
	return (rc);
}

static int
conf_include_matching(cfg_t *cfg, const char *directory, const char *pattern)
{
	struct dirent **names;
	int count, rc = 0;

	count = conf_include_list(
	    cfg, directory[0] == '\0' ? "." : directory, &names);
	if (count == -1)
		return (-1);
	for (int i = 0; i < count; i++) {
		if (rc == 0 &&
		    fnmatch(pattern, names[i]->d_name, FNM_PERIOD) == 0)
			rc = conf_include_one(cfg, directory, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return (rc);
}

static int
conf_include_pattern(cfg_t *cfg, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	char *directory = strndup(path, len);
	int rc;

	if (directory == NULL) {
		conf_error_memory(conf_parsing);
		return (-1);
	}
	if (strpbrk(directory, WILD) != NULL)
		rc = conf_include_fail(cfg,
		    "include: %s: only its last part can be a pattern", path);
	else
		rc = conf_include_matching(cfg, directory, path + len);
	free(directory);
	return (rc);
}

int
conf_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	char *path;
	int rc = -1;

	if (argc != 1)
		return (conf_include_fail(cfg, "expected include(\"FILE\")"));
	if (conf_parsing->depth >= INCLUDE_MAX)
		return (conf_include_fail(
		    cfg, "include: more than %d files deep", INCLUDE_MAX));
	path = conf_parse_beside(cfg->filename, argv[0]);
	conf_parsing->depth++;
	if (path == NULL)
		conf_error_memory(conf_parsing);
	else if (strpbrk(argv[0], WILD) != NULL)
		rc = conf_include_pattern(cfg, path);
	else
		rc = conf_parse_included(cfg, path);
	conf_parsing->depth--;
	free(path);
	return (rc);
}
