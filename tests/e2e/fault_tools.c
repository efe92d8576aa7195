/*
 * The tools of the fault-injection daemon: the built-in ones, "wait", which
 * stops at a gate until the test opens it, and "fault", which breaks the
 * agent that runs it in the way its parameter "action" names.  Never part of
 * what is installed.
 */

#include "fault.h"

#include "tools/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Runs in each agent before it is ready: while the switch "start" is on, no
 * agent gets any further.
 */
static void
fault_setup(const struct conf *conf)
{
	if (fault_switch("start") != -1) {
		dprintf(2, "told to die at start\n");
		_exit(1);
	}
}

static void
fault_run(struct tool_call *call)
{
	const char *name = tool_param_string(call, "action", "", NULL);
	struct json_object *mid = tool_param(call, "mid");

	for (const struct fault *f = faults; f->name != NULL; f++) {
		if (strcmp(f->name, name) != 0)
			continue;
		if (json_object_get_boolean(mid))
			fault_send_half();
		f->run(call);
		return;
	}
	tool_fail(call, "no such fault: %s", name);
}

/*
 * Adds a byte to the file NAME.done, so that a test sees whether, and how
 * often, it got that far.  With "soft" it waits to be cancelled instead.
 */
static void
wait_run(struct tool_call *call)
{
	const char *name = tool_param_string(call, "gate", "", NULL);
	const char *dir = getenv(FAULT_DIR);
	char path[512];
	int fd;

	if (json_object_get_boolean(tool_param(call, "soft"))) {
		fault_patient(call);
		return;
	}
	if (dir == NULL) {
		tool_fail(call, "%s is not set", FAULT_DIR);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		tool_fail(call, "gate %s: %s", name, strerror(errno));
		return;
	}
	close(fd);
	snprintf(path, sizeof(path), "%s/%s.done", dir, name);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || write(fd, "x", 1) != 1)
		tool_fail(call, "%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	tool_add_string(call, "gate", name);
}

static const struct tool tool_fault = {
    .name = "fault",
    .description = "Breaks its agent.",
    .parameters = "{\"type\": \"object\", \"properties\": {"
		  "\"action\": {\"type\": \"string\"}, "
		  "\"mid\": {\"type\": \"boolean\"}, "
		  "\"size\": {\"type\": \"integer\"}, "
		  "\"text\": {\"type\": \"string\"}}, "
		  "\"required\": [\"action\"], "
		  "\"additionalProperties\": false}",
    .setup = fault_setup,
    .run = fault_run,
};

static const struct tool tool_wait = {
    .name = "wait",
    .description = "Waits at a gate until it is opened.",
    .parameters = "{\"type\": \"object\", \"properties\": {"
		  "\"gate\": {\"type\": \"string\"}, "
		  "\"soft\": {\"type\": \"boolean\"}}, "
		  "\"required\": [\"gate\"], "
		  "\"additionalProperties\": false}",
    .run = wait_run,
};

const struct tool *const tools_table[] = {
    &tool_calculator,
    &tool_echo,
    &tool_fault,
    &tool_random,
    &tool_text,
    &tool_time,
    &tool_wait,
    &tool_weather,
    NULL,
};
