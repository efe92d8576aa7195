/*
 * Parameters of a call as words of the command line.
 */

#ifndef AGENTCTL_PARAMS_H
#define AGENTCTL_PARAMS_H

#include <stddef.h>

struct json_object;

/* Room for why words are no parameters. */
#define PARAMS_WHY_SIZE 512

/*
 * Makes an object of count words:
 *
 *	NAME=TEXT	a string
 *	NAME:=JSON	any value
 *	NAME=@FILE	a string, from a file
 *	NAME:=@FILE	any value, from a file
 *	{...}		an object, whose members the others add to and replace
 *	@FILE		the same, from a file
 *	-		the same, on standard input
 *
 * In NAME, a backslash takes the meaning from the "=", ":" or backslash that
 * follows; a TEXT that begins with "\@" begins with an "@".  Returns the
 * object, which the caller puts, or NULL with the reason in why.
 */
struct json_object *params_parse(char *const *words, size_t count,
    char why[static PARAMS_WHY_SIZE]) __attribute__((warn_unused_result));

/*
 * All of a file, or with "-" of standard input, to be freed.  NULL with the
 * reason in why.
 */
char *params_read_text(const char *file, size_t *len,
    char why[static PARAMS_WHY_SIZE]) __attribute__((warn_unused_result));

#endif
