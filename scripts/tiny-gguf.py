#!/usr/bin/env python3
"""Writes a GGUF model of a few thousand random weights, the same ones each time: it says nonsense, in the real format.

Usage: tiny-gguf.py OUT.gguf
"""
import sys

import gguf
import numpy as np

EMBEDDING, LAYERS, HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 128, 2048
random = np.random.default_rng(7)

# Three marks, every byte, then pieces of words: enough to write any text down, and to read it.
letters = "abcdefghijklmnopqrstuvwxyz"
words = ["\u2581"] + list(letters) + [f"\u2581{c}" for c in letters] + list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,?!:'\"{}[]")
tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + words
kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(words)
scores = [0.0] * 259 + [-float(index) for index in range(len(words))]

writer = gguf.GGUFWriter(sys.argv[1], "llama")
writer.add_name("tiny")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(EMBEDDING)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(FEED_FORWARD)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_rope_dimension_count(EMBEDDING // HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_vocab_size(len(tokens))
writer.add_tokenizer_model("llama")
writer.add_token_list(tokens)
writer.add_token_scores(scores)
writer.add_token_types(kinds)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)


def weights(name, *shape):
    writer.add_tensor(name, random.standard_normal(shape, dtype=np.float32) / np.sqrt(shape[-1]).astype(np.float32))


weights("token_embd.weight", len(tokens), EMBEDDING)
for layer in range(LAYERS):
    block = f"blk.{layer}"
    for name in ["attn_norm", "ffn_norm"]:
        writer.add_tensor(f"{block}.{name}.weight", np.ones(EMBEDDING, dtype=np.float32))
    for name in ["attn_q", "attn_k", "attn_v", "attn_output"]:
        weights(f"{block}.{name}.weight", EMBEDDING, EMBEDDING)
    weights(f"{block}.ffn_gate.weight", FEED_FORWARD, EMBEDDING)
    weights(f"{block}.ffn_up.weight", FEED_FORWARD, EMBEDDING)
    weights(f"{block}.ffn_down.weight", EMBEDDING, FEED_FORWARD)
writer.add_tensor("output_norm.weight", np.ones(EMBEDDING, dtype=np.float32))
weights("output.weight", len(tokens), EMBEDDING)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
