/*
 * The schemas of schemas.  None is kept as a document: what a draft asks of
 * its keywords stands in the table of keywords, and a meta-schema that is
 * referred to is made of that.  So a value fits it when this validator would
 * take it for a schema of that draft, references in it aside.  Called when a
 * schema is compiled.
 */

#include "schema/schema_compile.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATEST "https://json-schema.org/draft/2020-12/schema"

/* head is what makes "self" lead to whoever extends the meta-schema. */
static const struct meta {
	const char *uri;
	const char *name;
	unsigned draft;
	const char *head, *self;
} metas[] = {
    {LATEST, "draft 2020-12", SCHEMA_DRAFT_2020,
	"\"$schema\":\"" LATEST "\",\"$dynamicAnchor\":\"meta\"",
	"{\"$dynamicRef\":\"#meta\"}"},
    {"https://json-schema.org/draft/2019-09/schema", "draft 2019-09",
	SCHEMA_DRAFT_2019,
	"\"$schema\":\"https://json-schema.org/draft/2019-09/schema\","
	"\"$recursiveAnchor\":true",
	"{\"$recursiveRef\":\"#\"}"},
    {"http://json-schema.org/draft-07/schema", "draft-07", SCHEMA_DRAFT_07,
	"\"$schema\":\"" LATEST "\"", "{\"$ref\":\"#\"}"},
    {"http://json-schema.org/draft-06/schema", "draft-06", SCHEMA_DRAFT_06,
	"\"$schema\":\"" LATEST "\"", "{\"$ref\":\"#\"}"},
    {"http://json-schema.org/draft-04/schema", "draft-04", SCHEMA_DRAFT_04,
	"\"$schema\":\"" LATEST "\"", "{\"$ref\":\"#\"}"},
};

#define METAS (sizeof(metas) / sizeof(metas[0]))

#define TYPE(name) "{\"type\":\"" name "\"}"
#define TYPES                                                               \
	"{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\"," \
	"\"object\",\"string\"]}"
#define STRINGS                                                             \
	"{\"type\":\"array\",\"items\":" TYPE("string") ",\"uniqueItems\":" \
							"true}"
#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define SCHEMAS "{\"type\":\"array\",\"minItems\":1,\"items\":@}"

/* What a kind of argument must be; @ stands for a schema. */
static const struct shape {
	bool (*valid)(struct json_object *);
	int (*children)(struct schema_compiler *, const struct schema_node *,
	    struct schema_rule *, const struct schema_path *);
	const char *text;
} shapes[] = {
    {schema_argument_any, NULL, "true"},
    {schema_argument_any, schema_children_one, "@"},
    {schema_argument_any, schema_children_items, "{\"anyOf\":[@," SCHEMAS "]}"},
    {schema_argument_array, NULL, TYPE("array")},
    {schema_argument_boolean, NULL, TYPE("boolean")},
    {schema_argument_count, NULL, COUNT},
    {schema_argument_anchor, NULL,
	"{\"type\":\"string\",\"pattern\":\"^[A-Za-z_][-A-Za-z0-9._]*$\"}"},
    {schema_argument_names, NULL, STRINGS},
    {schema_argument_number, NULL, TYPE("number")},
    {schema_argument_positive, NULL,
	"{\"type\":\"number\",\"exclusiveMinimum\":0}"},
    {schema_argument_object, NULL, TYPE("object")},
    {schema_argument_object, schema_children_members,
	"{\"type\":\"object\",\"additionalProperties\":@}"},
    {schema_argument_object, schema_children_dependencies,
	"{\"type\":\"object\",\"additionalProperties\":"
	"{\"anyOf\":[@," STRINGS "]}}"},
    {schema_argument_dependent_names, NULL,
	"{\"type\":\"object\",\"additionalProperties\":" STRINGS "}"},
    {schema_argument_schemas, schema_children_array, SCHEMAS},
    {schema_argument_types, NULL,
	"{\"anyOf\":[" TYPES ",{\"type\":\"array\",\"minItems\":1,"
	"\"uniqueItems\":true,\"items\":" TYPES "}]}"},
    {schema_argument_root, NULL, "{\"const\":\"#\"}"},
    {schema_argument_id, NULL,
	"{\"type\":\"string\",\"pattern\":\"^[^#]*#?$\"}"},
    {schema_argument_string, NULL, TYPE("string")},
    {schema_argument_uri, NULL, TYPE("string")},
};

