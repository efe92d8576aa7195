/*
 * Changing the configuration of a running daemon.
 */

#ifndef MASTER_RELOAD_H
#define MASTER_RELOAD_H

/*
 * Reads the configuration file again and puts it in force as a whole, or not
 * at all: on any error the old one stays, and the reason is logged.  Each
 * reason and each warning goes to report, too, unless it is NULL.  Returns 0,
 * or -1.
 */
int reload(void (*report)(const char *line));

#endif
