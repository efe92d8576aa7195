/*
 * For conf_parse.c: the section "tool" as libConfuse wants to know it.
 */

#ifndef CONF_CONF_SECTION_H
#define CONF_CONF_SECTION_H

#include <stdbool.h>

struct cfg_opt_t;

/*
 * Fills the option that stands for the section.  Its subopts are to be freed
 * as soon as cfg_init() has copied them.  False when there is no memory.
 */
bool conf_section_option(struct cfg_opt_t *)
    __attribute__((warn_unused_result));

#endif
