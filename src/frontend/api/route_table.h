/*
 * Every method and path that the front end answers, and who answers it.
 */

#ifndef FRONTEND_API_ROUTE_TABLE_H
#define FRONTEND_API_ROUTE_TABLE_H

#include "frontend/http/routes.h"

/* Ends with a row without a handler. */
extern const struct route route_table[];

#endif
