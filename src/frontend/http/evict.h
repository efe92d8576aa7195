/*
 * Which connection has to give way.
 */

#ifndef FRONTEND_HTTP_EVICT_H
#define FRONTEND_HTTP_EVICT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Ends the connection that holds most memory, of the client whose connections
 * hold most.  Its client is told so, if it can still be.  Returns about how
 * many bytes are soon free for it; 0: none holds any.  Not from within
 * anything that is done for a connection.
 */
size_t evict_largest(void);

/*
 * Closes one for a new connection: of the client that has most of them that
 * which has been idle longest, or, when that client has more than a quarter of
 * all, one that has not sent its request in whole.  False: there is none.
 */
bool evict_idle(void);

#endif
