/*
 * Between the files that read a manifest; see manifest.h for what they do.
 */

#ifndef AGENT_MANIFEST_IMPL_H
#define AGENT_MANIFEST_IMPL_H

#include "agent/manifest.h"

struct json_object;

/* What is kept while one is read. */
struct manifest {
	struct registry_entry *entry; /* base and kind come first */
	struct json_object *object;
	struct policy_choice choice;
	const char *file; /* the last part of its path */
	bool again;	  /* it was read and checked before */
	char *why;
};

/* Notes what is wrong; returns -1. */
int manifest_fail(struct manifest *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes a member over into entry or choice.  0, or -1 after a note. */
int manifest_member(struct manifest *, const char *name, struct json_object *)
    __attribute__((warn_unused_result));

/* Puts a copy of text where *at is, which owns nothing.  0, or -1, noted. */
int manifest_keep(struct manifest *, char **at, const char *text)
    __attribute__((warn_unused_result));

#endif
