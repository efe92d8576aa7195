/*
 * What a child writes to its descriptor 2.
 */

#ifndef MASTER_OUTPUT_H
#define MASTER_OUTPUT_H

#include <stdbool.h>

struct output;

/*
 * Logs what comes out of fd line by line under the name who, and calls gone
 * at its end.  limited drops what exceeds a modest rate, and reads nothing more
 * for the rest of a second of what exceeds another.  Takes over fd on success.
 * Returns NULL with errno.
 */
struct output *output_new(
    int fd, const char *who, bool limited, void (*gone)(void *arg), void *arg);

/* tap gets each line, too, whatever the level that is logged. */
void output_tap(struct output *, void (*tap)(int level, const char *line));

/* Logs a line as if it had come from there; NULL is nothing. */
void output_say(struct output *, int level, const char *line);

/*
 * Whoever wrote there is dead: its end is waited for, and not for another
 * second.  NULL is nothing.
 */
void output_hurry(struct output *);

/* Logs what is left and closes; NULL is nothing. */
void output_free(struct output *);

#endif
