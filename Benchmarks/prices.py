"""Price models beside scikit-learn's on the same vectors, the same split and the same machine, in one run.

  prices.py --footnote BINARY --products F.jsonl [F.jsonl ...] [--threads 2] [--rounds 1] [--charts DIR]

For each file: `footnote bench prices` trains and measures ours and leaves vectors and sides behind; scikit-learn's
random forest (100 trees, its own defaults) and nearest neighbours (5, weighted by distance, and plain) learn from the
training side and are measured on the testing side by the same measures. Prints one JSON object a file, with what is
asked of us: each of ours at least as near as its counterpart, the ensemble nearer than each part and 1.3 times as often
within a fifth as the better baseline, training three times as fast. With --charts a picture of the ensemble's
estimates against the prices of the testing side is left in DIR, an SVG a file.
"""
import argparse, json, os, statistics, subprocess, tempfile, time

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--footnote", required=True)
ap.add_argument("--products", nargs="+", required=True)
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--rounds", type=int, default=1)
ap.add_argument("--charts")
a = ap.parse_args()
if a.charts:
    os.makedirs(a.charts, exist_ok=True)
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(a.threads)
import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.neighbors import KNeighborsRegressor


def measures(estimate, price, tolerance):
    miss = np.abs(estimate - price)
    return {
        "mae": float(miss.mean()),
        "rmsle": float(np.sqrt(np.mean((np.log1p(np.maximum(estimate, 0)) - np.log1p(price)) ** 2))),
        "within_20": float(np.mean(miss <= 0.2 * price)),
        "within_20_or_40": float(np.mean(miss <= np.maximum(0.2 * price, tolerance))),
    }


for path in a.products:
    with tempfile.TemporaryDirectory(prefix="prices.") as folder:
        out = os.path.join(folder, "side")
        forest_s, ours_s = [], []
        name = os.path.splitext(os.path.basename(path))[0]
        chart = ["--chart", os.path.join(a.charts, name + ".svg")] if a.charts else []
        for _ in range(a.rounds):
            run = subprocess.run(
                [a.footnote, "bench", "prices", "--products", path, "--out", out, "--threads", str(a.threads), *chart],
                capture_output=True, text=True, check=True)
            ours = json.loads(run.stdout.splitlines()[-1])
            ours_s.append(ours["train_s"])
            rows = [json.loads(line) for line in open(out + ".jsonl", encoding="utf-8")]
            x = np.fromfile(out + ".f32", "<f4").reshape(len(rows), -1)
            y = np.array([row["price"] for row in rows])
            side = np.array([row["side"] for row in rows])
            train, test = side == "train", side == "test"
            with open(path, encoding="utf-8") as file:
                tolerance = 40.0 if '"USD"' in file.readline() else 0.0
            begun = time.perf_counter()
            forest = RandomForestRegressor(100, random_state=42, n_jobs=a.threads).fit(x[train], y[train])
            forest_s.append(time.perf_counter() - begun)
    peers = {"random_forest": measures(forest.predict(x[test]), y[test], tolerance)}
    for weights in ("uniform", "distance"):
        near = KNeighborsRegressor(5, metric="cosine", weights=weights).fit(x[train], y[train])
        peers[f"neighbours_{weights}"] = measures(near.predict(x[test]), y[test], tolerance)
    best = max(peer["within_20"] for peer in peers.values())
    neighbours = max(peers["neighbours_uniform"]["within_20"], peers["neighbours_distance"]["within_20"])
    parts = ("specialist", "frontier", "random_forest")
    print(json.dumps({
        "file": os.path.basename(path), "ours": ours, "peers": peers,
        "forest_within_20": [ours["random_forest"]["within_20"], peers["random_forest"]["within_20"]],
        "neighbours_within_20": [ours["frontier"]["within_20"], neighbours],
        "ensemble_beats_each_part": {
            "within_20": all(ours["ensemble"]["within_20"] > ours[part]["within_20"] for part in parts),
            "mae": all(ours["ensemble"]["mae"] < ours[part]["mae"] for part in parts)},
        "within_20_ratio": ours["ensemble"]["within_20"] / best if best else None,
        "train_s": {"ours": statistics.median(ours_s), "sklearn_forest": statistics.median(forest_s)},
        "train_ratio": statistics.median(forest_s) / statistics.median(ours_s),
    }), flush=True)
