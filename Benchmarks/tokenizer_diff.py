"""Holds the tokenizer against PyPI `tokenizers` on a lot of text: every Unicode scalar in several surroundings, every
file named, and random mixtures of both. Prints characters, tokens and the first differences; status 1 if there is one.

  tokenizer_diff.py MODEL_FOLDER FOOTNOTE [FILE OR FOLDER]... [--random MILLIONS] [--seed N]

MODEL_FOLDER holds tokenizer.json, FOOTNOTE is the binary. Files are read as UTF-8, bad bytes replaced.
"""
import argparse, json, os, pathlib, random, subprocess, sys, tempfile
from tokenizers import Tokenizer

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("model")
parser.add_argument("footnote")
parser.add_argument("paths", nargs="*")
parser.add_argument("--random", type=float, default=10, help="millions of random characters")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
tokenizer = Tokenizer.from_file(os.path.join(options.model, "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()
SCALARS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def unicode_texts():
    for at in range(0, len(SCALARS), 64):
        some = SCALARS[at:at + 64]
        yield "".join(some)
        yield " ".join(some)
        yield "".join(f"a{c}b " for c in some)
        yield "".join(f"A\u0301{c}\u0334 ##{c}" for c in some)


def file_texts():
    for path in options.paths:
        path = pathlib.Path(path)
        for file in sorted(p for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file()):
            if file.suffix.lower() in (".txt", ".json", ".jsonl", ".md", ".html", ".xml", ".csv", ".tsv"):
                text = file.read_bytes().decode("utf-8", "replace")
                yield from (text[i:i + 20000] for i in range(0, len(text), 20000))


def random_texts():
    chance = random.Random(options.seed)
    pool = list({c for text in file_texts() for c in text}) or SCALARS[:0x3000]
    words = [w for text in file_texts() for w in text.split()[:200]] or ["word", "Wörter", "слово"]
    left = options.random * 1e6
    while left > 0:
        kind = chance.randrange(5)
        size = chance.randrange(1, 400)
        if kind == 0:
            text = "".join(chance.choices(SCALARS, k=size))
        elif kind == 1:
            text = "".join(chance.choices(pool, k=size))
        elif kind == 2:
            text = chance.choice(["", " ", "-", "\u200d"]).join(chance.choices(words, k=size // 4 + 1))
        elif kind == 3:  # bases under many marks, whose order normalising changes
            text = "".join(chance.choice(pool) + "".join(map(chr, chance.choices(range(0x300, 0x370), k=3)))
                           for _ in range(size // 4 + 1))
        else:
            text = "".join(chance.choice([chr(chance.randrange(0x20, 0x7F)), chr(chance.randrange(0x250)),
                                          chance.choice(words)]) for _ in range(size // 3 + 1))
        left -= len(text)
        yield text


def ours(texts, folder):
    given, out = f"{folder}/in.jsonl", f"{folder}/ids.jsonl"
    with open(given, "w", encoding="ascii") as file:
        for text in texts:
            file.write(json.dumps({"text": text}) + "\n")
    subprocess.run([options.footnote, "embed", "--input", given, "--ids", out], check=True, stdout=subprocess.DEVNULL)
    with open(out) as file:
        return [json.loads(line) for line in file]


def compare(name, texts):
    batch, size, totals = [], 0, [0, 0, 0, 0]

    def flush():
        with tempfile.TemporaryDirectory() as folder:
            got = ours(batch, folder)
        expected = [e.ids for e in tokenizer.encode_batch(batch, add_special_tokens=False)]
        for text, mine, theirs in zip(batch, got, expected, strict=True):
            totals[0] += 1
            totals[1] += len(text)
            totals[2] += len(theirs)
            if mine != theirs:
                totals[3] += 1
                if totals[3] <= 3:
                    print("differs:", ascii(text[:200]), mine[:20], theirs[:20])
        batch.clear()

    for text in texts:
        batch.append(text)
        size += len(text)
        if size > 4_000_000:
            flush()
            size = 0
    if batch:
        flush()
    print(f"{name}: {totals[0]:,} texts, {totals[1]:,} characters, {totals[2]:,} tokens, {totals[3]} differ", flush=True)
    return totals[3]


sys.exit(1 if sum([compare("Unicode", unicode_texts()), compare("files", file_texts()),
                   compare("random", random_texts())]) else 0)
