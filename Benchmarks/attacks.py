#!/usr/bin/env python3
"""Attacks that need time or numbers, on a server of its own: the long forms of rows 35, 39 and 42 of docs/security.md.

  attacks.py FOOTNOTE [--guesses 400000] [--calls 100000] [--slow 5000] [--only slow|guesses|calls]

35: keys guessed that share all but the last digits with a true one, beside random ones, in turn: Welch's t of the times
(|t| under 4.5 tells nothing apart). 39: calls of a tool over one connection, all with the same number: memory at the start and
after each quarter. 42: connections that send a byte every ten seconds: how others are served meanwhile, and when the slow are ended.
One JSON object on stdout.
"""
import argparse, http.client, json, os, random, resource, socket, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("footnote")
parser.add_argument("--guesses", type=int, default=400_000)
parser.add_argument("--calls", type=int, default=100_000)
parser.add_argument("--slow", type=int, default=5_000)
parser.add_argument("--only", choices=["slow", "guesses", "calls"])
options = parser.parse_args()
PORT = 18191
MCP = {"Content-Type": "application/json", "MCP-Protocol-Version": "2025-11-25"}


def serve(data, **variables):
    process = subprocess.Popen([options.footnote, "serve", "--port", str(PORT)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env={**os.environ, "FOOTNOTE_DATA": data, **variables})
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", PORT)).close()
            return process
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not start")


def stop(process):
    process.terminate()
    process.wait()


def memory(process):
    with open(f"/proc/{process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def guesses(data):
    """Over a raw socket, so that the client's own work is as small and as even as can be."""
    made = json.loads(subprocess.run([options.footnote, "keys", "create", "--json"], check=True, capture_output=True,
                                     env={**os.environ, "FOOTNOTE_DATA": data}).stdout)["key"]
    server = serve(data, FOOTNOTE_KEYS_REQUIRED="true", FOOTNOTE_LOG_FILE="none")
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    connection = socket.create_connection(("127.0.0.1", PORT))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(key):
        head = f"GET /documents HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        started = time.perf_counter_ns()
        connection.sendall(head)
        reply = connection.recv(65_536)
        taken = time.perf_counter_ns() - started
        assert reply.startswith(b"HTTP/1.1 401"), reply[:60]
        return taken

    def guess(is_near):
        tail = "".join(random.choices(letters, k=4))
        return made[:-4] + tail if is_near else made[:3] + "".join(random.choices(letters, k=len(made) - 7)) + tail

    # Made beforehand: what the client does just before it asks would be in the times.
    times = ([], [])
    sides = [random.random() < 0.5 for _ in range(options.guesses)]
    for number, (is_near, key) in enumerate([(side, guess(side)) for side in sides]):
        taken = ask(key)
        if number > 1_000:
            times[is_near].append(taken)
    stop(server)
    # Beyond the 99th of a hundred the machine speaks, not the comparison.
    cut = sorted(times[0] + times[1])[int(0.99 * len(times[0] + times[1]))]
    random_ones, near = ([each for each in side if each <= cut] for side in times)
    spread = statistics.variance(near) / len(near) + statistics.variance(random_ones) / len(random_ones)
    t = (statistics.fmean(near) - statistics.fmean(random_ones)) / spread ** 0.5
    return {"guesses": options.guesses, "t": round(t, 3), "mean_us": round(statistics.fmean(near) / 1e3, 2)}


def calls(data):
    server = serve(data)
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                       "params": {"name": "list_documents", "arguments": {}}})

    def ask(count):
        for _ in range(count):
            connection.request("POST", "/mcp", body, MCP)
            reply = json.loads(connection.getresponse().read())
            assert reply["id"] == 1 and "result" in reply, reply

    ask(options.calls // 10)
    kibibytes = [memory(server)]
    for _ in range(4):
        ask(options.calls // 4)
        kibibytes.append(memory(server))
    stop(server)
    return {"calls": options.calls, "memory_kib_each_quarter": kibibytes}


def slow(data):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = serve(data)
    head = f"POST /search HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nX-Slow: ".encode()

    def search():
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        started = time.perf_counter()
        connection.request("POST", "/search", json.dumps({"query": "remote work policy"}), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        assert reply.status == 200, reply.status
        connection.close()
        return (time.perf_counter() - started) * 1e3

    def p99(seconds, tick=lambda: None):
        times, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            times.append(search())
            tick()
        return round(sorted(times)[int(0.99 * len(times))], 2), len(times)

    alone, _ = p99(5)
    sockets = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(options.slow)]
    for each in sockets:
        each.sendall(head)
    sent = [time.monotonic()]

    def drip():
        if time.monotonic() - sent[0] < 10:
            return
        sent[0] = time.monotonic()
        for each in sockets:
            try:
                each.sendall(b"x")
            except OSError:
                pass

    started = time.monotonic()
    beside, served = p99(30, drip)
    until = time.monotonic() + 45
    while time.monotonic() < until:
        drip()
        time.sleep(0.5)
    ended = 0
    for each in sockets:
        each.setblocking(False)
    for each in sockets:
        try:
            while each.recv(4_096):
                pass
            ended += 1
        except ConnectionError:
            ended += 1
        except OSError:
            pass
    stop(server)
    return {"connections": options.slow, "p99_ms_alone": alone, "p99_ms_beside": beside, "served": served,
            "ended": ended, "after_seconds": round(time.monotonic() - started, 1)}


with tempfile.TemporaryDirectory() as folder:
    corpus = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "corpus", "documents")
    environment = {**os.environ, "FOOTNOTE_DATA": folder}
    subprocess.run([options.footnote, "add", corpus, "--quiet"], check=True, env=environment)
    figures = {}
    for task in (slow, guesses, calls) if not options.only else [globals()[options.only]]:
        figures[task.__name__] = task(folder)
        print(task.__name__, figures[task.__name__], file=sys.stderr, flush=True)
    print(json.dumps(figures))
