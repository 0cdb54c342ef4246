#!/usr/bin/env python3
"""Fits the two sets of weights of an extracted answer from outcomes that `footnote eval --candidates` wrote.

choice: pairwise logistic regression; of a question's candidates those that hold the expected answer should stand before
those that do not. refusal: logistic regression over the evidence; classes weigh alike within each set, sets weigh
as said (1); a figure's sign is held to what it means, and a question counts as unanswerable only where no candidate holds
the answer that was withheld. Development sets only: whoever reports figures names others. Needs numpy.
Usage: fit.py choice|refusal NAMES QUESTIONS.jsonl=OUTCOMES.jsonl[=WEIGHT]...   (NAMES: comma-separated figure names)
"""
import json
import sys

import numpy

sys.path.insert(0, __file__.rsplit("/", 1)[0])


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def logistic(features, labels, weights, penalty, rounds=4000, rate=0.5, bias=True, signs=None):
    features = numpy.hstack([features, numpy.ones((len(features), 1))]) if bias else features
    scale = numpy.maximum(features.std(axis=0), 1e-6)
    scale[-1] = 1 if bias else scale[-1]
    scaled = features / scale
    coefficients = numpy.zeros(scaled.shape[1])
    velocity = numpy.zeros_like(coefficients)
    for _ in range(rounds):
        chance = 1 / (1 + numpy.exp(-numpy.clip(scaled @ coefficients, -30, 30)))
        shrink = penalty * coefficients
        if bias:
            shrink[-1] = 0
        gradient = scaled.T @ (weights * (chance - labels)) / weights.sum() + shrink
        velocity = 0.9 * velocity - rate * 0.1 * gradient
        coefficients = coefficients + velocity
        if signs is not None:
            wrong = coefficients[: len(signs)] * signs < 0
            coefficients[: len(signs)][wrong] = 0
            velocity[: len(signs)][wrong] = 0
    return coefficients / scale


def choice(sets, names, holds):
    rows, weights = [], []
    for questions, outcomes, _ in sets:
        for question, outcome in zip(questions, outcomes):
            if outcome["unanswerable"]:
                continue
            candidates = outcome.get("candidates", [])
            right = [c["features"] for c in candidates if holds(question, c["text"])]
            wrong = [c["features"] for c in candidates if not holds(question, c["text"])]
            if not right or not wrong:
                continue
            # The best of the right ones must beat every wrong one.
            for good in right:
                for bad in wrong:
                    rows.append(numpy.array(good) - numpy.array(bad))
                    weights.append(1 / (len(right) * len(wrong)) / max(1, len(questions)))
    rows, weights = numpy.array(rows), numpy.array(weights)
    both = numpy.vstack([rows, -rows])
    labels = numpy.hstack([numpy.ones(len(rows)), numpy.zeros(len(rows))])
    found = logistic(both, labels, numpy.hstack([weights, weights]), 0.002, bias=False)
    found = found / found[0] * 0.55
    for name, value in zip(names, found):
        print(f"{name:26}{value:8.3f}")
    print("[" + ", ".join(f"{v:.3f}" for v in found) + "]")
    for questions, outcomes, _ in sets:
        hits, old, able, total = 0, 0, 0, 0
        for question, outcome in zip(questions, outcomes):
            candidates = outcome.get("candidates", [])
            if outcome["unanswerable"] or not candidates:
                continue
            total += 1
            held = [holds(question, c["text"]) for c in candidates]
            able += any(held)
            old += held[0]
            hits += held[int(numpy.argmax([numpy.dot(found, c["features"]) for c in candidates]))]
        if total:
            print(f"  first right: was {old / total:.3f}, fitted {hits / total:.3f}, possible {able / total:.3f} of {total}")


def refusal(sets, names):
    from expected import holds

    signs = numpy.array([-1.0 if "missing" in name or name == "states_another" else 1.0 for name in names])
    features, labels, weights, told = [], [], [], []
    for questions, outcomes, share in sets:
        kept = [
            (question, outcome) for question, outcome in zip(questions, outcomes)
            if not (outcome["unanswerable"] and question.get("answers")
                    and any(holds(question, c["text"]) for c in outcome.get("candidates", [])))]
        told.append(len(kept))
        answerable = sum(not outcome["unanswerable"] for _, outcome in kept)
        for question, outcome in kept:
            features.append([outcome["evidence"][name] for name in names])
            labels.append(0.0 if outcome["unanswerable"] else 1.0)
            count = len(kept) - answerable if outcome["unanswerable"] else answerable
            first = outcome.get("candidates", [{"text": ""}])[0]["text"]
            is_wrong = not outcome["unanswerable"] and question.get("answers") and not holds(question, first)
            # An answer that would be wrong says little about what a right one looks like.
            weights.append(share * (0.4 if is_wrong else 1.0) / max(1, count))
    features, labels, weights = numpy.array(features), numpy.array(labels), numpy.array(weights)
    found = logistic(features, labels, weights, 0.001, signs=signs)
    print(f"{'bias':26}{found[-1]:8.3f}")
    for name, value in zip(names, found):
        print(f"{name:26}{value:8.3f}")
    print("[" + ", ".join(f"{v:.3f}" for v in [found[-1], *found[:-1]]) + "]")
    at = 0
    for count in told:
        chance = 1 / (1 + numpy.exp(-(features[at : at + count] @ found[:-1] + found[-1])))
        label = labels[at : at + count]
        at += count
        if (label == 0).any() and (label == 1).any():
            for rate in (0.01, 0.03, 0.05, 0.08, 0.10, 0.15, 0.20, 0.50):
                bound = numpy.quantile(chance[label == 0], 1 - rate)
                print(f"  {rate:.2f} false: threshold {bound:.2f}, answered {(chance[label == 1] > bound).mean():.3f}")


def main():
    task, names, *entries = sys.argv[1:]
    parts = [entry.split("=") for entry in entries]
    sets = [(lines(part[0]), lines(part[1]), float(part[2]) if len(part) > 2 else 1.0) for part in parts]
    if task == "choice":
        from expected import holds

        choice(sets, names.split(","), holds)
    else:
        refusal(sets, names.split(","))


main()
