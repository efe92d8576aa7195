/*
 * Plugins that cannot be loaded, each for a reason of its own, which is a
 * macro: BROKEN_ABI, BROKEN_SIZE, BROKEN_CALL, BROKEN_SYMBOL, BROKEN_LINK,
 * BROKEN_LOAD.
 */

#include <agentd/tool.h>

#include <signal.h>

#ifdef BROKEN_ABI
#define ABI 7
#else
#define ABI AGENTD_ABI
#endif

#ifdef BROKEN_SIZE
#define SIZE 16
#else
#define SIZE sizeof(struct agentd_tool)
#endif

#ifdef BROKEN_CALL
#define CALL NULL
#else
#define CALL broken_call
#endif

#ifdef BROKEN_LINK
int broken_no_such_function(struct agentd_call *);
#endif

int broken_call(struct agentd_call *);

int
broken_call(struct agentd_call *call)
{
#ifdef BROKEN_LINK
	return (broken_no_such_function(call));
#else
	return (call == NULL);
#endif
}

#ifdef BROKEN_LOAD
/* Before anything of it is asked for. */
static void __attribute__((constructor)) broken_load(void)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}
#endif

#ifndef BROKEN_SYMBOL
const struct agentd_tool agentd_tool = {
    ABI,
    SIZE,
    "broken",
    NULL,
    CALL,
    NULL,
};
#endif
