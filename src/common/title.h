/*
 * What ps(1) shows of a process.
 */

#ifndef COMMON_TITLE_H
#define COMMON_TITLE_H

/* First thing in main(): argv and the environment are moved elsewhere. */
void title_init(int argc, char **argv, char **environment);

/* Shows "agentd: " and this. */
void title_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
