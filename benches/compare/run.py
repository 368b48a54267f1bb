"""Runs the job in every engine in alternation, checks the answers, prints the table. See README.md."""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import fleet

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PEERS = {"DuckDB": ("duckdb", ["simple", "tuned"]), "Polars": ("polars", ["simple"]), "DataFusion": ("datafusion", ["simple"])}
TABLES = "daily,typical_days,monthly,peaks"
SHARES = ["mean_kw", "p10_kw", "p50_kw", "p90_kw", "n_days"]
PRICES = {"kwh_sharp": 1.30, "kwh_peak": 1.05, "kwh_flat": 0.68, "kwh_valley": 0.32}

ap = argparse.ArgumentParser()
ap.add_argument("--customers", type=int, default=1000)
ap.add_argument("--layouts", default="long,daily,wide")
ap.add_argument("--engines", default="peakwise,DuckDB,Polars,DataFusion")
ap.add_argument("--runs", type=int, default=3)
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--curves", action="store_true", help="every day's curve as well")
ap.add_argument("--typical", action="store_true", help="the others write typical days as peakwise does: by season, with percentiles")
ap.add_argument("--reactive", action="store_true", help="let peakwise read kvar as well, which the others do not")
ap.add_argument("--data", default=os.path.join(tempfile.gettempdir(), "peakwise-fleet"))
ap.add_argument("--binary", default=os.path.join(ROOT, "target", "release", "peakwise"))
ap.add_argument("--advice", action="store_true", help="peakwise's whole advice as well, without and with pages")
args = ap.parse_args()


def command(engine, style, layout, out):
    data = f"{args.data}/{args.customers}"
    if engine == "peakwise":
        # Only the job and its advice without kvar find the wide file of kW alone.
        files = f"{data}/wide/kw.parquet" if layout == "wide" and not args.reactive else f"{data}/{layout}"
        line = [args.binary, "analyze", files, "--calendar", "none", "--tariff", "bench-j1", "--no-hash", "--quiet"]
        line += ["--force", "--threads", str(args.threads), "--out", out]
        line += ["--curves"] * args.curves + ["--no-reactive"] * (not args.reactive)
        return line + {"": ["--tables", TABLES, "--format", "none"], "advice": ["--format", "none"], "pages": ["--format", "html"]}[style]
    script = f"{HERE}/{PEERS[engine][0]}_job.py"
    line = [sys.executable, script, "--input", data, "--layout", layout, "--out", out, "--style", style]
    return line + ["--threads", str(args.threads)] + ["--curves"] * args.curves + ["--typical"] * args.typical


# Runs a command and prints its CPU seconds and greatest resident KiB. A small process of its own: what
# resident memory the one that forks has counts as its child's.
MEASURE = """
import os, sys
pid = os.fork()
if pid == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(status != 0)
"""


def measured(line):
    """CPU seconds (user and system) and peak MiB of a process."""
    run = subprocess.run([sys.executable, "-S", "-c", MEASURE, *line], stdout=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"failed: {' '.join(line)}")
    seconds, kib = run.stdout.split()
    return float(seconds), int(kib) / 1024


def read(out, name):
    table = pq.read_table(f"{out}/{name}.parquet")
    at = table.schema.get_field_index("customer_id")
    return table.set_column(at, "customer_id", table["customer_id"].cast(pa.string()))


def numbers(table, name):
    return table[name].to_numpy(zero_copy_only=False).astype(float)


def instants(column):
    return column.cast(pa.timestamp("us"), safe=False).to_numpy()


