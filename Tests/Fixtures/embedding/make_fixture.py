"""Writes the reference that the tests hold the engine to: token ids by PyPI `tokenizers`, vectors by PyTorch.

Usage: python make_fixture.py MODEL_FOLDER (with model.safetensors, tokenizer.json, config.json)
Gives texts.json (texts and their ids, [CLS] and [SEP] left out, nothing cut) and vectors.f32 (one row of 384 a text).
"""
import json, pathlib, sys
import numpy, torch
from tokenizers import Tokenizer
from transformers import AutoModel

folder = pathlib.Path(sys.argv[1])
here = pathlib.Path(__file__).parent
texts = [
    "",
    " ",
    "a",
    "What year did the oil crisis begin in America?",
    "Full-time staff get 15 vacation days a year.",
    "Le café où nous étions hier coûte 12,50 € — déjà vu!",
    "Größenwahn, ſtraße, ẞ, ÅNGSTRÖM, İstanbul, ΌΣΟΣ",
    "数据库 and 知识 mixed，全角：ＡＢＣ１２３",
    "東京タワーはどこですか。",
    "한국어 문장입니다. 각",
    "हिन्दी में एक वाक्य",
    "السَّلامُ عليكم",
    "ภาษาไทย ไม่มีช่องว่าง",
    "👩‍👩‍👧‍👦 family 🏳️‍🌈 emoji 🤷🏽",
    "tabs\tand\nnewlines\r\nand\u00a0no-break\u3000spaces\u200bzero\u00adsoft",
    "control\u0000\u0001\u0007 replaced \ufffd private \ue000",
    "[CLS] literal [SEP] names [MASK][PAD] [unk] [UNK]",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "x" * 100 + " " + "y" * 101,
    "a\u0334\u302e\U0001d165\u0301b \u08d4\u1e94a \U0001d15e\U0001d16d\U0001d165",
    "don't stop-me_now e=mc^2 `code` $5 <tag> a|b ~x",
    "https://example.org/path?q=1&r=2#frag user@example.org",
    "The encoder reads tokens; padding is never computed. " * 30,
    "Photosynthesis converts light energy into chemical energy that plants store as glucose. " * 8,
]
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()
model = AutoModel.from_pretrained(str(folder), attn_implementation="eager", dtype=torch.float32).eval()
rows, vectors = [], []
for text in texts:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    rows.append({"text": text, "ids": ids})
    framed = torch.tensor([[101] + ids[:254] + [102]])
    with torch.no_grad():
        mean = model(input_ids=framed).last_hidden_state[0].double().mean(0)
    vectors.append((mean / mean.norm()).float().numpy())
(here / "texts.json").write_text(json.dumps(rows, indent=0) + "\n")
numpy.stack(vectors).astype("<f4").tofile(here / "vectors.f32")
