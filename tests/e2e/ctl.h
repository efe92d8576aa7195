/*
 * Runs of agentctl against a daemon under test.
 */

#ifndef E2E_CTL_H
#define E2E_CTL_H

#include "harness.h"

/* Words of a command line. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

struct ctl {
	pid_t pid;
	struct daemon *daemon;
	int status; /* exit status, or 128 and the signal */
	char *out, *err;
};

/*
 * Starts agentctl with these words, on the socket of the daemon, with input as
 * standard input.  Its output goes to files in the daemon's directory.
 */
void ctl_begin(
    struct ctl *, struct daemon *, const char *input, const char *const *words);

/* Waits for its end and takes what it printed. */
void ctl_end(struct ctl *);
void ctl_free(struct ctl *);

/*
 * Runs it to the end: asserts the status, and that out and err (NULL: any) are
 * in what it printed; "" stands for nothing at all.
 */
void ctl_check(struct daemon *, int status, const char *out, const char *err,
    const char *const *words);

/* Replaces this process, a child, by agentctl. */
void ctl_exec(struct daemon *, const char *const *words)
    __attribute__((noreturn));

#endif
