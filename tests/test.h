/*
 * What every test begins with: cmocka with the headers that it wants, and what
 * tests of both kinds share.
 */

#ifndef TESTS_TEST_H
#define TESTS_TEST_H

/* The last one needs the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The top of the source tree, and of what was built of it: AGENTD_SRCDIR and
 * AGENTD_BUILDDIR, or where this program was built.
 */
const char *test_srcdir(void);
const char *test_builddir(void);

#endif
