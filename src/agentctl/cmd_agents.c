/*
 * agentctl agents: the agents and what they do.
 */

#include "agentctl/agentctl.h"
#include "agentctl/ask.h"
#include "agentctl/client.h"
#include "agentctl/field.h"
#include "agentctl/output.h"
#include "agentctl/view.h"

int
cmd_agents(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int status = ask_get(ctl, "/api/v1/agents", "agents", &answer);

	if (status == CTL_OK && !ctl->json)
		output_table(
		    view_agents(field_list(answer.json, "agents"), SIZE_MAX));
	answer_free(&answer);
	return (status);
}
