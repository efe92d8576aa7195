/*
 * agentd, the Agent Orchestrator: main.  Options and the functions that
 * children run; nothing else.
 */

#include "agent/agent.h"
#include "agent/registry.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/pack.h"
#include "common/title.h"
#include "conf/conf.h"
#include "frontend/frontend.h"
#include "master/globals.h"
#include "master/master.h"
#include "master/signals.h"
#include "master/user.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONF SYSCONFDIR "/agentd/agentd.conf"
#define DEFAULT_PIDFILE RUNSTATEDIR "/agentd.pid"

#define EXIT_USAGE 2

struct options {
	const char *conf_path;
	const char *pidfile;
	bool foreground, debug, check, print;
};

static const char usage_text[] =
    "usage: agentd [-dfhnVv] [-c file] [-p pidfile]\n";

static const char help_text[] =
    "\n"
    "  -c file     read this configuration [" DEFAULT_CONF "]\n"
    "  -d          log debug messages\n"
    "  -f          stay in the foreground\n"
    "  -h          show this help\n"
    "  -n          check the configuration and exit; with -v, print it\n"
    "  -p pidfile  write the process id there [" DEFAULT_PIDFILE "]\n"
    "  -V          show the version\n"
    "\n"
    "See agentd(8).\n";

static void
agentd_usage(void)
{
	fputs(usage_text, stderr);
	exit(EXIT_USAGE);
}

static void
agentd_options_read(struct options *o, int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "c:dfhnp:Vv")) != -1) {
		switch (ch) {
		case 'c':
			o->conf_path = optarg;
			break;
		case 'd':
			o->debug = true;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 'h':
			printf("%s%s", usage_text, help_text);
			exit(0);
		case 'n':
			o->check = true;
			break;
		case 'p':
			o->pidfile = optarg;
			break;
		case 'V':
			printf("agentd %s\n", PACKAGE_VERSION);
			exit(0);
		case 'v':
			o->print = true;
			break;
		default:
			agentd_usage();
		}
	}
	if (optind != argc)
		agentd_usage();
}

static void
agentd_report(const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/*
 * Absolute, because a daemon leaves the directory it was started in; and by the
 * name that directory was entered by, for a reload to read what a symbolic link
 * in it leads to by then.
 */
static const char *
agentd_absolute(const char *path)
{
	char *dir, *whole;

	if (path[0] == '/')
		return (path);
	if ((dir = get_current_dir_name()) == NULL ||
	    asprintf(&whole, "%s/%s", dir, path) == -1)
		log_fatal("cannot determine the current directory");
	free(dir);
	return (whole);
}

/* As a daemon there is always one; in the foreground only when asked for. */
static const char *
pidfile(const struct options *o, const struct conf *conf)
{
	if (o->pidfile != NULL)
		return (agentd_absolute(o->pidfile));
	if (conf->pidfile[0] != '\0')
		return (agentd_absolute(conf->pidfile));
	return (o->foreground ? NULL : DEFAULT_PIDFILE);
}

/* -n: a bad manifest keeps no daemon from starting, but here it is found. */
static void __attribute__((noreturn))
check(const struct options *o, struct conf *conf)
{
	size_t bad;
	struct registry *registry;

	signals_release();
	registry = registry_load(conf, agentd_report, &bad);
	if (o->print)
		conf_print(conf, stdout);
	exit(registry == NULL || bad > 0 ? 1 : 0);
}

/* For master.h. */
static int
agentd_tools_load(const struct conf *conf,
    void (*report_tool)(const char *line), struct pack *catalogue,
    struct pack *tools)
{
	size_t bad, unreadable;
	struct registry *registry = registry_load(conf, report_tool, &bad);
	char *text;

	if (registry == NULL)
		return (-1);
	if ((text = registry_catalogue(registry)) == NULL)
		catalogue->failed = true;
	else
		pack_text(catalogue, text);
	free(text);
	registry_pack(registry, tools);
	unreadable = registry_unreadable(registry);
	registry_free(registry);
	return ((int)unreadable);
}

static struct conf *
agentd_load(const struct options *o)
{
	struct conf *conf = conf_load(o->conf_path, agentd_report);
	char why[256];

	if (conf == NULL)
		exit(1);
	if (user_resolve(conf, why, sizeof(why)) == -1) {
		fprintf(stderr, "%s: %s\n", o->conf_path, why);
		exit(1);
	}
	if (o->check)
		check(o, conf);
	return (conf);
}

int
main(int argc, char **argv)
{
	struct options o = {.conf_path = DEFAULT_CONF};
	struct master_options m = {
	    .run = {.frontend = frontend_main, .agent = agent_main},
	    .tools = {agentd_tools_load, registry_forget}};
	struct conf *conf;

	signals_hold();
	if (fd_open_standard(O_RDWR) == -1)
		return (1); /* there is nowhere to say why */
	title_init(argc, argv, environ);
	agentd_options_read(&o, argc, argv);
	o.conf_path = agentd_absolute(o.conf_path);
	conf = agentd_load(&o);
	m.conf_path = o.conf_path;
	m.pidfile = pidfile(&o, conf);
	m.foreground = o.foreground;
	m.debug = o.debug;
	return (master_run(&m, conf));
}
