/*
 * A process of its own for a tool, under the tool's policy: a program or a
 * function of ours in a new session, with pipes on 0, 1 and 2 and nothing else
 * open, with limits, environment and directory as the policy says.
 */

#ifndef AGENT_CHILD_CHILD_H
#define AGENT_CHILD_CHILD_H

#include "agent/child/child_cgroup.h"
#include "agent/child/child_pump.h"
#include "conf/policy.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;

#define CHILD_WHY_SIZE 512

/*
 * This long before the deadline a process is killed that did not end when it
 * was told to, so that its agent can still answer.
 */
#define CHILD_KILL_MS 5

/* What is to run; all of it is borrowed for the start only. */
struct child_spec {
	const struct policy *policy;
	const char *who;	     /* the tool's name, for the log */
	const char *const *argv;     /* NULL: function is called instead */
	void (*function)(void *arg); /* writes to descriptor 1, then exits */
	void *arg;
	struct json_object *headers; /* for its environment; may be NULL */
	bool own_stderr; /* it writes to our standard error itself */
};

/* A process, once child_start() has filled it. */
struct child {
	pid_t pid;   /* -1: there is none (any more) */
	int pidfd;   /* readable once it has ended; -1: the kernel has none */
	int started; /* tells whether it could start; -1 once that is known */
	bool late;   /* child_await_start() gave up at the deadline */
	int in, out, err; /* our ends, non-blocking; -1: closed */
	int status;	  /* as of waitpid(2), once pid is -1 */
	int64_t cpu_ms;	  /* that it used, then */
	int stop_signal;  /* that asks it to end */
	int64_t grace_ms; /* that it may live on after a deadline */
	char name[128];	  /* argv[0] */
	struct child_cgroup group;
};

/* None: child_kill() does nothing then. */
void child_init(struct child *);

/*
 * Starts the process without waiting for it.  0; or -1 with errno and the
 * reason in why, which is this process' own want of something.  On success the
 * caller ends it with child_kill().
 */
int child_start(struct child *, const struct child_spec *, char *why,
    size_t why_size) __attribute__((warn_unused_result));

/*
 * Waits, at most until deadline_ns, until it is known whether the program
 * runs.  0; or -1 with the reason in why ("cannot run /x: No such file or
 * directory"): the process has then ended.
 */
int child_await_start(struct child *, int64_t deadline_ns, char *why,
    size_t why_size) __attribute__((warn_unused_result));

/* Whether it has ended; it stays unreaped until child_kill(). */
bool child_ended(const struct child *);

/* Signals its whole process group; KILL goes to all of its cgroup. */
void child_signal(const struct child *, int signo);

/*
 * Kills its process group, reaps it, closes all; status is set.  What left
 * the group is for sweep_strays().  Does nothing when there is none.
 */
void child_kill(struct child *);

/* Why a process came to its end. */
enum child_end {
	CHILD_EXITED,	/* with status 0 */
	CHILD_FAILED,	/* with another status, or by a signal */
	CHILD_FLOODED,	/* printed more than it may */
	CHILD_EXPIRED,	/* at the deadline, or as it was told to stop before */
	CHILD_NO_MEMORY /* of ours */
};

/*
 * A process that did not end before the deadline of its call, and that its
 * tool's stop_grace lets live on for a while: the call is answered, and the
 * agent waits for it before it takes another.  One at a time, as calls are.
 *
 * Whether a process is such a one, and not to be killed yet.
 */
bool child_lingers(const struct child *);

/*
 * The process was told to end and has not; it stays where it is in memory
 * until child_linger_finish(), which calls end(arg) to kill it, or child_kill()
 * when end is NULL.  who is borrowed until then, for the log.
 */
void child_linger(
    struct child *, const char *who, void (*end)(void *), void *arg);

/* How long it has, in milliseconds; 0: there is none. */
int64_t child_linger_ms(void);

/* Waits until it has ended, or kills it when its time is over. */
void child_linger_finish(void);

/*
 * Feeds the process and collects what it prints until it ends, and then kills
 * what is left of its group; one that has a stop_grace and did not end in time
 * lingers, and the struct must stay where it is.  The buffers of io
 * are filled; see child_pump.h. SIGPIPE must be ignored.
 */
enum child_end child_run(
    struct child *, struct child_io *, int64_t deadline_ns);

/*
 * Words for how it ended: "exited with status 3", "was killed by signal 11
 * (Segmentation fault)", "the cpu time limit of 2s was exceeded".  io is what
 * it said, which may tell of a lack of memory; NULL: that is not known.
 */
void child_explain(const struct child *, enum child_end, const struct policy *,
    const struct child_io *, char *text, size_t size);

/* Room for the words of child_explain_memory(). */
#define CHILD_LIMITS_SIZE 128

/*
 * The limits of memory that a tool under the policy has, as " (memory limit of
 * 64m)"; "" without any.  NULL policy: those of the agent.
 */
void child_explain_memory(const struct policy *, char *text, size_t size);

/* Appends ": " and the last lines of its standard error, if there are any. */
void child_explain_words(const struct child_words *, char *text, size_t size);

/* The same, and then those of its standard output. */
void child_explain_io(const struct child_io *, char *text, size_t size);

/*
 * Whether a child under that policy would find a file of this name to run.
 * Whether it is allowed to is not looked at.
 */
bool child_can_find(const char *program, const struct policy *);

/*
 * Whether the agents of this configuration can run a tool as the user and the
 * group of the policy: as root, they can; else only as themselves.  Called by
 * who will start them.  0, or -1 with the reason in why.
 */
int child_check_user(const struct policy *, const struct conf *, char *why,
    size_t why_size) __attribute__((warn_unused_result));

#endif
