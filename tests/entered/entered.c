/*
 * Notes which functions of the daemon are entered, in all its processes: for a
 * build with -finstrument-functions, see run.sh.  ENTERED names a file that all
 * share; while its first byte is not 0, the byte of each function that begins
 * is set, which stands where the function does in the program.
 */

#include <sys/mman.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

extern const char __executable_start[], etext[];

static volatile char *entered;

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

static void __attribute__((constructor, no_instrument_function))
entered_open(void)
{
	const char *path = getenv("ENTERED");
	size_t size = (size_t)(etext - __executable_start);
	void *map;
	int fd;

	if (path == NULL || (fd = open(path, O_RDWR | O_CREAT, 0600)) == -1)
		return;
	if (ftruncate(fd, (off_t)size) == 0) {
		map =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			entered = map;
	}
	close(fd);
}

void __attribute__((no_instrument_function))
__cyg_profile_func_enter(void *function, void *caller)
{
	if (entered != NULL && entered[0] != 0)
		entered[(const char *)function - __executable_start] = 1;
}

void __attribute__((no_instrument_function))
__cyg_profile_func_exit(void *function, void *caller)
{
}
