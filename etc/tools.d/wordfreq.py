# A command: parameters as JSON on standard input, the result on standard
# output.
import collections
import json
import re
import sys

params = json.load(sys.stdin)
words = re.findall(r"\w+", params["text"].lower())
counts = collections.Counter(words).most_common(params.get("most", 10))
json.dump({"words": len(words), "most": dict(counts)}, sys.stdout)
