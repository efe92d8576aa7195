/*
 * Regular expressions, by PCRE2: compiled with the schema, in the dialect of
 * ECMA-262.
 *
 * A backtracking match can take longer than anybody waits.  PCRE2's own limits
 * count anew at each place where a match may start and do not see how far one
 * item runs, so every item of a pattern calls back here to be counted.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdlib.h>

#include "schema/schema_compile.h"

/* Steps that one match may take. */
#define MATCH_STEPS 4000000

/* Memory for backtracking, in KiB, and how much of it is kept for later. */
#define MATCH_HEAP 16384

/* Bytes that an item passes over in the time of a step. */
#define STEP_BYTES 32

/* Bytes that a back reference compares in the time of a step. */
#define STEP_COMPARED 256

struct schema_pattern {
	struct schema_pattern *next;
	pcre2_code *code;
	const char *text;
	bool refers_back;
};

/* One match. */
struct match {
	const struct schema_pattern *pattern;
	size_t position, steps;
};

/* What matching needs, kept for the next time: there is no thread but one. */
static pcre2_match_data *match_data;
static pcre2_match_context *match_context;

static pcre2_compile_context *
schema_compile_context(void)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);

	if (context == NULL)
		return (NULL);
	pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
	return (context);
}

static pcre2_code *
schema_compile_text(
    const char *text, size_t len, int *error, PCRE2_SIZE *offset)
{
	pcre2_compile_context *context = schema_compile_context();
	pcre2_code *code;

	*error = PCRE2_ERROR_NOMEMORY;
	*offset = 0;
	if (context == NULL)
		return (NULL);
	code = pcre2_compile((PCRE2_SPTR)text, len,
	    PCRE2_UTF | PCRE2_AUTO_CALLOUT | PCRE2_ALT_BSUX |
		PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
		PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
	    error, offset, context);
	pcre2_compile_context_free(context);
	return (code);
}

/* offset is one in the text as it was given. */
static void
schema_pattern_refuse(struct schema_compiler *c, const struct schema_path *path,
    int error, size_t offset)
{
	PCRE2_UCHAR words[128];

	if (error == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH) {
		schema_refuse(c, path,
		    "must be a regular expression without a lookbehind of "
		    "variable length: at %zu",
		    offset);
		return;
	}
	pcre2_get_error_message(error, words, sizeof(words));
	schema_refuse(c, path, "must be a regular expression: %s at %zu",
	    (char *)words, offset);
}

static pcre2_code *
schema_pattern_compile(struct schema_compiler *c, const char *text, size_t len,
    const struct schema_path *path)
{
	size_t size = schema_dialect_translate(NULL, text, len);
	char *translated = malloc(size + 1);
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error;

	if (translated == NULL) {
		schema_refuse_memory(c);
		return (NULL);
	}
	schema_dialect_translate(translated, text, len);
	code = schema_compile_text(translated, size, &error, &offset);
	free(translated);
	if (code == NULL)
		schema_pattern_refuse(
		    c, path, error, schema_dialect_offset(text, len, offset));
	return (code);
}

struct schema_pattern *
schema_pattern_new(struct schema_compiler *c, const char *text, size_t len,
    const struct schema_path *path)
{
	struct schema_pattern *pattern = schema_keep(c, sizeof(*pattern));
	uint32_t references = 0;

	if (pattern == NULL)
		return (NULL);
	pattern->text = text;
	pattern->code = schema_pattern_compile(c, text, len, path);
	if (pattern->code == NULL)
		return (NULL);
	pattern->next = c->schema->patterns;
	c->schema->patterns = pattern;
	pcre2_pattern_info(pattern->code, PCRE2_INFO_BACKREFMAX, &references);
	pattern->refers_back = references > 0;
	return (pattern);
}

void
schema_pattern_free_all(struct schema *schema)
{
	struct schema_pattern *pattern;

	for (pattern = schema->patterns; pattern != NULL;
	     pattern = pattern->next)
		pcre2_code_free(pattern->code);
}

const char *
schema_pattern_text(const struct schema_pattern *pattern)
{
	return (pattern->text);
}

/* Before each item: counts it, and how far the one before it has come. */
static int
schema_match_count(pcre2_callout_block *block, void *arg)
{
	struct match *match = arg;
	size_t at = block->current_position;

	match->steps++;
	if (at > match->position)
		match->steps += (at - match->position) / STEP_BYTES;
	if (match->pattern->refers_back)
		match->steps += block->subject_length / STEP_COMPARED;
	match->position = at;
	return (match->steps > MATCH_STEPS ? PCRE2_ERROR_MATCHLIMIT : 0);
}

static bool
schema_match_prepare(struct match *match)
{
	if (match_data == NULL)
		match_data = pcre2_match_data_create(1, NULL);
	if (match_context == NULL)
		match_context = pcre2_match_context_create(NULL);
	if (match_data == NULL || match_context == NULL)
		return (false);
	pcre2_set_match_limit(match_context, MATCH_STEPS);
	pcre2_set_depth_limit(match_context, MATCH_STEPS);
	pcre2_set_heap_limit(match_context, MATCH_HEAP);
	pcre2_set_callout(match_context, schema_match_count, match);
	return (true);
}

/* Says why there is neither a match nor none. */
static bool
schema_match_stop(struct schema_run *run, const struct schema_path *path,
    const struct schema_pattern *pattern, int error)
{
	pcre2_match_data_free(match_data);
	match_data = NULL;
	if (error == PCRE2_ERROR_NOMEMORY)
		return (schema_stop_memory(run));
	if (error <= PCRE2_ERROR_UTF8_ERR1 && error >= PCRE2_ERROR_UTF8_ERR21)
		return (schema_stop(run, path, "must be valid UTF-8"));
	return (schema_stop(run, path,
	    "takes too long to match against the pattern %s", pattern->text));
}

bool
schema_pattern_match(struct schema_run *run, const struct schema_path *path,
    const struct schema_pattern *pattern, const char *text, size_t len)
{
	struct match match = {.pattern = pattern};
	int found;

	if (!schema_steps(run, path, 1 + len / STEP_BYTES))
		return (false);
	if (!schema_match_prepare(&match))
		return (schema_stop_memory(run));
	found = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0,
	    match_data, match_context);
	if (found < 0 && found != PCRE2_ERROR_NOMATCH)
		return (schema_match_stop(run, path, pattern, found));
	return (schema_steps(run, path, match.steps) && found >= 0);
}
