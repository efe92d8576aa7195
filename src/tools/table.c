/*
 * The table of the built-in tools, sorted by name.  Read by the registry.
 * Alone in its file so that a test program can bring a table of its own.
 */

#include "tools/tools.h"

#include <stddef.h>

const struct tool *const tools_table[] = {
    &tool_calculator,
    &tool_echo,
    &tool_random,
    &tool_text,
    &tool_time,
    &tool_weather,
    NULL,
};
