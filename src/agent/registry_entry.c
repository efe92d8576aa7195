/*
 * One entry of the registry: how it is made for a built-in tool, shown, freed
 * and packed.  manifest.c makes the others.
 *
 * Agents get the flat form, which is the text of each manifest.  An agent reads
 * it at the first call of its tool, so that a start costs the same however many
 * tools there are, and so does what an agent holds that is called for few of
 * them.
 */

#include "agent/registry_entry.h"
#include "agent/child/child.h"
#include "agent/kinds/kind.h"
#include "agent/tool.h"
#include "common/json.h"
#include "common/pack.h"
#include "conf/conf.h"
#include "schema/schema.h"

#include <json-c/json.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Compiles one document, which may be missing. */
static int
registry_entry_compile_one(struct json_object *document, const char *member,
    struct schema **schema, char why[static REGISTRY_WHY_SIZE])
{
	char reason[REGISTRY_WHY_SIZE - 32];

	if (document == NULL)
		return (0);
	*schema = schema_compile(document, reason, sizeof(reason));
	if (*schema != NULL)
		return (0);
	snprintf(why, REGISTRY_WHY_SIZE, "%s: %s", member, reason);
	return (-1);
}

int
registry_entry_compile(
    struct registry_entry *entry, char why[static REGISTRY_WHY_SIZE])
{
	if (registry_entry_compile_one(entry->parameters, "parameters",
		&entry->parameters_schema, why) == -1)
		return (-1);
	return (registry_entry_compile_one(
	    entry->result, "result", &entry->result_schema, why));
}

/* An empty string stands for none, as in agentd.conf. */
static void
registry_entry_empty(char **text)
{
	if (*text == NULL || (*text)[0] != '\0')
		return;
	free(*text);
	*text = NULL;
}

/* Where the policy leaves something to others, what they say. */
static int
registry_entry_settle(struct registry_entry *entry, const struct conf *conf)
{
	struct policy *policy = &entry->policy;

	registry_entry_empty(&policy->user);
	registry_entry_empty(&policy->group);
	registry_entry_empty(&policy->directory);
	if (policy->output_bytes == 0)
		policy->output_bytes = conf->max_result_bytes;
	if (policy->directory != NULL || entry->base == NULL)
		return (0);
	policy->directory = strdup(entry->base);
	return (policy->directory == NULL ? -1 : 0);
}

int
registry_entry_check_user(const struct registry_entry *entry,
    const struct conf *conf, char why[static REGISTRY_WHY_SIZE])
{
	const struct policy *policy = &entry->policy;

	if (policy->user == NULL && policy->group == NULL)
		return (0);
	return (child_check_user(policy, conf, why, REGISTRY_WHY_SIZE));
}

int
registry_entry_govern(struct registry_entry *entry, const struct conf *conf,
    const struct policy_choice *choice, char why[static REGISTRY_WHY_SIZE])
{
	const struct conf_tool *all = conf_tool_find(conf, CONF_TOOL_ALL);
	const struct conf_tool *section = conf_tool_find(conf, entry->name);

	policy_init(&entry->policy);
	if ((all != NULL && policy_apply(&entry->policy, &all->choice) == -1) ||
	    (choice != NULL && policy_apply(&entry->policy, choice) == -1) ||
	    (section != NULL &&
		policy_apply(&entry->policy, &section->choice) == -1) ||
	    registry_entry_settle(entry, conf) == -1) {
		snprintf(why, REGISTRY_WHY_SIZE, "out of memory");
		return (-1);
	}
	entry->digest = policy_digest(&entry->policy, entry->digest);
	return (0);
}

/* Parses a schema of the program's own, which may be missing. */
static int
registry_entry_parse(const char *text, const char *member,
    struct json_object **document, char why[static REGISTRY_WHY_SIZE])
{
	char reason[JSON_REASON_SIZE];

	if (text == NULL || json_parse(text, strlen(text), document, reason))
		return (0);
	snprintf(why, REGISTRY_WHY_SIZE, "%s: %s", member, reason);
	return (-1);
}

static int
registry_entry_fill(struct registry_entry *entry, const struct tool *tool,
    const struct conf *conf, char why[static REGISTRY_WHY_SIZE])
{
	entry->kind = &kind_builtin;
	entry->spec = (void *)(uintptr_t)tool;
	entry->name = strdup(tool->name);
	entry->description = strdup(tool->description);
	entry->idempotent = true;
	if (entry->name == NULL || entry->description == NULL) {
		snprintf(why, REGISTRY_WHY_SIZE, "out of memory");
		return (-1);
	}
	if (registry_entry_parse(tool->parameters, "parameters",
		&entry->parameters, why) == -1 ||
	    registry_entry_parse(tool->result, "result", &entry->result, why) ==
		-1)
		return (-1);
	/* The Go program's tools did not mind parameters that they have not. */
	if (conf->compatible)
		json_object_object_del(
		    entry->parameters, "additionalProperties");
	entry->digest = conf->compatible;
	if (registry_entry_compile(entry, why) == -1)
		return (-1);
	if (registry_entry_govern(entry, conf, NULL, why) == -1)
		return (-1);
	return (registry_entry_check_user(entry, conf, why));
}

