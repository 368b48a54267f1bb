#!/usr/bin/env python3
"""Bills of a fixture's load computed by two independent engines, for `tests/reference.rs`.

    pip install NREL-PySAM==7.1.1.post1 eeco==0.4.2 pyarrow pandas packaging
    python scripts/bill_references.py            # writes fixtures/reference/*.csv
    python scripts/bill_references.py --time     # times PySAM on the same year

The load is the first 35,040 quarter hours of one SimBench meter, laid on the calendar of 2018: a
year of 365 days that begins on a Monday, which is the year that PySAM's schedules assume. The
tariffs stand beside the results as `fixtures/reference/*.toml`, for peakwise, and below, for the
references; nothing is shared but the figures.

Trap: PySAM's look-back table has rows [percent, use_actual]; the other order gives a zero charge.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "fixtures" / "reference"
METER = "SB-G3-M-MV4.101-15"
N = 35_040
HUGE = 9.9e37


def load() -> np.ndarray:
    table = pq.read_table(ROOT / "fixtures/simbench/readings.parquet").to_pandas()
    return table[table["meter_id"] == METER]["kw"].to_numpy()[:N]


def grid(rows: list[tuple[range, dict[range, int]]]) -> list[list[int]]:
    """12 months × 24 hours of periods; what is not named is period 1."""
    out = [[1] * 24 for _ in range(12)]
    for months, hours in rows:
        for month in months:
            for span, period in hours.items():
                for hour in span:
                    out[month - 1][hour] = period
    return out


ONE = grid([])
WINTER, SUMMER = [1, 2, 3, 4, 10, 11, 12], [5, 6, 7, 8, 9]
# 1 winter off-peak, 2 winter peak, 3 summer off-peak, 4 summer peak
SEASONS_WEEKDAY = grid([(WINTER, {range(7, 21): 2}), (SUMMER, {range(0, 24): 3, range(12, 18): 4})])
SEASONS_WEEKEND = grid([(SUMMER, {range(0, 24): 3})])


def rates() -> dict[str, dict]:
    flat_energy = [[1, 1, HUGE, 0, 0.08, 0]]
    no_demand = [[m, 1, HUGE, 0.0] for m in range(12)]
    base = dict(
        ec=flat_energy, ec_weekday=ONE, ec_weekend=ONE, flat=no_demand, tou=[[1, 1, HUGE, 0.0]], dc_weekday=ONE,
        dc_weekend=ONE, fixed=0.0, lookback=None,
    )
    tou_energy = [[p, 1, HUGE, 0, price, 0] for p, price in [(1, 0.0612), (2, 0.0985), (3, 0.0731), (4, 0.2214)]]
    return {
        "pysam_tou": base | dict(
            ec=tou_energy, ec_weekday=SEASONS_WEEKDAY, ec_weekend=SEASONS_WEEKEND, fixed=275.5,
            flat=[[m, 1, HUGE, 14.25 if m + 1 in SUMMER else 9.75] for m in range(12)],
        ),
        "pysam_demand": base | dict(
            tou=[
                [p, t, top, price]
                for p, prices in [(1, (3.1, 3.6)), (2, (7.7, 9.9)), (3, (4.3, 4.9)), (4, (17.6, 18.2))]
                for t, top, price in [(1, 300.0, prices[0]), (2, HUGE, prices[1])]
            ],
            dc_weekday=SEASONS_WEEKDAY, dc_weekend=SEASONS_WEEKEND,
        ),
        # Billed: the greatest of the month's own maximum and, of the maxima within the 11 months before,
        # 95 % of those of January to March and 50 % of the others.
        "pysam_ratchet": base | dict(
            flat=[[m, 1, HUGE, 11.0] for m in range(12)],
            lookback=dict(months=11, rows=[[95.0 if m < 3 else 50.0, 1] for m in range(12)]),
        ),
        "pysam_tiers": base | dict(
            ec=[[1, 1, 50_000.0, 0, 0.11, 0], [1, 2, 150_000.0, 0, 0.09, 0], [1, 3, HUGE, 0, 0.07, 0]],
        ),
    }


def model_of(kw: np.ndarray):
    """A year of load without generation."""
    import PySAM.Utilityrate5 as utility

    model = utility.new()
    model.Lifetime.assign(dict(analysis_period=1, inflation_rate=0, system_use_lifetime_output=0))
    model.SystemOutput.assign(dict(gen=[0.0] * N, degradation=[0.0]))
    model.Load.assign(dict(load=list(map(float, kw)), load_escalation=[0.0]))
    return model


# What every rate has in common: no escalation, no minimum, no credit for export.
COMMON = dict(
    en_electricity_rates=1, rate_escalation=[0.0], ur_metering_option=4, ur_annual_min_charge=0.0,
    ur_monthly_min_charge=0.0, ur_nm_yearend_sell_rate=0.0, ur_nm_credit_month=11, ur_nm_credit_rollover=0,
    ur_en_ts_buy_rate=0, ur_en_ts_sell_rate=0, ur_ts_buy_rate=[0.0], ur_ts_sell_rate=[0.0], ur_sell_eq_buy=0,
)


def pysam_urdb(kw: np.ndarray, path: Path):
    """The bill of a rate of the US Utility Rate Database, which PySAM itself reads."""
    from PySAM.UtilityRateTools import URDBv8_to_ElectricityRates

    read = URDBv8_to_ElectricityRates(json.loads(path.read_text()))
    return run(model_of(kw), COMMON | {k: v for k, v in read.items() if k != "ur_metering_option"})


def pysam(kw: np.ndarray, rate: dict):
    electricity = COMMON | dict(
        ur_monthly_fixed_charge=rate["fixed"], ur_ec_sched_weekday=rate["ec_weekday"],
        ur_ec_sched_weekend=rate["ec_weekend"], ur_ec_tou_mat=rate["ec"], ur_dc_enable=1,
        ur_dc_sched_weekday=rate["dc_weekday"], ur_dc_sched_weekend=rate["dc_weekend"], ur_dc_tou_mat=rate["tou"],
        ur_dc_flat_mat=rate["flat"], ur_enable_billing_demand=int(rate["lookback"] is not None),
    )
    if rate["lookback"]:
        periods = sorted({row[0] for row in rate["tou"]})
        electricity |= dict(
            ur_billing_demand_minimum=0.0, ur_billing_demand_lookback_period=rate["lookback"]["months"],
            ur_billing_demand_lookback_percentages=rate["lookback"]["rows"],
            ur_dc_billing_demand_periods=[[p, 1] for p in periods], ur_yearzero_usage_peaks=[0.0] * 12,
        )
    return run(model_of(kw), electricity)


def run(model, electricity: dict):
    model.ElectricityRates.assign(electricity)
    model.execute(0)
    return model


def outputs(model) -> dict[str, list[float]]:
    o = model.Outputs
    return {
        "energy": list(o.year1_monthly_ec_charge_without_system),
        "demand": [a + b for a, b in zip(o.year1_monthly_dc_fixed_without_system, o.year1_monthly_dc_tou_without_system)],
        "fixed": list(o.year1_monthly_fixed_without_system),
    }


def eeco(kw: np.ndarray) -> dict[str, list[float]]:
    """Windows on half hours, by weekday and month; demand inside its window alone."""
    from eeco import costs

    rows = [
        dict(type="customer", name="fee", charge=1352.6313, units="$/month"),
        dict(type="demand", name="peak-summer", month_start=5, month_end=10, hour_start=12, hour_end=18, weekday_start=0,
             weekday_end=4, charge=21.19, units="$/kW", basic_charge_limit=0, assessed="monthly"),
        dict(type="demand", name="half-peak-summer", month_start=5, month_end=10, hour_start=8.5, hour_end=12,
             weekday_start=0, weekday_end=4, charge=5.88, units="$/kW", basic_charge_limit=0, assessed="monthly"),
        dict(type="demand", name="all-day", month_start=1, month_end=12, hour_start=0, hour_end=24, weekday_start=0,
             weekday_end=6, charge=17.84, units="$/kW", basic_charge_limit=0, assessed="monthly"),
    ]
    energy = [(5, 10, 0, 4, [(12, 18, 0.12868), (8.5, 12, 0.09438), (18, 21.5, 0.09438), (0, 8.5, 0.07338), (21.5, 24, 0.07338)]),
              (5, 10, 5, 6, [(0, 24, 0.07338)])]
    for months in [(1, 4), (11, 12)]:
        energy.append((*months, 0, 4, [(8.5, 21.5, 0.08699), (0, 8.5, 0.07503), (21.5, 24, 0.07503)]))
        energy.append((*months, 5, 6, [(0, 24, 0.07503)]))
    for i, (m0, m1, d0, d1, spans) in enumerate(energy):
        for j, (h0, h1, price) in enumerate(spans):
            rows.append(dict(type="energy", name=f"e{i}-{j}", month_start=m0, month_end=m1, hour_start=h0, hour_end=h1,
                             weekday_start=d0, weekday_end=d1, charge=price, units="$/kWh", basic_charge_limit=0,
                             assessed="monthly"))
    tariff = pd.DataFrame(rows)
    tariff["utility"] = "electric"
    out: dict[str, list[float]] = {"energy": [], "demand": [], "fixed": []}
    starts = pd.date_range("2018-01-01", "2019-01-01", freq="MS")
    for start, end in zip(starts, starts[1:]):
        first = int((start - starts[0]) / pd.Timedelta(minutes=15))
        values = kw[first : first + int((end - start) / pd.Timedelta(minutes=15))]
        charges = costs.get_charge_dict(start, end, tariff, resolution="15m")
        for kind, key in [("energy", "energy"), ("demand", "demand"), ("customer", "fixed")]:
            cost, _ = costs.calculate_cost(
                charges, {"electric": values}, resolution="15m", desired_utility="electric", desired_charge_type=kind)
            out[key].append(float(cost))
    return out


def write(name: str, columns: dict[str, list[float]]) -> None:
    lines = ["month," + ",".join(columns)]
    for month in range(12):
        lines.append(f"2018-{month + 1:02}," + ",".join(repr(float(c[month])) for c in columns.values()))
    (OUT / f"{name}.csv").write_text("\n".join(lines) + "\n")


def main() -> None:
    kw = load()
    if "--time" in sys.argv:
        import PySAM.Utilityrate5  # noqa: F401

        seconds = []
        rate = rates()["pysam_tou"]
        for _ in range(5):
            start = time.perf_counter()
            pysam(kw, rate)
            seconds.append(time.perf_counter() - start)
        print(f"PySAM {version('NREL-PySAM')}: {min(seconds) * 1e6:.0f} µs for the bill pysam_tou, best of {len(seconds)}")
        return
    OUT.mkdir(exist_ok=True)
    for name, rate in rates().items():
        write(name, outputs(pysam(kw, rate)))
    write("pysam_urdb", outputs(pysam_urdb(kw, OUT / "pysam_urdb.json")))
    write("eeco_half_hours", eeco(kw))
    packages = ["NREL-PySAM", "eeco", "numpy", "pandas", "pyarrow"]
    versions = [f"{p} {version(p)}" for p in packages] + [f"Python {sys.version.split()[0]}"]
    (OUT / "VERSIONS").write_text("\n".join(versions) + "\n")


if __name__ == "__main__":
    main()
