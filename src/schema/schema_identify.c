/*
 * The names that a document gives to its schemas: $id, $anchor,
 * $dynamicAnchor; and the draft that it follows.  Called for every schema
 * when it is compiled.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema_compile.h"

/* The string of a keyword; NULL where there is none, or no good one. */
static const char *
schema_text_of(const struct schema_node *node, const char *keyword,
    bool (*valid)(struct json_object *))
{
	struct json_object *text;

	if (!json_object_is_type(node->json, json_type_object) ||
	    !json_object_object_get_ex(node->json, keyword, &text) ||
	    !valid(text))
		return (NULL);
	return (json_object_get_string(text));
}

/* Keeps draft where the schema does not say. */
static int
schema_find_draft(struct schema_compiler *c, const struct schema_node *node,
    const struct schema_path *parent, unsigned *draft)
{
	const struct schema_path path = schema_path_member(parent, "$schema");
	const char *text = schema_text_of(node, "$schema", schema_argument_uri);
	unsigned named;

	if (text == NULL)
		return (0);
	if ((named = schema_meta_draft(text)) == 0)
		return (schema_refuse(c, &path,
		    "must name draft 2020-12 (https://json-schema.org/draft/"
		    "2020-12/schema), 2019-09, draft-07 (http://"
		    "json-schema.org/draft-07/schema#), draft-06 or draft-04"));
	*draft = named;
	return (0);
}

/* "URI", or "URI#ANCHOR", to be freed. */
static char *
schema_uri_key(const char *uri, const char *anchor)
{
	char *key;

	if (asprintf(&key, "%s%s%s", uri, anchor != NULL ? "#" : "",
		anchor != NULL ? anchor : "") == -1)
		return (NULL);
	return (key);
}

struct schema_node *
schema_uri_find(struct schema_compiler *c, const char *uri, const char *anchor)
{
	char *key = schema_uri_key(uri, anchor);
	void *node = NULL;

	if (key == NULL)
		schema_refuse_memory(c);
	else
		(void)lh_table_lookup_ex(c->uris, key, &node);
	free(key);
	return (node);
}

static int
schema_uri_register(struct schema_compiler *c, const char *uri,
    const char *anchor, struct schema_node *node,
    const struct schema_path *path)
{
	char *key = schema_uri_key(uri, anchor), *kept = NULL;

	if (key != NULL)
		kept = schema_keep_text(c, key, strlen(key));
	free(key);
	if (kept == NULL)
		return (schema_refuse_memory(c));
	if (lh_table_lookup_ex(c->uris, kept, NULL))
		return (schema_refuse(c, path, "is used twice: %s", kept));
	if (lh_table_insert(c->uris, kept, node) != 0)
		return (schema_refuse_memory(c));
	return (0);
}

const struct schema_node *
schema_anchor_find(const struct schema_resource *resource, const char *name)
{
	const struct schema_anchor *anchor;

	for (anchor = resource->anchors; anchor != NULL; anchor = anchor->next)
		if (strcmp(anchor->name, name) == 0)
			return (anchor->node);
	return (NULL);
}

/* Begins a resource of that URI, of the node's draft. */
static int
schema_resource_begin(struct schema_compiler *c, struct schema_node *node,
    const struct schema_path *path, const char *uri, unsigned draft)
{
	node->resource = schema_keep(c, sizeof(*node->resource));
	if (node->resource == NULL)
		return (-1);
	node->resource->draft = draft;
	node->resource->uri = schema_keep_text(c, uri, strlen(uri));
	if (node->resource->uri == NULL)
		return (-1);
	return (schema_uri_register(c, uri, NULL, node, path));
}

/*
 * What $id makes of a schema: a resource, or in older drafts, where it is but
 * a fragment, an anchor.
 */
static int
schema_identify_id(struct schema_compiler *c, struct schema_node *node,
    const struct schema_path *path, const char *id, unsigned draft)
{
	const char *base = node->resource != NULL ? node->resource->uri : "";
	char *uri = schema_uri_resolve(base, id), *fragment;
	int result = 0;

	if (uri == NULL)
		return (schema_refuse_memory(c));
	fragment = schema_uri_cut(uri);
	if (*fragment != '\0' && (draft & SCHEMA_DRAFT_OLD) == 0)
		result = schema_refuse(c, path, "must have no fragment");
	if (result == 0 && (id[0] != '#' || node->resource == NULL))
		result = schema_resource_begin(c, node, path, uri, draft);
	if (result == 0 && *fragment != '\0')
		result = schema_uri_register(c, uri, fragment, node, path);
	free(uri);
	return (result);
}

