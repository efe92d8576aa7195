/*
 * Passes on what a tool says on its standard error, and what the functions of
 * agents have to log.  Called by trial.c, in the place of the master.
 */

#include "agentctl/trial_log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agentctl/message.h"

/* A line that a log begins has its severity in front: "<6>". */
static void
trial_log_line(const char *line)
{
	if (line[0] == '<' && line[1] >= '0' && line[1] <= '7' &&
	    line[2] == '>')
		line += 3;
	if (line[0] != '\0')
		message("%s", line);
}

/* Takes the whole lines out of the buffer; a line that fills it is cut. */
static void
trial_log_take(struct trial_log *log)
{
	char *end;

	log->line[log->len] = '\0';
	while ((end = memchr(log->line, '\n', log->len)) != NULL) {
		*end = '\0';
		trial_log_line(log->line);
		log->len -= (size_t)(end + 1 - log->line);
		memmove(log->line, end + 1, log->len);
		log->line[log->len] = '\0';
	}
	if (log->len == sizeof(log->line) - 1) {
		trial_log_line(log->line);
		log->len = 0;
	}
}

void
trial_log_read(struct trial_log *log)
{
	ssize_t n;

	while (log->fd != -1) {
		n = read(log->fd, log->line + log->len,
		    sizeof(log->line) - 1 - log->len);
		if (n > 0) {
			log->len += (size_t)n;
			trial_log_take(log);
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0 || errno != EAGAIN) {
			close(log->fd);
			log->fd = -1;
		}
		return;
	}
}

void
trial_log_finish(struct trial_log *log)
{
	trial_log_read(log);
	log->line[log->len] = '\0';
	trial_log_line(log->line);
	if (log->fd != -1)
		close(log->fd);
}
