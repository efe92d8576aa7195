/*
 * What all files of the master share.
 */

#include "master/globals.h"
#include "common/clock.h"

#include <sys/mman.h>

#include <event2/event.h>

struct master master;

void
globals_arm(struct event *event, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	evtimer_add(event, &tv);
}

void
globals_hide_tools(struct bundle *bundle)
{
	if (bundle->tools_map != NULL)
		munmap(bundle->tools_map, bundle->tools_size);
	bundle->tools = bundle->tools_map = NULL;
}

void
globals_forget_tools(void)
{
	master.options.tools.forget(
	    master.bundle.tools, master.bundle.tools_len);
	globals_hide_tools(&master.bundle);
}
