"""nDCG@10 and recall@10 of exact search with two precisions, on cranfield, cisi and xquad (English).

  embed_quality.py DATA 'footnote embed --precision f32 --input {input} --out {out}' 'footnote embed --input {input} --out {out}'

DATA is the folder of the shared data sets. Prints both figures of each command and their difference in points.
"""
import json, math, pathlib, shlex, subprocess, sys, tempfile
import numpy


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def judged(folder):
    documents = {row["doc"]: f"{row['title']}\n{row['text']}" for row in lines(folder / "corpus.jsonl")}
    queries = [(row["question"], row["relevant"]) for row in lines(folder / "queries.jsonl") if row["relevant"]]
    return documents, queries


def xquad(folder):
    documents = {}
    for path in sorted((folder / "docs" / "en").glob("*.txt")):
        for number, paragraph in enumerate(path.read_text().split("\n\n")):
            documents[f"{path.name}/{number}"] = paragraph
    queries = []
    for row in lines(folder / "questions.jsonl"):
        if row["lang"] == "en":
            name = pathlib.Path(row["doc"]).name
            queries.append((row["question"], {f"{name}/{row['paragraph']}": 1}))
    known = [q for q in queries if next(iter(q[1])) in documents]
    return documents, known


def embed(command, texts):
    with tempfile.TemporaryDirectory() as folder:
        given, out = f"{folder}/in.jsonl", f"{folder}/out.f32"
        with open(given, "w", encoding="utf-8") as file:
            for text in texts:
                file.write(json.dumps({"id": "", "text": text}) + "\n")
        subprocess.run(shlex.split(command.format(input=given, out=out)), check=True, stdout=subprocess.DEVNULL)
        return numpy.fromfile(out, "<f4").reshape(len(texts), -1)


def quality(command, documents, queries):
    names = list(documents)
    vectors = embed(command, [documents[name] for name in names])
    scores = embed(command, [question for question, _ in queries]) @ vectors.T
    gains, recalls = [], []
    for row, (_, relevant) in zip(scores, queries):
        top = [names[i] for i in numpy.argsort(-row, kind="stable")[:10]]
        got = sum(relevant.get(name, 0) / math.log2(rank + 2) for rank, name in enumerate(top))
        best = sum(g / math.log2(rank + 2) for rank, g in enumerate(sorted(relevant.values(), reverse=True)[:10]))
        gains.append(got / best)
        recalls.append(sum(name in relevant for name in top) / min(10, len(relevant)))
    return 100 * float(numpy.mean(gains)), 100 * float(numpy.mean(recalls))


data = pathlib.Path(sys.argv[1])
for name, read in (("cranfield", judged), ("cisi", judged), ("xquad", xquad)):
    documents, queries = read(data / name)
    figures = [quality(command, documents, queries) for command in sys.argv[2:4]]
    print(f"{name}: {len(documents)} passages, {len(queries)} questions; nDCG@10, recall@10:",
          "; ".join(f"{n:.2f}, {r:.2f}" for n, r in figures),
          "; difference %.2f, %.2f" % (figures[1][0] - figures[0][0], figures[1][1] - figures[0][1]), flush=True)
