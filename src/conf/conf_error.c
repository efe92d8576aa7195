/*
 * The messages of conf_load(): each one line with the place where something
 * is wrong, handed to whom conf_load() was told.  Called by conf_load.c and
 * conf_parse.c only; never prints.
 */

#include <stdio.h>
#include <stdlib.h>

#include "common/utf8.h"
#include "conf/conf_parse.h"
#include "conf/conf_text.h"

#define VARIABLE_SIZE 64

/* Prints the place in front of a message, as far as there is one. */
static void
conf_error_print_place(
    const struct conf_parse *parse, FILE *fp, const char *file, int line)
{
	if (parse->presets)
		fprintf(fp, "%s: the default of ", parse->path);
	else if (line > 0)
		fprintf(fp, "%s:%d: ", file, line);
	else
		fprintf(fp, "%s: ", file);
}

/* The value on this line may be wrong because of the environment: say so. */
static void
conf_error_print_variable(const struct conf_parse *parse, FILE *fp, int line)
{
	char name[VARIABLE_SIZE];

	if (parse->text == NULL || line == 0)
		return;
	conf_text_variable(parse->text, line, name, sizeof(name));
	if (name[0] != '\0')
		fprintf(fp, " (with %s of the environment)", name);
}

/* Reports text as one clean line, whatever the file put into it. */
static void
conf_error_report(struct conf_parse *parse, char *text)
{
	utf8_clean_controls(text);
	parse->errors++;
	parse->report(text);
}

void
conf_error_memory(struct conf_parse *parse)
{
	parse->errors++;
	parse->report("out of memory");
}

void
conf_verror(struct conf_parse *parse, const char *file, int line,
    const char *fmt, va_list ap)
{
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	if (fp != NULL) {
		conf_error_print_place(parse, fp, file, line);
		vfprintf(fp, fmt, ap);
		conf_error_print_variable(parse, fp, line);
		fclose(fp);
	}
	if (text != NULL)
		conf_error_report(parse, text);
	else
		conf_error_memory(parse);
	free(text);
}

void
conf_error(
    struct conf_parse *parse, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_verror(parse, file, line, fmt, ap);
	va_end(ap);
}
