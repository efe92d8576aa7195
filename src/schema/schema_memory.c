/*
 * Memory of a compiled schema: what its parts are made of lives and dies with
 * it; and the words for one that is refused.  Called while it is compiled, and
 * at its end.
 */

#include <json-c/json.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "schema/schema.h"
#include "schema/schema_compile.h"

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

static void __attribute__((format(printf, 3, 0))) refuse(
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
	refuse(c, pointer, fmt, ap);
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
	refuse(c, pointer, fmt, ap);
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
