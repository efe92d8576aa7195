/*
 * Takes over a terminal and gives it back.  Owns the modes that the terminal
 * had.  The sequences are those that every terminal of today has, so that no
 * library of terminals is needed.
 */

#include "agentctl/screen.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "agentctl/visible.h"

/* Other screen on and off; cursor away and back. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[?25h\033[?1049l"

/* To the upper left corner; what is right of, or below, the cursor goes. */
#define HOME "\033[H"
#define REST_OF_LINE "\033[K"
#define REST_OF_SCREEN "\033[J"

static bool entered, has_modes;
static struct termios modes;

bool
screen_possible(void)
{
	const char *term = getenv("TERM");

	return (isatty(STDOUT_FILENO) && term != NULL && term[0] != '\0' &&
		strcmp(term, "dumb") != 0);
}

/* Signals are still made of keys. */
static void
screen_set_modes(void)
{
	struct termios quick;

	has_modes = tcgetattr(STDIN_FILENO, &modes) == 0;
	if (!has_modes)
		return;
	quick = modes;
	quick.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	quick.c_cc[VMIN] = 0;
	quick.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &quick);
}

void
screen_enter(void)
{
	static bool registered;

	if (!registered)
		registered = atexit(screen_leave) == 0;
	screen_set_modes();
	fputs(ENTER, stdout);
	fflush(stdout);
	entered = true;
}

void
screen_leave(void)
{
	if (!entered)
		return;
	entered = false;
	fputs(LEAVE, stdout);
	fflush(stdout);
	if (has_modes)
		tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

struct screen_size
screen_size(void)
{
	struct screen_size usual = {24, 80};
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return (usual);
	return ((struct screen_size){size.ws_row, size.ws_col});
}

/*
 * A line is emptied before it is written: after one as wide as the screen,
 * the cursor is still on its last character.  The last has no newline, which
 * would scroll.
 */
void
screen_show(const char *text)
{
	struct screen_size size = screen_size();
	size_t row = 0;

	fputs(HOME, stdout);
	while (*text != '\0' && row < size.rows) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		if (line != NULL)
			fprintf(stdout, "%s" REST_OF_LINE "%.*s",
			    row == 0 ? "" : "\r\n",
			    (int)visible_prefix(line, size.columns), line);
		free(line);
		text += len + (text[len] == '\n');
		row++;
	}
	if (row < size.rows)
		fputs("\r\n" REST_OF_SCREEN, stdout);
	fflush(stdout);
}

int
screen_key(void)
{
	unsigned char key;
	ssize_t n = read(STDIN_FILENO, &key, 1);

	if (n == 1)
		return (key);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return (0);
	return (-1);
}
