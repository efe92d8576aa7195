/*
 * For registry.c: what it has to say of the tools that are loaded.
 */

#ifndef AGENT_REGISTRY_REPORT_H
#define AGENT_REGISTRY_REPORT_H

#include <stddef.h>

struct conf;
struct registry;

/* What is odd about tools, but keeps none from being called. */
void registry_report_doubts(
    const struct registry *, void (*report)(const char *line));

/*
 * That, and what else is odd in view of the configuration.  How many names in
 * it are wrong.
 */
size_t registry_report_all(const struct registry *, const struct conf *,
    void (*report)(const char *line));

#endif
