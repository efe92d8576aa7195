/*
 * The environment of a child process: nothing of ours but what every program
 * needs and what the policy names, so that a secret in the daemon's
 * environment stays there.  Called before the fork, because it allocates.
 */

#include "agent/child/child_impl.h"

#include <json-c/json.h>

#include <sys/stat.h>

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static const char *const passed_on[] = {"PATH", "LANG", "TZ", "HOME"};

/* Of the variables that hold headers of the request: AGENTD_HEADER_X_TENANT. */
#define HEADER "AGENTD_HEADER_"

/* And all of these, which refine or override LANG. */
#define LOCALE "LC_"

#define PASSED_ON (sizeof(passed_on) / sizeof(passed_on[0]))

const char *
child_variable(char **environment, const char *name)
{
	size_t len = strlen(name);

	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, len) == 0 &&
		    (*environment)[len] == '=')
			return (*environment + len + 1);
	return (NULL);
}

void
child_environment_free(char **environment)
{
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		free(environment[i]);
	free(environment);
}

/* Takes entry over; a later one of the same name replaces an earlier one. */
static bool
child_environment_put(char **environment, char *entry)
{
	size_t len, i;

	if (entry == NULL)
		return (false);
	len = strcspn(entry, "=") + 1;
	for (i = 0; environment[i] != NULL; i++)
		if (strncmp(environment[i], entry, len) == 0)
			break;
	free(environment[i]);
	environment[i] = entry;
	return (true);
}

/* "NAME=value", or "NAME" for the value that we have, if any. */
static bool
child_environment_add(
    char **environment, const char *wanted, const char *absent)
{
	const char *value;
	char *entry;

	if (strchr(wanted, '=') != NULL)
		return (child_environment_put(environment, strdup(wanted)));
	value = getenv(wanted);
	if (value == NULL)
		value = absent;
	if (value == NULL)
		return (true);
	if (asprintf(&entry, "%s=%s", wanted, value) == -1)
		return (false);
	return (child_environment_put(environment, entry));
}

/* Another user has another home. */
static const char *
child_environment_home(const struct policy *policy)
{
	const struct passwd *user = NULL;

	if (policy->user != NULL)
		user = getpwnam(policy->user);
	return (
	    user == NULL || user->pw_uid == geteuid() ? NULL : user->pw_dir);
}

static size_t
child_environment_count_locale(void)
{
	size_t count = 0;

	for (char **entry = environ; *entry != NULL; entry++)
		count += strncmp(*entry, LOCALE, strlen(LOCALE)) == 0;
	return (count);
}

static bool
child_environment_locale(char **environment)
{
	for (char **entry = environ; *entry != NULL; entry++)
		if (strncmp(*entry, LOCALE, strlen(LOCALE)) == 0 &&
		    !child_environment_put(environment, strdup(*entry)))
			return (false);
	return (true);
}

static bool
child_environment_basics(char **environment, const struct policy *policy)
{
	const char *home = child_environment_home(policy);
	char *entry;

	for (size_t i = 0; i < PASSED_ON; i++)
		if (!child_environment_add(environment, passed_on[i],
			i == 0 ? DEFAULT_PATH : NULL))
			return (false);
	if (!child_environment_locale(environment))
		return (false);
	if (home == NULL)
		return (true);
	if (asprintf(&entry, "HOME=%s", home) == -1)
		return (false);
	return (child_environment_put(environment, entry));
}

/* "NAME=value", malloc'd; NULL: no memory. */
static char *
child_environment_header(const char *name, struct json_object *value)
{
	char *text;

	if (asprintf(&text, HEADER "%s=%s", name,
		json_object_get_string(value)) == -1)
		return (NULL);
	for (char *at = text; *at != '='; at++)
		if (*at == '-')
			*at = '_';
		else if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return (text);
}

static bool
child_environment_headers(char **environment, struct json_object *headers)
{
	if (headers == NULL)
		return (true);
	json_object_object_foreach (headers, name, value) {
		if (!child_environment_put(
			environment, child_environment_header(name, value)))
			return (false);
	}
	return (true);
}

char **
child_environment(const struct policy *policy, struct json_object *headers)
{
	size_t header_count =
	    headers == NULL ? 0 : (size_t)json_object_object_length(headers);
	char **environment;
	size_t count = 0;

	while (
	    policy->environment != NULL && policy->environment[count] != NULL)
		count++;
	environment = calloc(PASSED_ON + child_environment_count_locale() +
				 count + header_count + 1,
	    sizeof(*environment));
	if (environment == NULL)
		return (NULL);
	if (!child_environment_basics(environment, policy))
		goto fail;
	for (size_t i = 0; i < count; i++)
		if (!child_environment_add(
			environment, policy->environment[i], NULL))
			goto fail;
	if (!child_environment_headers(environment, headers))
		goto fail;
	return (environment);
fail:
	child_environment_free(environment);
	return (NULL);
}

static bool
child_find_file(const char *path)
{
	struct stat st;

	return (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		(st.st_mode & 0111) != 0);
}

/* As child_exec.c searches. */
static bool
child_find_in(const char *path, const char *program)
{
	char file[PATH_MAX];

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		if (len > 0 &&
		    snprintf(file, sizeof(file), "%.*s/%s", (int)len, path,
			program) < (int)sizeof(file) &&
		    child_find_file(file))
			return (true);
		path += len + (path[len] == ':');
	}
	return (false);
}

bool
child_can_find(const char *program, const struct policy *policy)
{
	char **environment;
	bool found;

	if (strchr(program, '/') != NULL)
		return (child_find_file(program));
	environment = child_environment(policy, NULL);
	found = environment == NULL || /* no memory is no doubt */
		child_find_in(child_variable(environment, "PATH"), program);
	child_environment_free(environment);
	return (found);
}
