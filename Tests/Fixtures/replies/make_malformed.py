#!/usr/bin/env python3
"""Writes malformed.jsonl: replies as models give them where JSON was asked for, and what must come out.

A case: the schema's name (MalformedReplyTests.swift holds them), the kind of fault, the reply, and either the value or
the cause of the refusal. Written by hand from the rule, not from what the reader gave.
"""
import json
import pathlib

cases = []


def case(kind, schema, reply, value=None, error=None):
    number = 1 + sum(1 for c in cases if c["kind"] == kind)
    entry = {"id": f"{kind}-{number}", "kind": kind, "schema": schema, "reply": reply}
    if error:
        entry["error"] = error
    else:
        entry["value"] = value
    cases.append(entry)


DEAL = {"product": "Desk lamp", "price": 19.5, "url": "https://shop.example/lamp"}
D = '{"product": "Desk lamp", "price": 19.5, "url": "https://shop.example/lamp"}'
Q = {"question": "How many days off do part-time staff get?"}
VERDICT = {"verdict": "yes", "confidence": 0.9, "reasons": ["says so"]}
V = '{"verdict": "yes", "confidence": 0.9, "reasons": ["says so"]}'
PERSON = {"name": "Ada", "age": 36, "email": None}
ITEMS = {"items": [{"name": "bolt", "quantity": 4, "in_stock": True}]}
I = '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true}]}'


def deal(product="Desk lamp", price=19.5, url="https://shop.example/lamp"):
    return {"product": product, "price": price, "url": url}


def text(body):
    return '{"question": ' + body + "}"


# Fences.
for reply in [
    f"```json\n{D}\n```", f"```\n{D}\n```", f"```JSON\n{D}```", f"~~~json\n{D}\n~~~", f"```json {D} ```",
    f"```json\n{D}\n", f"{D}\n```", f"Here you go:\n\n```json\n{D}\n```\n", f"````json\n{D}\n````",
    f"```javascript\nconst result = {D};\n```", f"```python\nresult = {D}\n```", f"`{D}`",
    f"```json\n\n\n{D}\n\n```\n\nLet me know if you need more.",
]:
    case("fence", "deal", reply, DEAL)
case("fence", "deal", f"```json\n{D}\n```\n\n```json\n{D}\n```", DEAL)
case("fence", "deal", f"```json\n{D}\n```\n```json\n{D.replace('19.5', '21')}\n```", error="ambiguous")
case("fence", "question", text('"Use ```code``` here?"'), {"question": "Use ```code``` here?"})
case("fence", "deal", "```json\n```", error="no_json")

# Prose around.
for reply in [
    f"Sure! Here is the JSON you asked for: {D}", f"{D}\n\nI hope this helps!", f"Answer: {D}.", f"json\n{D}",
    f"**Result:**\n{D}\n*Note: the price is in dollars.*", f"Based on the text [1], the deal is:\n{D}",
    f"I looked at the {{curly}} part.\n{D}", f"<answer>{D}</answer>", f"Output:\n\n{D}\n\n---\nExplanation: it is a lamp.",
    f"> {D}", f"1. {D}", f"See [the page](https://shop.example) for more.\n{D}", f"{D}<|im_end|>", f"<|assistant|>{D}</s>",
]:
    case("prose", "deal", reply, DEAL)
case("prose", "deal", "I'm sorry, but I can't find a deal in this text.", error="no_json")
case("prose", "deal", "The product is a desk lamp at 19.50 dollars.", error="no_json")
case("prose", "deal", f"For example {D.replace('Desk', 'Floor')} would be wrong. {D}", error="ambiguous")
case("prose", "verdict", f"The set {{1, 2}} is fine. {V}", VERDICT)

