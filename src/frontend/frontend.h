/*
 * The front end owns every request from its acceptance to its answer.
 */

#ifndef FRONTEND_FRONTEND_H
#define FRONTEND_FRONTEND_H

#include <stdint.h>

struct conf;

/*
 * Runs as the front end on WIRE_SOCKET_FD until it is told to stop or the
 * master is gone.  catalogue is the JSON array of the tools, as
 * catalogue_load() wants it.
 */
void frontend_main(const struct conf *, const char *catalogue, uint32_t epoch)
    __attribute__((noreturn));

#endif
