/*
 * agentctl check, try: the manifest of a tool, without a daemon.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/params.h"
#include "agentctl/trial.h"
#include "agentctl/units.h"

#include <sys/wait.h>

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agent/registry.h"
#include "agent/run.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/wire.h"
#include "conf/conf.h"

/* Nothing but the defaults. */
#define NO_CONF "/dev/null"

/* How long parameters may be tried until they fit. */
#define CHECK_NS (10 * NS_PER_SEC)

struct manifest_tool {
	struct conf *conf;
	struct registry *registry;
	const struct registry_entry *entry;
};

/* What is wrong so far, for -j; NULL: nobody wants it. */
static struct json_object *found;

static void
cmd_manifest_report(const char *line)
{
	struct json_object *error;

	message("%s", line);
	if (found == NULL)
		return;
	error = message_need(json_object_new_object());
	json_object_object_add(
	    error, "detail", message_need(json_object_new_string(line)));
	json_object_array_add(found, error);
}

/* CTL_OK, or what to exit with. */
static int
cmd_manifest_load(
    struct manifest_tool *tool, const struct ctl *ctl, const char *path)
{
	const char *conf = ctl->conf == NULL ? NO_CONF : ctl->conf;

	tool->conf = conf_load(conf, cmd_manifest_report);
	if (tool->conf == NULL)
		return (CTL_USAGE);
	json_limit_depth((int)tool->conf->max_nesting);
	tool->registry =
	    registry_load_file(tool->conf, path, cmd_manifest_report);
	if (tool->registry == NULL)
		return (CTL_TOOL);
	tool->entry = registry_at(tool->registry, 0);
	return (CTL_OK);
}

static void
cmd_manifest_unload(struct manifest_tool *tool)
{
	registry_free(tool->registry);
	conf_free(tool->conf);
}

static struct json_object *
cmd_manifest_params(int argc, char **argv)
{
	char why[PARAMS_WHY_SIZE];
	struct json_object *params =
	    params_parse(argv + 1, (size_t)argc - 1, why);

	if (params == NULL)
		message_die(CTL_USAGE, "%s", why);
	return (params);
}

/* As an agent does before it runs the tool. */
static int
cmd_check_params(const struct registry_entry *entry, struct json_object *params)
{
	struct json_object *errors;
	int failures =
	    run_check(entry, params, &errors, clock_now_ns() + CHECK_NS);

	if (failures == -1)
		message_no_memory();
	if (failures > 0) {
		message("the parameters do not fit the tool's schema");
		ask_errors(errors);
	}
	if (found != NULL) {
		json_object_put(found);
		found = json_object_get(errors);
	}
	json_object_put(errors);
	return (failures == 0 ? CTL_OK : CTL_TOOL);
}

/* {"valid": ..., "errors": [{"pointer"?, "detail"}], "warnings": [...]} */
static void
cmd_check_show(bool valid, struct json_object *warnings)
{
	struct json_object *o = message_need(json_object_new_object());
	size_t len;
	const char *text;

	json_object_object_add(o, "valid", json_object_new_boolean(valid));
	json_object_object_add(o, "errors", json_object_get(found));
	json_object_object_add(o, "warnings", warnings);
	text = json_object_to_json_string_length(
	    o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (text == NULL)
		message_no_memory();
	output_json(text, len);
	json_object_put(o);
}

int
cmd_check(struct ctl *ctl, int argc, char **argv)
{
	struct manifest_tool tool = {0};
	struct json_object *params, *warnings = NULL;
	int status;

	if (ctl->json)
		found = message_need(json_object_new_array());
	status = cmd_manifest_load(&tool, ctl, argv[0]);
	/* What was said of a manifest that is good kept nothing from being. */
	if (ctl->json && status == CTL_OK) {
		warnings = found;
		found = message_need(json_object_new_array());
	}
	if (status == CTL_OK && argc > 1) {
		params = cmd_manifest_params(argc, argv);
		status = cmd_check_params(tool.entry, params);
		json_object_put(params);
	}
	if (ctl->json)
		cmd_check_show(status == CTL_OK,
		    warnings != NULL ? warnings
				     : message_need(json_object_new_array()));
	json_object_put(found);
	cmd_manifest_unload(&tool);
	return (status);
}

/* A tool's own words, or why it has none. */
static int
cmd_try_failed(const char *tool, struct json_object *value, int status)
{
	const char *text = json_object_get_string(value);

	message("%s: %s", tool, text == NULL ? "failed" : text);
	return (status);
}

static int
cmd_try_crashed(const char *tool, int wait_status)
{
	if (WIFSIGNALED(wait_status))
		message("%s: died of signal %d (%s)", tool,
		    WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
	else
		message("%s: exited with status %d", tool,
		    WEXITSTATUS(wait_status));
	return (CTL_TOOL);
}

static int
cmd_try_succeeded(const struct ctl *ctl, struct json_object *value)
{
	size_t len;
	const char *text;

	if (!ctl->json) {
		output_value(value);
		return (CTL_OK);
	}
	text = json_object_to_json_string_length(value,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (text == NULL)
		message_no_memory();
	output_json(text, len);
	return (CTL_OK);
}

/* What came of it, in the order of the exit statuses. */
static int
cmd_try_show(const struct ctl *ctl, const char *tool, const struct trial *trial)
{
	switch (trial->outcome) {
	case WIRE_OUTCOME_SUCCESS:
		return (cmd_try_succeeded(ctl, trial->value));
	case TRIAL_CRASHED:
		return (cmd_try_crashed(tool, trial->wait_status));
	case WIRE_OUTCOME_INVALID:
		message("the parameters do not fit the tool's schema");
		ask_errors(trial->value);
		return (CTL_REFUSED);
	case WIRE_OUTCOME_UNKNOWN_TOOL:
		message("%s: is not enabled", tool);
		return (CTL_REFUSED);
	case TRIAL_TIMEOUT:
		message("%s: did not finish in time; it was stopped", tool);
		return (CTL_TIMEOUT);
	case WIRE_OUTCOME_TIMEOUT:
		return (cmd_try_failed(tool, trial->value, CTL_TIMEOUT));
	case TRIAL_INTERRUPTED:
		message("cancelled");
		return (CTL_SIGNAL + trial->signal);
	default:
		return (cmd_try_failed(tool, trial->value, CTL_TOOL));
	}
}

/* -T, or what the policy says, or what the configuration does. */
static int64_t
cmd_try_timeout_ms(const struct ctl *ctl, const struct manifest_tool *tool)
{
	int64_t timeout_ms;

	if (ctl->call_timeout == NULL)
		return (tool->entry->policy.timeout_ms > 0
			    ? tool->entry->policy.timeout_ms
			    : tool->conf->timeout_ms);
	if (!units_parse_seconds(ctl->call_timeout, &timeout_ms))
		message_die(CTL_USAGE, "-T %s: is not a number of seconds",
		    ctl->call_timeout);
	return (timeout_ms);
}

int
cmd_try(struct ctl *ctl, int argc, char **argv)
{
	struct manifest_tool tool = {0};
	int status = cmd_manifest_load(&tool, ctl, argv[0]);
	struct json_object *params;
	struct trial trial;

	if (status == CTL_OK) {
		params = cmd_manifest_params(argc, argv);
		trial_run(&trial, tool.conf, tool.registry, tool.entry->name,
		    params, cmd_try_timeout_ms(ctl, &tool));
		status = cmd_try_show(ctl, tool.entry->name, &trial);
		json_object_put(trial.value);
		json_object_put(params);
	}
	cmd_manifest_unload(&tool);
	return (status);
}