# Thinking aloud.
case("thoughts", "deal", f"<think>The lamp costs 19.5.</think>\n{D}", DEAL)
case("thoughts", "deal", f"<think>Maybe {{\"product\": \"x\"}}?</think>{D}", DEAL)
case("thoughts", "deal", f"The lamp costs 19.5.\n</think>\n\n{D}", DEAL)
case("thoughts", "deal", f"<thinking>\nLet me see.\n</thinking>\n```json\n{D}\n```", DEAL)
case("thoughts", "deal", "<think>The lamp costs", error="cut_off")
case("thoughts", "deal", f"<reasoning>ok</reasoning>{D}", DEAL)
case("thoughts", "deal", "<think>done</think>", error="empty")

# Comments.
for reply in [
    '{\n  // what is sold\n  "product": "Desk lamp",\n  "price": 19.5, // in dollars\n  "url": "https://shop.example/lamp"\n}',
    '{"product": "Desk lamp", /* in dollars */ "price": 19.5, "url": "https://shop.example/lamp"}',
    '{\n  # what is sold\n  "product": "Desk lamp",\n  "price": 19.5,  # dollars\n  "url": "https://shop.example/lamp"\n}',
    f"// the deal\n{D}", f"/* the deal */ {D} // done",
    '{"product": "Desk lamp", "price": 19.5 /* $ */, "url": /* link */ "https://shop.example/lamp" /* end */ }',
]:
    case("comment", "deal", reply, DEAL)
case("comment", "items", '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true}, // ... 12 more items\n]}', error="left_out")
case("comment", "items", '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true}, /* … */]}', error="left_out")
case("comment", "deal", '{"product": "Desk lamp", "price": 19.5, /* the url', error="cut_off")
case("comment", "question", text('"Is // a comment?"'), {"question": "Is // a comment?"})
case("comment", "question", text('"What is #1?"'), {"question": "What is #1?"})

# Trailing and missing commas.
case("comma", "deal", D[:-1] + ",}", DEAL)
case("comma", "deal", D[:-1] + ",\n}\n", DEAL)
case("comma", "verdict", '{"verdict": "yes", "confidence": 0.9, "reasons": ["says so",]}', VERDICT)
case("comma", "verdict", '{"verdict": "yes", "confidence": 0.9, "reasons": ["says so", ], }', VERDICT)
case("comma", "items", '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true,},],}', ITEMS)
case("comma", "deal", '{"product": "Desk lamp"\n "price": 19.5\n "url": "https://shop.example/lamp"}', DEAL)
case("comma", "deal", '{"product": "Desk lamp",\n "price": 19.5 "url": "https://shop.example/lamp"}', DEAL)
case("comma", "items", '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true}\n{"name": "nut", "quantity": 2, "in_stock": false}]}',
     {"items": ITEMS["items"] + [{"name": "nut", "quantity": 2, "in_stock": False}]})
case("comma", "verdict", '{"verdict": "yes", "confidence": 0.9, "reasons": ["a",, "b"]}', error="bad_syntax")
case("comma", "verdict", '{"verdict": "yes", "confidence": 0.9, "reasons": ["a" "b"]}', error="ambiguous")
case("comma", "deal", '{"product": "Desk lamp"; "price": 19.5; "url": "x"}', error="ambiguous")
case("comma", "deal", '{"product"："Desk lamp"，"price"：19.5，"url"："https://shop.example/lamp"}', DEAL)
case("comma", "deal", '{"product" "Desk lamp", "price" 19.5}', error="bad_syntax")
case("comma", "deal", '{"product" = "Desk lamp", "price" = 19.5}', error="bad_syntax")

