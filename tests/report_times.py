#!/usr/bin/env python3
"""How long a server takes for each report, over one connection:

    tests/report_times.py http://127.0.0.1:8080 [TIMES]

The server has a ledger made by the example `reports` (see there). Prints the median and the 99th percentile
of every report, for several periods and cuts, and fails if one of the latter is over 100 ms.
"""

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

TARGET_MS = 100.0
PERIODS = {
    "three years": ("2024-01-01", "2026-12-30"),
    "a year, not by months": ("2024-03-15", "2025-03-14"),
    "30 days": ("2025-05-05", "2025-06-03"),
    "one day": ("2025-05-05", "2025-05-05"),
}
CUTS = {"": "", "by weekday": "&step=weekday", "by hour": "&step=hour"}
FILES = {"as CSV": "&format=csv", "as XLSX": "&format=xlsx"}


class Server:
    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        self.headers = {"content-type": "application/json"}
        body = json.dumps({"username": "dona", "password": "1234"})
        token = json.loads(self.send("POST", "/api/v1/sessions", body, 201))["access_token"]
        self.headers["authorization"] = f"Bearer {token}"

    def send(self, method, path, body=None, status=200):
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != status:
            sys.exit(f"{method} {path}: {answer.status} {text[:300]}")
        return text

    def get(self, path):
        return json.loads(self.send("GET", path))


def measure(server, path, times):
    """Milliseconds: the median and the 99th percentile."""
    took = []
    for _ in range(times):
        asked = time.perf_counter()
        server.send("GET", path)
        took.append((time.perf_counter() - asked) * 1000)
    took.sort()
    return took[len(took) // 2], took[(len(took) * 99 - 1) // 100]


def main():
    server = Server(sys.argv[1])
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    chain = server.get("/api/v1/chains")[0]["id"]
    store = server.get("/api/v1/stores")[6]["id"]
    seller = server.get("/api/v1/people?limit=10")["items"][6]["id"]
    reports = {
        "best sellers": "best-sellers",
        "best stores": "best-stores",
        "best products": "best-products",
        "payment methods": "payment-methods",
        "one seller": f"sellers/{seller}",
        "one store": f"stores/{store}",
        "one chain": f"chains/{chain}",
    }
    worst = 0.0
    print(f"{'':54}{'p50':>8}{'p99':>8}  ms, {times} questions each")
    for period, (start, end) in PERIODS.items():
        for name, path in reports.items():
            for cut, more in (CUTS | (FILES if period == "three years" else {})).items():
                path_of = f"/api/v1/reports/{path}?from={start}&to={end}&limit=1000{more}"
                p50, p99 = measure(server, path_of, times)
                worst = max(worst, p99)
                print(f"{period + ', ' + name + (', ' if cut else '') + cut:54}{p50:8.2f}{p99:8.2f}")
    print(f"slowest p99: {worst:.2f} ms")
    if worst > TARGET_MS:
        sys.exit(f"over {TARGET_MS:.0f} ms")


main()
