/*
 * The table of the kinds of tool.  Read by the reader of manifests.  Alone in
 * its file so that a test program can bring a table of its own.
 */

#include "agent/kinds/kind.h"

const struct kind *const kinds[] = {
    &kind_builtin,
    &kind_command,
    &kind_coprocess,
    &kind_http,
    &kind_plugin,
    NULL,
};