# Quotes.
case("quotes", "deal", D.replace('"', "'"), DEAL)
case("quotes", "question", "{'question': 'What's new?'}", {"question": "What's new?"})
case("quotes", "question", "{'question': 'Whose is the staffs' room?'}", {"question": "Whose is the staffs' room?"})
case("quotes", "question", "{'question': \"What's new?\"}", {"question": "What's new?"})
case("quotes", "question", "{'question': 'What\\'s new?'}", {"question": "What's new?"})
case("quotes", "deal", D.replace('"', "“", 1).replace('"', "”", 1).replace('"', "“", 1).replace('"', "”", 1), DEAL)
case("quotes", "question", "{“question”: “What is new?”}", {"question": "What is new?"})
case("quotes", "question", "{`question`: `What is new?`}", {"question": "What is new?"})
case("quotes", "question", '{question: "What is new?"}', {"question": "What is new?"})
case("quotes", "deal", '{product: "Desk lamp", price: 19.5, url: "https://shop.example/lamp"}', DEAL)
case("quotes", "question", text('"What does "net" mean?"'), {"question": 'What does "net" mean?'})
case("quotes", "question", text('"Who said "no" and "yes" here?"'), {"question": 'Who said "no" and "yes" here?'})
case("quotes", "question", text('"Is 5" wide?"'), error="ambiguous")
case("quotes", "question", text('"He said "yes", then left"'), error="ambiguous")
case("quotes", "question", '{"question": """What is new?"""}', {"question": "What is new?"})
case("quotes", "question", "{'question': '''What's new?'''}", {"question": "What's new?"})
case("quotes", "question", "{question: What is new}", error="bad_syntax")
case("quotes", "verdict", "{'verdict': 'yes', 'confidence': 0.9, 'reasons': ['it's said', 'twice']}",
     {"verdict": "yes", "confidence": 0.9, "reasons": ["it's said", "twice"]})
case("quotes", "question", "{`question`: `What is ${name}?`}", error="ambiguous")
case("quotes", "question", '{"question: "What is new?"}', error="bad_syntax")
case("quotes", "question", '{""question"": "What is new?"}', error="bad_syntax")
case("quotes", "question", text('"{"nested": "no"}"'), error="ambiguous")
case("quotes", "question", '{"question": "a"; "other": "b"}', error="ambiguous")

# Cut off.
case("cut", "deal", '{"product": "Desk lamp", "price": 19.5, "url": "https://shop.ex', error="cut_off")
case("cut", "deal", '{"product": "Desk lamp", "price": 19.5, "url":', error="cut_off")
case("cut", "deal", '{"product": "Desk lamp", "price": 19.5,', error="cut_off")
case("cut", "deal", '{"product": "Desk lamp", "price": 19.5', error="cut_off")
case("cut", "deal", '{"product": "Desk lamp"', error="missing_member")
case("cut", "deal", '{"product": "Des', error="cut_off")
case("cut", "deal", '{"pro', error="cut_off")
case("cut", "deal", "{", error="cut_off")
case("cut", "deal", D[:-1], DEAL)
case("cut", "deal", "```json\n" + D[:-1] + "\n```", DEAL)
case("cut", "person", '{"name": "Ada", "age": 36, "email": null', PERSON)
case("cut", "person", '{"name": "Ada", "age": 36, "email": nu', error="cut_off")
case("cut", "person", '{"name": "Ada", "age": 36', error="cut_off")
case("cut", "person", '{"name": "Ada", "email": "a@example.org"', error="cut_off")
case("cut", "person", '{"age": 36, "name": "Ada"', error="cut_off")
case("cut", "verdict", '{"verdict": "yes", "confidence": 0.9, "reasons": ["says so"', error="cut_off")
case("cut", "verdict", '{"verdict": "yes", "confidence": 0.9, "reasons": ["says so"]', VERDICT)
case("cut", "items", '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true}', error="cut_off")
case("cut", "items", '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true}]', ITEMS)
case("cut", "items", '{"items": [', error="cut_off")
case("cut", "items", '{"items": [{"name": "bolt", "quantity": 4', error="cut_off")
case("cut", "queries", '["first", "second"', error="cut_off")
case("cut", "queries", '["first", "sec', error="cut_off")
case("cut", "items", '{"items": [{"name": "bolt", "quantity": 4, "in_stock": true}, ...]}', error="left_out")
case("cut", "queries", '["first", "second", ...]', error="left_out")
case("cut", "deal", '{"product": "Desk lamp", "price": ..., "url": "x"}', error="left_out")

