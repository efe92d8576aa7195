/*
 * What descriptors this process has open, for the tests that nothing leaks.
 */

#ifndef UNIT_OPEN_FDS_H
#define UNIT_OPEN_FDS_H

/* How many there are. */
int open_fds(void);

#endif
