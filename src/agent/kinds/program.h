/*
 * The program of a manifest: what "command" and "coprocess" hold.
 */

#ifndef AGENT_KINDS_PROGRAM_H
#define AGENT_KINDS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct kind_doubts;
struct registry_entry;

/*
 * The words of the manifest's member as argv, malloc'd, NULL at the end; a
 * relative program with a slash is made relative to base.  NULL with the
 * reason in why.
 */
char **program_parse(struct json_object *manifest, const char *member,
    const char *base, char *why, size_t why_size);
void program_free(char **argv);

/*
 * Whether list is an array of the program and its words; where groups are
 * allowed, a word may be an array of words.  False with the reason, which
 * begins with the name of the member, in why.
 */
bool program_check(struct json_object *list, const char *member, bool groups,
    char *why, size_t why_size);

/* Says what is odd about a tool, in one line. */
void program_say_doubt(struct kind_doubts *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Doubts that the program of a tool can be run, as it is named in the member,
 * when there is none.
 */
void program_doubt(const struct registry_entry *, const char *member,
    const char *program, struct kind_doubts *);

/* Where a program of this name is, to be freed; NULL without memory. */
char *program_path(const char *word, const char *base);

/*
 * The member that is one of the words (NULL at the end) by its index; the
 * first when it is absent; -1 with the reason in why when it is none.
 */
int program_choice(struct json_object *manifest, const char *member,
    const char *const *words, char *why, size_t why_size);

#endif
