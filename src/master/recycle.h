/*
 * Which agents are worn, and which of them are replaced now.
 */

#ifndef MASTER_RECYCLE_H
#define MASTER_RECYCLE_H

#include <stdint.h>

struct slot;

/*
 * Notes which of the count agents are too old by now.  Returns the
 * milliseconds until the next one is, or -1.
 */
int64_t recycle_age(struct slot *, unsigned int count, int64_t now_ns);

/*
 * Retires worn agents of that configuration, those first that live longest, as
 * long as no more than most are on their way out.
 */
void recycle_retire(
    struct slot *, unsigned int count, uint32_t config, unsigned int most);

#endif
