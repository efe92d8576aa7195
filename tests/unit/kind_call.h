/*
 * Tools of a kind as a manifest makes them, and calls of them without a
 * daemon, for the tests of kinds.
 */

#ifndef UNIT_KIND_CALL_H
#define UNIT_KIND_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;
struct kind;
struct registry_entry;

/* What a healthy tool does well within. */
#define KIND_CALL_MS 20000

/* An entry with the defaults of a policy; asserts that the manifest is good. */
struct registry_entry *kind_entry(
    const struct kind *, const char *base, const char *manifest);
void kind_entry_free(struct registry_entry *);

/* Asserts that the manifest is refused with exactly this reason. */
void kind_refuses(const struct kind *, const char *manifest, const char *why);

/*
 * A call.  Gives {"result": ...}, {"error": "..."} or {"expired": "..."},
 * which the caller puts.
 */
struct json_object *kind_call(
    struct registry_entry *, const char *params, int64_t timeout_ms);

/* Asserts that a call comes to exactly this text. */
void kind_expect(
    struct registry_entry *, const char *params, const char *outcome);

/* The path of a program of the tests, in a buffer of its own. */
const char *kind_program(const char *name);

#endif
