/*
 * agentctl check and try: manifests without a daemon.
 */

#include "ctl.h"

#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char manifest[] =
    "{\"name\": \"trial\", \"description\": \"Does what it is told\","
    " \"parameters\": {\"type\": \"object\", \"properties\": {"
    "  \"do\": {\"type\": \"string\"}}, \"required\": [\"do\"]},"
    " \"command\": [\"/bin/sh\", \"trial.sh\"], \"output\": \"text\","
    " \"timeout\": \"10s\"";

/* Nobody writes to the gate. */
static const char script[] =
    "read -r line\n"
    "case $line in\n"
    "*fail*) printf 'oops \\033[2J\\n' >&2; exit 3 ;;\n"
    "*crash*) kill -KILL $PPID ;;\n"
    "*memory*) ulimit -d; exit 0 ;;\n"
    "*where*) pwd; exit 0 ;;\n"
    "*orphan*) (setsid cat gate >/dev/null 2>&1 &) ;;\n"
    "*hang*) echo begun >begun.log; cat gate ;;\n"
    "esac\n"
    "echo \"got $line\"\n";

struct place {
	struct daemon *daemon;
	char manifest[160], gate[160], begun[160];
};

static void
place_write(struct place *p, const char *members)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s}", manifest, members);
	file_write(p->manifest, text);
	assert_int_equal(chmod(p->manifest, 0644), 0);
}

static void
place_make(struct place *p)
{
	char path[160];

	p->daemon = daemon_prepare();
	snprintf(
	    p->manifest, sizeof(p->manifest), "%s/trial.json", p->daemon->dir);
	snprintf(p->gate, sizeof(p->gate), "%s/gate", p->daemon->dir);
	snprintf(p->begun, sizeof(p->begun), "%s/begun.log", p->daemon->dir);
	snprintf(path, sizeof(path), "%s/trial.sh", p->daemon->dir);
	file_write(path, script);
	assert_int_equal(mkfifo(p->gate, 0600), 0);
	place_write(p, "");
}

static void
place_leave(struct place *p)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/trial.sh", p->daemon->dir);
	unlink(path);
	unlink(p->manifest);
	unlink(p->gate);
	daemon_gone(p->daemon, 0);
}

/* The line of what is wrong, and the same for programs. */
static void
try_check_lines(void **state)
{
	static const struct {
		const char *text, *err;
	} rows[] = {
	    {"{\n \"name\": \"trial\",\n \"command\": [\"/bin/echo\"]\n"
	     " \"timeout\": \"1s\"\n}\n",
		": line 4: is no JSON"},
	    {"{\n \"name\": \"trial\",\n \"command\": [\"/bin/echo\"],\n"
	     " \"nonsense\": 1\n}\n",
		": line 4: unknown member \"nonsense\""},
	    {"{\n \"name\": \"trial\",\n \"command\": [\"/bin/echo\"],\n"
	     " \"parameters\": {\n  \"type\": \"object\",\n"
	     "  \"properties\": {\n   \"a\": {\"type\": \"string\"},\n"
	     "   \"b\": {\n    \"enum\": [1],\n    \"type\": \"strin\"\n"
	     "  }}}}\n",
		": line 10: parameters: /properties/b/type: "},
	    {"{\"name\": \"trial\", \"command\": [\"/bin/echo\"], "
	     "\"nonsense\": 1}",
		".json: unknown member"},
	};
	struct place p;

	place_make(&p);
	for (size_t i = 0; i < COUNT(rows); i++) {
		file_write(p.manifest, rows[i].text);
		ctl_check(
		    p.daemon, 1, "", rows[i].err, WORDS("check", p.manifest));
		ctl_check(p.daemon, 1,
		    "{\"valid\":false,\"errors\":[{\"detail\":", rows[i].err,
		    WORDS("-j", "check", p.manifest));
	}
	place_write(&p, "");
	ctl_check(p.daemon, 0,
	    "{\"valid\":true,\"errors\":[],\"warnings\":[]}\n", "",
	    WORDS("-j", "check", p.manifest, "do=x"));
	ctl_check(p.daemon, 1, "\"errors\":[{\"pointer\":\"/do\",", "/do: must",
	    WORDS("-j", "check", p.manifest, "do:=1"));
	place_leave(&p);
}

/* A result that is text, for a pipe: it may end at a terminal. */
static void
try_text(void **state)
{
	static const char text[] =
	    "{\"name\": \"trial\", \"output\": \"text\", \"command\": "
	    "[\"/bin/sh\","
	    " \"-c\", \"printf 'a\\\\tb\\\\r\\\\nc\\\\033[31md\\\\302\\\\2332J"
	    "\\\\342\\\\200\\\\256e'\"]}";
	struct place p;
	struct ctl ctl;

	place_make(&p);
	file_write(p.manifest, text);
	ctl_begin(&ctl, p.daemon, NULL, WORDS("try", p.manifest));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 0);
	if (strcmp(ctl.out, "a\tb\r\nc\\x1b[31md\\u009b2J\u202ee\n") != 0)
		fail_msg("\"%s\" \"%s\"", ctl.out, ctl.err);
	ctl_free(&ctl);
	place_leave(&p);
}

