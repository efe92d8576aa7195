/*
 * JSON Schema validation: walks compiled schema and value side by side and asks
 * each keyword.  Called for every call, and by the keywords that hold schemas.
 * Knows no keyword by itself.
 *
 * Failures are listed for the caller, put down as a note where only one is
 * wanted, or not said at all where only the outcome counts.  A place in the
 * value is a chain on the stack; memory is asked for only when something has
 * failed, for its JSON Pointer (RFC 6901).
 */

#include "schema/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common/json.h"
#include "schema/schema_compile.h"

static size_t
schema_escaped_length(const char *name)
{
	size_t len;

	for (len = 0; *name != '\0'; name++)
		len += *name == '~' || *name == '/' ? 2 : 1;
	return (len);
}

/* Writes name so that it ends before end; gives where it starts. */
static char *
schema_escape_before(char *end, const char *name)
{
	char *start = end - schema_escaped_length(name), *p = start;

	for (; *name != '\0'; name++) {
		if (*name == '~' || *name == '/') {
			*p++ = '~';
			*p++ = *name == '~' ? '0' : '1';
		} else
			*p++ = *name;
	}
	return (start);
}

static const char *
schema_path_token(const struct schema_path *path, char digits[static 24])
{
	if (path->name != NULL)
		return (path->name);
	snprintf(digits, 24, "%zu", path->index);
	return (digits);
}

char *
schema_path_pointer(
    const struct schema_path *path, const struct schema_path *from)
{
	const struct schema_path *p;
	char digits[24], *text, *at;
	size_t len = 0;

	for (p = path; p != from; p = p->parent)
		len += 1 + schema_escaped_length(schema_path_token(p, digits));
	text = malloc(len + 1);
	if (text == NULL)
		return (NULL);
	at = text + len;
	*at = '\0';
	for (p = path; p != from; p = p->parent) {
		at = schema_escape_before(at, schema_path_token(p, digits));
		*--at = '/';
	}
	return (text);
}

struct schema_path
schema_path_member(const struct schema_path *parent, const char *name)
{
	return ((struct schema_path){.parent = parent,
	    .name = name,
	    .depth = parent != NULL ? parent->depth + 1 : 1});
}

struct schema_path
schema_path_item(const struct schema_path *parent, size_t index)
{
	return ((struct schema_path){.parent = parent,
	    .index = index,
	    .depth = parent != NULL ? parent->depth + 1 : 1});
}

/*
 * A small value can fail in very many places: beyond this much JSON failures
 * are counted, but no longer listed.
 */
#define SCHEMA_LIST_BYTES 65536

