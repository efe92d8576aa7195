/*
 * The master: what its files share.  It starts, watches, stops and replaces
 * all other processes, and does nothing else.
 */

#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

struct conf;
struct master_options;

/*
 * Runs the daemon until it is told to stop; takes over conf.  Returns the
 * exit status.
 */
int master_run(const struct master_options *, struct conf *conf);

#endif
