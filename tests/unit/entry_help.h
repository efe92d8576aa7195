/*
 * Further ways to call a tool that kind_call.h made of a manifest.
 */

#ifndef UNIT_ENTRY_HELP_H
#define UNIT_ENTRY_HELP_H

#include "agent/registry.h"
#include "agent/tool.h"
#include "common/wire.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;
struct kind;

/* Why the manifest is refused, in a buffer that the next one uses. */
const char *entry_refused(
    const struct kind *, const char *manifest, const char *base);

/* What the caller passes on, an object of headers; NULL: nothing. */
extern const char *entry_headers;

/*
 * What a call came to: the result as JSON text, or "error: " and words; to be
 * freed.
 */
char *entry_call(const struct registry_entry *, const char *params,
    int64_t timeout_ms, enum wire_failure *);

/* Calls, and asserts what it comes to. */
void entry_expect(
    const struct registry_entry *, const char *params, const char *wanted);

#endif
