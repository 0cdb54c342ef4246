"""Whether a text holds the expected answer of a question: whole words, without case, marks and articles."""
import re


def normalized(text):
    words = re.findall(r"[^\W_]+", text.lower())
    return " " + " ".join(w for w in words if w not in ("a", "an", "the")) + " "


def holds(row, text):
    said = normalized(text)
    if row.get("all_of"):
        return all(normalized(word).strip() in said for word in row["all_of"])
    return any(normalized(answer).strip() and normalized(answer) in said for answer in row["answers"])
