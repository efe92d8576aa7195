# A coprocess: it stays, and is handed one call a line.
import json
import sys
import unicodedata

for line in sys.stdin:
    message = json.loads(line)
    if message["method"] != "call":
        continue
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        answer["result"] = [unicodedata.name(c, "unknown")
                            for c in message["params"]["text"]]
    except Exception as error:
        answer["error"] = {"code": -32000, "message": str(error)}
    print(json.dumps(answer), flush=True)
