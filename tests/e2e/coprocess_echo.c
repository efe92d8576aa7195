/*
 * A coprocess that answers every call with its params, as fast as it can, and
 * breaks the contract when the params say so ({"do": "twice"}).  It knows how
 * agentd writes its messages, and so needs no JSON library.
 */

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The message at hand. */
static long id;
static const char *params; /* up to and with the end of the message */
static int params_len;
static int calls;
static bool cancellable;

static void __attribute__((noreturn)) stay(void)
{
	for (;;)
		pause();
}

static void
answer(long to)
{
	printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":%.*s}\n", to,
	    params_len, params);
	fflush(stdout);
}

static void
do_die(void)
{
	fprintf(stderr, "I was told to die\n");
	exit(1);
}

static void
do_answer_and_die(void)
{
	answer(id);
	exit(0);
}

static void
do_twice(void)
{
	answer(id);
	answer(id);
}

/* As if it knew the next call already. */
static void
do_ahead(void)
{
	answer(id);
	answer(id + 1);
}

static void
do_wrong_id(void)
{
	answer(id + 1000);
	answer(id);
}

static void
do_only_wrong_id(void)
{
	answer(id + 1000);
}

/* But for the cancelled call. */
static void
do_never(void)
{
	cancellable = true;
}

static void
do_banner(void)
{
	puts("Welcome to the coprocess!");
	puts("");
	puts("[1, 2, 3]");
	puts("{\"level\":\"info\",\"id\":");
	answer(id);
}

/* As a program in Python writes what is no number. */
static void
do_nan(void)
{
	printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"a\":NaN}}\n", id);
}

static void
do_pretty(void)
{
	printf("{\n  \"jsonrpc\": \"2.0\",\n  \"id\": %ld,\n"
	       "  \"result\": 1\n}\n",
	    id);
}

/* Neither was meant to be the answer. */
static void
do_garble_others(void)
{
	printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":NaN}\n", id + 1000);
	puts("{\"jsonrpc\":\"2.0\",\"method\":\"progress\",\"params\":NaN}");
	answer(id);
}

static void
do_mark(void)
{
	fputs("\xef\xbb\xbf", stdout);
	answer(id);
}

static void
do_bare(void)
{
	printf("{\"id\":%ld,\"result\":1}\n", id);
}

static void
do_stop_reading(void)
{
	answer(id);
	stay();
}

static void
do_half(void)
{
	fputs("{\"jsonrpc\":\"2.0\",\"id\":1,\"res", stdout);
	fflush(stdout);
	exit(0);
}

static void
do_close(void)
{
	close(1);
	stay();
}

static void
do_flood(void)
{
	static char chunk[65536];

	memset(chunk, 'x', sizeof(chunk));
	while (write(1, chunk, sizeof(chunk)) > 0)
		;
	exit(1);
}

static void
do_flood_lines(void)
{
	while (puts("this is no answer") != EOF)
		;
	exit(1);
}

static void
do_error(void)
{
	printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"error\":"
	       "{\"code\":-32000,\"message\":\"no such thing\"}}\n",
	    id);
}

static void
do_neither(void)
{
	printf("{\"jsonrpc\":\"2.0\",\"id\":%ld}\n", id);
}

static void
do_notify(void)
{
	puts("{\"jsonrpc\":\"2.0\",\"method\":\"progress\",\"params\":"
	     "{\"value\":1,\"total\":2,\"message\":\"half way\"}}");
	puts("{\"jsonrpc\":\"2.0\",\"method\":\"log\",\"params\":"
	     "{\"level\":\"warning\",\"message\":\"mind the gap\"}}");
	puts("{\"jsonrpc\":\"2.0\",\"method\":\"dance\"}");
	answer(id);
}

/* Then it waits to be cancelled. */
static void
do_report(void)
{
	puts("{\"jsonrpc\":\"2.0\",\"method\":\"progress\",\"params\":"
	     "{\"value\":1,\"total\":2,\"message\":\"half way\"}}");
	do_never();
}

