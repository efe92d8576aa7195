/*
 * Parameters as callers really send them: null for what is absent, "5" for 5.
 */

#ifndef AGENT_LENIENT_H
#define AGENT_LENIENT_H

#include <stdint.h>

struct json_object;
struct registry_entry;

/*
 * Checks params, an object, against the schema of the tool.  Where they do not
 * fit, changes what its policy allows to be changed, each place only if that
 * makes it fit.  Returns how many failures are left, or -1 when there is no
 * memory; *errors are those failures, see schema_validate(): the caller puts
 * them in any case.
 */
int lenient_check(const struct registry_entry *, struct json_object *params,
    struct json_object **errors, int64_t deadline_ns)
    __attribute__((warn_unused_result));

#endif
