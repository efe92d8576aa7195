/*
 * What the tool "fault" does while it runs for those who look: waits to be
 * cancelled, and says how far it is.
 */

#include "fault.h"

#include <poll.h>
#include <stddef.h>

/* Stops when it is told to. */
void
fault_patient(struct tool_call *call)
{
	while (!tool_cancelled(call))
		poll(NULL, 0, 1);
	tool_fail(call, "cancelled");
}

/* Cannot say it often enough. */
void
fault_report(struct tool_call *call)
{
	while (!tool_cancelled(call))
		tool_progress(call, 2, 5, "reading");
	tool_fail(call, "cancelled");
}

/* Is well on its way, and stops at once when it is told to. */
void
fault_report_once(struct tool_call *call)
{
	tool_progress(call, 0.5, 0, NULL);
	fault_patient(call);
}
