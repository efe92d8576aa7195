/*
 * The process that reads a configuration for a reload.
 */

#ifndef MASTER_RELOAD_HELPER_H
#define MASTER_RELOAD_HELPER_H

/* Besides its log: where it sends, and the file that it writes. */
#define RELOAD_SOCKET_FD 3
#define RELOAD_BUNDLE_FD 4

/*
 * In the child: reads and checks the configuration, opens what it wants, and
 * sends for each listener a struct listen_record and then one that is the
 * last.  Never returns.
 */
void reload_helper(void *) __attribute__((noreturn));

#endif
