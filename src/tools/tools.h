/*
 * The built-in tools, one file each.
 */

#ifndef TOOLS_TOOLS_H
#define TOOLS_TOOLS_H

#include "agent/tool.h"

extern const struct tool tool_calculator;
extern const struct tool tool_echo;
extern const struct tool tool_random;
extern const struct tool tool_text;
extern const struct tool tool_time;
extern const struct tool tool_weather;

#endif
