/*
 * Finds the schemas that references are about, within the document and among
 * the meta-schemas, nowhere else.  Called when a schema is compiled: after all
 * of the document, since a reference may lead forward, or to a part of it that
 * is no schema as far as the keywords tell, and then becomes one.
 */

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema_compile.h"
#include "schema/schema_meta.h"
#include "schema/schema_uri.h"

int
schema_ref_note(struct schema_compiler *c, struct schema_node *node,
    struct schema_rule *rule, const struct schema_path *path)
{
	struct schema_ref *ref = schema_keep(c, sizeof(*ref));
	char *pointer = schema_path_pointer(path, NULL);

	if (ref != NULL && pointer != NULL)
		ref->pointer = schema_keep_text(c, pointer, strlen(pointer));
	free(pointer);
	if (ref == NULL || ref->pointer == NULL)
		return (schema_refuse_memory(c));
	ref->node = node;
	ref->rule = rule;
	*c->refs_end = ref;
	c->refs_end = &ref->next;
	return (0);
}

static struct schema_node *
schema_ref_refuse(
    struct schema_compiler *c, const struct schema_ref *ref, const char *words)
{
	schema_refuse_at(c, ref->pointer, "%s: %s", words,
	    json_object_get_string(ref->rule->argument));
	return (NULL);
}

/* ~1 is a slash and ~0 a tilde; in place. */
static void
schema_token_decode(char *token)
{
	char *out = token;

	for (; *token != '\0'; token++)
		if (*token == '~' && (token[1] == '0' || token[1] == '1'))
			*out++ = *++token == '0' ? '~' : '/';
		else
			*out++ = *token;
	*out = '\0';
}

static bool
schema_step_into_array(struct json_object **json, const char *token)
{
	size_t len = strspn(token, "0123456789");
	unsigned long i;

	if (len == 0 || token[len] != '\0' || (token[0] == '0' && len > 1))
		return (false);
	i = strtoul(token, NULL, 10);
	if (i >= json_object_array_length(*json))
		return (false);
	*json = json_object_array_get_idx(*json, i);
	return (true);
}

/* One step of a JSON Pointer. */
static bool
schema_step_into(struct json_object **json, const char *token)
{
	if (json_object_is_type(*json, json_type_object))
		return (json_object_object_get_ex(*json, token, json));
	if (json_object_is_type(*json, json_type_array))
		return (schema_step_into_array(json, token));
	return (false);
}

/* A step's place, which is kept: the next one's is built upon it. */
static struct schema_path *
schema_step_path(struct schema_compiler *c, const struct schema_path *parent,
    const char *token)
{
	struct schema_path *path = schema_keep(c, sizeof(*path));
	char *name = schema_keep_text(c, token, strlen(token));

	if (path == NULL || name == NULL)
		return (NULL);
	*path = schema_path_member(parent, name);
	return (path);
}

/*
 * Follows a JSON Pointer from the root of a resource.  What is found belongs
 * to the innermost schema that is known on the way.
 */
static struct schema_node *
schema_ref_follow(struct schema_compiler *c, const struct schema_ref *ref,
    const struct schema_node *root, char *pointer)
{
	struct schema_resource *resource = root->resource;
	struct json_object *json = root->json;
	struct schema_path *path = NULL;
	const struct schema_node *known;
	char *token;

	pointer++;
	while ((token = strsep(&pointer, "/")) != NULL) {
		schema_token_decode(token);
		if (!schema_step_into(&json, token))
			return (schema_ref_refuse(c, ref, "refers to nothing"));
		if ((known = schema_node_find(c, json)) != NULL)
			resource = known->resource;
		if ((path = schema_step_path(c, path, token)) == NULL)
			return (NULL);
	}
	return (schema_node_make(c, json, path, resource));
}

static struct schema_node *
schema_ref_find(struct schema_compiler *c, const struct schema_ref *ref,
    const char *uri, char *fragment)
{
	struct schema_node *node = schema_uri_find(c, uri, NULL);

	if (node == NULL)
		node = schema_meta_find(c, uri);
	if (node == NULL && c->out_of_memory)
		return (NULL);
	if (node == NULL)
		return (
		    schema_ref_refuse(c, ref, "refers to another document"));
	if (*fragment == '\0')
		return (node);
	if (*fragment == '/')
		return (schema_ref_follow(c, ref, node, fragment));
	node = schema_uri_find(c, uri, fragment);
	return (node != NULL ? node
			     : schema_ref_refuse(c, ref, "refers to nothing"));
}

/* Of $recursiveRef, the fragment is SCHEMA_RECURSIVE. */
static bool
schema_ref_is_dynamic(const struct schema_rule *rule, const char *fragment)
{
	const char *name = rule->keyword->name;

	return (strcmp(name, "$recursiveRef") == 0 ||
		(strcmp(name, "$dynamicRef") == 0 && *fragment != '\0'));
}

static int
schema_ref_resolve_uri(
    struct schema_compiler *c, const struct schema_ref *ref, char *uri)
{
	struct schema_rule *rule = ref->rule;
	char *fragment = schema_uri_cut(uri);
	char *kept = schema_keep_text(c, fragment, strlen(fragment));
	struct schema_node *node;

	rule->children = schema_keep(c, sizeof(*rule->children));
	if (kept == NULL || rule->children == NULL ||
	    (node = schema_ref_find(c, ref, uri, fragment)) == NULL)
		return (-1);
	rule->children[0].node = node;
	rule->count = 1;
	/* A $dynamicRef to a $dynamicAnchor is looked up again at work. */
	if (schema_ref_is_dynamic(rule, kept) &&
	    schema_anchor_find(node->resource, kept) == node)
		rule->anchor = kept;
	return (0);
}

static int
schema_ref_resolve(struct schema_compiler *c, const struct schema_ref *ref)
{
	char *uri = schema_uri_resolve(ref->node->resource->uri,
	    json_object_get_string(ref->rule->argument));
	int result;

	if (uri == NULL)
		return (schema_refuse_memory(c));
	result = schema_ref_resolve_uri(c, ref, uri);
	free(uri);
	return (result);
}

/* What is found may bring further references, at the end of the list. */
int
schema_ref_resolve_all(struct schema_compiler *c)
{
	const struct schema_ref *ref;

	for (ref = c->refs; ref != NULL; ref = ref->next)
		if (schema_ref_resolve(c, ref) == -1)
			return (-1);
	return (0);
}
