/*
 * Around code that is not ours but runs in our process: what it may have
 * closed, blocked, changed or left open.
 */

#ifndef AGENT_FOREIGN_H
#define AGENT_FOREIGN_H

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <signal.h>

#define FITNESS_WHY_SIZE 112

/* Whether this process can go on as an agent. */
struct fitness {
	enum {
		FIT,
		UNFIT,	    /* it can answer, and should then be replaced */
		UNFIT_MUTE, /* the same, but it cannot tell the master */
		UNFIT_LOST  /* it cannot even answer */
	} is;
	char why[FITNESS_WHY_SIZE]; /* unless it is FIT */
};

/* The descriptors of an agent: log, socket, status pipe. */
#define FOREIGN_FDS 3

/* The limits that would hit the calls that follow. */
#define FOREIGN_LIMITS 3

struct foreign {
	pid_t pid;
	int lowest; /* of the descriptors that are free */
	struct stat fds[FOREIGN_FDS];
	int death_signal;
	sigset_t mask;
	struct sigaction term, pipe;
	struct rlimit limits[FOREIGN_LIMITS];
};

/*
 * Such code is about to run, and has ended; who names it.  Signals are as they
 * were before, no timer runs on, and a fork of it that has come back does not:
 * it exits.
 * Meanwhile this process is stopped when its parent dies, whatever signals are
 * blocked, until the warden kills it.
 */
void foreign_begin(struct foreign *);
void foreign_end(const struct foreign *, const char *who, struct fitness *);

#endif
