/*
 * The kinds of child process.
 */

#ifndef MASTER_ROLES_H
#define MASTER_ROLES_H

#include "master/spawn.h"

extern const struct role roles[ROLES];

#endif
