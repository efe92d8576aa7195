/*
 * What all files of the master share.
 */

#include "master/globals.h"

struct master master;
