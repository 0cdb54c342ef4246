"""Writes Sources/Text/WordPieceTables.swift: what the reference does to each scalar before it looks for pieces.

The reference (PyPI `tokenizers`) mixes Unicode versions of several crates, so the tables are asked of it, scalar by
scalar, instead of being derived from any Unicode database. Run: python make_tables.py > WordPieceTables.swift
"""
import sys, unicodedata
import tokenizers
from tokenizers import normalizers, pre_tokenizers

bert = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
nfd = normalizers.NFD()
words = pre_tokenizers.BertPreTokenizer()
scalars = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
KEEP, DROP, DROP_STARTER, SPACE, ISOLATED, HANGUL, CLASS0 = 0, 1, 2, 3, 4, 5, 6


def hangul(c):
    s = c - 0xAC00
    t = s % 28
    return chr(0x1100 + s // 588) + chr(0x1161 + s % 588 // 28) + (chr(0x11A7 + t) if t else "")


# One representative of each combining class, as the reference's NFD sees them: a mark of class a before one of class b
# is swapped exactly when a > b > 0. U+0334 has class 1, U+0345 class 240, the ends of the scale.
low, high = "\u0334", "\u0345"
def starter(c):
    return nfd.normalize_str("a" + high + chr(c) + low)[1] != low


ladder = {}
for c in scalars:
    k = unicodedata.combining(chr(c))
    if k and nfd.normalize_str(chr(c)) == chr(c) and not starter(c):
        ladder.setdefault(k, chr(c))


def combining_class(c):
    above = [k for k, mark in ladder.items() if nfd.normalize_str("a" + mark + chr(c)) != "a" + mark + chr(c)]
    below = [k for k, mark in ladder.items() if nfd.normalize_str("a" + chr(c) + mark) != "a" + chr(c) + mark]
    same = [k for k in ladder if k not in above and k not in below]
    assert len(same) == 1, (hex(c), same)
    return same[0]


action, maps, classes = {}, {}, {}
for c in scalars:
    ch, out = chr(c), bert.normalize_str(chr(c))
    if out == "":
        action[c] = DROP if clean.normalize_str(ch) == "" or not starter(c) else DROP_STARTER
    elif out == " ":
        action[c] = SPACE
    elif 0xAC00 <= c < 0xD7A4:
        assert out == hangul(c)
        action[c] = HANGUL
    elif out in (ch, f" {ch} "):
        cjk = out != ch
        if cjk or len(words.pre_tokenize_str(f"a{ch}b")) == 3:
            action[c] = ISOLATED
        elif not starter(c):
            classes.setdefault(combining_class(c), []).append(c)
        else:
            action[c] = KEEP
    else:
        maps[c] = out
order = sorted(classes)
for i, k in enumerate(order):
    for c in classes[k]:
        action[c] = CLASS0 + i
first_map = CLASS0 + len(order)
cjk = {c for c in scalars if bert.normalize_str(chr(c)).startswith(" ") and c not in maps and action[c] == ISOLATED}
for c, out in maps.items():
    inner = out.strip(" ")
    if out != inner:
        assert out == f" {inner} " and len(inner) == 1 and ord(inner) in cjk, hex(c)
    else:
        assert not any(ord(o) in cjk for o in inner), hex(c)
    for o in inner:
        settled = action.get(ord(o), DROP) in (KEEP, ISOLATED) or action[ord(o)] >= CLASS0
        assert ord(o) not in maps and settled, (hex(c), hex(ord(o)))
    maps[c] = inner


def b36(n):
    s = ""
    while True:
        s = "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36] + s
        n //= 36
        if not n:
            return s


# Runs of one action: "<length>.<action>". Mapped scalars: "<length>+<distance>" or "<length>-<distance>" for a run of
# scalars that each move by that distance; "<length>/<distance>" where every second one moves up by it and the others
# stay; "=<scalar>.<scalar>" for one mapped to two or three. All numbers base 36.
tokens, c = [], 0


def single(c):
    return c in maps and len(maps[c]) == 1


def delta(c):
    return ord(maps[c]) - c


while c < 0x110000:
    if 0xD800 <= c < 0xE000:
        tokens.append(f"{b36(0x800)}.{b36(KEEP)}")
        c = 0xE000
    elif c in maps and not single(c):
        tokens.append("=" + ".".join(b36(ord(o)) for o in maps[c]))
        c += 1
    elif single(c):
        n = 1
        while single(c + n) and delta(c + n) == delta(c):
            n += 1
        alternating = 0
        while (n == 1 and single(c + alternating) and delta(c + alternating) == delta(c)
               and action.get(c + alternating + 1) == KEEP):
            alternating += 2
        if alternating > 2 and delta(c) > 0:
            tokens.append(f"{b36(alternating)}/{b36(delta(c))}")
            c += alternating
        else:
            tokens.append(f"{b36(n)}{'+' if delta(c) > 0 else '-'}{b36(abs(delta(c)))}")
            c += n
    else:
        n = 1
        while c + n < 0x110000 and action.get(c + n) == action[c] and not 0xD800 <= c + n < 0xE000:
            n += 1
        tokens.append(f"{b36(n)}.{b36(action[c])}")
        c += n
lines, line = [], ""
for t in tokens:
    if len(line) + len(t) + 1 > 104:
        lines.append(line)
        line = ""
    line += t + " "
lines.append(line.rstrip())
print(f"""// What the reference tokenizer does to each Unicode scalar, as runs; WordPieceNormalizer unfolds it.
// Generated by Tests/Fixtures/wordpiece/make_tables.py from PyPI tokenizers {tokenizers.__version__}; never edited by hand.
// The reference's own Unicode versions count here, not the toolchain's, so a newer one must not be swapped in.

enum WordPieceTables {{
  /// Combining classes of the non-starters that survive, in rising order: their action codes begin at 6.
  static let survivingClassCount = {len(order)}

  /// "n.a": n scalars of action a. "n+d", "n-d": n scalars that each map to themselves plus or minus d. "n/d": n
  /// scalars of which every second, from the first, maps to itself plus d, the others stay. "=s.s": one that maps to
  /// these. Numbers in base 36.
  static let runs = \"\"\"""")
for l in lines[:-1]:
    print(f"    {l}\\")
print(f"    {lines[-1]}")
print('    """\n}')
print(len(tokens), "runs,", len(maps), "maps, classes", order, {k: [hex(x) for x in v][:8] for k, v in classes.items()}, file=sys.stderr)
