/*
 * What is to be said of the interface, apart from the tools.  For openapi.c,
 * and for the tests that hold it against the daemon.
 */

#ifndef FRONTEND_API_OPENAPI_TABLE_H
#define FRONTEND_API_OPENAPI_TABLE_H

#include <stdbool.h>

#define OPENAPI_PROBLEMS_MAX 10

struct openapi_operation {
	const char *method; /* as a member of a path item: "get" */
	const char *path;   /* with one {name} at most */
	const char *summary;
	const char *parameter; /* what stands for {name}; NULL: no such */
	const char *body;      /* schema of the request; NULL: no body */
	bool options;	       /* takes the options of a call in its query */
	int status;
	const char *answer; /* schema */
	/* Besides those that every operation has; ends with 0. */
	unsigned short problems[OPENAPI_PROBLEMS_MAX];
};

/* Ends with a row without a method. */
extern const struct openapi_operation openapi_operations[];

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
