"""Opens many idle connections to a server and tells what they cost it.

    idle.py PORT PID COUNT

Prints one JSON object: memory of the process before and with the connections, processor time that it used in five
idle seconds with them, and how long a request took meanwhile.
"""
import json
import os
import resource
import socket
import sys
import time


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(connection):
    start = time.perf_counter()
    connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer[:60]
    return (time.perf_counter() - start) * 1000


def main():
    port, pid, count = (int(argument) for argument in sys.argv[1:4])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = memory(pid)
    connections = []
    for _ in range(count):
        connections.append(socket.create_connection(("127.0.0.1", port)))
        # Each has been used once: a browser's connection between two requests.
        ask(connections[-1])
    start = processor_seconds(pid)
    time.sleep(5)
    used = processor_seconds(pid) - start
    times = sorted(ask(connections[index]) for index in range(0, count, max(1, count // 200)))
    print(json.dumps({
        "connections": count, "memory_kib_before": before, "memory_kib_with": memory(pid),
        "bytes_a_connection": round((memory(pid) - before) * 1024 / count),
        "processor_share_idle": round(used / 5, 4),
        "request_ms_p50": round(times[len(times) // 2], 2), "request_ms_max": round(times[-1], 2)}))


main()
