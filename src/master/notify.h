/*
 * Telling the service manager how we are (sd_notify(3) protocol).
 */

#ifndef MASTER_NOTIFY_H
#define MASTER_NOTIFY_H

#include <stdbool.h>

/*
 * Reads NOTIFY_SOCKET and WATCHDOG_USEC from the environment and removes
 * them; without them all calls here do nothing.
 */
void notify_init(void);

/* After the event base exists: WATCHDOG=1 as long as healthy() says so. */
void notify_watchdog(bool (*healthy)(void));

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
