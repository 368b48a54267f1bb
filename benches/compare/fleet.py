"""A fleet of quarter-hour readings for 2025 in three layouts that hold the same values.

long   customer by customer, one file, row groups of 2^20 rows that do not end where customers end
daily  time-major: one file a day, hive partitions dt=YYYY-MM-DD
wide   96 points a row: kw.parquet (P1..P96) and kvar.parquet (Q1..Q96)

Values are what a meter behind current transformers delivers: register steps times a multiplier. 3 % of the customers lack 1 %
of their readings (null). Stamps are naive, of the interval's start.
"""
import os
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAYS, SLOTS = 365, 96
DATES = np.datetime64("2025-01-01", "D") + np.arange(DAYS)
WEEKEND = (DATES.astype("int64") + 3) % 7 >= 5
STAMPS = (DATES.astype("datetime64[ms]")[:, None] + (np.arange(SLOTS) * 900_000).astype("timedelta64[ms]")).reshape(-1)
HOUR = np.arange(SLOTS) / 4.0


def between(start, end, ramp=0.75):
    return 1 / (1 + np.exp(-(HOUR - start) / ramp * 4)) / (1 + np.exp((HOUR - end) / ramp * 4))


# Load by slot on working days and on weekends, as shares of the full load.
SHAPES = [
    (0.12 + 0.88 * (between(7.5, 17.5) - 0.25 * between(11.75, 13.0)), 0.18),
    (0.15 + 0.85 * between(7.0, 23.0), 0.35),
    (0.85 + 0.15 * between(8, 18), 1.0),
    (0.15 + 0.85 * between(9.5, 22.0), 1.15),
    (0.45 + 0.55 * between(7.0, 18.0), 0.75),
    (0.10 + 0.90 * between(8.0, 18.5), 0.15),
    (0.93 + 0.07 * between(9, 21), 1.0),
    (0.20 + 0.80 * between(0.0, 8.0), 1.0),
]
SEASON = 1 + 0.28 * np.exp(-(((np.arange(DAYS) - 205) / 38.0) ** 2)) + 0.12 * np.exp(
    -((np.minimum(np.arange(DAYS), DAYS - np.arange(DAYS)) / 30.0) ** 2)
)


def customer(number):
    """kW and kvar of one customer, days x slots, NaN where not read."""
    r = np.random.default_rng([20250101, number])
    shape, weekend = SHAPES[number % len(SHAPES)]
    rest = shape.min() + (shape - shape.min()) * weekend
    full = float(np.exp(r.normal(6.6, 0.9)))
    step = max(float(r.choice([200, 400, 600, 1000, 1500, 2000, 3000, 6000])), 200.0) * 1e-4
    base = np.where(WEEKEND[:, None], rest, shape)
    noise = 1 + 0.03 * r.standard_normal((DAYS, SLOTS)) + 0.04 * r.standard_normal((DAYS, 1))
    kw = np.maximum(full * base * (1 + (SEASON - 1)[:, None] * (0.3 + 0.7 * base)) * noise, 0)
    for _ in range(r.integers(5, 30)):
        day, slot = r.integers(0, DAYS), r.integers(0, SLOTS)
        kw[day, slot : slot + 3] *= r.uniform(1.1, 1.6)
    factor = np.clip(r.normal(0.92, 0.04), 0.75, 0.995)
    kvar = kw * np.tan(np.arccos(factor)) * (1 + 0.05 * r.standard_normal((DAYS, SLOTS)))
    kw, kvar = (np.round(np.round(v / step) * step, 4) for v in (kw, kvar))
    if number % 33 == 7:
        missed = r.random((DAYS, SLOTS)) < 0.01
        kw[missed] = np.nan
        kvar[missed] = np.nan
    return kw, kvar


def ids(n):
    return [f"{3_200_000_000_000 + i * 7919:013d}" for i in range(n)]


def column(values):
    values = np.ascontiguousarray(values).reshape(-1)
    return pa.array(values, mask=np.isnan(values))


def repeated(names, keys):
    return pa.DictionaryArray.from_arrays(pa.array(keys.astype("int32")), pa.array(names)).cast(pa.string())


def rows(names, keys, stamps, kw, kvar):
    columns = [repeated(names, keys), pa.array(stamps), column(kw), column(kvar)]
    return pa.table(columns, names=["customer_id", "ts", "kw_active", "kvar"])


def make(out, n, layouts, block=128):
    """Writes the layouts that are not there yet."""
    layouts = [l for l in layouts if not os.path.exists(f"{out}/{l}/done")]
    if not layouts:
        return
    for layout in layouts:
        os.makedirs(f"{out}/{layout}", exist_ok=True)
    names, size = ids(n), DAYS * SLOTS
    if "long" in layouts:
        writer, held = None, None
        for start in range(0, n, block):
            part = [customer(i) for i in range(start, min(n, start + block))]
            keys = np.repeat(np.arange(len(part)), size)
            kw, kvar = (np.stack([p[c] for p in part]) for c in (0, 1))
            table = rows(names[start : start + block], keys, np.tile(STAMPS, len(part)), kw, kvar)
            held = table if held is None else pa.concat_tables([held, table])
            writer = writer or pq.ParquetWriter(f"{out}/long/readings.parquet", table.schema, compression="zstd")
            while held.num_rows >= 1 << 20 or (start + block >= n and held.num_rows):
                writer.write_table(held.slice(0, 1 << 20).combine_chunks(), row_group_size=1 << 20)
                held = held.slice(1 << 20)
        writer.close()
    if "daily" in layouts or "wide" in layouts:
        both = [np.empty((n, DAYS, SLOTS)) for _ in range(2)]
        for i in range(n):
            both[0][i], both[1][i] = customer(i)
    if "daily" in layouts:
        keys = np.tile(np.arange(n), SLOTS)
        for day in range(DAYS):
            os.makedirs(f"{out}/daily/dt={DATES[day]}", exist_ok=True)
            stamps = np.repeat(STAMPS[day * SLOTS : (day + 1) * SLOTS], n)
            table = rows(names, keys, stamps, both[0][:, day].T, both[1][:, day].T)
            pq.write_table(table, f"{out}/daily/dt={DATES[day]}/part-0.parquet", compression="zstd")
    if "wide" in layouts:
        for name, values, letter in (("kw", both[0], "P"), ("kvar", both[1], "Q")):
            columns = {"customer_id": repeated(names, np.repeat(np.arange(n), DAYS)), "date": pa.array(np.tile(DATES, n))}
            columns |= {f"{letter}{s + 1}": column(values[:, :, s]) for s in range(SLOTS)}
            pq.write_table(pa.table(columns), f"{out}/wide/{name}.parquet", compression="zstd", row_group_size=50 * DAYS)
    for layout in layouts:
        open(f"{out}/{layout}/done", "w").close()