static int
schema_identify_anchor(struct schema_compiler *c, struct schema_node *node,
    const struct schema_path *parent, const char *keyword)
{
	const struct schema_path path = schema_path_member(parent, keyword);
	const char *name =
	    schema_text_of(node, keyword, schema_argument_anchor);

	if (name == NULL || (node->resource->draft & SCHEMA_DRAFT_OLD) != 0)
		return (0);
	return (schema_uri_register(c, node->resource->uri, name, node, &path));
}

static int
schema_anchor_add(
    struct schema_compiler *c, struct schema_node *node, const char *name)
{
	struct schema_resource *resource = node->resource;
	struct schema_anchor *anchor = schema_keep(c, sizeof(*anchor));

	if (anchor == NULL)
		return (-1);
	*anchor = (struct schema_anchor){resource->anchors, name, node};
	resource->anchors = anchor;
	resource->count++;
	return (0);
}

static int
schema_identify_dynamic_anchor(struct schema_compiler *c,
    struct schema_node *node, const struct schema_path *path)
{
	const char *name =
	    schema_text_of(node, "$dynamicAnchor", schema_argument_anchor);

	if (name == NULL || node->resource->draft != SCHEMA_DRAFT_2020)
		return (0);
	if (schema_anchor_add(c, node, name) == -1)
		return (-1);
	return (schema_identify_anchor(c, node, path, "$dynamicAnchor"));
}

/* Draft 2019-09 has one at most in a resource, and no name for it. */
static int
schema_identify_recursive_anchor(
    struct schema_compiler *c, struct schema_node *node)
{
	struct json_object *yes;

	if (node->resource->draft != SCHEMA_DRAFT_2019 ||
	    !json_object_is_type(node->json, json_type_object) ||
	    !json_object_object_get_ex(node->json, "$recursiveAnchor", &yes) ||
	    !json_object_get_boolean(yes) ||
	    schema_uri_find(c, node->resource->uri, NULL) != node)
		return (c->out_of_memory ? -1 : 0);
	return (schema_anchor_add(c, node, SCHEMA_RECURSIVE));
}

/*
 * In older drafts, $ref makes its neighbours mean nothing; but a document whose
 * root is a reference has a name all the same.
 */
static bool
schema_id_counts(const struct schema_node *node, unsigned draft)
{
	return ((draft & SCHEMA_DRAFT_OLD) == 0 || node->resource == NULL ||
		!json_object_object_get_ex(node->json, "$ref", NULL));
}

static const char *
schema_id_keyword(unsigned draft)
{
	return (draft == SCHEMA_DRAFT_04 ? "id" : "$id");
}

/* A part of a document can follow another draft when it has a URI. */
static int
schema_identify_draft(struct schema_compiler *c, const struct schema_node *node,
    const struct schema_path *path, unsigned *draft)
{
	unsigned own = *draft;

	if (schema_find_draft(c, node, path, &own) == -1)
		return (-1);
	if (node->resource == NULL ||
	    schema_text_of(node, schema_id_keyword(own), schema_argument_uri) !=
		NULL)
		*draft = own;
	return (0);
}

int
schema_identify(struct schema_compiler *c, struct schema_node *node,
    const struct schema_path *path, struct schema_resource *outer)
{
	unsigned draft = outer != NULL ? outer->draft : SCHEMA_DRAFT_2020;
	struct schema_path id_path;
	const char *id;
	int result = 0;

	node->resource = outer;
	if ((outer == NULL ||
		schema_text_of(node, "$id", schema_argument_uri) != NULL ||
		schema_text_of(node, "id", schema_argument_uri) != NULL) &&
	    schema_identify_draft(c, node, path, &draft) == -1)
		return (-1);
	id =
	    schema_text_of(node, schema_id_keyword(draft), schema_argument_uri);
	id_path = schema_path_member(path, schema_id_keyword(draft));
	if (id != NULL && schema_id_counts(node, draft))
		result = schema_identify_id(c, node, &id_path, id, draft);
	else if (outer == NULL)
		result = schema_resource_begin(c, node, path, "", draft);
	if (result == 0)
		result = schema_identify_anchor(c, node, path, "$anchor");
	if (result == 0)
		result = schema_identify_dynamic_anchor(c, node, path);
	if (result == 0)
		result = schema_identify_recursive_anchor(c, node);
	return (result);
}
