/*
 * Compiles schemas: a node for each schema in a document, with a rule for each
 * keyword in it, in memory that lives and dies with the whole.  A keyword whose
 * argument makes no sense is found here, when the tool is loaded, and not by
 * the caller who is let through; so are schemas that would judge the same value
 * again and again, those from which references lead back without a step down
 * into the value.  (What $dynamicRef leads to is known only at work, where
 * SCHEMA_MAX_NESTING ends it.)  Called once a tool.  Knows no keyword by
 * itself.
 */

#include "schema/schema_compile.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common/utf8.h"
#include "schema/schema.h"

struct schema_block {
	struct schema_block *next;
	max_align_t data[];
};

void *
schema_keep(struct schema_compiler *c, size_t size)
{
	struct schema_block *block = calloc(1, sizeof(*block) + size);

	if (block == NULL) {
		schema_refuse_memory(c);
		return (NULL);
	}
	block->next = c->schema->blocks;
	c->schema->blocks = block;
	return (block->data);
}

char *
schema_keep_text(struct schema_compiler *c, const char *text, size_t len)
{
	char *copy = schema_keep(c, len + 1);

	if (copy != NULL)
		memcpy(copy, text, len);
	return (copy);
}

void
schema_free(struct schema *schema)
{
	struct schema_block *block;

	if (schema == NULL)
		return;
	schema_pattern_free_all(schema);
	while ((block = schema->blocks) != NULL) {
		schema->blocks = block->next;
		free(block);
	}
	json_object_put(schema->metas);
	json_object_put(schema->document);
	free(schema);
}

static void __attribute__((format(printf, 3, 0))) schema_refuse_as(
    struct schema_compiler *c, const char *pointer, const char *fmt, va_list ap)
{
	int used;

	if (c->out_of_memory)
		return;
	used = snprintf(c->why, c->why_size, "%s: ", pointer);
	if (used >= 0 && (size_t)used < c->why_size)
		vsnprintf(c->why + used, c->why_size - (size_t)used, fmt, ap);
	utf8_clean(c->why);
}

int
schema_refuse_at(
    struct schema_compiler *c, const char *pointer, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	schema_refuse_as(c, pointer, fmt, ap);
	va_end(ap);
	return (-1);
}

int
schema_refuse(struct schema_compiler *c, const struct schema_path *path,
    const char *fmt, ...)
{
	char *pointer = schema_path_pointer(path, NULL);
	va_list ap;

	if (pointer == NULL)
		return (schema_refuse_memory(c));
	va_start(ap, fmt);
	schema_refuse_as(c, pointer, fmt, ap);
	va_end(ap);
	free(pointer);
	return (-1);
}

int
schema_refuse_memory(struct schema_compiler *c)
{
	c->out_of_memory = true;
	snprintf(c->why, c->why_size, "out of memory");
	return (-1);
}

/* Most schemas after one another about the same value. */
#define HEIGHT_MAX 256

/* While the schemas below one are looked at. */
#define HEIGHT_BUSY (-1)

static const char *schema_node_measure(struct schema_node *, int level);

static const char *
schema_rule_measure(const struct schema_rule *rule, int level, int *height)
{
	const char *wrong;
	size_t i;

	if ((rule->keyword->flags & SCHEMA_HERE) == 0)
		return (NULL);
	for (i = 0; i < rule->count; i++) {
		struct schema_node *node = rule->children[i].node;

		if (node == NULL)
			continue;
		if ((wrong = schema_node_measure(node, level + 1)) != NULL)
			return (wrong);
		if (node->height >= *height)
			*height = node->height + 1;
	}
	return (NULL);
}

/*
 * Sets how many schemas may be at work at once about a value that this one
 * judges.  NULL, or what is wrong.
 */
static const char *
schema_node_measure(struct schema_node *node, int level)
{
	const char *wrong;
	int height = 1;
	size_t i;

	if (node->height == HEIGHT_BUSY)
		return ("leads round in a circle");
	if (node->height > 0)
		return (NULL);
	if (level > HEIGHT_MAX)
		return ("is one of too many after another");
	node->height = HEIGHT_BUSY;
	for (i = 0; i < node->count; i++)
		if ((wrong = schema_rule_measure(
			 &node->rules[i], level, &height)) != NULL)
			return (wrong);
	node->height = height;
	return (
	    height > HEIGHT_MAX ? "is one of too many after another" : NULL);
}

/* No circle is without a reference. */
int
schema_loop_check(struct schema_compiler *c)
{
	const struct schema_ref *ref;
	const char *wrong;

	for (ref = c->refs; ref != NULL; ref = ref->next) {
		wrong = schema_node_measure(ref->node, 0);
		if (wrong != NULL)
			return (schema_refuse_at(c, ref->pointer, "%s", wrong));
	}
	return (0);
}

/* Tables grow by themselves from here. */
#define TABLE_SIZE 64

struct schema_node *
schema_node_find(struct schema_compiler *c, struct json_object *json)
{
	void *node;

	return (json != NULL && lh_table_lookup_ex(c->nodes, json, &node)
		    ? node
		    : NULL);
}

struct schema_rule *
schema_rule_find(const struct schema_node *node, const char *name)
{
	size_t i;

	for (i = 0; i < node->count; i++)
		if (strcmp(node->rules[i].keyword->name, name) == 0)
			return (&node->rules[i]);
	return (NULL);
}

/* Whether a keyword means nothing, as those beside $ref do in older drafts. */
static bool
schema_keyword_is_void(const struct schema_node *node, const char *name)
{
	return ((node->resource->draft & SCHEMA_DRAFT_OLD) != 0 &&
		json_object_object_get_ex(node->json, "$ref", NULL) &&
		strcmp(name, "$ref") != 0);
}

