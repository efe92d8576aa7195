/*
 * Where a test finds what it needs, wherever it is run.
 */

#include "test.h"

#include <stdlib.h>

static const char *
test_place(const char *name, const char *built)
{
	const char *named = getenv(name);

	return (named == NULL ? built : named);
}

const char *
test_srcdir(void)
{
	return (test_place("AGENTD_SRCDIR", TOP_SRCDIR));
}

const char *
test_builddir(void)
{
	return (test_place("AGENTD_BUILDDIR", TOP_BUILDDIR));
}
