/*
 * Help for the tests of the configuration.  They run in a directory of their
 * own, so that messages begin with the bare name of the file.
 */

#ifndef CONF_HELP_H
#define CONF_HELP_H

#include <stddef.h>

struct conf;

#define FILE_NAME "t.conf"

/* What the last load reported, a line each, and how many. */
extern char conf_help_errors[4096];
extern size_t conf_help_errors_count;

/* Write a file. */
void conf_help_put(const char *name, const char *content);
void conf_help_put_bytes(const char *name, const char *bytes, size_t len);

/* Loads the file of this name. */
struct conf *conf_help_load(const char *name);

/* Loads FILE_NAME with this content, which must be good. */
struct conf *conf_help_load_good(const char *content);

/* The same with content that must give exactly this message. */
void conf_help_expect_bad(const char *content, const char *message);

/* What conf_print() prints; to be freed. */
char *conf_help_printed(const struct conf *);

/* Open descriptors of this process. */
size_t conf_help_count_descriptors(void);

/*
 * Makes the directory and goes there; unsets PORT, WEATHER_API_KEY and UNSET,
 * and sets SET to "value".
 */
int conf_help_set_up(void **state);
int conf_help_tear_down(void **state);

#endif
