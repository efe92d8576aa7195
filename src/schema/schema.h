/*
 * JSON Schema: compiled once when a tool is loaded, then used for every call.
 * Draft 2020-12, or what "$schema" says: 2019-09, draft-07, -06 or -04; format
 * and the other annotations are not judged.  Unknown keywords are annotations
 * too.
 */

#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <stddef.h>

struct json_object;
struct schema;

/*
 * Makes of a document what schema_validate() takes.  Keeps a reference to the
 * document, which must not change any more.  The result is never written to,
 * so that processes forked later share it.  NULL with the reason in why (of
 * why_size bytes), which begins with a JSON Pointer (RFC 6901) into the
 * document: a keyword with an argument of the wrong kind, a reference that
 * leads nowhere, to another document or round in a circle, a draft that is
 * not known, no memory.
 */
struct schema *schema_compile(struct json_object *document, char *why,
    size_t why_size) __attribute__((warn_unused_result));

/*
 * What in the schema has no effect although whoever wrote it may think so,
 * one line that begins with a JSON Pointer; NULL: nothing.
 */
const char *schema_warning(const struct schema *);

/* NULL is fine. */
void schema_free(struct schema *);

/*
 * Checks value and appends to the array errors, for every failure,
 * {"pointer": JSON Pointer into value, "detail": words}; a list that grows
 * long is cut, and says so at its end.  Returns the number of failures, or -1
 * when there is no memory.  Takes a bounded number of steps: a value that
 * would take more does not fit, and the last failure says why.
 */
int schema_validate(const struct schema *, struct json_object *value,
    struct json_object *errors) __attribute__((warn_unused_result));

#endif
