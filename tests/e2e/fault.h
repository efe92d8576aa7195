/*
 * What the files of the fault-injection daemon share.
 */

#ifndef E2E_FAULT_H
#define E2E_FAULT_H

#include "agent/tool.h"

/* Names the directory whose files are the switches. */
#define FAULT_DIR "AGENTD_FAULT_DIR"

/* The number in the file of that name; -1: there is no such file. */
long fault_switch(const char *name);

struct fault {
	const char *name;
	void (*run)(struct tool_call *);
};

/* All faults, the last one without a name. */
extern const struct fault faults[];

/* Waits for ever, in a process that others must end. */
void fault_hang(void) __attribute__((noreturn));

/* Sends the first half of a proper answer to the call that runs. */
void fault_send_half(void);

void fault_abort(struct tool_call *);
void fault_close(struct tool_call *);
void fault_close_all(struct tool_call *);
void fault_half(struct tool_call *);
void fault_garbage(struct tool_call *);
void fault_oversized(struct tool_call *);
void fault_errors(struct tool_call *);
void fault_wrong_id(struct tool_call *);
void fault_wrong_type(struct tool_call *);
void fault_twice(struct tool_call *);
void fault_answer_and_die(struct tool_call *);
void fault_answer_and_report(struct tool_call *);
void fault_report_wrong_id(struct tool_call *);
void fault_report_nan(struct tool_call *);
void fault_report_binary(struct tool_call *);
void fault_report_long(struct tool_call *);
void fault_report_short(struct tool_call *);

void fault_patient(struct tool_call *);
void fault_report(struct tool_call *);
void fault_report_once(struct tool_call *);

#endif
