/*
 * The signals that the master obeys.
 */

#ifndef MASTER_SIGNALS_H
#define MASTER_SIGNALS_H

/* Before the first line of the log: what is to do nothing at all. */
void signals_ignore(void);

/* From now on the others do what they are for; needs master.base. */
void signals_init(void);

#endif
