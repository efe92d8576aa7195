/*
 * Makes a result of bytes that are no text, for commands and HTTP tools whose
 * output is "base64".
 */

#include "agent/kinds/media.h"
#include "agent/tool.h"
#include "common/base64.h"

#include <json-c/json.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* RFC 6838, section 4.2. */
#define NAME_CHARACTERS                                                   \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!" \
	"#$&-^_.+"

const char media_schema[] =
    "{\"type\":\"object\",\"required\":[\"media_type\",\"data\"],"
    "\"properties\":{\"media_type\":{\"type\":\"string\"},"
    "\"data\":{\"type\":\"string\",\"contentEncoding\":\"base64\"}}}";

bool
media_type_valid(const char *text)
{
	size_t len = strlen(text), type = strspn(text, NAME_CHARACTERS), sub;

	if (len > MEDIA_TYPE_MAX || type == 0 || text[type] != '/')
		return (false);
	text += type + 1;
	sub = strspn(text, NAME_CHARACTERS);
	text += sub;
	if (sub == 0 || strchr("; ", *text) == NULL) /* or its end */
		return (false);
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return (false);
	return (true);
}

void
media_result(
    struct tool_call *call, const char *type, const void *data, size_t len)
{
	size_t length = base64_length(len);
	char *text = length > INT_MAX ? NULL : malloc(length + 1);

	if (text == NULL) {
		tool_no_memory(call);
		return;
	}
	base64_encode(text, data, len);
	tool_add_string(call, "media_type",
	    type == NULL ? "application/octet-stream" : type);
	tool_add_string_len(call, "data", text, length);
	free(text);
}
