/*
 * The tools as the front end knows them: by name, with what to show of them
 * and what to count.
 */

#ifndef FRONTEND_CATALOGUE_H
#define FRONTEND_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

struct json_object;

struct tool_info {
	const char *name; /* of entry */
	size_t name_len;
	struct json_object *entry;
	unsigned int fast_calls; /* in a row; see inbox.c */
	/* Of ended calls. */
	uint64_t successful, failed, cancelled;
	int64_t run_ns, max_ns;
};

/* Reads the JSON array; fatal when it is none. */
void catalogue_init(const char *text);

struct tool_info *catalogue_find(const char *name);

/* By index, in the order of their names; NULL after the last. */
struct tool_info *catalogue_at(size_t);

#endif
