/*
 * A configuration that is finished: what another process has read and checked,
 * in a flat form that the master takes over without parsing anything.
 */

#ifndef MASTER_BUNDLE_H
#define MASTER_BUNDLE_H

struct bundle;
struct conf;

/* A file in memory for one.  A descriptor, or -1 with errno. */
int bundle_open(void) __attribute__((warn_unused_result));

/*
 * Loads the tools of conf and writes both to fd, in a process that may fail
 * at it.  Returns how many tools could not be read, or -1 after a report.
 */
int bundle_write(int fd, const struct conf *, void (*report)(const char *line))
    __attribute__((warn_unused_result));

/*
 * Takes over what was written to fd, which stays the caller's and can no more
 * be written to.  conf may be NULL; *conf is to be freed.  0, or -1 with
 * errno: EPROTO when it is not whole.
 */
int bundle_read(int fd, struct bundle *, struct conf **conf)
    __attribute__((warn_unused_result));

void bundle_free(struct bundle *);

/*
 * The process of a reload, as role.run: reads and checks the configuration,
 * opens what it wants, and sends for each listener a struct listen_record and
 * then one that is the last.
 */
void bundle_run(void *unused) __attribute__((noreturn));

#endif
