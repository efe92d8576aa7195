/*
 * Finds the schemas that references are about, within the document and among
 * the meta-schemas, nowhere else, by URI (RFC 3986, section 5); nothing here
 * ever asks a network for anything.  Called when a schema is compiled: after
 * all of the document, since a reference may lead forward, or to a part of it
 * that is no schema as far as the keywords tell, and then becomes one.
 */

#include "schema/schema_compile.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common/hex.h"

/* A part of a URI, with the characters that set it off left out. */
struct part {
	const char *text;
	size_t len;
	bool is; /* an empty part is not the same as none */
};

struct uri {
	struct part scheme, authority, path, query, fragment;
};

static struct part
schema_part_of(const char *text, size_t len)
{
	return ((struct part){text, len, true});
}

static size_t
schema_scheme_length(const char *text)
{
	size_t len = 0;

	if (!isalpha((unsigned char)*text))
		return (0);
	while (isalnum((unsigned char)text[len]) ||
	       (text[len] != '\0' && strchr("+-.", text[len]) != NULL))
		len++;
	return (text[len] == ':' ? len : 0);
}

static struct uri
schema_uri_split(const char *text)
{
	struct uri uri = {0};
	size_t len = schema_scheme_length(text);

	if (len > 0) {
		uri.scheme = schema_part_of(text, len);
		text += len + 1;
	}
	if (strncmp(text, "//", 2) == 0) {
		text += 2;
		uri.authority = schema_part_of(text, strcspn(text, "/?#"));
		text += uri.authority.len;
	}
	uri.path = schema_part_of(text, strcspn(text, "?#"));
	text += uri.path.len;
	if (*text == '?') {
		uri.query = schema_part_of(text + 1, strcspn(text + 1, "#"));
		text += 1 + uri.query.len;
	}
	if (*text == '#')
		uri.fragment = schema_part_of(text + 1, strlen(text + 1));
	return (uri);
}

/* Appends to what ends at end; gives the new end. */
static char *
schema_append(char *end, const char *text, size_t len)
{
	memcpy(end, text, len);
	return (end + len);
}

static char *
schema_append_part(
    char *end, const char *before, struct part part, const char *after)
{
	if (!part.is)
		return (end);
	end = schema_append(end, before, strlen(before));
	end = schema_append(end, part.text, part.len);
	return (schema_append(end, after, strlen(after)));
}

static bool
schema_begins(const char *text, const char *with)
{
	return (strncmp(text, with, strlen(with)) == 0);
}

/* Takes the last segment away from what stands from path to end. */
static char *
schema_segment_drop(char *path, char *end)
{
	while (end > path && *--end != '/')
		;
	return (end);
}

/* Section 5.2.4, in place; gives the new end. */
static char *
schema_dots_remove(char *path)
{
	char *in = path, *out = path;

	while (*in != '\0' && strcmp(in, ".") != 0 && strcmp(in, "..") != 0) {
		if (schema_begins(in, "../"))
			in += 3;
		else if (schema_begins(in, "./") || schema_begins(in, "/./"))
			in += 2;
		else if (schema_begins(in, "/../")) {
			in += 3;
			out = schema_segment_drop(path, out);
		} else if (strcmp(in, "/.") == 0)
			*++in = '/';
		else if (strcmp(in, "/..") == 0) {
			in += 2;
			*in = '/';
			out = schema_segment_drop(path, out);
		} else
			do
				*out++ = *in++;
			while (*in != '\0' && *in != '/');
	}
	*out = '\0';
	return (out);
}

/* Section 5.2.3: the reference takes the place of the last segment. */
static char *
schema_append_merged(char *end, const struct uri *base, struct part path)
{
	size_t len = base->path.len;

	if (base->authority.is && len == 0)
		end = schema_append(end, "/", 1);
	while (len > 0 && base->path.text[len - 1] != '/')
		len--;
	end = schema_append(end, base->path.text, len);
	return (schema_append(end, path.text, path.len));
}

static char *
schema_append_path(
    char *end, const struct uri *base, const struct uri *reference)
{
	const struct part path = reference->path;
	char *start = end;

	if (reference->scheme.is || reference->authority.is ||
	    (path.len > 0 && path.text[0] == '/'))
		end = schema_append(end, path.text, path.len);
	else if (path.len == 0)
		return (schema_append(end, base->path.text, base->path.len));
	else
		end = schema_append_merged(end, base, path);
	*end = '\0';
	return (schema_dots_remove(start));
}

char *
schema_uri_resolve(const char *base_text, const char *reference_text)
{
	const struct uri base = schema_uri_split(base_text);
	const struct uri r = schema_uri_split(reference_text);
	const bool own_authority = r.scheme.is || r.authority.is;
	const bool own_query = own_authority || r.path.len > 0 || r.query.is;
	char *text = malloc(strlen(base_text) + strlen(reference_text) + 8);
	char *end = text;

	if (text == NULL)
		return (NULL);
	end = schema_append_part(
	    end, "", r.scheme.is ? r.scheme : base.scheme, ":");
	end = schema_append_part(
	    end, "//", own_authority ? r.authority : base.authority, "");
	end = schema_append_path(end, &base, &r);
	end =
	    schema_append_part(end, "?", own_query ? r.query : base.query, "");
	end = schema_append_part(end, "#", r.fragment, "");
	*end = '\0';
	return (text);
}

/* Decodes %XX in place, but for %00: no name has a NUL in it. */
static void
schema_decode(char *text)
{
	char *out = text;
	int high, low;

	for (; *text != '\0'; text++) {
		high = *text == '%' ? hex_digit(text[1]) : -1;
		low = high >= 0 ? hex_digit(text[2]) : -1;
		if (low < 0 || high + low == 0)
			*out++ = *text;
		else {
			*out++ = (char)(high << 4 | low);
			text += 2;
		}
	}
	*out = '\0';
}

char *
schema_uri_cut(char *uri)
{
	char *fragment = uri + strcspn(uri, "#");

	if (*fragment == '\0')
		return (fragment);
	*fragment++ = '\0';
	schema_decode(fragment);
	return (fragment);
}

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
	struct schema_path *path = NULL, *step;
	const struct schema_node *known;
	char *token, *name;

	pointer++;
	while ((token = strsep(&pointer, "/")) != NULL) {
		schema_token_decode(token);
		if (!schema_step_into(&json, token))
			return (schema_ref_refuse(c, ref, "refers to nothing"));
		if ((known = schema_node_find(c, json)) != NULL)
			resource = known->resource;
		/* Is kept: that of the next step is built upon it. */
		step = schema_keep(c, sizeof(*step));
		name = schema_keep_text(c, token, strlen(token));
		if (step == NULL || name == NULL)
			return (NULL);
		*step = schema_path_member(path, name);
		path = step;
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