static void
do_report_flood(void)
{
	for (int i = 0; i < 100000; i++)
		puts("{\"jsonrpc\":\"2.0\",\"method\":\"progress\","
		     "\"params\":{\"value\":3,\"total\":-1}}");
	do_never();
}

/* A process that outlives the answer, in a session of its own. */
static void
do_stray(void)
{
	pid_t child = fork();

	if (child == 0) {
		setsid();
		if (fork() == 0)
			stay();
		_exit(0);
	}
	waitpid(child, NULL, 0);
	answer(id);
}

/* One that stays its child. */
static void
do_helper(void)
{
	if (fork() == 0)
		stay();
	answer(id);
}

/* Its child floods standard error, for as long as somebody reads it. */
static void
do_flood_errors(void)
{
	if (fork() == 0) {
		static char chunk[65536];

		memset(chunk, '\n', sizeof(chunk));
		for (size_t i = 0; i < sizeof(chunk); i += 2)
			chunk[i] = 'x';
		while (write(2, chunk, sizeof(chunk)) > 0)
			;
		_exit(0);
	}
	answer(id);
}

static void
do_hang(void)
{
	signal(SIGTERM, SIG_IGN);
	stay();
}

static void
do_count(void)
{
	printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":"
	       "{\"calls\":%d,\"pid\":%d}}\n",
	    id, calls, (int)getpid());
}

static void
do_environment(void)
{
	printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":[0", id);
	for (char **at = environ; *at != NULL; at++)
		printf(",\"%s\"", *at);
	puts("]}");
}

static const struct action {
	const char *name;
	void (*run)(void);
} actions[] = {
    {"die", do_die},
    {"answer_and_die", do_answer_and_die},
    {"twice", do_twice},
    {"ahead", do_ahead},
    {"wrong_id", do_wrong_id},
    {"only_wrong_id", do_only_wrong_id},
    {"never", do_never},
    {"banner", do_banner},
    {"nan", do_nan},
    {"pretty", do_pretty},
    {"garble_others", do_garble_others},
    {"mark", do_mark},
    {"bare", do_bare},
    {"stop_reading", do_stop_reading},
    {"half", do_half},
    {"close", do_close},
    {"flood", do_flood},
    {"flood_lines", do_flood_lines},
    {"flood_errors", do_flood_errors},
    {"error", do_error},
    {"neither", do_neither},
    {"notify", do_notify},
    {"report", do_report},
    {"report_flood", do_report_flood},
    {"stray", do_stray},
    {"helper", do_helper},
    {"hang", do_hang},
    {"count", do_count},
    {"environment", do_environment},
};

static void
act(const char *wanted)
{
	size_t len = strcspn(wanted, "\"");

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strlen(actions[i].name) == len &&
		    strncmp(actions[i].name, wanted, len) == 0) {
			actions[i].run();
			fflush(stdout);
			return;
		}
	answer(id);
}

/* "cancel": the call that was never answered is answered now. */
static void
cancelled(const char *line)
{
	static const char text[] = "\"cancelled\"";

	if (!cancellable)
		return;
	cancellable = false;
	params = text;
	params_len = (int)sizeof(text) - 1;
	answer(atol(strstr(line, "\"id\":") + 5));
}

static void
take(const char *line, size_t len)
{
	const char *at = strstr(line, "\"params\":"), *action;

	if (strstr(line, "\"method\":\"cancel\"") != NULL) {
		cancelled(line);
		return;
	}
	id = atol(strstr(line, "\"id\":") + 5);
	params = at + strlen("\"params\":");
	params_len = (int)(line + len - params - 2); /* "}\n" */
	calls++;
	if ((action = strstr(params, "\"do\":\"")) == NULL)
		answer(id);
	else
		act(action + strlen("\"do\":\""));
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	/* How it is right after its start. */
	if (argc > 1 && strcmp(argv[1], "die") == 0)
		do_die();
	if (argc > 1 && strcmp(argv[1], "banner") == 0)
		puts("Welcome!");
	if (argc > 1 && strcmp(argv[1], "deaf") == 0)
		stay();
	fflush(stdout);
	while ((len = getline(&line, &size, stdin)) > 0)
		take(line, (size_t)len);
	free(line);
	return (0);
}
