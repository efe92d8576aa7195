/*
 * How many agents a configuration allows.  Three settings say it together, and
 * what is left out follows from the others.  Called by the master, which keeps
 * to it, and by the front end, which does not ask for more.
 */

#include "conf/conf.h"

int64_t
conf_agents_min(const struct conf *conf)
{
	if (conf->agents_min != 0)
		return (conf->agents_min);
	if (conf->agents_max != 0 && conf->agents_max < conf->agents)
		return (conf->agents_max);
	return (conf->agents);
}

int64_t
conf_agents_max(const struct conf *conf)
{
	if (conf->agents_max != 0)
		return (conf->agents_max);
	if (conf->agents_min > conf->agents)
		return (conf->agents_min);
	return (conf->agents);
}
