/*
 * Finds all objects of a text in one pass, however deep they are.  Builds and
 * keeps nothing.
 */

#include "common/json.h"

#include "common/json_grammar.h"
#include "common/json_scan.h"

#include <string.h>

/* What is open, from its bracket on. */
struct level {
	const char *start;
	bool object;
	size_t members;
	const char *name, *value; /* of the last member */
	size_t name_len, value_len;
};

struct objects {
	struct level levels[JSON_MAX_DEPTH + 1]; /* 0 is around the text */
	json_found found;
	void *arg;
};

/* A value is whole, within what is open there. */
static void
json_objects_end_value(struct level *level, const char *start, const char *end)
{
	level->members++;
	level->value = start;
	level->value_len = (size_t)(end - start);
}

static bool
json_objects_close(struct objects *all, int depth, const char *end)
{
	const struct level *level = &all->levels[depth];
	struct json_found found = {level->start, (size_t)(end - level->start),
	    level->members, level->name, level->name_len, level->value,
	    level->value_len};

	json_objects_end_value(&all->levels[depth - 1], level->start, end);
	return (!level->object || all->found(all->arg, &found));
}

/* Takes notice of a token; false: who looks has seen enough. */
static bool
json_objects_token(struct objects *all, const struct json_grammar *before,
    const struct json_grammar *after, const char *start, const char *end)
{
	struct level *level = &all->levels[before->depth];

	if (after->depth > before->depth) {
		all->levels[after->depth] =
		    (struct level){.start = start, .object = *start == '{'};
	} else if (after->depth < before->depth) {
		return (json_objects_close(all, before->depth, end));
	} else if (before->place <= PLACE_VALUE_OR_END) {
		json_objects_end_value(level, start, end);
	} else if (after->place == PLACE_COLON) {
		level->name = start + 1; /* within the quotes */
		level->name_len = (size_t)(end - start) - 2;
	}
	return (true);
}

int
json_each_object(const char *text, size_t len, json_found found, void *arg)
{
	struct objects all = {.found = found, .arg = arg};
	struct json_grammar grammar = {0}, before;
	struct json_scan scan;
	const char *start;

	json_scan_begin(&scan, text, len);
	while ((start = scan.at) < scan.end) {
		before = grammar;
		if (!json_grammar_step(&grammar, (unsigned char)*start) ||
		    !json_scan_token(&scan))
			return (-1);
		if (strchr(" \t\r\n", *start) == NULL &&
		    !json_objects_token(
			&all, &before, &grammar, start, scan.at))
			return (0);
	}
	return (grammar.place == PLACE_DONE ? 1 : -1);
}
