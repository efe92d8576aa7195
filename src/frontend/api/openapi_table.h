/*
 * What is to be said of the interface, apart from the tools.  For openapi.c,
 * and for the tests that hold it against the daemon.
 */

#ifndef FRONTEND_API_OPENAPI_TABLE_H
#define FRONTEND_API_OPENAPI_TABLE_H

#include <stdbool.h>

/* One member of one of the schemas; a schema's members are together. */
struct openapi_member {
	const char *schema;
	const char *name; /* NULL: the schema as a whole is of this type */
	const char *type; /* JSON Schema */
	bool required;
	const char *description;
};

/* Ends with a row without a schema. */
extern const struct openapi_member openapi_members[];

/* What may be in the query of a call; the schema is of no importance. */
extern const struct openapi_member openapi_options[];

/* The answers that are problems. */
struct openapi_problem {
	unsigned short status;
	const char *name, *description;
};

/* Ends with a row of status 0, which stands for all others. */
extern const struct openapi_problem openapi_problems[];

#endif
