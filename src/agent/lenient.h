/*
 * Parameters as callers really send them: null for what is absent, "5" for 5.
 */

#ifndef AGENT_LENIENT_H
#define AGENT_LENIENT_H

#include <stdint.h>

struct json_object;
struct registry_entry;

/*
 * params, an object, do not fit the schema of the tool, which has found so many
 * failures.  Changes what the tool's policy allows to be changed, each place
 * only if that makes it fit.  Returns how many failures are left, or -1 when
 * there is no memory; *errors are the failures before and after, see
 * schema_validate().
 */
int lenient_mend(const struct registry_entry *, struct json_object *params,
    struct json_object **errors, int failures, int64_t deadline_ns)
    __attribute__((warn_unused_result));

#endif