# Wrong types that lose nothing.
case("type", "deal", D.replace("19.5", '"19.5"'), DEAL)
case("type", "deal", D.replace("19.5", "19.50"), DEAL)
case("type", "deal", D.replace("19.5", "1.95e1"), DEAL)
case("type", "person", '{"name": "Ada", "age": "36", "email": null}', PERSON)
case("type", "person", '{"name": "Ada", "age": 36.0, "email": null}', PERSON)
case("type", "person", '{"name": "Ada", "age": 36, "email": "null"}', {"name": "Ada", "age": 36, "email": "null"})
case("type", "person", '{"name": "Ada", "age": "null", "email": null}', {"name": "Ada", "age": None, "email": None})
case("type", "person", '{"name": "Ada", "age": "None", "email": null}', {"name": "Ada", "age": None, "email": None})
case("type", "person", '{"name": 1984, "age": null, "email": null}', {"name": "1984", "age": None, "email": None})
case("type", "person", '{"name": "Ada"}', {"name": "Ada", "age": None, "email": None})
case("type", "items", I.replace("true", '"true"'), ITEMS)
case("type", "items", I.replace("true", '"True"'), ITEMS)
case("type", "items", I.replace("4", '"4"'), ITEMS)
case("type", "verdict", V.replace('"yes"', '"Yes"'), VERDICT)
case("type", "verdict", V.replace('"yes"', '"YES "'), VERDICT)
case("type", "verdict", V.replace("0.9", '"0.9"'), VERDICT)
case("type", "verdict", V.replace('["says so"]', '"[\\"says so\\"]"'), VERDICT)
case("type", "verdict", V.replace('["says so"]', "[12]"), {"verdict": "yes", "confidence": 0.9, "reasons": ["12"]})
case("type", "deal", '{"Product": "Desk lamp", "PRICE": 19.5, "Url": "https://shop.example/lamp"}', DEAL)
case("type", "items", '{"items": [{"name": "bolt", "quantity": 4, "inStock": true}]}', ITEMS)
case("type", "items", '{"items": [{"name": "bolt", "quantity": 4, "in-stock": true}]}', ITEMS)
case("type", "items", '{"items": [{"name": "bolt", "quantity": 4, "in\\\\_stock": true}]}', ITEMS)
case("type", "deal", D[:-1] + ', "note": "a bargain"}', DEAL)