def ours(out):
    """peakwise's tables under the job's names."""
    tables = f"{out}/tables"
    daily = read(tables, "daily")
    typical = read(tables, "typical_days").to_pandas()
    typical["weekend"] = typical["day_kind"] != "workday"
    shares = {}
    if args.typical:
        typical["season"] = typical["season"].map({"winter": 0, "spring": 1, "summer": 2, "autumn": 3})
        shares = typical.sort_values(["customer_id", "weekend", "season", "slot"])
        shares = {f"typical.{k}": shares[k].to_numpy().astype(float) for k in SHARES}
    typical["sum"] = typical["mean_kw"] * typical["n_days"]
    typical = typical.groupby(["customer_id", "weekend", "slot"])[["sum", "n_days"]].sum()
    monthly = read(tables, "monthly")
    peaks = read(tables, "peaks").to_pandas()
    peaks = peaks[peaks["kind"] == "top"].sort_values(["customer_id", "rank"])
    result = {f"daily.{k}": numbers(daily, k) for k in ("kwh", "max_kw", "min_kw", "mean_kw", "load_factor")}
    result["daily.pv_diff"] = numbers(daily, "peak_valley_kw")
    result |= shares or {"typical.mean_kw": (typical["sum"] / typical["n_days"]).to_numpy()}
    result |= {f"monthly.{k}": numbers(monthly, k) for k in ("max_kw", *PRICES)}
    result["monthly.energy_cost"] = sum(numbers(monthly, k) * price for k, price in PRICES.items())
    result["monthly.demand_charge"] = numbers(monthly, "max_kw") * 40
    result["peaks.kw"] = peaks["max_kw"].to_numpy()
    if args.curves:
        result["daily.curve"] = read(tables, "curves")["kw"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return result, instants(monthly["max_at"]), peaks["start"].to_numpy().astype("datetime64[us]")


def theirs(out):
    """An engine's tables in the same order; equal maxima may be told by any of their instants."""
    daily = read(out, "daily").sort_by([("customer_id", "ascending"), ("date", "ascending")])
    typical = read(out, "typical")
    typical = typical.set_column(typical.schema.get_field_index("weekend"), "weekend", typical["weekend"].cast(pa.int8()))
    typical = typical.sort_by([(k, "ascending") for k in ("customer_id", "weekend", *["season"] * args.typical, "slot")])
    monthly = read(out, "monthly").sort_by([("customer_id", "ascending"), ("month", "ascending")])
    peaks = read(out, "peaks").sort_by([("customer_id", "ascending"), ("rank", "ascending")])
    result = {f"daily.{k}": numbers(daily, k) for k in ("kwh", "max_kw", "min_kw", "mean_kw", "load_factor", "pv_diff")}
    result |= {f"typical.{k}": numbers(typical, k) for k in (SHARES if args.typical else ["mean_kw"])}
    result |= {f"monthly.{k}": numbers(monthly, k) for k in ("max_kw", *PRICES, "energy_cost", "demand_charge")}
    result["peaks.kw"] = numbers(peaks, "kw")
    if args.curves:
        result["daily.curve"] = daily["curve"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return result, instants(monthly["max_ts"]), instants(peaks["ts"])


def compare(engine, layout, reference, out):
    values, _, _ = theirs(out)
    for name, expected in reference[0].items():
        got = values[name]
        if got.shape != expected.shape:
            sys.exit(f"{engine}, {layout}: {name} has {got.shape} values instead of {expected.shape}")
        same = np.isnan(got) & np.isnan(expected) | (np.abs(got - expected) <= 1e-6 * np.maximum(1, np.abs(expected)))
        if not same.all():
            sys.exit(f"{engine}, {layout}: {(~same).sum()} values of {name} differ, such as {got[~same][0]} for {expected[~same][0]}")


def main():
    layouts, engines = args.layouts.split(","), args.engines.split(",")
    fleet.make(f"{args.data}/{args.customers}", args.customers, layouts)
    cases = [("peakwise", "")] * ("peakwise" in engines)
    cases += [("peakwise", "advice"), ("peakwise", "pages")] * (args.advice and "peakwise" in engines)
    cases += [(e, s) for e in engines if e in PEERS for s in PEERS[e][1]]
    found = {}
    work = tempfile.mkdtemp()
    for layout in layouts:
        for run in range(args.runs):
            for engine, style in cases:
                out = f"{work}/{engine}-{style}-{layout}"
                found.setdefault((engine, style, layout), []).append(measured(command(engine, style, layout, out)))
        reference = ours(f"{work}/peakwise--{layout}") if "peakwise" in engines else None
        for engine, style in cases:
            if reference and engine != "peakwise":
                compare(engine, layout, reference, f"{work}/{engine}-{style}-{layout}")
    shutil.rmtree(work)
    show(layouts, cases, found)


def show(layouts, cases, found):
    versions = ", ".join(f"{e} {version(PEERS[e][0])}" for e in PEERS if any(c[0] == e for c in cases))
    binary = subprocess.run([args.binary, "--version"], capture_output=True, text=True).stdout.strip()
    rows = args.customers * fleet.DAYS * fleet.SLOTS
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    print(f"{rows:,} readings of {args.customers:,} customers, {args.threads} threads, {args.runs} runs in alternation; {binary}, {versions}; {cpu}")
    print("CPU seconds, median (least to greatest), times peakwise, peak MiB:\n")
    print("| engine | " + " | ".join(layouts) + " |\n|---|" + "---|" * len(layouts))
    for engine, style in cases:
        cells = []
        for layout in layouts:
            cpu = [c for c, _ in found[engine, style, layout]]
            mib = max(m for _, m in found[engine, style, layout])
            cell = f"{statistics.median(cpu):.2f} ({min(cpu):.2f} to {max(cpu):.2f})"
            if cases[0][0] == "peakwise" and (engine, style) != cases[0]:
                pairs = [t / o for t, (o, _) in zip(cpu, found["peakwise", "", layout])]
                cell += f", {statistics.median(pairs):.1f} ×"
            cells.append(f"{cell}, {mib:.0f}")
        print(f"| {' '.join((engine, style)).strip()} | " + " | ".join(cells) + " |")
    if cases[0][0] == "peakwise" and any(engine != "peakwise" for engine, _ in cases):
        print("\nAll answers agree with peakwise's to 1e-6.")


if __name__ == "__main__":
    main()