#define SCHEMA_LIST_FORMAT \
	(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* A longer pointer is left out: a member's name may be as long as a body. */
#define SCHEMA_POINTER_BYTES 4096

/* Adds one entry to the list; takes over neither string. */
static void
schema_error_list(
    struct schema_run *run, const char *pointer, const char *detail)
{
	struct json_object *error = json_object_new_object();
	size_t len = 0;

	if (pointer != NULL && strlen(pointer) > SCHEMA_POINTER_BYTES)
		pointer = "";
	if (error == NULL || pointer == NULL ||
	    json_object_object_add(
		error, "pointer", json_object_new_string(pointer)) != 0 ||
	    json_object_object_add(
		error, "detail", json_object_new_string(detail)) != 0 ||
	    json_object_to_json_string_length(
		error, SCHEMA_LIST_FORMAT, &len) == NULL ||
	    json_object_array_add(run->errors, error) != 0) {
		json_object_put(error);
		schema_stop_memory(run);
		return;
	}
	run->listed_bytes += len + 1; /* and a comma */
}

/* Cuts what vsnprintf() cut in the middle of a character. */
static void
schema_error_detail_end(char *detail)
{
	size_t len = strlen(detail);

	if (len < SCHEMA_DETAIL_SIZE - 1)
		return;
	for (len -= 3; len > 0 && (detail[len] & 0xc0) == 0x80; len--)
		;
	strlcpy(detail + len, "...", SCHEMA_DETAIL_SIZE - len);
}

/* Lists a failure, or that there are more of them than are listed. */
static void
schema_error_add(
    struct schema_run *run, const struct schema_path *path, const char *detail)
{
	char *pointer;

	run->failures++;
	if (run->cut)
		return;
	if (run->listed_bytes >= SCHEMA_LIST_BYTES) {
		run->cut = true;
		schema_error_list(run, "", "further failures are not listed");
		return;
	}
	pointer = schema_path_pointer(path, NULL);
	schema_error_list(run, pointer, detail);
	free(pointer);
}

/* The first failure stays; where it is further down, it says where. */
static void
schema_error_note(
    struct schema_run *run, const struct schema_path *path, const char *detail)
{
	struct schema_note *note = run->note;
	char *pointer;

	if (note->detail[0] != '\0')
		return;
	if ((pointer = schema_path_pointer(path, note->from)) == NULL) {
		schema_stop_memory(run);
		return;
	}
	strlcpy(note->detail, pointer, sizeof(note->detail));
	if (pointer[0] != '\0')
		strlcat(note->detail, ": ", sizeof(note->detail));
	strlcat(note->detail, detail, sizeof(note->detail));
	schema_error_detail_end(note->detail);
	free(pointer);
}

/* Whether anybody will read the words of a failure. */
static bool
schema_error_wanted(const struct schema_run *run)
{
	return (run->note != NULL ? run->note->detail[0] == '\0' : !run->cut);
}

bool
schema_fail(struct schema_run *run, const struct schema_path *path,
    const char *fmt, ...)
{
	char detail[SCHEMA_DETAIL_SIZE];
	va_list ap;

	if (run->quiet || run->stopped)
		return (false);
	if (!schema_error_wanted(run)) {
		run->failures += run->note == NULL;
		return (false);
	}
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	schema_error_detail_end(detail);
	if (run->note != NULL)
		schema_error_note(run, path, detail);
	else
		schema_error_add(run, path, detail);
	return (false);
}

const char *
schema_argument_text(const struct schema_at *at, const struct schema_rule *rule)
{
	struct schema_run *run = at->run;
	const char *text;
	size_t len;

	if (run->quiet || run->stopped || !schema_error_wanted(run))
		return ("");
	text = json_text(rule->argument, &len);
	if (text == NULL) {
		schema_stop_memory(run);
		return ("");
	}
	(void)schema_steps(run, at->path, len / 4);
	return (text);
}

bool
schema_fail_argument(const struct schema_at *at, const struct schema_rule *rule,
    const char *must)
{
	const char *text;

	text = schema_argument_text(at, rule);
	return (schema_fail(at->run, at->path, "%s %s", must, text));
}

bool
schema_stop(struct schema_run *run, const struct schema_path *path,
    const char *fmt, ...)
{
	char detail[SCHEMA_DETAIL_SIZE];
	va_list ap;

	if (run->stopped)
		return (false);
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	schema_error_detail_end(detail);
	run->stopped = true;
	schema_error_add(run, path, detail);
	return (false);
}

bool
schema_stop_memory(struct schema_run *run)
{
	run->stopped = run->out_of_memory = true;
	return (false);
}

bool
schema_steps(
    struct schema_run *run, const struct schema_path *path, size_t steps)
{
	if (steps > (size_t)run->steps)
		return (schema_stop(run, path, "is too complex to be checked"));
	run->steps -= (long)steps;
	return (!run->stopped);
}

void
schema_explain(struct schema_run *run, const struct schema_node *node,
    struct json_object *value, const struct schema_path *path,
    char detail[static SCHEMA_DETAIL_SIZE])
{
	struct schema_note note = {.from = path}, *outer = run->note;
	size_t mark = run->seen_count;

	run->note = &note;
	(void)schema_apply(run, node, value, path, false);
	run->note = outer;
	run->seen_count = mark;
	strlcpy(detail, note.detail, SCHEMA_DETAIL_SIZE);
}

bool
schema_goes_on(const struct schema_run *run)
{
	return (!run->quiet && run->note == NULL && !run->stopped);
}

/* Whether there is room for one schema more within the others. */
static bool
schema_enter(struct schema_run *run, const struct schema_path *path)
{
	if (!schema_steps(run, path, 1))
		return (false);
	if (path != NULL && path->depth > SCHEMA_MAX_DEPTH)
		return (schema_stop(run, path, "is nested too deep"));
	if (run->nesting >= SCHEMA_MAX_NESTING)
		return (schema_stop(
		    run, path, "is checked by schemas nested too deep"));
	return (true);
}

static bool
schema_apply_rules(const struct schema_at *at)
{
	const struct schema_node *node = at->node;
	bool good = true;
	size_t i;

	for (i = 0; i < node->active; i++) {
		if (node->rules[i].check(at, &node->rules[i]))
			continue;
		good = false;
		if (!schema_goes_on(at->run))
			break;
	}
	return (good);
}

bool
schema_apply(struct schema_run *run, const struct schema_node *node,
    struct json_object *value, const struct schema_path *path, bool tracked)
{
	const struct schema_scope *outer = run->scope;
	const struct schema_scope scope = {outer, node->resource};
	struct schema_at at = {run, node, value, path};
	bool good;

	if (!schema_enter(run, path))
		return (false);
	if (node->never)
		return (schema_fail(run, path, "is not allowed"));
	at.types = schema_types(value);
	at.mark = run->seen_count;
	at.tracked = tracked || (node->watched & at.types) != 0;
	if (outer == NULL || outer->resource != node->resource)
		run->scope = &scope;
	run->nesting++;
	good = schema_apply_rules(&at);
	run->nesting--;
	run->scope = outer;
	if (!tracked)
		run->seen_count = at.mark;
	return (good && !run->stopped);
}

bool
schema_fits(const struct schema_at *at, const struct schema_node *node)
{
	struct schema_run *run = at->run;
	size_t mark = run->seen_count;
	bool good, quiet = run->quiet;

	run->quiet = true;
	good = schema_apply(run, node, at->value, at->path, at->tracked);
	run->quiet = quiet;
	if (!good)
		run->seen_count = mark;
	return (good);
}

bool
schema_fits_part(struct schema_run *run, const struct schema_node *node,
    struct json_object *value, const struct schema_path *path)
{
	bool good, quiet = run->quiet;

	run->quiet = true;
	good = schema_apply(run, node, value, path, false);
	run->quiet = quiet;
	return (good);
}

int
schema_validate(const struct schema *schema, struct json_object *value,
    struct json_object *errors)
{
	struct schema_run run = {.errors = errors, .steps = SCHEMA_MAX_STEPS};

	(void)schema_apply(&run, schema->root, value, NULL, false);
	free(run.seen);
	return (run.out_of_memory ? -1 : run.failures);
}
