/*
 * Whether as many files may be open as a configuration needs.
 */

#ifndef MASTER_FILES_H
#define MASTER_FILES_H

#include <stddef.h>
#include <stdint.h>

struct conf;

/*
 * Compares the limit of this process with what the listeners of conf and so
 * many agents need.  0, or -1 with the reason in why.
 */
int files_suffice(const struct conf *conf, int64_t agents, char *why,
    size_t why_size) __attribute__((warn_unused_result));

#endif
