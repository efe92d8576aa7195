/*
 * The signals that the master obeys.
 */

#ifndef MASTER_SIGNALS_H
#define MASTER_SIGNALS_H

void signals_init(void);

#endif
