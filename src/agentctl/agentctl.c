/*
 * agentctl, the command-line client of agentd: main, options, and the table
 * of commands; nothing else.
 */

#include "agentctl/agentctl.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/message.h"
#include "agentctl/output.h"
#include "agentctl/units.h"
#include "common/fd.h"
#include "common/json.h"
#include "conf/conf_check.h"

/* Where a daemon puts it that is not told where. */
#define AUTO "auto"

#define GLOBAL_OPTIONS "hjqs:t:u:V"

#define FRAMES_MAX 1000000000

static int agentctl_help_of(struct ctl *, int argc, char **argv);

/* clang-format off */
const struct ctl_command ctl_commands[] = {
	{"agents", "", "list the agents and what they do",
	    "", 0, 0, false, cmd_agents},
	{"batch", " file", "make the calls that a file holds, - for standard "
	    "input", "", 1, 1, false, cmd_batch},
	{"breaker", " tool reset|open", "close the circuit breaker of a tool, or "
	    "open it", "", 2, 2, false, cmd_breaker},
	{"breakers", "", "list the circuit breakers of tools",
	    "", 0, 0, false, cmd_breakers},
	{"call", " [-T seconds] [-p priority] [-r retries] tool [item ...]",
	    "run a tool; an item is name=text, name:=json, or - for standard "
	    "input", "T:p:r:", 1, -1, false, cmd_call},
	{"cancel", " id", "cancel a call",
	    "", 1, 1, false, cmd_cancel},
	{"check", " [-c file] manifest [item ...]",
	    "check the manifest of a tool, and parameters for it",
	    "c:", 1, -1, true, cmd_check},
	{"describe", " [-1] tool", "show the parameters of a tool",
	    "1", 1, 1, false, cmd_describe},
	{"drain", "", "finish what was accepted and stop",
	    "", 0, 0, false, cmd_drain},
	{"help", " [command]", "show what a command does, or all commands",
	    "", 0, 1, true, agentctl_help_of},
	{"log", " level", "log error, warning, info or debug messages",
	    "", 1, 1, false, cmd_log},
	{"reload", "", "read the configuration again",
	    "", 0, 0, false, cmd_reload},
	{"requests", " [-1]", "list the calls in flight",
	    "1", 0, 0, false, cmd_requests},
	{"resize", " number", "change how many agents there are",
	    "", 1, 1, false, cmd_resize},
	{"stats", "", "show the counts",
	    "", 0, 0, false, cmd_stats},
	{"tools", " [-1]", "list the tools",
	    "1", 0, 0, false, cmd_tools},
	{"top", " [-i seconds] [-n count]", "watch the daemon",
	    "i:n:", 0, 0, false, cmd_top},
	{"try", " [-c file] [-T seconds] manifest [item ...]",
	    "run the tool of a manifest once, without a daemon",
	    "c:T:", 1, -1, true, cmd_try},
	{NULL, NULL, NULL, NULL, 0, 0, false, NULL},
};
/* clang-format on */

static const char usage_text[] = "usage: agentctl [-hjqV] [-s socket | -u url]"
				 " [-t seconds] command [argument ...]\n";

static const char options_text[] =
    "\n"
    "  -h          show this help; after a command, that of the command\n"
    "  -j          print the daemon's answer as JSON\n"
    "  -q          print nothing on standard error\n"
    "  -s socket   the daemon's control socket [" RUNSTATEDIR
    "/agentd/control.sock]\n"
    "  -t seconds  wait this long for an answer\n"
    "  -u url      talk to http://host:port instead\n"
    "  -V          show the version\n"
    "\n"
    "See agentctl(1).\n";

/* The options of single commands. */
static const struct {
	char letter;
	const char *text;
} own_options[] = {
    {'1', "-1           one name a line, for scripts"},
    {'c', "-c file      the configuration with the policy of the tool"},
    {'i', "-i seconds   time between updates [1]"},
    {'n', "-n count     number of updates"},
    {'p', "-p priority  from 1, first, to 5, last [3]"},
    {'r', "-r retries   try again at most this often"},
    {'T', "-T seconds   give the tool this long"},
};

