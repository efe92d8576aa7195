/*
 * Tells the master how many agents are wanted, where the pool is elastic.
 */

#ifndef FRONTEND_ROUTER_WANTED_H
#define FRONTEND_ROUTER_WANTED_H

/* Fatal when it cannot. */
void wanted_init(void);

/*
 * Calls came, or agents changed: looks soon whether more agents are wanted, or
 * fewer.  Costs next to nothing.
 */
void wanted_look(void);

#endif
