/*
 * What one conf_load() keeps while it runs, shared by its parts: the order of
 * things and the messages (conf_load.c), the parser (conf_parse.c), and the
 * files that a file includes (conf_include.c).
 */

#ifndef CONF_CONF_PARSE_H
#define CONF_CONF_PARSE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct cfg_opt_t;
struct cfg_t;
struct conf;
struct conf_text;

/* Where a setting is given; file is NULL when nowhere. */
struct conf_place {
	char *file;
	int line;
};

struct conf_parse {
	struct conf *conf;
	struct conf_place *places; /* one a setting */
	void (*report)(const char *line);
	const char *path;	      /* of the main file */
	const struct conf_text *text; /* being parsed, or NULL */
	bool presets;		      /* defaults are being parsed */
	int depth;		      /* of includes */
	int errors;		      /* reported so far */
};

/* Whose parser runs, while one does. */
extern struct conf_parse *conf_parsing;

/*
 * Parses the main file.  Every error has been reported through conf_error();
 * after a syntax error returns -1, after a wrong value goes on.
 */
int conf_parse_file(struct conf_parse *) __attribute__((warn_unused_result));

/* Parses a file, within another or the first: 0, or -1 after a report. */
int conf_parse_included(struct cfg_t *, const char *path)
    __attribute__((warn_unused_result));

/*
 * include("FILE") and include("DIRECTORY/PATTERN") as libConfuse wants its
 * functions: 0, or another value after a report.  Of a pattern, each file that
 * it matches is read, in the order of the bytes of their names; that there is
 * none is no error.
 */
int conf_include(
    struct cfg_t *, struct cfg_opt_t *, int argc, const char **argv);

/*
 * Gives every setting that no file gave the value of its preset; errors as
 * above.
 */
void conf_parse_presets(struct conf_parse *);

/*
 * Reports an error at a line of a file, of the whole file when line is 0, or
 * of a default.  When the line of the text that is being parsed uses the
 * environment, the message says so.
 */
void conf_error(struct conf_parse *, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void conf_verror(struct conf_parse *, const char *file, int line,
    const char *fmt, va_list) __attribute__((format(printf, 4, 0)));

/* Reports that there is no memory. */
void conf_error_memory(struct conf_parse *);

/*
 * The path of a file beside another that names it, to be freed; NULL when
 * there is no memory.
 */
char *conf_parse_beside(const char *file, const char *name);

#endif