static const char items_text[] =
    "\n  An item is a parameter of the tool:\n"
    "    name=text    a string\n"
    "    name:=json   anything else: 5, true, [1, 2], {\"a\": 1}\n"
    "    -            an object with all of them on standard input\n"
    "  agentctl describe tool shows which there are.\n";

static void __attribute__((noreturn)) agentctl_leave(void)
{
	exit(output_finish() == 0 ? CTL_OK : CTL_SELF);
}

static void __attribute__((noreturn)) agentctl_version(void)
{
	printf("agentctl %s\n", PACKAGE_VERSION);
	agentctl_leave();
}

static void
agentctl_help_list(FILE *out)
{
	for (const struct ctl_command *c = ctl_commands; c->name != NULL; c++)
		fprintf(out, "  %-10s  %s\n", c->name, c->help);
}

static void
agentctl_help_command(const struct ctl_command *command)
{
	const char *gap = "\n";

	printf("usage: agentctl %s%s\n\n  %s\n", command->name,
	    command->arguments, command->help);
	for (size_t i = 0; i < sizeof(own_options) / sizeof(own_options[0]);
	     i++) {
		if (strchr(command->options, own_options[i].letter) == NULL)
			continue;
		printf("%s  %s\n", gap, own_options[i].text);
		gap = "";
	}
	if (strstr(command->arguments, "[item ...]") != NULL)
		fputs(items_text, stdout);
	puts("\nOptions of all commands: agentctl -h.  See agentctl(1).");
}

static const struct ctl_command *agentctl_find(const char *name);

static void __attribute__((noreturn))
agentctl_help(const struct ctl_command *command)
{
	if (command != NULL)
		agentctl_help_command(command);
	else {
		printf("%s\n", usage_text);
		agentctl_help_list(stdout);
		fputs(options_text, stdout);
	}
	agentctl_leave();
}

static int
agentctl_help_of(struct ctl *ctl, int argc, char **argv)
{
	agentctl_help(argc == 0 ? NULL : agentctl_find(argv[0]));
}

static void __attribute__((noreturn))
agentctl_usage(const struct ctl_command *command)
{
	if (command == NULL)
		fprintf(stderr, "%s", usage_text);
	else
		fprintf(stderr, "usage: agentctl %s%s\n", command->name,
		    command->arguments);
	exit(CTL_USAGE);
}

/* Options with a value or a flag to keep. */
static const struct kept {
	char letter;
	enum { FLAG, TEXT, SECONDS, COUNT } kind;
	size_t offset;
} kept[] = {
    {'1', FLAG, offsetof(struct ctl, names)},
    {'c', TEXT, offsetof(struct ctl, conf)},
    {'i', SECONDS, offsetof(struct ctl, interval_ms)},
    {'j', FLAG, offsetof(struct ctl, json)},
    {'n', COUNT, offsetof(struct ctl, frames)},
    {'p', TEXT, offsetof(struct ctl, call_priority)},
    {'r', TEXT, offsetof(struct ctl, call_retries)},
    {'s', TEXT, offsetof(struct ctl, socket)},
    {'T', TEXT, offsetof(struct ctl, call_timeout)},
    {'t', SECONDS, offsetof(struct ctl, timeout_ms)},
    {'u', TEXT, offsetof(struct ctl, url)},
};

/* False: this is no value for it. */
static bool
agentctl_keep(struct ctl *ctl, const struct kept *what, const char *value)
{
	char *place = (char *)ctl + what->offset;

	if (what->kind == SECONDS)
		return (units_parse_seconds(value, (int64_t *)place));
	if (what->kind == COUNT)
		return (
		    units_parse_count(value, 1, FRAMES_MAX, (int64_t *)place));
	if (what->kind == FLAG)
		*(bool *)place = true;
	else
		*(const char **)place = value;
	return (true);
}

