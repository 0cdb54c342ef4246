"""What the measures of ingest share: sets of files, bags of words, and Footnote reading files through its own workers."""
import collections, json, pathlib, re, subprocess


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def words(text):
    return text.lstrip("\ufeff").split()


def overlap(found, truth):
    found, truth = collections.Counter(found), collections.Counter(truth)
    return sum((found & truth).values()), sum(found.values()), sum(truth.values())


def f1(found, truth):
    common, n_found, n_truth = overlap(found, truth)
    return 2 * common / (n_found + n_truth) if n_found + n_truth else 1.0


class Footnote:
    """Reads files through the binary's own workers, in batches; nothing is added to any library."""

    def __init__(self, binary):
        self.binary = binary

    def documents(self, paths):
        found, paths = {}, [str(path) for path in paths]
        for start in range(0, len(paths), 50):
            read = subprocess.run(
                [self.binary, "extract", "--json", *paths[start:start + 50]], capture_output=True, timeout=3600)
            for shape in json.loads(read.stdout)["documents"]:
                found[shape["path"]] = shape
        return found

    def read(self, paths):
        texts, failed = {}, {}
        for path, shape in self.documents(paths).items():
            if "error" in shape:
                failed[pathlib.Path(path)] = shape["error"]["code"]
            else:
                texts[pathlib.Path(path)] = shape["text"]
        return texts, failed


def bag(text):
    """Words of letters and digits, whatever stands between them."""
    return re.findall(r"\w+", text.lower())


def squeeze(text):
    return re.sub(r"\s+", "", text)
