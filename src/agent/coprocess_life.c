/*
 * A coprocess' life: started in every agent, kept from call to call, swept
 * with the agent.  Called by coprocess.c.
 */

#include "agent/coprocess.h"
#include "agent/registry.h"
#include "common/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Around the result in a message. */
#define MESSAGE_OVERHEAD 256

/* What stays allocated for the output between calls. */
#define BUFFER_KEPT (1 << 20)

static int
coprocess_prepare(
    struct coprocess *coprocess, const struct registry_entry *entry)
{
	const struct policy *policy = &entry->policy;

	if (coprocess->ready) {
		child_words_end(&coprocess->io.words);
		coprocess->io.words.total = 0;
	} else if (child_io_init(&coprocess->io, entry->name,
		       (size_t)policy->output_bytes + MESSAGE_OVERHEAD,
		       (size_t)policy->stderr_bytes) == -1)
		return (-1);
	coprocess->ready = true;
	coprocess->io.output.len = coprocess->taken = coprocess->scanned = 0;
	return (0);
}

int
coprocess_start(struct coprocess *coprocess, const struct registry_entry *entry,
    char *why, size_t why_size)
{
	struct child_spec spec = {.policy = &entry->policy,
	    .who = entry->name,
	    .argv = (const char *const *)coprocess->argv,
	    /* The log needs no help of ours when nobody wants the tail. */
	    .own_stderr = entry->policy.stderr_bytes == 0};

	if (coprocess_prepare(coprocess, entry) == -1) {
		snprintf(why, why_size, "out of memory");
		return (-1);
	}
	if (child_start(&coprocess->child, &spec, why, why_size) == -1)
		return (-1);
	if (sweep_keep(coprocess->child.pid) == 0) {
		coprocess->kept = coprocess->child.pid;
		return (0);
	}
	snprintf(why, why_size, "cannot keep a process: %s", strerror(errno));
	child_kill(&coprocess->child);
	return (-1);
}

void
coprocess_stop(struct coprocess *coprocess)
{
	struct child_buffer *output = &coprocess->io.output;

	/* The number may be another's as soon as this one is reaped. */
	if (coprocess->kept != 0)
		sweep_drop(coprocess->kept);
	coprocess->kept = 0;
	child_kill(&coprocess->child);
	output->len = coprocess->taken = coprocess->scanned = 0;
	if (output->size > BUFFER_KEPT) {
		free(output->data);
		output->data = NULL;
		output->size = 0;
	}
}