static void
agentctl_option(struct ctl *ctl, const struct ctl_command *command, int letter)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (kept[i].letter == letter &&
		    !agentctl_keep(ctl, &kept[i], optarg))
			message_die(CTL_USAGE, "-%c %s: is not a valid number",
			    letter, optarg);
	ctl->chose_socket |= letter == 's';
	ctl->chose_url |= letter == 'u';
	if (ctl->chose_socket && ctl->chose_url)
		message_die(CTL_USAGE, "-s and -u: only one of them");
	if (letter == 's')
		ctl->url = NULL;
	else if (letter == 'h')
		agentctl_help(command);
	else if (letter == 'q')
		message_quiet(true);
	else if (letter == 'V')
		agentctl_version();
	else if (letter == '?')
		agentctl_usage(command);
}

/* The options in argv from its second word on; returns what is after them. */
static int
agentctl_options(struct ctl *ctl, const struct ctl_command *command,
    const char *letters, int argc, char **argv)
{
	static const struct option words[] = {{"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	int letter;

	optind = 0; /* begin anew */
	while ((letter = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		if (letter == '?' && strncmp(argv[optind - 1], "--", 2) == 0)
			message("%s: no such option", argv[optind - 1]);
		else if (letter == '?')
			message("-%c: no such option, or its value is missing",
			    optopt);
		agentctl_option(ctl, command, letter);
	}
	return (optind);
}

static const struct ctl_command *
agentctl_find(const char *name)
{
	const struct ctl_command *command = ctl_commands;

	while (command->name != NULL && strcmp(command->name, name) != 0)
		command++;
	if (command->name != NULL)
		return (command);
	message("%s: no such command; agentctl help lists them", name);
	agentctl_usage(NULL);
}

static void
agentctl_defaults(struct ctl *ctl)
{
	const char *socket = getenv("AGENTD_CONTROL");
	const char *url = getenv("AGENTD_URL");
	bool chosen = socket != NULL && socket[0] != '\0';

	ctl->socket = chosen ? socket : AUTO;
	ctl->url = !chosen && url != NULL && url[0] != '\0' ? url : NULL;
}

static struct client *
agentctl_connection(const struct ctl *ctl)
{
	const char *path = conf_socket_path(ctl->socket);

	if (ctl->url != NULL)
		return (client_new(NULL, ctl->url));
	if (path == NULL) /* it may be relative */
		path = strcmp(ctl->socket, AUTO) == 0 ? ask_place_find()
						      : ctl->socket;
	return (client_new(path, NULL));
}

static int
agentctl_run(
    struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
	char letters[64];
	int first, status;

	snprintf(
	    letters, sizeof(letters), "%s%s", GLOBAL_OPTIONS, command->options);
	first = agentctl_options(ctl, command, letters, argc, argv);
	argc -= first;
	argv += first;
	if (argc < command->min || (command->max != -1 && argc > command->max))
		agentctl_usage(command);
	if (!command->offline)
		ctl->client = agentctl_connection(ctl);
	status = command->run(ctl, argc, argv);
	client_free(ctl->client);
	return (status);
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {0};
	int first, status;

	/* Writing to what was closed still fails, and is noticed. */
	if (fd_open_standard(O_RDONLY) == -1)
		return (CTL_SELF);
	signal(SIGPIPE, SIG_IGN);
	opterr = 0;
	json_limit_depth(JSON_MAX_DEPTH); /* the daemon's to judge */
	agentctl_defaults(&ctl);
	first = agentctl_options(&ctl, NULL, "+" GLOBAL_OPTIONS, argc, argv);
	if (first == argc) {
		fprintf(stderr, "%s\n", usage_text);
		agentctl_help_list(stderr);
		return (CTL_USAGE);
	}
	status = agentctl_run(
	    &ctl, agentctl_find(argv[first]), argc - first, argv + first);
	return (output_finish() == 0 ? status : CTL_SELF);
}
