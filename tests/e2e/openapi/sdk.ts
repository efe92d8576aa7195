/*
 * A client by what @hey-api/openapi-ts makes of /openapi.json in sdk: it calls
 * tools at the address that it is given.
 */

import { client } from "./sdk/client.gen";
import { calculator, postApiV1Request } from "./sdk/sdk.gen";

client.setConfig({ baseUrl: process.argv[2] });

const sum = await calculator({ body: { operation: "add", a: 10, b: 5 } });
if ((sum.data?.result as { result: number }).result !== 15)
	throw new Error(JSON.stringify(sum));

const echo = await postApiV1Request({
	body: { tool_name: "echo", params: { message: "by name" } },
});
if ((echo.data?.result as { echo: string }).echo !== "by name")
	throw new Error(JSON.stringify(echo));

const refused = await postApiV1Request({ body: { tool_name: "none" } });
if (refused.error?.code !== "unknown_tool")
	throw new Error(JSON.stringify(refused));

console.log("good");
