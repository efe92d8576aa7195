/*
 * For conf_parse.c: include("FILE") and include("DIRECTORY/PATTERN").
 */

#ifndef CONF_CONF_INCLUDE_H
#define CONF_CONF_INCLUDE_H

struct cfg_t;
struct cfg_opt_t;

/*
 * As libConfuse wants its functions: 0, or another value after a report.  Of
 * a pattern, each file that it matches is read, in the order of the bytes of
 * their names; that there is none is no error.
 */
int conf_include(
    struct cfg_t *, struct cfg_opt_t *, int argc, const char **argv);

#endif