static void
try_check(void **state)
{
	struct place p;

	place_make(&p);
	ctl_check(p.daemon, 0, "", "", WORDS("check", p.manifest));
	ctl_check(p.daemon, 0, "", "", WORDS("check", p.manifest, "do=x"));
	ctl_check(p.daemon, 1, "", "agentctl: /do: must be string",
	    WORDS("check", p.manifest, "{\"do\": 1}"));
	ctl_check(p.daemon, 1, "", "\"do\" is required",
	    WORDS("check", p.manifest, "{}"));
	ctl_check(p.daemon, 2, "", "neither", WORDS("check", p.manifest, "do"));
	ctl_check(p.daemon, 1, "", "/nothing.json: No such file",
	    WORDS("check", "/nothing.json"));
	ctl_check(p.daemon, 2, "", "/nothing",
	    WORDS("check", "-c", "/nothing", p.manifest));
	place_write(&p, ", \"coerce\": true");
	ctl_check(p.daemon, 0, "", "", WORDS("check", p.manifest, "do:=1"));
	ctl_check(p.daemon, 0, "\"valid\":true,\"errors\":[]", "",
	    WORDS("-j", "check", p.manifest, "do:=1"));
	ctl_check(p.daemon, 1, "\"errors\":[{\"pointer\":\"/do\",",
	    "/do: must be string", WORDS("-j", "check", p.manifest, "do:=[]"));
	place_write(&p, ", \"null_is_absent\": true");
	ctl_check(p.daemon, 0, "", "",
	    WORDS("check", p.manifest, "do=x", "gate:=null"));
	place_write(&p, ", \"timeuot\": 1");
	ctl_check(p.daemon, 1, "", "trial.json: ", WORDS("check", p.manifest));
	ctl_check(p.daemon, 1, "", "timeuot", WORDS("try", p.manifest));
	place_leave(&p);
}

static void
try_outcomes(void **state)
{
	struct place p;

	place_make(&p);
	ctl_check(p.daemon, 0, "got {\"do\":\"x\"}\n", "",
	    WORDS("try", p.manifest, "do=x"));
	ctl_check(p.daemon, 0, "\"got {\\\"do\\\":\\\"x\\\"}\"\n", "",
	    WORDS("-j", "try", p.manifest, "do=x"));
	ctl_check(
	    p.daemon, 4, "", "\"do\" is required", WORDS("try", p.manifest));
	ctl_check(p.daemon, 1, "", "exited with status 3",
	    WORDS("try", p.manifest, "do=fail"));
	/* What a tool says is passed on, harmless. */
	ctl_check(p.daemon, 1, "", "agentctl: trial: oops ",
	    WORDS("try", p.manifest, "do=fail"));
	ctl_check(p.daemon, 1, "", "died of signal 9",
	    WORDS("try", p.manifest, "do=crash"));
	ctl_check(p.daemon, 0, p.daemon->dir, "",
	    WORDS("try", p.manifest, "do=where"));
	place_leave(&p);
}

/* The policy of the manifest, and that of the operator. */
static void
try_policy(void **state)
{
	struct place p;

	place_make(&p);
	place_write(&p, ", \"memory\": \"64m\"");
	ctl_check(
	    p.daemon, 0, "65536\n", "", WORDS("try", p.manifest, "do=memory"));
	daemon_configure(p.daemon, "tool trial {\n\tmemory = \"128m\"\n}\n");
	ctl_check(p.daemon, 0, "131072\n", "",
	    WORDS("try", "-c", p.daemon->conf, p.manifest, "do=memory"));
	daemon_configure(p.daemon, "tool trial {\n\tenabled = no\n}\n");
	ctl_check(p.daemon, 4, "", "not enabled",
	    WORDS("try", "-c", p.daemon->conf, p.manifest, "do=x"));
	place_leave(&p);
}

/* Whatever becomes of it, nothing is left running: place_leave() looks. */
static void
try_leaves_nothing(void **state)
{
	struct place p;

	place_make(&p);
	ctl_check(p.daemon, 5, "", "",
	    WORDS("-q", "try", "-T", "0.1", p.manifest, "do=hang"));
	assert_true(wait_until(proc_no_strays, p.daemon, WAIT_MS));
	ctl_check(
	    p.daemon, 0, "got", "", WORDS("try", p.manifest, "do=orphan"));
	place_leave(&p);
}

static bool
file_exists(void *path)
{
	return (access(path, F_OK) == 0);
}

static void
try_interrupted(void **state)
{
	struct place p;
	struct ctl ctl;

	place_make(&p);
	ctl_begin(&ctl, p.daemon, NULL, WORDS("try", p.manifest, "do=hang"));
	assert_true(wait_until(file_exists, p.begun, WAIT_MS));
	assert_true(proc_kill(ctl.pid, SIGINT));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 128 + SIGINT);
	assert_string_equal(ctl.err, "agentctl: cancelled\n");
	ctl_free(&ctl);
	place_leave(&p);
}

/* Not even a SIGKILL of agentctl leaves the tool running. */
static void
try_killed(void **state)
{
	struct place p;
	struct ctl ctl;

	place_make(&p);
	ctl_begin(&ctl, p.daemon, NULL, WORDS("try", p.manifest, "do=hang"));
	assert_true(wait_until(file_exists, p.begun, WAIT_MS));
	assert_true(proc_kill(ctl.pid, SIGKILL));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 128 + SIGKILL);
	ctl_free(&ctl);
	assert_true(wait_until(proc_no_strays, p.daemon, WAIT_MS));
	place_leave(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(try_check),
	    E2E_TEST(try_check_lines),
	    E2E_TEST(try_text),
	    E2E_TEST(try_outcomes),
	    E2E_TEST(try_policy),
	    E2E_TEST(try_leaves_nothing),
	    E2E_TEST(try_interrupted),
	    E2E_TEST(try_killed),
	};

	return (cmocka_run_group_tests_name("agentctl_try", tests, NULL, NULL));
}
