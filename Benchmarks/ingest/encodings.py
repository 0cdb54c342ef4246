"""Plain text in every encoding that can hold it: is what comes out, letter for letter, what went in?

Texts of the Universal Declaration in hundreds of languages are written in every encoding of `NAMES` that holds all their
letters, whole and as excerpts of 200 bytes; uchardet is asked about the same bytes where its library is installed. An
encoding that gives the same text is as good as the one meant. Encodings of several bytes are tried with the language
that they are for.
"""
import collections, ctypes, pathlib, random, re, tempfile, unicodedata

from .reading import lines

SINGLE = ("cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 "
          "iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u "
          "cp866 cp437 cp850 cp852 mac-roman tis-620").split()
MULTI = {"shift_jis": "ja", "euc-jp": "ja", "iso2022_jp": "ja", "gb18030": "zh", "big5": "zh", "euc-kr": "ko"}
WIDE = "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be".split()
RARE = {"mac-roman", "cp437", "cp850", "cp852"}


def language(text):
    if re.search("[\u3040-\u30ff]", text):
        return "ja"
    if re.search("[\uac00-\ud7af]", text):
        return "ko"
    return "zh" if len(re.findall("[\u4e00-\u9fff]", text)) * 2 > len(text) else ""


def for_vietnamese(text):
    """windows-1258 has its tone marks apart."""
    out = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        for split in range(len(parts), 0, -1):
            base = unicodedata.normalize("NFC", parts[:split])
            if encoded(base + parts[split:], "cp1258"):
                out.append(base + parts[split:])
                break
        else:
            base = unicodedata.normalize("NFC", parts[0] + parts[2:]) + parts[1:2]
            out.append(base if encoded(base, "cp1258") else letter)
    return "".join(out)


def encoded(text, name):
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        return None


def excerpt(text, name, size, seed):
    """About `size` bytes with something beyond ASCII in them; None where there is no such place."""
    source = random.Random(seed)
    for _ in range(20):
        start = source.randrange(max(1, len(text) - size))
        part = text[start:start + size].strip()
        while len(part.encode(name)) > size:
            part = part[:-1]
        if any(ord(letter) > 127 for letter in part):
            return part
    return None


def cases(rows, folder, size):
    for row in rows:
        text = unicodedata.normalize("NFC", (folder / row["doc"]).read_text("utf-8")).strip()
        if text.isascii():
            continue
        spoken = language(text)
        for name in SINGLE + list(MULTI) + WIDE:
            if name in MULTI and MULTI[name] != spoken:
                continue
            source = for_vietnamese(text) if name == "cp1258" else text
            if encoded(source, name) is None:
                continue
            part = excerpt(source, name, size, row["code"] + name) if size else source
            if part:
                yield row, name, part, part.encode(name)


def uchardet():
    try:
        library = ctypes.CDLL("libuchardet.so.0")
    except OSError:
        return None
    library.uchardet_new.restype = ctypes.c_void_p
    library.uchardet_get_charset.restype = ctypes.c_char_p
    for function in ("handle_data", "data_end", "get_charset", "delete"):
        arguments = [ctypes.c_void_p] + ([ctypes.c_char_p, ctypes.c_size_t] if function == "handle_data" else [])
        getattr(library, "uchardet_" + function).argtypes = arguments

    def decode(content):
        one = library.uchardet_new()
        library.uchardet_handle_data(one, content, len(content))
        library.uchardet_data_end(one)
        name = library.uchardet_get_charset(one).decode()
        library.uchardet_delete(one)
        try:
            return content.decode(name or "cp1252"), name
        except (LookupError, UnicodeDecodeError):
            return "", name
    return decode


def plain(text):
    return " ".join(unicodedata.normalize("NFC", text.lstrip("\ufeff")).split())


def quality(folder, footnote):
    rows, rival = lines(folder / "index.jsonl"), uchardet()
    result = {}
    for kind, size in (("whole", None), ("200_bytes", 200)):
        right, rival_right, total, confusion = (collections.Counter() for _ in range(4))
        with tempfile.TemporaryDirectory() as place:
            found = []
            for number, (row, name, text, content) in enumerate(cases(rows, folder, size)):
                path = pathlib.Path(place) / f"{number}.txt"
                path.write_bytes(content)
                found.append((row, name, text, content, str(path)))
            shapes = footnote.documents([path for *_, path in found])
            for row, name, text, content, path in found:
                shape = shapes[path]
                total[name] += 1
                if "text" in shape and plain(shape["text"]) == plain(text):
                    right[name] += 1
                else:
                    confusion[name, shape.get("metadata", {}).get("encoding") or shape["error"]["code"]] += 1
                if rival:
                    rival_right[name] += plain(rival(content)[0]) == plain(text)
        usual = [name for name in total if name not in RARE]
        mean = lambda counts, names: sum(counts[name] / total[name] for name in names) / len(names)
        result[kind] = {
            "texts": total.total(), "right": right.total() / total.total(), "mean_of_encodings": mean(right, list(total)),
            "mean_without_dos_and_mac": mean(right, usual),
            "encodings": {name: f"{right[name]}/{total[name]}" for name in total},
            "confusion": {f"{name} read as {other}": count for (name, other), count in confusion.most_common(40)},
        }
        if rival:
            result[kind]["uchardet"] = {
                "right": rival_right.total() / total.total(), "mean_of_encodings": mean(rival_right, list(total)),
                "mean_without_dos_and_mac": mean(rival_right, usual)}
    return result
