/*
 * Reads, writes and takes over finished configurations.  A process that is
 * forked for it reads and writes: parsers may run out of memory in libraries
 * that do not survive that, files may hang and name servers keep it waiting,
 * and none of that is to touch anything that is in force.  The master takes
 * over what was written and trusts no length: the writer may have died half
 * way. Each part begins a page, so that the front end can be without the tools.
 */

#include "master/bundle.h"
#include "common/log.h"
#include "common/pack.h"
#include "conf/conf.h"
#include "master/globals.h"
#include "master/listen.h"
#include "master/pool.h"
#include "master/watch.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x616764656e7462)

/* Far more than all manifests may have, and no sum of them overflows. */
#define PART_MAX (UINT64_C(1) << 30)

/* In the process that reads, besides its log: to the master; and the file. */
#define SOCKET_FD 3
#define BUNDLE_FD 4

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
bundle_free(struct bundle *bundle)
{
	globals_hide_tools(bundle);
	if (bundle->catalogue_map != NULL)
		munmap(bundle->catalogue_map, bundle->catalogue_size);
	*bundle = (struct bundle){0};
}

static void
bundle_report(const char *line)
{
	log_error("%s", line);
}

static void
bundle_report_tool(const char *line)
{
	log_warn("%s", line);
}

static void
bundle_report_kept(const char *name)
{
	log_warn("%s is changed only by a restart", name);
}

static int
bundle_send(const struct listen_record *record, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)record, sizeof(*record)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header;
	ssize_t sent;

	if (fd != -1) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	do
		sent = sendmsg(SOCKET_FD, &message, MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	return (sent == -1 ? -1 : 0);
}

static struct conf *
bundle_load_conf(void)
{
	struct conf *conf = conf_load(master.options.conf_path, bundle_report);
	char why[160];

	if (conf == NULL)
		return (NULL);
	if (master.options.debug)
		conf->log_level = LOG_DEBUG; /* -d outlives a reload */
	if (conf_keep(conf, master.conf, bundle_report_kept) == -1) {
		log_error("out of memory");
		return (NULL);
	}
	/* The usual place need not be there, but what was is to stay. */
	if (access(conf->tools_dir, F_OK) == 0 ||
	    (!master.conf->tools_dir_preset &&
		strcmp(conf->tools_dir, master.conf->tools_dir) == 0))
		conf->tools_dir_preset = false;
	if (pool_fits(conf, conf_agents_min(conf), why, sizeof(why)) == 0)
		return (conf);
	log_error("%s", why);
	return (NULL);
}

void
bundle_run(void *unused)
{
	static const struct listen_record last = {.last = true};
	struct conf *conf;
	int watch, unreadable;

	signal(SIGXFSZ, SIG_IGN); /* bundle_write() says what is too large */
	/* Whoever waits for the answer gets warnings, logged or not. */
	if (!log_enabled(LOG_WARNING))
		log_set_level(LOG_WARNING);
	/* Sockets are the last, so that none is left by one who fails. */
	if ((conf = bundle_load_conf()) == NULL)
		_exit(1);
	watch = watch_open(conf);
	unreadable = bundle_write(BUNDLE_FD, conf, bundle_report_tool);
	/* Tools that cannot be read now may be in use: none is given up. */
	if (unreadable > 0)
		log_error("manifests cannot be read: no tool is given up");
	if (unreadable != 0 || listen_prepare(conf) == -1)
		_exit(1);
	if (listen_hand_over(bundle_send) == 0 &&
	    bundle_send(&last, watch) == 0)
		_exit(0);
	log_error("cannot hand over: %s", strerror(errno));
	listen_undo();
	_exit(1);
}