/* Keeps words about the first keyword that has no effect, but looks so. */
static int
schema_keyword_note_void(struct schema_compiler *c,
    const struct schema_node *node, const char *name,
    const struct schema_path *parent)
{
	const struct schema_path path = schema_path_member(parent, name);
	const struct schema_keyword *k =
	    schema_keyword(name, node->resource->draft);
	char *pointer, *words = NULL;

	if (c->schema->warning != NULL || !schema_keyword_is_void(node, name) ||
	    k == NULL || k->check == NULL)
		return (0);
	pointer = schema_path_pointer(&path, NULL);
	if (pointer != NULL &&
	    asprintf(&words, "%s: has no effect beside $ref in %s", pointer,
		schema_meta_name(node->resource->draft)) != -1)
		c->schema->warning = schema_keep_text(c, words, strlen(words));
	free(pointer);
	free(words);
	return (c->schema->warning == NULL ? schema_refuse_memory(c) : 0);
}

static int
schema_rule_make(struct schema_compiler *c, struct schema_node *node,
    const struct schema_keyword *k, struct json_object *argument,
    const struct schema_path *parent)
{
	const struct schema_path path = schema_path_member(parent, k->name);
	struct schema_rule *rule = &node->rules[node->count++];

	*rule = (struct schema_rule){
	    .keyword = k, .check = k->check, .argument = argument};
	if (!k->valid(argument))
		return (schema_refuse(c, &path, "must be %s", k->wanted));
	if (k->check != NULL)
		node->active = node->count;
	return (k->children == NULL ? 0 : k->children(c, node, rule, &path));
}

/* First those that judge, then those that judge the rest, then the others. */
static int
schema_rules_make_phase(struct schema_compiler *c, struct schema_node *node,
    const struct schema_path *path, int phase)
{
	const struct schema_keyword *k;
	int its;

	json_object_object_foreach (node->json, name, argument) {
		if (schema_keyword_note_void(c, node, name, path) == -1)
			return (-1);
		/* In what means nothing there may be something to find. */
		if (schema_keyword_is_void(node, name) &&
		    strcmp(name, "definitions") != 0)
			continue;
		k = schema_keyword(name, node->resource->draft);
		if (k == NULL)
			continue;
		its = k->check == NULL ? 2 : (k->flags & SCHEMA_LATE) != 0;
		if (its == phase &&
		    schema_rule_make(c, node, k, argument, path) == -1)
			return (-1);
	}
	return (0);
}

static int
schema_rules_make(struct schema_compiler *c, struct schema_node *node,
    const struct schema_path *path)
{
	struct schema_rule *rule;
	struct schema_path place;
	int phase;

	node->rules =
	    schema_keep(c, (size_t)json_object_object_length(node->json) *
			       sizeof(*node->rules));
	if (node->rules == NULL)
		return (-1);
	for (phase = 0; phase < 3; phase++)
		if (schema_rules_make_phase(c, node, path, phase) == -1)
			return (-1);
	for (rule = node->rules; rule < node->rules + node->count; rule++) {
		place = schema_path_member(path, rule->keyword->name);
		if (rule->keyword->prepare != NULL &&
		    rule->keyword->prepare(c, node, rule, &place) == -1)
			return (-1);
	}
	return (0);
}

struct schema_node *
schema_node_make(struct schema_compiler *c, struct json_object *json,
    const struct schema_path *path, struct schema_resource *outer)
{
	struct schema_node *node = schema_node_find(c, json);

	if (node != NULL)
		return (node);
	if (path != NULL && path->depth > SCHEMA_MAX_DEPTH) {
		schema_refuse(c, path, "nested too deep");
		return (NULL);
	}
	if (!json_object_is_type(json, json_type_object) &&
	    !json_object_is_type(json, json_type_boolean)) {
		schema_refuse(c, path, "must be an object or a boolean");
		return (NULL);
	}
	if ((node = schema_keep(c, sizeof(*node))) == NULL)
		return (NULL);
	node->json = json;
	if (lh_table_insert(c->nodes, json, node) != 0) {
		schema_refuse_memory(c);
		return (NULL);
	}
	if (schema_identify(c, node, path, outer) == -1)
		return (NULL);
	if (json_object_is_type(json, json_type_boolean))
		node->never = !json_object_get_boolean(json);
	else if (schema_rules_make(c, node, path) == -1)
		return (NULL);
	return (node);
}

static int
schema_compile_document(struct schema_compiler *c)
{
	c->nodes = lh_kptr_table_new(TABLE_SIZE, NULL);
	c->uris = lh_kchar_table_new(TABLE_SIZE, NULL);
	if (c->nodes == NULL || c->uris == NULL)
		return (schema_refuse_memory(c));
	c->schema->root = schema_node_make(c, c->schema->document, NULL, NULL);
	if (c->schema->root == NULL || schema_ref_resolve_all(c) == -1)
		return (-1);
	return (schema_loop_check(c));
}

struct schema *
schema_compile(struct json_object *document, char *why, size_t why_size)
{
	struct schema_compiler c = {.why = why, .why_size = why_size};

	c.refs_end = &c.refs;
	c.schema = calloc(1, sizeof(*c.schema));
	if (c.schema == NULL) {
		schema_refuse_memory(&c);
		return (NULL);
	}
	c.schema->document = json_object_get(document);
	if (schema_compile_document(&c) == -1) {
		schema_free(c.schema);
		c.schema = NULL;
	}
	if (c.nodes != NULL)
		lh_table_free(c.nodes);
	if (c.uris != NULL)
		lh_table_free(c.uris);
	return (c.schema);
}

const char *
schema_warning(const struct schema *schema)
{
	return (schema->warning);
}