struct registry_entry *
registry_entry_builtin(const struct tool *tool, const struct conf *conf,
    char why[static REGISTRY_WHY_SIZE])
{
	struct registry_entry *entry = calloc(1, sizeof(*entry));

	if (entry == NULL) {
		snprintf(why, REGISTRY_WHY_SIZE, "out of memory");
		return (NULL);
	}
	if (registry_entry_fill(entry, tool, conf, why) == 0)
		return (entry);
	registry_entry_free(entry);
	return (NULL);
}

void
registry_entry_free(struct registry_entry *entry)
{
	if (entry == NULL)
		return;
	if (entry->spec != NULL && entry->kind->free != NULL)
		entry->kind->free(entry->spec);
	schema_free(entry->parameters_schema);
	schema_free(entry->result_schema);
	json_object_put(entry->parameters);
	json_object_put(entry->result);
	json_object_put(entry->pass_headers);
	policy_free(&entry->policy);
	free(entry->name);
	free(entry->description);
	free(entry->base);
	if (entry->text != NULL)
		explicit_bzero(entry->text, entry->text_len);
	free(entry->text);
	free(entry);
}

/* What everybody may see of it. */
static struct json_object *
registry_entry_show(const struct registry_entry *entry)
{
	struct json_object *o = json_object_new_object();

	json_add(&o, "name", json_object_new_string(entry->name));
	json_add(&o, "description", json_object_new_string(entry->description));
	json_add(&o, "parameters", json_object_get(entry->parameters));
	if (entry->result != NULL)
		json_add(&o, "result", json_object_get(entry->result));
	if (entry->pass_headers != NULL)
		json_add(
		    &o, "pass_headers", json_object_get(entry->pass_headers));
	json_add(&o, "kind", json_object_new_string(entry->kind->name));
	json_add(&o, "idempotent", json_object_new_boolean(entry->idempotent));
	return (o);
}

struct json_object *
registry_entry_describe(const struct registry_entry *entry)
{
	struct json_object *o = json_object_new_object();
	char digest[17];

	snprintf(digest, sizeof(digest), "%016" PRIx64, entry->digest);
	json_add(&o, "tool", registry_entry_show(entry));
	json_add(&o, "policy", policy_to_json(&entry->policy));
	json_add(&o, "digest", json_object_new_string(digest));
	return (o);
}

void
registry_entry_pack(const struct registry_entry *entry, struct pack *pack)
{
	pack_text(pack, entry->name);
	pack_text(pack, entry->kind->name);
	pack_text(pack, entry->base);
	if (entry->base != NULL)
		pack_block(pack, entry->text, entry->text_len);
}

void
registry_entry_variables(const struct registry_entry *entry, struct pack *pack)
{
	char *const *variable = entry->policy.environment;

	for (; variable != NULL && *variable != NULL; variable++)
		if (strchr(*variable, '=') == NULL)
			pack_text(pack, *variable);
	if (entry->kind->variables != NULL)
		entry->kind->variables(entry->spec, pack);
}

static const struct kind *
registry_entry_kind(const char *name)
{
	for (size_t i = 0; kinds[i] != NULL; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return (kinds[i]);
	return (NULL);
}

const struct tool *
registry_entry_tool(const char *name)
{
	for (size_t i = 0; tools_table[i] != NULL; i++)
		if (strcmp(tools_table[i]->name, name) == 0)
			return (tools_table[i]);
	return (NULL);
}

static int
registry_entry_fill_unread(struct registry_entry *entry, struct unpack *unpack)
{
	const char *name = pack_take_text(unpack),
		   *kind = pack_take_text(unpack);
	const char *base = pack_take_text(unpack);

	if (name == NULL || kind == NULL ||
	    (entry->kind = registry_entry_kind(kind)) == NULL ||
	    (entry->name = strdup(name)) == NULL)
		return (-1);
	entry->unread = entry->policy.enabled = true;
	if (base == NULL) {
		entry->spec = (void *)(uintptr_t)registry_entry_tool(name);
		return (entry->spec == NULL ? -1 : 0);
	}
	entry->source = pack_take_block(unpack, &entry->text_len);
	entry->base = strdup(base);
	return (entry->source == NULL || entry->base == NULL ? -1 : 0);
}

struct registry_entry *
registry_entry_unpack(struct unpack *unpack)
{
	struct registry_entry *entry = calloc(1, sizeof(*entry));

	if (entry != NULL && registry_entry_fill_unread(entry, unpack) == 0)
		return (entry);
	registry_entry_free(entry);
	return (NULL);
}
