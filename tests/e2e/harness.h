/*
 * The end-to-end harness: runs a daemon in a directory of its own, talks to it
 * over raw sockets, looks at its processes.  Helpers assert by themselves, so
 * a test reads as the story that it checks.  Anything that must "soon" be
 * true goes through wait_until(): nothing else waits for time.
 */

#ifndef E2E_HARNESS_H
#define E2E_HARNESS_H

#include "test.h"

#include <sys/queue.h>
#include <sys/types.h>

#include <stdbool.h>

/*
 * What a healthy daemon does well within, even where it hardly gets to run.
 * Only a test that fails waits so long.
 */
#define WAIT_MS 60000

/* Every test goes through this, so that a failed one leaves nothing behind. */
#define E2E_TEST(function) cmocka_unit_test_teardown(function, daemon_cleanup)

/*
 * Checks condition(arg) again and again until it is true or timeout_ms have
 * passed; returns what it said last.
 */
bool wait_until(bool (*condition)(void *), void *arg, int timeout_ms);

/* Milliseconds of the monotonic clock, and finer. */
int64_t now_ms(void);
int64_t now_us(void);

/* An integer from the environment, or what to take when it is absent. */
int env_int(const char *name, int absent);

/*
 * How long something may take that is to be done within ms: longer where the
 * tests are to give way to others, as they do under nice(1).
 */
int within_ms(int ms);

/* True in a build with sanitizers, which is slower and larger. */
bool built_with_sanitizers(void);

/* daemon.c: one running daemon and its directory */

struct daemon {
	LIST_ENTRY(daemon) entry;
	pid_t pid;  /* as forked; -1 once waited for */
	int status; /* as of waitpid(2), when pid is -1 */
	int notify_fd;
	char dir[96];
	char conf[128];	   /* its configuration file */
	char socket[128];  /* its Unix listener */
	char control[128]; /* its control socket */
	char log[128];	   /* what it wrote to stderr */
	char notes[256];   /* notifications not yet asked for */
};

struct daemon_options {
	const char *program;	/* NULL: faultd */
	const char *settings;	/* see daemon_configure() */
	char *const *wrapper;	/* words of a command that runs it; or NULL */
	char *const *arguments; /* instead of -f -c CONF; or NULL */
	void (*prepare)(struct daemon *, void *); /* in the child; or NULL */
	void *prepare_arg;
	bool unready; /* do not wait until it says READY=1 */
};

/* Starts the fault-injection daemon with two agents, and waits for READY. */
struct daemon *daemon_start(const char *settings);
struct daemon *daemon_start_with(const struct daemon_options *);

/* Makes the directory and what is in it, without a process. */
struct daemon *daemon_prepare(void);
void daemon_spawn(struct daemon *, const struct daemon_options *);

/*
 * Writes the configuration: settings as lines of the file, in which @DIR@
 * is the directory, and for what they leave out the harness' own defaults.
 */
void daemon_configure(struct daemon *, const char *settings);

/* SIGTERM; asserts exit 0 and that no process and no file is left. */
void daemon_stop(struct daemon *);

/* The exit status; asserts that it comes in time. */
int daemon_wait(struct daemon *, int timeout_ms);

/* After a death: asserts that it left nothing, and frees. */
void daemon_gone(struct daemon *, int timeout_ms);

/* Frees, after a death by violence: files may be left, processes not. */
void daemon_discard(struct daemon *);

void daemon_signal(struct daemon *, int signal);

/* Waits for this notification; those before it are dropped. */
bool daemon_notified(struct daemon *, const char *note, int timeout_ms);

/* SIGHUP, and waits until it is applied, or refused. */
void daemon_reload(struct daemon *);

/* Number of times that the log holds text. */
int daemon_logged(struct daemon *, const char *text);
bool daemon_wait_log(struct daemon *, const char *text, int timeout_ms);

/* Waits until the log holds text so often, and asserts that it is not more. */
void daemon_check_logged(struct daemon *, const char *text, int count);

