/*
 * The program of a manifest: what "command" and "coprocess" hold.
 */

#ifndef AGENT_PROGRAM_H
#define AGENT_PROGRAM_H

#include <stddef.h>

struct json_object;

/*
 * The words of the manifest's member as argv, malloc'd, NULL at the end; a
 * relative program with a slash is made relative to base.  NULL with the
 * reason in why.
 */
char **program_parse(struct json_object *manifest, const char *member,
    const char *base, char *why, size_t why_size);
void program_free(char **argv);

/*
 * The member that is one of the words (NULL at the end) by its index; the
 * first when it is absent; -1 with the reason in why when it is none.
 */
int program_choice(struct json_object *manifest, const char *member,
    const char *const *words, char *why, size_t why_size);

#endif
