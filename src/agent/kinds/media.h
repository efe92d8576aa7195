/*
 * Results that are no text: an image, a sound, an archive.
 */

#ifndef AGENT_KINDS_MEDIA_H
#define AGENT_KINDS_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

struct tool_call;

/* The longest media type, bytes; RFC 6838 allows 127 for either half. */
#define MEDIA_TYPE_MAX 255

/* Whether text is a media type, "image/png", maybe with parameters. */
bool media_type_valid(const char *text);

/*
 * Makes {"media_type": type, "data": base64} the result of the call.  type
 * NULL: "application/octet-stream".  data may be NULL when len is 0.
 */
void media_result(
    struct tool_call *, const char *type, const void *data, size_t len);

/* The schema of such a result, as text. */
extern const char media_schema[];

#endif
