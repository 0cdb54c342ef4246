"""Writes digests.json: for each block of 4,096 scalars of the first two planes, the SHA-256 of the ids (little-endian
32-bit) that the reference gives to one text with every scalar of the block between letters, alone and before one.

Usage: python make_digests.py TOKENIZER_JSON > digests.json
"""
import hashlib, json, struct, sys
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.no_padding()
tokenizer.no_truncation()
rows = []
for first in range(0, 0x20000, 4096):
    scalars = [c for c in range(first, first + 4096) if not 0xD800 <= c < 0xE000]
    text = "".join(f"a{chr(c)}b {chr(c)} {chr(c)}x " for c in scalars)
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    digest = hashlib.sha256(struct.pack(f"<{len(ids)}I", *ids)).hexdigest()
    rows.append({"first": first, "count": len(ids), "digest": digest})
print(json.dumps(rows, indent=0))
