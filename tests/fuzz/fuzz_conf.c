/*
 * Fuzzes the configuration: any text is either refused with a message, or
 * taken, and then what conf_print() and conf_to_json() make of it is taken
 * too.  Built by configure --enable-fuzzers; etc/agentd.conf is a good seed.
 */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "common/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t reports;

static void
count_report(const char *line)
{
	assert(line[0] != '\0' && strchr(line, '\n') == NULL);
	reports++;
}

/* Loads bytes as if they were a file. */
static struct conf *
load_bytes(const void *bytes, size_t size)
{
	static FILE *fp;
	char path[64];
	struct conf *conf;
	int fd;

	if (fp == NULL)
		fp = tmpfile();
	if (fp == NULL)
		abort();
	fd = fileno(fp);
	if (ftruncate(fd, 0) == -1 ||
	    pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reports = 0;
	conf = conf_load(path, count_report);
	assert((conf == NULL) == (reports > 0));
	return (conf);
}

static void
check_print(const struct conf *conf)
{
	char *text;
	size_t size;
	FILE *fp = open_memstream(&text, &size);
	struct conf *again;

	conf_print(conf, fp);
	fclose(fp);
	again = load_bytes(text, size);
	assert(again != NULL);
	conf_free(again);
	free(text);
}

static void
check_json(const struct conf *conf)
{
	struct json_object *json = conf_to_json(conf);
	struct conf *again = conf_from_json(json);

	assert(again != NULL);
	conf_free(again);
	json_object_put(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *conf = load_bytes(data, size);

	if (conf != NULL) {
		check_print(conf);
		check_json(conf);
		conf_free(conf);
	}
	return (0);
}
