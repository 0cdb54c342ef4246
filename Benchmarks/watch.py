#!/usr/bin/env python3
"""How long `footnote add --watch` takes to follow a folder: watch.py BINARY [ROUNDS]

Files are added, edited, saved by renaming, moved, deleted; a folder is renamed; a thousand files appear at once. Prints
the median and the longest time until the library says what the folder says, in seconds.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BINARY = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 10
BURST = 1_000
top = tempfile.mkdtemp()
folder, data = f"{top}/folder", f"{top}/data"
os.mkdir(folder)
watch = subprocess.Popen([BINARY, "add", folder, "--watch", "--quiet", "--data", data], stderr=subprocess.DEVNULL)


def get(path):
    with open(f"{data}/server.json") as file:
        owner = json.load(file)
    request = urllib.request.Request(owner["url"] + path, headers={"Authorization": f"Bearer {owner['token']}"})
    with urllib.request.urlopen(request) as reply:
        return reply.read().decode()


def listed():
    return json.loads(get("/documents"))["documents"]


def held():
    """Every document's id by its name."""
    return {d["filename"]: d["document_id"] for d in listed()}


def says(name, words):
    known = held()
    return name in known and words in get(f"/documents/{known[name]}/text")


def write(name, words):
    with open(f"{folder}/{name}", "w") as file:
        file.write(words)


def timed(change, holds):
    started = time.monotonic()
    change()
    while not holds():
        if time.monotonic() - started > 60:
            raise SystemExit(f"not followed within a minute; {len(listed())} documents are listed")
        time.sleep(0.02)
    return time.monotonic() - started


def save_by_renaming(name, words):
    write(".beside", words)
    os.rename(f"{folder}/.beside", f"{folder}/{name}")


def burst():
    os.mkdir(f"{folder}/many")
    for number in range(BURST):
        write(f"many/{number}.txt", f"Note number {number} of many says that lamp {number} hangs over a desk.")


times = {}
try:
    while True:
        try:
            held()
            break
        except OSError:
            time.sleep(0.05)
    time.sleep(1)
    for n in range(ROUNDS):
        steps = [
            ("added", lambda: write("a.txt", f"First words {n}."), lambda: says("a.txt", f"First words {n}.")),
            ("edited", lambda: write("a.txt", f"Second words {n}."), lambda: says("a.txt", f"Second words {n}.")),
            ("saved by renaming", lambda: save_by_renaming("a.txt", f"Third words {n}."),
             lambda: says("a.txt", f"Third words {n}.")),
            ("moved", lambda: os.rename(f"{folder}/a.txt", f"{folder}/b.txt"),
             lambda: "b.txt" in held() and "a.txt" not in held()),
            ("deleted", lambda: os.remove(f"{folder}/b.txt"), lambda: "b.txt" not in held()),
        ]
        for what, change, holds in steps:
            times.setdefault(what, []).append(timed(change, holds))
    os.mkdir(f"{folder}/old")
    for number in range(20):
        write(f"old/{number}.txt", f"Old note {number}.")
    timed(lambda: None, lambda: len(held()) == 20)
    before = held()
    times["folder of 20 renamed"] = [timed(
        lambda: os.rename(f"{folder}/old", f"{folder}/new"),
        lambda: all("/new/" in d["path"] for d in listed()))]
    assert before == held(), "a renamed folder's files are the same documents"
    times[f"burst of {BURST}"] = [timed(burst, lambda: len(listed()) == 20 + BURST)]
finally:
    for what, seconds in times.items():
        print(f"{what:24} median {statistics.median(seconds):6.2f} s, longest {max(seconds):6.2f} s")
    watch.terminate()
    watch.wait()
    shutil.rmtree(top)
