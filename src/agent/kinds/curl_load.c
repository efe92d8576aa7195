/*
 * Loads libcurl into the agent that first makes a call with it.  It brings
 * some thirty libraries along, for TLS and much else: linked to the program,
 * they would be mapped into every process of ours, the master and the front
 * end included, which have no use for them.
 */

#include "agent/kinds/curl_load.h"

#include <dlfcn.h>
#include <string.h>

/* The name that goes with the headers' version of the interface. */
#define LIBRARY "libcurl.so.4"

static struct curl_api api;

static const struct {
	const char *name;
	void *slot;
} symbols[] = {
#define CURL_SYMBOL(name) {#name, &api.name},
    CURL_FUNCTIONS(CURL_SYMBOL)
#undef CURL_SYMBOL
};

static int
curl_resolve(void *library)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (symbol == NULL)
			return (-1);
		/* POSIX has it that a function's address fits there. */
		memcpy(symbols[i].slot, &symbol, sizeof(symbol));
	}
	return (0);
}

const struct curl_api *
curl_load(void)
{
	static const struct curl_api *loaded;
	void *library;

	if (loaded != NULL)
		return (loaded);
	if ((library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL)) == NULL)
		return (NULL);
	if (curl_resolve(library) == -1 ||
	    api.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		dlclose(library);
		return (NULL);
	}
	loaded = &api;
	return (loaded);
}
