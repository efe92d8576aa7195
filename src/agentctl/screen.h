/*
 * A terminal taken over for a while.
 */

#ifndef AGENTCTL_SCREEN_H
#define AGENTCTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

struct screen_size {
	size_t rows, columns;
};

/* Whether standard output can be taken over. */
bool screen_possible(void);

/*
 * The other screen of the terminal, with no cursor and with keys that come at
 * once.  It is given back at exit() at the latest.
 */
void screen_enter(void);

/* Gives it back; may be called again, and before screen_enter(). */
void screen_leave(void);

struct screen_size screen_size(void);

/* Shows lines of text, cut to the screen, in place of what was there. */
void screen_show(const char *text);

/* The next key, once there is one; 0: interrupted, -1: no more will come. */
int screen_key(void);

#endif
