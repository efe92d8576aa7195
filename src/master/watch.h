/*
 * tools_watch: notices changes of the manifests.
 */

#ifndef MASTER_WATCH_H
#define MASTER_WATCH_H

struct conf;

/*
 * Opens what tells of changes from now on; to be called before the manifests
 * are read, so that none is missed.  -1 when the configuration does not want
 * it, or, after a warning, when it cannot be had.  May wait for the file
 * system.
 */
int watch_open(const struct conf *);

/* changed is called when there was a change, and then quiet for a moment. */
void watch_init(void (*changed)(void));

/* Takes over what watch_open() gave, in the place of the one before. */
void watch_take(int fd);

#endif