# Wrong types that would need a guess.
case("guess", "deal", D.replace("19.5", '"$19.50"'), error="wrong_type")
case("guess", "deal", D.replace("19.5", '"19,50"'), error="wrong_type")
case("guess", "deal", D.replace("19.5", '"1,950"'), error="wrong_type")
case("guess", "deal", D.replace("19.5", '"about 20"'), error="wrong_type")
case("guess", "deal", D.replace("19.5", "null"), error="wrong_type")
case("guess", "deal", D.replace("19.5", '""'), error="wrong_type")
case("guess", "deal", D.replace("19.5", "[19.5]"), error="wrong_type")
case("guess", "deal", D.replace("19.5", '{"amount": 19.5}'), error="wrong_type")
case("guess", "deal", D.replace("19.5", "true"), error="wrong_type")
case("guess", "deal", D.replace("19.5", "19.5 USD"), error="bad_syntax")
case("guess", "deal", D.replace("19.5", "$19.5"), error="bad_syntax")
case("guess", "deal", D.replace("19.5", "-1"), error="wrong_value")
case("guess", "deal", D.replace('"Desk lamp"', "null"), error="wrong_type")
case("guess", "deal", D.replace('"Desk lamp"', "1.10"), error="wrong_type")
case("guess", "person", '{"name": "Ada", "age": 36.5, "email": null}', error="wrong_type")
case("guess", "person", '{"name": "Ada", "age": "thirty-six", "email": null}', error="wrong_type")
case("guess", "person", '{"name": "Ada", "age": "036", "email": null}', error="wrong_type")
case("guess", "person", '{"name": "Ada", "age": 3600, "email": null}', error="wrong_value")
case("guess", "items", I.replace("true", '"yes"'), error="wrong_type")
case("guess", "items", I.replace("true", "1"), error="wrong_type")
case("guess", "items", '{"items": {"name": "bolt", "quantity": 4, "in_stock": true}}', error="wrong_type")
case("guess", "verdict", V.replace('"yes"', '"maybe"'), error="wrong_value")
case("guess", "verdict", V.replace('"yes"', "true"), error="wrong_type")
case("guess", "verdict", V.replace("0.9", '"90%"'), error="wrong_type")
case("guess", "verdict", V.replace("0.9", "90"), error="wrong_value")
case("guess", "verdict", V.replace('["says so"]', '"says so"'), error="wrong_type")
case("guess", "verdict", V.replace('["says so"]', "[]"), error="wrong_value")
case("guess", "deal", '{"product": "Desk lamp", "url": "https://shop.example/lamp"}', error="missing_member")
case("guess", "deal", "{}", error="missing_member")
case("guess", "person", '{"name": "Ada", "years": 36}', error="unknown_member")
case("guess", "deal", '{"type": "object", "properties": {"product": {"type": "string"}}}', error="missing_member")
case("guess", "deal", "[]", error="wrong_type")
case("guess", "deal", "null", error="wrong_type")
case("guess", "deal", "42", error="wrong_type")

# Literals of other languages.
case("literal", "items", I.replace("true", "True").replace('"', "'"), ITEMS)
case("literal", "person", "{'name': 'Ada', 'age': 36, 'email': None}", PERSON)
case("literal", "person", '{"name": "Ada", "age": 36, "email": undefined}', PERSON)
case("literal", "person", '{"name": "Ada", "age": 36, "email": NULL}', PERSON)
case("literal", "deal", D.replace("19.5", "+19.5"), DEAL)
case("literal", "deal", D.replace("19.5", ".5"), deal(price=0.5))
case("literal", "deal", D.replace("19.5", "19."), deal(price=19))
case("literal", "deal", D.replace("19.5", "1_950"), deal(price=1950))
case("literal", "deal", D.replace("19.5", "NaN"), error="not_a_number")
case("literal", "deal", D.replace("19.5", "nan"), error="not_a_number")
case("literal", "deal", D.replace("19.5", "Infinity"), error="not_a_number")
case("literal", "deal", D.replace("19.5", "-Infinity"), error="not_a_number")
case("literal", "deal", D.replace("19.5", "019.5"), error="not_a_number")
case("literal", "deal", D.replace("19.5", "1e999"), error="not_a_number")
case("literal", "deal", D.replace("19.5", "0x13"), error="bad_syntax")
case("literal", "deal", D.replace("19.5", "2024-01-01"), error="not_a_number")
case("literal", "person", '{"name": "Ada", "age": NaN, "email": null}', error="not_a_number")

