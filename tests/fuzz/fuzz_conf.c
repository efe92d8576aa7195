/*
 * Fuzzes the configuration: any text is either refused with a message, or
 * taken, and then what conf_print() and conf_pack() make of it is taken
 * too.  Built by configure --enable-fuzzers; etc/agentd.conf is a good seed.
 */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/pack.h"
#include "conf/conf.h"

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
check_pack(const struct conf *conf)
{
	struct pack pack = {0};
	struct unpack unpack;
	struct conf *again;

	conf_pack(conf, CONF_WHOLE, &pack);
	unpack = (struct unpack){.at = pack.data, .left = pack.len};
	again = conf_unpack(&unpack);
	assert(again != NULL);
	conf_free(again);
	pack_free(&pack);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *conf = load_bytes(data, size);

	if (conf != NULL) {
		check_print(conf);
		check_pack(conf);
		conf_free(conf);
	}
	return (0);
}
