/*
 * From the text of a manifest to an entry of the registry: it checks and
 * copies, and runs nothing.
 *
 * A message about a manifest names a member in front of a colon or between
 * quotes, and then, of a schema, a JSON Pointer: so its line is found.
 */

#include "agent/manifest.h"
#include "agent/kinds/kind.h"
#include "agent/kinds/media.h"
#include "agent/manifest_impl.h"
#include "common/digest.h"
#include "common/json.h"
#include "conf/conf.h"
#include "conf/conf_check.h"

#include <json-c/json.h>

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One step from a value to what is in it. */
struct line_step {
	const char *name; /* or the index */
	size_t name_len;
	size_t index;	/* of the element at hand */
	const char *at; /* where it was found: its name, or itself */
	const char *value;
	size_t value_len;
};

static bool
manifest_line_visit(
    void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
	struct line_step *step = arg;
	char *end;

	if (name != NULL ? name_len != step->name_len ||
			       memcmp(name, step->name, name_len) != 0
			 : strtoul(step->name, &end, 10) != step->index ||
			       end != step->name + step->name_len) {
		step->index++;
		return (true);
	}
	step->at = name != NULL ? name : text;
	step->value = text;
	step->value_len = len;
	return (false);
}

/* False: there is no such thing in the value. */
static bool
manifest_line_enter(struct line_step *step, const char *name, size_t name_len)
{
	const char *text = step->value;

	step->name = name;
	step->name_len = name_len;
	step->index = 0;
	return ((text[0] == '[' ? json_walk_array(text, step->value_len,
				      manifest_line_visit, step)
				: json_walk(text, step->value_len,
				      manifest_line_visit, step)) == 0);
}

/* Goes on as far as the pointer leads; escapes in it are not understood. */
static void
manifest_line_follow(struct line_step *step, const char *pointer)
{
	size_t len;

	while (*pointer == '/') {
		len = strcspn(++pointer, "/: ");
		if (!manifest_line_enter(step, pointer, len))
			break;
		pointer += len;
	}
}

static size_t
manifest_line_count(const char *from, const char *to)
{
	size_t lines = 1;

	for (; from < to; from++)
		lines += *from == '\n';
	return (lines);
}

/* The member that the message names; its length, or 0. */
static size_t
manifest_line_member(const char *why, const char **member)
{
	size_t len = strcspn(why, ": ");

	*member = why;
	if (why[len] == ':')
		return (len);
	if ((*member = strchr(why, '"')) == NULL)
		return (0);
	(*member)++;
	return (strcspn(*member, "\""));
}

/*
 * The line of the text that a message about it names, from 1; 0 when it names
 * none, or when the text is one line.
 */
static size_t
manifest_line(const char *text, size_t size, const char *why)
{
	const char *byte = strstr(why, " at byte "), *member;
	struct line_step step = {.value = text, .value_len = size};
	size_t len, offset;

	if (memchr(text, '\n', size) == NULL)
		return (0);
	if (byte != NULL && sscanf(byte, " at byte %zu", &offset) == 1)
		return (manifest_line_count(
		    text, text + (offset < size ? offset : size)));
	while (step.value_len > 0 && strchr(" \t\r\n", *step.value) != NULL) {
		step.value++;
		step.value_len--;
	}
	len = manifest_line_member(why, &member);
	if (len == 0 || !manifest_line_enter(&step, member, len))
		return (0);
	if (strncmp(member + len, ": /", 3) == 0)
		manifest_line_follow(&step, member + len + 2);
	return (manifest_line_count(text, step.at));
}

int
manifest_fail(struct manifest *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->why, REGISTRY_WHY_SIZE, fmt, ap);
	va_end(ap);
	return (-1);
}

/* "command, http": the kinds that a manifest can choose. */
static void
manifest_kinds(char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; kinds[i] != NULL && len < size; i++)
		if (kinds[i]->parse != NULL)
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
			    len == 0 ? "" : ", ", kinds[i]->name);
}

static int
manifest_kind(struct manifest *m)
{
	const struct kind **kind = &m->entry->kind;
	char names[128];

	manifest_kinds(names, sizeof(names));
	/* Many guess that there is one. */
	if (json_object_object_get_ex(m->object, "kind", NULL))
		return (manifest_fail(m,
		    "unknown member \"kind\": how it runs is said by having "
		    "one of %s",
		    names));
	for (size_t i = 0; kinds[i] != NULL; i++) {
		if (kinds[i]->parse == NULL ||
		    !json_object_object_get_ex(m->object, kinds[i]->name, NULL))
			continue;
		if (*kind != NULL)
			return (manifest_fail(m, "has both %s and %s",
			    (*kind)->name, kinds[i]->name));
		*kind = kinds[i];
	}
	if (*kind != NULL)
		return (0);
	return (manifest_fail(
	    m, "does not say how it runs: has none of %s", names));
}