# Line breaks, escapes, characters.
case("text", "question", '{"question": "first line\nsecond line"}', {"question": "first line\nsecond line"})
case("text", "question", '{"question": "a\tb"}', {"question": "a\tb"})
case("text", "question", '{"question": "a\r\nb"}', {"question": "a\r\nb"})
case("text", "question", '{"question": "50\\% off"}', {"question": "50\\% off"})
case("text", "question", '{"question": "the path C:\\data\\share"}', {"question": "the path C:\\data\\share"})
case("text", "question", '{"question": "the path C:\\data\\new"}', error="ambiguous")
case("text", "question", '{"question": "a\\_b"}', error="ambiguous")
case("text", "question", '{"question": "caf\\xe9"}', {"question": "café"})
case("text", "question", '{"question": "\\ud83d\\ude00",}', {"question": "😀"})
case("text", "question", '{"question": "\\ud83d"}', error="bad_syntax")
case("text", "question", '{"question": "a\\u12"}', error="bad_syntax")
case("text", "deal", "\ufeff" + D, DEAL)
case("text", "deal", "\ufeff\ufeff```json\n" + D + "\n```", DEAL)
case("text", "deal", D.replace(" ", "\u00a0").replace("Desk\u00a0lamp", "Desk lamp"), DEAL)
case("text", "deal", "\u200b" + D.replace(": ", ":\u200b"), DEAL)
case("text", "question", '{"question": "a\x01b"}', {"question": "a\x01b"})

# The same key twice.
case("twice", "deal", D[:-1] + ', "price": 19.5}', DEAL)
case("twice", "deal", D[:-1] + ', "price": 21}', error="duplicate_key")
case("twice", "deal", D[:-1] + ', "price": null}', error="duplicate_key")
case("twice", "items", '{"items": [], "items": [{"name": "bolt", "quantity": 4, "in_stock": true}]}', error="duplicate_key")

# Encoded once more, or wrapped.
case("encoded", "deal", json.dumps(D), DEAL)
case("encoded", "deal", json.dumps(json.dumps(D)), DEAL)
case("encoded", "deal", json.dumps(json.dumps(json.dumps(D))), DEAL)
case("encoded", "deal", json.dumps(json.dumps(json.dumps(json.dumps(D)))), error="wrong_type")
case("encoded", "deal", D.replace('"', '\\"'), DEAL)
case("encoded", "deal", D.replace('"', "&quot;"), DEAL)
case("encoded", "deal", '{\\n  \\"product\\": \\"Desk lamp\\", \\"price\\": 19.5, \\"url\\": \\"https://shop.example/lamp\\"\\n}', DEAL)
case("wrapped", "deal", f'{{"deal": {D}}}', DEAL)
case("wrapped", "deal", f"[{D}]", DEAL)
case("wrapped", "deal", f"[{D}, {D.replace('19.5', '21')}]", error="wrong_type")
case("wrapped", "deal", f'{{"name": "deal", "arguments": {D}}}', DEAL)
case("wrapped", "deal", f'{{"name": "deal", "parameters": {D}}}', DEAL)
case("wrapped", "deal", f'<tool_call>\n{{"name": "deal", "arguments": {D}}}\n</tool_call>', DEAL)
case("wrapped", "deal", f'{{"type": "function", "name": "deal", "arguments": {json.dumps(D)}}}', DEAL)
case("wrapped", "deal", f'{{"name": "search", "arguments": {D}}}', error="missing_member")
case("wrapped", "queries", '{"queries": ["first", "second"]}', ["first", "second"])
case("wrapped", "deal", D[1:], DEAL)
case("lines", "rows", '{"name": "a"}\n{"name": "b"}', [{"name": "a"}, {"name": "b"}])
case("lines", "rows", '{"name": "a"},\n{"name": "b"},', [{"name": "a"}, {"name": "b"}])
case("lines", "rows", '{"name": "a"}\nand\n{"name": "b"}', error="wrong_type")
case("queries", "queries", 'Queries: ["first", "second"]', ["first", "second"])
case("queries", "queries", "['first', 'second',]", ["first", "second"])
case("queries", "queries", "1. first\n2. second", error="no_json")
case("empty", "deal", "", error="empty")
case("empty", "deal", " \n\t", error="empty")
case("deep", "deal", "[" * 100, error="too_deep")
case("deep", "deal", '{"a":' * 100, error="too_deep")

lines = [json.dumps(entry, ensure_ascii=False) for entry in cases]
pathlib.Path(__file__).with_name("malformed.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
print(len(cases))
