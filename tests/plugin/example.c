/*
 * An example of a plugin for agentd: counts the lines, words and bytes of a
 * text, as wc(1) does.  Its manifest is wordcount.json.sample; to build it:
 *
 *	cc -shared -fPIC $(pkg-config --cflags agentd) -o wordcount.so example.c
 */

#include <agentd/tool.h>

#include <ctype.h>
#include <stdlib.h>

/* Between two looks at the time. */
#define CHUNK 65536

static int
wordcount_init(struct agentd_setup *setup)
{
	setup->data = calloc(1, sizeof(int64_t)); /* calls so far */
	return (setup->data == NULL);
}

static int
wordcount_call(struct agentd_call *call)
{
	size_t len = 0, i, lines = 0, words = 0;
	const char *text = agentd_string(call, "/text", &len);
	int64_t *calls = call->data;
	int inside = 0;

	for (i = 0; i < len; i++) {
		if (i % CHUNK == 0 && agentd_cancelled(call))
			return (agentd_fail(call, "too much text"));
		lines += text[i] == '\n';
		words += !inside && !isspace((unsigned char)text[i]);
		inside = !isspace((unsigned char)text[i]);
	}
	agentd_add_int(call, "lines", (int64_t)lines);
	agentd_add_int(call, "words", (int64_t)words);
	agentd_add_int(call, "bytes", (int64_t)len);
	return (agentd_add_int(call, "calls", ++*calls));
}

static void
wordcount_fini(void *data)
{
	free(data);
}

const struct agentd_tool agentd_tool = {
    AGENTD_ABI,
    sizeof(struct agentd_tool),
    "wordcount",
    wordcount_init,
    wordcount_call,
    wordcount_fini,
};
