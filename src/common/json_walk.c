/*
 * Follows the structure of a JSON text token by token, without building what
 * it says: enough to tell whether it is one and what is wrong with it, at a
 * twentieth of the cost, and to visit its members, elements or objects.  Keeps
 * nothing.
 */

#include "common/json.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/json_scan.h"

/* What may come next. */
enum json_place {
	PLACE_VALUE,
	PLACE_VALUE_OR_END, /* first in an array */
	PLACE_NAME,
	PLACE_NAME_OR_END, /* first in an object */
	PLACE_COLON,
	PLACE_NEXT, /* a comma, or the end of what is open */
	PLACE_DONE
};

/* Zeroed at the start of a text. */
struct json_grammar {
	enum json_place place;
	int depth;
	/* Bit i of all: what is open at depth i is an object. */
	uint64_t objects[JSON_MAX_DEPTH / 64 + 1];
};

static bool
json_grammar_in_object(const struct json_grammar *g)
{
	return (g->objects[g->depth / 64] >> g->depth % 64 & 1);
}

/* A value is complete. */
static bool
json_grammar_value_done(struct json_grammar *g)
{
	g->place = g->depth == 0 ? PLACE_DONE : PLACE_NEXT;
	return (true);
}

static bool
json_grammar_open(struct json_grammar *g, bool object)
{
	uint64_t *word;

	if (g->place > PLACE_VALUE_OR_END || g->depth == JSON_MAX_DEPTH)
		return (false);
	g->depth++;
	word = &g->objects[g->depth / 64];
	*word &= ~(UINT64_C(1) << g->depth % 64);
	*word |= (uint64_t)object << g->depth % 64;
	g->place = object ? PLACE_NAME_OR_END : PLACE_VALUE_OR_END;
	return (true);
}

static bool
json_grammar_close(struct json_grammar *g, bool object)
{
	enum json_place empty = object ? PLACE_NAME_OR_END : PLACE_VALUE_OR_END;

	if (g->depth == 0 || json_grammar_in_object(g) != object ||
	    (g->place != PLACE_NEXT && g->place != empty))
		return (false);
	g->depth--;
	return (json_grammar_value_done(g));
}

/*
 * Whether a token that begins with first may stand here; depth is at most
 * JSON_MAX_DEPTH.
 */
static bool
json_grammar_step(struct json_grammar *g, unsigned char first)
{
	switch (first) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return (true);
	case '[':
	case '{':
		return (json_grammar_open(g, first == '{'));
	case ']':
	case '}':
		return (json_grammar_close(g, first == '}'));
	case ',':
		if (g->place != PLACE_NEXT)
			return (false);
		g->place = json_grammar_in_object(g) ? PLACE_NAME : PLACE_VALUE;
		return (true);
	case ':':
		if (g->place != PLACE_COLON)
			return (false);
		g->place = PLACE_VALUE;
		return (true);
	case '"':
		if (g->place == PLACE_NAME || g->place == PLACE_NAME_OR_END) {
			g->place = PLACE_COLON;
			return (true);
		}
		break;
	default:
		break;
	}
	return (g->place <= PLACE_VALUE_OR_END && json_grammar_value_done(g));
}

bool
json_valid(const char *text, size_t len)
{
	struct json_grammar grammar = {0};
	struct json_scan scan;

	json_scan_begin(&scan, text, len);
	while (scan.at < scan.end)
		if (!json_grammar_step(&grammar, (unsigned char)*scan.at) ||
		    !json_scan_token(&scan))
			return (false);
	return (grammar.place == PLACE_DONE);
}

/* Always true. */
static bool
json_explain_as(char *reason, const char *why, size_t offset)
{
	snprintf(reason, JSON_REASON_SIZE, "%s at byte %zu", why, offset);
	errno = EINVAL;
	return (true);
}

/* What could have stood where something else does. */
static const char *const json_places[] = {
    [PLACE_VALUE] = "a value is missing",
    [PLACE_VALUE_OR_END] = "a value or ] is missing",
    [PLACE_NAME] = "a member's name is missing",
    [PLACE_NAME_OR_END] = "a member's name or } is missing",
    [PLACE_COLON] = ": is missing",
    [PLACE_NEXT] = "a comma or the end of an array or object is missing",
    [PLACE_DONE] = "more than one value",
};

bool
json_explain(const char *text, size_t len, char reason[static JSON_REASON_SIZE])
{
	struct json_grammar grammar = {0};
	enum json_place place;
	struct json_scan scan;

	json_scan_begin(&scan, text, len);
	while (scan.at < scan.end) {
		place = grammar.place;
		if (json_grammar_step(&grammar, (unsigned char)*scan.at)) {
			if (!json_scan_token(&scan))
				return (json_explain_as(
				    reason, scan.why, scan.at - text));
		} else {
			return (json_explain_as(
			    reason, json_places[place], scan.at - text));
		}
	}
	if (scan.first == NULL) {
		strlcpy(reason, "empty text", JSON_REASON_SIZE);
		errno = EINVAL;
		return (true);
	}
	return (grammar.place != PLACE_DONE &&
		json_explain_as(reason, "unexpected end", len));
}

bool
json_blank(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", *text) != NULL && *text != '\0')
		text++, len--;
	return (len == 0);
}

/* Where a walk stands in the object or array. */
struct json_walk {
	const char *name, *value; /* of the member at hand; NULL: none yet */
	size_t name_len;
};

/*
 * Takes notice of a token from start to end at the top level; true when it ends
 * a member or an element.
 */
static bool
json_walk_token(struct json_walk *walk, const struct json_grammar *before,
    const struct json_grammar *after, const char *start, const char *end)
{
	if (before->depth == 1 && after->place == PLACE_COLON &&
	    before->place != PLACE_COLON) {
		walk->name = start + 1; /* within the quotes */
		walk->name_len = (size_t)(end - start) - 2;
	}
	if (before->depth == 1 && before->place <= PLACE_VALUE_OR_END &&
	    (after->depth == 2 ||
		(after->depth == 1 && after->place == PLACE_NEXT)))
		walk->value = start;
	return (after->depth == 1 && after->place == PLACE_NEXT &&
		walk->value != NULL);
}

/* open is the bracket that the text must begin with. */
static int
json_walk_over(
    const char *text, size_t len, char open, json_member member, void *arg)
{
	struct json_grammar grammar = {0}, before;
	struct json_walk walk = {0};
	struct json_scan scan;
	const char *start;

	json_scan_begin(&scan, text, len);
	while ((start = scan.at) < scan.end) {
		before = grammar;
		if (!json_grammar_step(&grammar, (unsigned char)*start) ||
		    !json_scan_token(&scan) ||
		    (scan.first == start && *start != open))
			return (-1);
		if (!json_walk_token(&walk, &before, &grammar, start, scan.at))
			continue;
		if (!member(arg, walk.name, walk.name_len, walk.value,
			(size_t)(scan.at - walk.value)))
			return (0);
		walk.value = NULL;
	}
	return (grammar.place == PLACE_DONE ? 1 : -1);
}

int
json_walk(const char *text, size_t len, json_member member, void *arg)
{
	return (json_walk_over(text, len, '{', member, arg));
}

int
json_walk_array(const char *text, size_t len, json_member element, void *arg)
{
	return (json_walk_over(text, len, '[', element, arg));
}

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