/* The parts of meta-schemas that other schemas like to refer to. */
static const char definitions[] = "\"definitions\":{"
				  "\"schemaArray\":" SCHEMAS ","
				  "\"nonNegativeInteger\":" COUNT ","
				  "\"nonNegativeIntegerDefault0\":" COUNT ","
				  "\"positiveInteger\":" COUNT ","
				  "\"positiveIntegerDefault0\":" COUNT ","
				  "\"simpleTypes\":" TYPES ","
				  "\"stringArray\":" STRINGS "}";

/* People write http for https, and an empty fragment, or none. */
static size_t
schema_uri_scheme(const char *uri)
{
	if (strncmp(uri, "http://", 7) == 0)
		return (7);
	return (strncmp(uri, "https://", 8) == 0 ? 8 : 0);
}

static const struct meta *
schema_meta_named(const char *uri)
{
	size_t scheme = schema_uri_scheme(uri), i, len;

	len = strlen(uri += scheme);
	if (len > 0 && uri[len - 1] == '#')
		len--;
	for (i = 0; i < METAS && scheme > 0; i++) {
		const char *known =
		    metas[i].uri + schema_uri_scheme(metas[i].uri);

		if (strlen(known) == len && memcmp(known, uri, len) == 0)
			return (&metas[i]);
	}
	return (NULL);
}

unsigned
schema_meta_draft(const char *uri)
{
	const struct meta *meta = schema_meta_named(uri);

	return (meta == NULL ? 0 : meta->draft);
}

const char *
schema_meta_name(unsigned draft)
{
	size_t i = 0;

	while (metas[i].draft != draft)
		i++;
	return (metas[i].name);
}

static void
schema_write_shape(FILE *out, const struct meta *meta, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '@')
			fputs(meta->self, out);
		else
			fputc(*text, out);
}

static void
schema_write_keyword(
    FILE *out, const struct meta *meta, const struct schema_keyword *k)
{
	size_t i = 0;

	while (shapes[i].valid != k->valid || shapes[i].children != k->children)
		i++;
	fprintf(out, "\"%s\":", k->name);
	schema_write_shape(out, meta, shapes[i].text);
}

static void
schema_write_meta(FILE *out, const struct meta *meta)
{
	const struct schema_keyword *k;
	const char *comma = "";
	size_t i;

	fprintf(out, "{\"$id\":\"%s\",%s,\"type\":[\"object\",\"boolean\"],",
	    meta->uri, meta->head);
	schema_write_shape(out, meta, definitions);
	fputs(",\"properties\":{", out);
	for (i = 0; (k = schema_keyword_at(i)) != NULL; i++) {
		if ((k->drafts & meta->draft) == 0)
			continue;
		fputs(comma, out);
		schema_write_keyword(out, meta, k);
		comma = ",";
	}
	fputs("}}", out);
}

/* NULL when there is no memory. */
static struct json_object *
schema_meta_document(const struct meta *meta)
{
	struct json_object *document = NULL;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool written;

	if (out == NULL)
		return (NULL);
	schema_write_meta(out, meta);
	written = ferror(out) == 0;
	if (fclose(out) == 0 && written)
		document = json_tokener_parse(text);
	free(text);
	return (document);
}

/* The schema keeps the document. */
static struct json_object *
schema_meta_keep(struct schema_compiler *c, const struct meta *meta)
{
	struct schema *schema = c->schema;
	struct json_object *document = schema_meta_document(meta);

	if (schema->metas == NULL)
		schema->metas = json_object_new_array();
	if (document != NULL && schema->metas != NULL &&
	    json_object_array_add(schema->metas, document) == 0)
		return (document);
	json_object_put(document);
	schema_refuse_memory(c);
	return (NULL);
}

struct schema_node *
schema_meta_find(struct schema_compiler *c, const char *uri)
{
	const struct meta *meta = schema_meta_named(uri);
	struct schema_node *node;
	struct json_object *document;

	if (meta == NULL)
		return (NULL);
	if ((node = schema_uri_find(c, meta->uri, NULL)) != NULL ||
	    c->out_of_memory)
		return (node);
	if ((document = schema_meta_keep(c, meta)) == NULL)
		return (NULL);
	return (schema_node_make(c, document, NULL, NULL));
}