/* "output" stands beside the kind, or in what belongs to it. */
static bool
manifest_gives_media(const struct manifest *m)
{
	struct json_object *own =
	    json_object_object_get(m->object, m->entry->kind->name);
	const char *output =
	    json_string(json_object_object_get(m->object, "output"));

	if (output == NULL)
		output = json_string(json_object_object_get(own, "output"));
	return (output != NULL && strcmp(output, "base64") == 0);
}

/* What need not be said. */
static int
manifest_presets(struct manifest *m)
{
	struct registry_entry *entry = m->entry;
	char reason[JSON_REASON_SIZE];

	if (entry->result == NULL && manifest_gives_media(m) &&
	    !json_parse(
		media_schema, strlen(media_schema), &entry->result, reason))
		return (manifest_fail(m, "out of memory"));

	if (entry->name == NULL)
		return (manifest_fail(m, "name: is missing"));
	if (entry->description == NULL &&
	    manifest_keep(m, &entry->description, "") == -1)
		return (-1);
	if (entry->parameters == NULL && !json_parse("{\"type\":\"object\"}",
					     17, &entry->parameters, reason))
		return (manifest_fail(m, "out of memory"));
	return (0);
}

static int
manifest_take(struct manifest *m, const struct conf *conf)
{
	char why[REGISTRY_WHY_SIZE] = "is not valid";

	if (!json_object_is_type(m->object, json_type_object))
		return (manifest_fail(m, "expected an object"));
	if (manifest_kind(m) == -1)
		return (-1);
	json_object_object_foreach (m->object, name, value) {
		if (manifest_member(m, name, value) == -1)
			return (-1);
	}
	if (manifest_presets(m) == -1 ||
	    registry_entry_compile(m->entry, m->why) == -1 ||
	    registry_entry_govern(m->entry, conf, &m->choice, m->why) == -1)
		return (-1);
	if (!m->again &&
	    registry_entry_check_user(m->entry, conf, m->why) == -1)
		return (-1);
	m->entry->spec =
	    m->entry->kind->parse(m->object, m->entry->base, why, sizeof(why));
	return (m->entry->spec == NULL ? manifest_fail(m, "%s", why) : 0);
}

/* The absolute path of the directory, to be freed; NULL with errno. */
static char *
manifest_base(const char *path)
{
	char copy[PATH_MAX];

	if (strlcpy(copy, path, sizeof(copy)) >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return (NULL);
	}
	return (realpath(dirname(copy), NULL));
}

static int
manifest_parse(
    struct manifest *m, const struct conf *conf, const char *text, size_t size)
{
	char reason[JSON_REASON_SIZE];

	if (!json_parse(text, size, &m->object, reason))
		return (manifest_fail(m, "is no JSON: %s", reason));
	m->entry->digest = digest_add(DIGEST_START, text, size);
	return (manifest_take(m, conf));
}

/* Takes over base. */
static struct registry_entry *
manifest_make(struct manifest *m, char *base, const struct conf *conf,
    const char *text, size_t size)
{
	int rc = -1;

	if (base == NULL)
		(void)manifest_fail(m, "%s", strerror(errno));
	else if ((m->entry = calloc(1, sizeof(*m->entry))) == NULL)
		(void)manifest_fail(m, "out of memory");
	if (m->entry == NULL) {
		free(base);
		return (NULL);
	}
	m->entry->base = base;
	rc = manifest_parse(m, conf, text, size);
	json_object_put(m->object);
	policy_free(&m->choice.policy);
	if (rc == 0)
		return (m->entry);
	registry_entry_free(m->entry);
	return (NULL);
}

/* Puts the line in front, where there is more than one. */
static void
manifest_add_line(const char *text, size_t size, char *why)
{
	size_t line = manifest_line(text, size, why);
	char words[REGISTRY_WHY_SIZE];

	if (line == 0)
		return;
	strlcpy(words, why, sizeof(words));
	snprintf(why, REGISTRY_WHY_SIZE, "line %zu: %.*s", line,
	    REGISTRY_WHY_SIZE - 32, words);
}

struct registry_entry *
manifest_read(const char *path, const struct conf *conf,
    char why[static REGISTRY_WHY_SIZE], size_t *size)
{
	const char *slash = strrchr(path, '/');
	struct manifest m = {.why = why};
	char *text = manifest_text(path, why, size);
	struct registry_entry *entry;

	if (text == NULL)
		return (NULL);
	m.file = slash == NULL ? path : slash + 1;
	entry = manifest_make(&m, manifest_base(path), conf, text, *size);
	if (entry == NULL) {
		manifest_add_line(text, *size, why);
		explicit_bzero(text, *size);
		free(text);
		errno = strstr(why, "out of memory") == NULL ? 0 : ENOMEM;
		return (NULL);
	}
	entry->text = text;
	entry->text_len = *size;
	return (entry);
}

struct registry_entry *
manifest_read_text(const char *name, const char *base, const struct conf *conf,
    const char *text, size_t size, char why[static REGISTRY_WHY_SIZE])
{
	char file[CONF_TOOL_MAX + sizeof(".json")];
	struct manifest m = {.file = file, .again = true, .why = why};

	snprintf(file, sizeof(file), "%s.json", name);
	return (manifest_make(&m, strdup(base), conf, text, size));
}
