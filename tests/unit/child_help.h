/*
 * Help for the tests of processes under a policy: one child, which is the
 * toolbox (see tests/e2e/toolbox.c) or what the test likes.
 */

#ifndef UNIT_CHILD_HELP_H
#define UNIT_CHILD_HELP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/child/child.h"

/* What a healthy process does well within. */
#define HELP_LONG_MS 20000

extern char child_help_toolbox[PATH_MAX]; /* where it is */
extern struct policy child_help_policy;	  /* set by the tests */
extern struct child_io child_help_io;
extern struct child child_help_child;
extern char child_help_why[CHILD_WHY_SIZE]; /* of the last failure, or end */

int child_help_set_up(void **state);

/* Checks that no process and no descriptor is left. */
int child_help_tear_down(void **state);

/* Starts argv within so much time; 0, or -1 with child_help_why. */
int child_help_begin(const char *const *argv, int64_t timeout_ms);

/* The same in another place, while child_help_child runs. */
int child_help_begin_another(
    struct child *, const char *const *argv, int64_t timeout_ms);

/* Waits for its end. */
enum child_end child_help_finish(int64_t timeout_ms);

/* Runs the toolbox; of the words the first NULL ends them. */
enum child_end child_help_run(int64_t timeout_ms, const char *action,
    const char *first, const char *second, const char *third);

#define HELP_RUN(action) child_help_run(HELP_LONG_MS, action, NULL, NULL, NULL)

/* What it printed is this, or has this in it. */
void child_help_expect_output(const char *text);
bool child_help_output_has(const char *text);
void child_help_expect_part(const char *text);

#endif
