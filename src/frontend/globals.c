/*
 * What all files of the front end share.
 */

#include "frontend/globals.h"

struct frontend frontend;