/* The port of the TCP listener, from the log. */
int daemon_port(struct daemon *);

/* Teardown: kills and removes what a failed test left, shows its log. */
int daemon_cleanup(void **state);

/* Switches of the fault-injection daemon, files in its directory. */
void fault_set(struct daemon *, const char *name, const char *value);
void fault_clear(struct daemon *, const char *name);
bool fault_exists(struct daemon *, const char *name);

/* A gate that calls of the tool "wait" stop at, until it is opened. */
void gate_make(struct daemon *, const char *name);
void gate_open(struct daemon *, const char *name);
/* For as many calls as come, until the descriptor is closed. */
int gate_keep_open(struct daemon *, const char *name);

/* dir.c: files */

void file_write(const char *path, const char *text);
char *file_read(const char *path);
void file_copy(const char *from, const char *to);
size_t files_in(const char *dir, char *names, size_t size);
void dir_remove(const char *dir);

/* http.c: one connection, byte by byte */

#define HTTP_CLOSED 0  /* the connection ended without an answer */
#define HTTP_SILENT -1 /* no answer in time */

struct conn {
	int fd;
	bool ended;
	bool head_only; /* the next answer has no body */
	char *buf;
	size_t len, size;
};

struct reply {
	int status;
	char *head;
	char *body;
	size_t length;
	struct json_object *json; /* NULL: the body is no JSON */
};

struct conn *http_open(struct daemon *);
struct conn *http_open_path(const char *path);
struct conn *http_open_port(int port);
/* From which port that one comes. */
int http_own_port(const struct conn *);
/* -1 with errno when there is no such listener. */
int http_connect_path(const char *path);
/* A connection over a socket that is connected already. */
struct conn *http_adopt(int fd);
void http_close(struct conn *);

