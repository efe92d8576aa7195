/*
 * A client for openapi-fetch, with the types that openapi-typescript makes of
 * /openapi.json in schema.d.ts: it calls tools at the address that it is given.
 */

import createClient from "openapi-fetch";
import type { paths } from "./schema";

const client = createClient<paths>({ baseUrl: process.argv[2] });

/* By its own operation, where the parameters are checked by the compiler. */
const echo = await client.POST("/api/v1/tools/echo", {
	body: { message: "from a page" },
});
if ((echo.data?.result as { echo: string }).echo !== "from a page")
	throw new Error(JSON.stringify(echo));

/* By name, where parameters are any members. */
const sum = await client.POST("/api/v1/request", {
	body: {
		tool_name: "calculator",
		params: { operation: "add", a: 10, b: 5 },
	},
});
if ((sum.data?.result as { result: number }).result !== 15)
	throw new Error(JSON.stringify(sum));

const none = await client.POST("/api/v1/tools/{name}", {
	params: { path: { name: "none" } },
	body: { any: { thing: 1 } },
});
if (none.error?.code !== "unknown_tool" || none.response.status !== 404)
	throw new Error(JSON.stringify(none));

console.log("good");
