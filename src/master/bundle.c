/*
 * Writes and reads finished configurations.  Written by a process that is
 * forked for it, read by the master, which trusts no length: a writer may have
 * died half way.  Each part begins a page, so that the front end can be
 * without the tools.
 */

#include "master/bundle.h"
#include "common/pack.h"
#include "conf/conf.h"
#include "master/globals.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x616764656e7462)

/* Far more than all manifests may have, and no sum of them overflows. */
#define PART_MAX (UINT64_C(1) << 30)

enum part { PART_CONF, PART_CATALOGUE, PART_TOOLS, PARTS };

struct head {
	uint64_t magic;
	uint64_t lengths[PARTS];
};

int
bundle_open(void)
{
	return (memfd_create("agentd", MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

/* Up to the next page. */
static off_t
bundle_align(off_t offset)
{
	off_t page = sysconf(_SC_PAGESIZE);

	return ((offset + page - 1) / page * page);
}

static off_t
bundle_offset(const struct head *head, enum part part)
{
	off_t offset = bundle_align(sizeof(*head));

	for (enum part i = 0; i < part; i++)
		offset = bundle_align(offset + (off_t)head->lengths[i]);
	return (offset);
}

static int
bundle_put(int fd, const void *data, size_t len, off_t offset)
{
	size_t done = 0;
	ssize_t put;

	while (done < len) {
		put = pwrite(fd, (const char *)data + done, len - done,
		    offset + (off_t)done);
		if (put == -1 && errno != EINTR)
			return (-1);
		if (put > 0)
			done += (size_t)put;
	}
	return (0);
}

static int
bundle_put_all(int fd, const struct pack parts[PARTS])
{
	struct head head = {.magic = MAGIC};
	off_t end;

	for (int i = 0; i < PARTS; i++) {
		if (parts[i].failed || parts[i].len > PART_MAX) {
			errno = parts[i].failed ? ENOMEM : EFBIG;
			return (-1);
		}
		head.lengths[i] = parts[i].len;
	}
	end = bundle_offset(&head, PARTS);
	if (ftruncate(fd, end) == -1)
		return (-1);
	for (int i = 0; i < PARTS; i++)
		if (bundle_put(fd, parts[i].data, parts[i].len,
			bundle_offset(&head, i)) == -1)
			return (-1);
	return (bundle_put(fd, &head, sizeof(head), 0));
}

int
bundle_write(int fd, const struct conf *conf, void (*report)(const char *line))
{
	struct pack parts[PARTS] = {{0}};
	int unreadable = master.options.tools.load(
	    conf, report, &parts[PART_CATALOGUE], &parts[PART_TOOLS]);

	conf_pack(conf, CONF_WHOLE, &parts[PART_CONF]);
	if (unreadable != -1 && bundle_put_all(fd, parts) == -1) {
		report(errno == EFBIG ? "the tools take more than files may "
					"have here (RLIMIT_FSIZE)"
				      : strerror(errno));
		unreadable = -1;
	}
	for (int i = 0; i < PARTS; i++)
		pack_free(&parts[i]);
	return (unreadable);
}

/* Whoever still has it can change nothing that is mapped here. */
static int
bundle_head(int fd, struct head *head)
{
	struct stat st;

	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) ==
		-1 ||
	    fstat(fd, &st) == -1)
		return (-1);
	errno = EPROTO;
	if (pread(fd, head, sizeof(*head), 0) != sizeof(*head) ||
	    head->magic != MAGIC)
		return (-1);
	for (int i = 0; i < PARTS; i++)
		if (head->lengths[i] == 0 || head->lengths[i] > PART_MAX)
			return (-1);
	return (st.st_size == bundle_offset(head, PARTS) ? 0 : -1);
}

static void *
bundle_map(int fd, const struct head *head, enum part part)
{
	void *map = mmap(NULL, head->lengths[part], PROT_READ, MAP_PRIVATE, fd,
	    bundle_offset(head, part));

	return (map == MAP_FAILED ? NULL : map);
}

static struct conf *
bundle_conf(int fd, const struct head *head)
{
	size_t len = head->lengths[PART_CONF];
	void *map = bundle_map(fd, head, PART_CONF);
	struct unpack unpack = {.at = map, .left = len};
	struct conf *conf;

	if (map == NULL)
		return (NULL);
	errno = ENOMEM;
	conf = conf_unpack(&unpack);
	if (conf == NULL && unpack.failed)
		errno = EPROTO;
	munmap(map, len);
	return (conf);
}

static int
bundle_fill(int fd, const struct head *head, struct bundle *bundle)
{
	struct unpack unpack;

	bundle->catalogue_map = bundle_map(fd, head, PART_CATALOGUE);
	bundle->catalogue_size = head->lengths[PART_CATALOGUE];
	bundle->tools_map = bundle_map(fd, head, PART_TOOLS);
	bundle->tools_size = head->lengths[PART_TOOLS];
	if (bundle->catalogue_map == NULL || bundle->tools_map == NULL)
		return (-1);
	unpack = (struct unpack){
	    .at = bundle->catalogue_map, .left = bundle->catalogue_size};
	bundle->catalogue = pack_take_text(&unpack);
	bundle->tools = bundle->tools_map;
	bundle->tools_len = bundle->tools_size;
	if (pack_taken(&unpack))
		return (0);
	errno = EPROTO;
	return (-1);
}

int
bundle_read(int fd, struct bundle *bundle, struct conf **conf)
{
	struct head head;
	int error;

	*bundle = (struct bundle){0};
	if (conf != NULL)
		*conf = NULL;
	if (bundle_head(fd, &head) == 0 &&
	    bundle_fill(fd, &head, bundle) == 0 &&
	    (conf == NULL || (*conf = bundle_conf(fd, &head)) != NULL))
		return (0);
	error = errno;
	bundle_free(bundle);
	errno = error;
	return (-1);
}

void
bundle_hide_tools(struct bundle *bundle)
{
	if (bundle->tools_map != NULL)
		munmap(bundle->tools_map, bundle->tools_size);
	bundle->tools = bundle->tools_map = NULL;
}

void
bundle_free(struct bundle *bundle)
{
	bundle_hide_tools(bundle);
	if (bundle->catalogue_map != NULL)
		munmap(bundle->catalogue_map, bundle->catalogue_size);
	*bundle = (struct bundle){0};
}