/* Sends all of it; false: the peer went away, or has stopped reading. */
bool http_write(struct conn *, const void *, size_t);
void http_send(struct conn *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A well-formed request; headers is lines with their CRLF, body may be NULL. */
void http_request(struct conn *, const char *method, const char *path,
    const char *headers, const char *body);

/* One whole answer, HTTP_CLOSED or HTTP_SILENT; the caller frees it. */
struct reply *http_read(struct conn *, int timeout_ms);
/* One answer that must come. */
struct reply *http_answer(struct conn *);
/* True when the peer closed and nothing more came. */
bool http_ended(struct conn *, int timeout_ms);
/* Takes what has come without waiting; false at the end of the stream. */
bool http_fill(struct conn *);

/* The first answer in the buffer is taken out of it; NULL: not yet whole. */
struct reply *reply_take(struct conn *);
void reply_free(struct reply *);
/* The value of a header, in a buffer that the next call uses again. */
const char *reply_header(const struct reply *, const char *name);

/* call.c: one request on a connection of its own, and what is in an answer */

struct reply *get(struct daemon *, const char *path);
struct reply *ask(struct daemon *, const char *method, const char *path,
    const char *headers, const char *body);
/* POST of body to that path on the control socket. */
struct reply *administer(struct daemon *, const char *action, const char *body);
/* POST of any bytes to where calls go. */
struct reply *ask_bytes(struct daemon *, const char *body, size_t len);
struct reply *call(struct daemon *, const char *tool, const char *params);
/* members: further members of the request, with a comma in front. */
struct reply *call_with(
    struct daemon *, const char *tool, const char *params, const char *members);
/* Sends the call and leaves it running. */
struct conn *call_begin(struct daemon *, const char *id, const char *tool,
    const char *params, const char *members);

/* By JSON Pointer; the test fails when it is not there. */
struct json_object *reply_at(const struct reply *, const char *pointer);
bool reply_has(const struct reply *, const char *pointer);
const char *reply_string(const struct reply *, const char *pointer);
int64_t reply_int(const struct reply *, const char *pointer);

/* Asserts status and problem code (NULL: none), and frees. */
void expect(struct reply *, int status, const char *code);
/* The same, and every rule for problem documents; does not free. */
void check_problem(const struct reply *, int status, const char *code);

/* Whether the call of this id is in this state, "gone" included. */
bool request_in(struct daemon *, const char *id, const char *state);
/* Waits until it is. */
void wait_request(struct daemon *, const char *id, const char *state);
/*
 * Waits until the front end knows of the shutdown, which the master announces
 * before; asks on a connection that was accepted before that.
 */
void wait_draining(struct conn *);
/* A number out of the statistics, and waiting for it. */
int64_t stat_of(struct daemon *, const char *name);
void wait_stat(struct daemon *, const char *name, int64_t value);

/* proc.c: what the kernel says of processes */

#define PROC_MAX 256

/* All descendants of root, itself excepted. */
size_t proc_tree(pid_t root, pid_t pids[static PROC_MAX]);
/* All below the master but its warden and the process that writes its log. */
size_t proc_workers(struct daemon *, pid_t pids[static PROC_MAX]);
char proc_state(pid_t); /* as in ps; 0: there is none */
bool proc_title(pid_t, char *title, size_t size);
/* The child of the daemon whose title starts so; -1: there is none. */
pid_t proc_find(struct daemon *, const char *title);
pid_t proc_frontend(struct daemon *);
pid_t proc_agent(struct daemon *, int number);
pid_t proc_any_agent(struct daemon *);
size_t proc_agents(struct daemon *, pid_t agents[static PROC_MAX]);
pid_t proc_master(struct daemon *);
/*
 * The only way in which tests send signals: to a process that descends from
 * this one, and never to -1, which would be all there are.  False: it is gone.
 */
bool proc_kill(pid_t, int signal);
int proc_fds(pid_t);
long proc_private_kb(pid_t);
int64_t proc_cpu_ms(pid_t);
long proc_sleeps(pid_t); /* how often it has gone to sleep so far */
size_t proc_zombies(struct daemon *);
/* Reaps what was re-parented to this test; how many live processes remain. */
size_t proc_strays(struct daemon *);
/* For wait_until(): there are none; there is no process of that pid. */
bool proc_no_strays(void *daemon);
bool proc_gone(void *pid);

/* health.c: the daemon is as well as it was before */

struct health {
	int per_agent; /* processes that each agent has for its tools */
	int64_t agents;
	int master_fds, frontend_fds;
	size_t processes;
};

void health_take(struct daemon *, struct health *);
/* Where each agent has coprocesses. */
void health_take_with(struct daemon *, struct health *, int per_agent);
/* Asserts that all is as it was within timeout_ms, and that a call works. */
void health_check(struct daemon *, const struct health *, int timeout_ms);
/* How many agents the list in reply shows in this state. */
int agents_in(const struct reply *, const char *state);
/* Every agent idle, as many as there should be. */
bool agents_idle(struct daemon *, int count);
void wait_agents(struct daemon *, int count, int timeout_ms);

/* load.c: many callers at once, each answer checked */

#define LOAD_MAX 64

struct load_caller {
	struct conn *conn;
	char id[37]; /* of the call that waits for its answer, or "" */
};

struct load {
	struct daemon *daemon;
	int callers;
	bool (*tick)(void *); /* called every tick_ms; false: stop */
	void *tick_arg;
	int tick_ms;
	/* counted */
	uint64_t sequence;
	int sent, answered, succeeded;
	int closed;  /* the connection ended instead of an answer */
	int refused; /* no connection */
	int wrong;   /* an answer that is not that call's */
	int status[600];
	struct load_caller caller[LOAD_MAX];
};

void load_init(struct load *, struct daemon *, int callers);
/* Calls without a pause for duration_ms, or until tick says to stop. */
void load_run(struct load *, int duration_ms);
/* Takes the answers that are still due. */
void load_pause(struct load *);
/* The same, and closes; asserts that none is wrong. */
void load_finish(struct load *);

#endif
