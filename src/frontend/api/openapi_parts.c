/*
 * The parts of the document that are the same everywhere, and its components,
 * by the tables.  Called by openapi.c and openapi_tool.c; keeps nothing but
 * whether memory was short.
 */

#include "frontend/api/openapi_parts.h"
#include "frontend/api/openapi_table.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

static bool broken;

void
openapi_put(struct json_object *to, const char *name, struct json_object *value)
{
	if (to == NULL || value == NULL ||
	    json_object_object_add(to, name, value) != 0) {
		json_object_put(value);
		broken = true;
	}
}

void
openapi_append(struct json_object *list, struct json_object *value)
{
	if (list == NULL || value == NULL ||
	    json_object_array_add(list, value) != 0) {
		json_object_put(value);
		broken = true;
	}
}

bool
openapi_broken(void)
{
	bool was = broken;

	broken = false;
	return (was);
}

struct json_object *
openapi_enter(struct json_object *in, const char *name)
{
	if (!json_object_object_get_ex(in, name, NULL))
		openapi_put(in, name, json_object_new_object());
	return (json_object_object_get(in, name));
}

struct json_object *
openapi_ref(const char *part, const char *name)
{
	struct json_object *o = json_object_new_object();
	char ref[128];

	snprintf(ref, sizeof(ref), "#/components/%s/%s", part, name);
	openapi_put(o, "$ref", json_object_new_string(ref));
	return (o);
}

struct json_object *
openapi_content(const char *type, struct json_object *schema)
{
	struct json_object *content = json_object_new_object();

	openapi_put(openapi_enter(content, type), "schema", schema);
	return (content);
}

struct json_object *
openapi_body(struct json_object *schema, bool required)
{
	struct json_object *body = json_object_new_object();

	openapi_put(body, "required", json_object_new_boolean(required));
	openapi_put(
	    body, "content", openapi_content("application/json", schema));
	return (body);
}

static void
openapi_refer_problem(struct json_object *answers, unsigned short status)
{
	const struct openapi_problem *p = openapi_problems;
	char text[8] = "default";

	while (p->status != 0 && p->status != status)
		p++;
	if (p->status != 0)
		snprintf(text, sizeof(text), "%u", p->status);
	openapi_put(answers, text, openapi_ref("responses", p->name));
}

void
openapi_answers(struct json_object *operation, int status,
    struct json_object *schema, const unsigned short *problems)
{
	struct json_object *answers = openapi_enter(operation, "responses");
	struct json_object *good;
	char text[8];

	snprintf(text, sizeof(text), "%d", status);
	good = openapi_enter(answers, text);
	openapi_put(good, "description", json_object_new_string("Done"));
	openapi_put(
	    good, "content", openapi_content("application/json", schema));
	for (; *problems != 0; problems++)
		openapi_refer_problem(answers, *problems);
	/* Whatever is asked for, the page or the host may be a wrong one. */
	openapi_refer_problem(answers, 403);
	openapi_refer_problem(answers, 0);
}

static void
openapi_add_member(
    struct json_object *schemas, const struct openapi_member *member)
{
	struct json_object *schema, *type, *required;

	if (member->name == NULL) {
		openapi_put(
		    schemas, member->schema, json_tokener_parse(member->type));
		return;
	}
	schema = openapi_enter(schemas, member->schema);
	if (!json_object_object_get_ex(schema, "type", NULL))
		openapi_put(schema, "type", json_object_new_string("object"));
	type = json_tokener_parse(member->type);
	openapi_put(
	    type, "description", json_object_new_string(member->description));
	openapi_put(openapi_enter(schema, "properties"), member->name, type);
	if (!member->required)
		return;
	if (!json_object_object_get_ex(schema, "required", &required)) {
		required = json_object_new_array();
		openapi_put(schema, "required", required);
	}
	openapi_append(required, json_object_new_string(member->name));
}

static struct json_object *
openapi_problem(const struct openapi_problem *problem)
{
	struct json_object *o = json_object_new_object();

	openapi_put(
	    o, "description", json_object_new_string(problem->description));
	openapi_put(o, "content",
	    openapi_content(
		"application/problem+json", openapi_ref("schemas", "Problem")));
	return (o);
}

struct json_object *
openapi_components(void)
{
	struct json_object *components = json_object_new_object();
	struct json_object *schemas = openapi_enter(components, "schemas");
	struct json_object *answers = openapi_enter(components, "responses");
	const struct openapi_problem *p;

	for (const struct openapi_member *m = openapi_members;
	     m->schema != NULL; m++)
		openapi_add_member(schemas, m);
	for (p = openapi_problems; p->status != 0; p++)
		openapi_put(answers, p->name, openapi_problem(p));
	openapi_put(answers, p->name, openapi_problem(p));
	return (components);
}
