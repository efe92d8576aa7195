/*
 * For the tests of the JSON Schema validator: schemas and values as text, and
 * failures as text.
 */

#ifndef SCHEMA_HELP_H
#define SCHEMA_HELP_H

#include <stddef.h>

struct json_object;
struct schema;

/* The JSON of a text; a text that is none fails the test. */
struct json_object *schema_help_parse(const char *text);

/* A schema that must compile. */
struct schema *schema_help_compile(const char *text);

/*
 * Validates; the failures as "POINTER: DETAIL; ...", which is "" when there is
 * none, of static storage.  Their number and the list must agree.
 */
const char *schema_help_failures(
    const struct schema *, struct json_object *value);

/* The same of two texts. */
const char *schema_help_check(const char *schema, const char *value);

/* Each value of a list of {schema, value, failures}, NULL at the end. */
void schema_help_samples(const char *const samples[][3]);

/* Why a schema is refused, of static storage; it must be. */
const char *schema_help_refusal(const char *text);

/* The text of count copies of one, with separator between; to be freed. */
char *schema_help_repeat(const char *text, const char *separator, size_t count);

#endif
