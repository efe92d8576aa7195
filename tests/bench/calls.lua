-- What wrk sends, and what it prints for tests/bench/run: calls, microseconds
-- that passed, median and 99th percentile of the latency in microseconds,
-- failures.  BENCH_BODY is another call to make.  With BENCH_CHECK set every answer is read, which costs wrk more
-- time than the call, so that nothing is measured then.

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = os.getenv("BENCH_BODY") or '{"tool_name":"calculator",' ..
    '"params":{"operation":"add","a":10,"b":5}}'
local wanted = os.getenv("BENCH_BODY") and '"result":' or
    '"result":%s?15[,}]'

local threads = {}

function setup(thread)
	threads[#threads + 1] = thread
	thread:set("wrong", 0)
end

if os.getenv("BENCH_CHECK") then
	function response(status, headers, body)
		if status ~= 200 or
		    not body:find('"success":%s?true') or
		    not body:find(wanted) then
			wrong = wrong + 1
		end
	end
end

function done(summary, latency, requests)
	local failed = 0

	for _, n in pairs(summary.errors) do
		failed = failed + n
	end
	for _, thread in ipairs(threads) do
		failed = failed + thread:get("wrong")
	end
	print(string.format("DONE %d %d %d %d %d", summary.requests,
	    summary.duration, latency:percentile(50), latency:percentile(99),
	    failed))
end
