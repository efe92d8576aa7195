/*
 * The description of the interface that programs read: GET /openapi.json,
 * which openapi_handle() answers.
 */

#ifndef FRONTEND_API_OPENAPI_H
#define FRONTEND_API_OPENAPI_H

#include <stddef.h>

/*
 * The document, which stays ours until openapi_forget(); its length in *len.
 * NULL when there is no memory.
 */
const char *openapi_text(size_t *len);

/* The catalogue of tools has changed: the document is made anew when asked. */
void openapi_forget(void);

#endif
