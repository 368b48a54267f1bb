"""Cuts fixtures/simbench from the PyPI package simbench (its data is ODbL 1.0): run by hand, e.g.

    pip install numpy pyarrow && pip install --no-deps simbench==1.6.3 && python scripts/cut_simbench.py

Takes the largest medium-voltage load of each chosen profile class (low voltage where a class has no other), multiplies
its normalised 15-minute profiles of 2016 by its ratings and rounds to the register step of a plausible meter.
The package is read as files and never imported, so none of its own dependencies is needed."""
import csv
import importlib.metadata
import pathlib
import sys
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

PACKAGE_VERSION = "1.6.3"
NETWORK = "simbench/networks/1-complete_data-mixed-all-1-sw"
OUT = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "simbench"
REGISTER_STEP_KWH = 0.0001
INTERVAL_H = 0.25

# Profile class -> industry. G, L and H are the classes of the German standard load profiles (BDEW);
# SimBench gives no words for BL and WB, and neither does this table.
CLASSES = {
    "BL-H": "Industry (SimBench profile BL)",
    "WB-H": "Industry (SimBench profile WB)",
    "G0-M": "General commerce (G0)",
    "G1-B": "Commerce on working days 08-18 h (G1)",
    "G1-C": "Commerce on working days 08-18 h (G1)",
    "G2-A": "Commerce with evening use (G2)",
    "G3-A": "Commerce in continuous operation (G3)",
    "G3-H": "Commerce in continuous operation (G3)",
    "G3-M": "Commerce in continuous operation (G3)",
    "G4-B": "Shop (G4)",
    "G4-M": "Shop (G4)",
    "G5-A": "Bakery (G5)",
    "G6-A": "Commerce on weekends (G6)",
    "L0-A": "Farm (L0)",
    "L2-M": "Farm (L2)",
    "H0-A": "Household (H0)",
}
# Multipliers (CT x PT) of meters on the market; the smallest that keeps the register step under 1/2000 of the rating.
MULTIPLIERS = [1, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000, 1500, 2000, 3000]


def package_dir():
    distribution = importlib.metadata.distribution("simbench")
    if distribution.version != PACKAGE_VERSION:
        sys.exit(f"simbench {distribution.version} is installed; pip install --no-deps simbench=={PACKAGE_VERSION}")
    return pathlib.Path(distribution.locate_file(NETWORK))


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter=";"))


def choose(loads, nodes):
    """The largest load of each class, the first in the file among equals; whole feeders (HV*) are not customers."""
    voltage = {n["id"]: float(n["vmR"]) for n in nodes}
    for profile in CLASSES:
        rows = [r for r in loads if r["profile"] == profile and not r["id"].startswith(("HV", "EHV"))]
        best = max(rows, key=lambda r: float(r["pLoad"]))
        yield best, voltage[best["node"]]


def multiplier(rated_kw):
    fits = [m for m in MULTIPLIERS if REGISTER_STEP_KWH / INTERVAL_H * m <= rated_kw / 2000]
    return max(fits, default=1)


def quantised(kilowatts, factor):
    """Whole register steps x multiplier, as power over the interval; 4 decimals are exact."""
    step = REGISTER_STEP_KWH / INTERVAL_H * factor
    return np.round(np.round(kilowatts / step) * step, 4) + 0.0


def main():
    source = package_dir()
    options = pa_csv.ConvertOptions(column_types={"time": pa.string()})
    table = pa_csv.read_csv(
        source / "LoadProfile.csv", parse_options=pa_csv.ParseOptions(delimiter=";"), convert_options=options
    )
    stamps = [datetime.strptime(t, "%d.%m.%Y %H:%M") for t in table["time"].to_pylist()]
    ts = pa.array(stamps, pa.timestamp("us"))
    customers, meters, transformers, parts = [], [], [], []
    for load, kv in choose(read_csv(source / "Load.csv"), read_csv(source / "Node.csv")):
        profile, rating_kva = load["profile"], round(float(load["sR"]) * 1000, 1)
        ident = f"SB-{profile}-{load['id'].split()[0]}-{load['id'].split()[-1]}"
        factor = multiplier(float(load["pLoad"]) * 1000)
        kw = quantised(table[f"{profile}_pload"].to_numpy() * float(load["pLoad"]) * 1000, factor)
        kvar = quantised(table[f"{profile}_qload"].to_numpy() * float(load["qLoad"]) * 1000, factor)
        parts.append(pa.table({"meter_id": pa.array([ident] * len(ts)).dictionary_encode(), "ts": ts, "kw": kw, "kvar": kvar}))
        mean_share = kw.mean() / rating_kva
        customers.append({
            "customer_id": ident, "name": f"SimBench {profile} ({load['id']})", "industry": CLASSES[profile], "region": "Germany",
            "tz": "Europe/Berlin", "voltage_kv": f"{kv:g}", "capacity_kva": f"{rating_kva:g}",
            # Terms of billing are assumed for the demonstration: SimBench has none.
            "billing_mode": "single" if rating_kva < 100 else "capacity" if mean_share > 0.25 else "demand",
            "contract_demand_kw": "", "pf_standard": "" if rating_kva < 100 else "0.9" if rating_kva > 160 else "0.85",
            "market_status": "agency", "reading_day": "1", "supply_level": "",
        })
        meters.append({
            "meter_id": ident, "customer_id": ident, "supply_point": ident, "role": "main", "multiplier": factor, "values_multiplied": "true",
            "quantum": f"{REGISTER_STEP_KWH:.4f}", "ct_ratio": "", "pt_ratio": "", "wiring": "", "metering_side": "", "valid_from": "", "valid_to": "",
        })
        transformers.append({
            "customer_id": ident, "unit": "T1", "kva": f"{rating_kva:g}", "p0_kw": "", "pk_kw": "", "i0_pct": "", "uk_pct": "", "state": "running",
            "interlock_group": "", "valid_from": "", "valid_to": "",
        })
        print(f"{ident:28} {kv:4g} kV {rating_kva:7g} kVA x{factor:<4} max {kw.max():8.2f} kW mean {kw.mean():7.2f} kW distinct {len(np.unique(kw))}")
    OUT.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.concat_tables(parts), OUT / "readings.parquet", compression="zstd", compression_level=19, row_group_size=1 << 20, store_schema=False,
        use_dictionary=["meter_id", "kw", "kvar"], column_encoding={"ts": "DELTA_BINARY_PACKED"},
    )
    for name, rows in (("customers", customers), ("meters", meters), ("transformers", transformers)):
        with (OUT / f"{name}.csv").open("w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
