"""The job in Polars, streaming."""
import argparse
import os

ap = argparse.ArgumentParser()
ap.add_argument("--input")
ap.add_argument("--layout", choices=["long", "daily", "wide"])
ap.add_argument("--out")
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--curves", action="store_true")
ap.add_argument("--typical", action="store_true", help="typical days by season, with percentiles")
ap.add_argument("--style", default="simple", choices=["simple", "tuned"])
a = ap.parse_args()
os.makedirs(a.out, exist_ok=True)
os.environ['POLARS_MAX_THREADS'] = str(a.threads)
import polars as pl
kw = pl.col('kw')
def sink(lf, n): return lf.sink_parquet(f'{a.out}/{n}.parquet', compression='zstd', compression_level=1, lazy=True)
def daily(lf):
    return lf.with_columns(load_factor=pl.col('mean_kw')/pl.col('max_kw'), pv_diff=pl.col('max_kw')-pl.col('min_kw'))
HH = pl.col('slot')//4
PERIOD = (pl.when((pl.col('month').is_in([7, 8]) & HH.is_in([11, 15, 16])) | (pl.col('month').is_in([1, 12]) & HH.is_in([18, 19]))).then(0)
          .when(HH.is_between(9, 11) | HH.is_between(17, 21)).then(1).when(HH < 8).then(3).otherwise(2))
def monthly(l):
    l = l.with_columns(period=PERIOD)
    g = l.group_by('customer_id', 'month').agg(max_kw=kw.max(), max_ts=pl.col('ts').max_by('kw') if hasattr(pl.Expr, 'max_by') else pl.col('ts').sort_by('kw', descending=True, nulls_last=True).first(),
        **{f'kwh_{n}': pl.when(pl.col('period') == k).then(kw).sum()*0.25 for k, n in enumerate(['sharp', 'peak', 'flat', 'valley'])})
    return (g.with_columns(energy_cost=1.30*pl.col('kwh_sharp')+1.05*pl.col('kwh_peak')+.68*pl.col('kwh_flat')+.32*pl.col('kwh_valley'), demand_charge=40*pl.col('max_kw'))
             .with_columns(total=pl.col('energy_cost')+pl.col('demand_charge')))
def typical(l):
    if a.typical:
        shares = {f'p{p}_kw': kw.quantile(p/100, interpolation='linear') for p in (10, 50, 90)}
        l = l.with_columns(season=pl.col('month') % 12 // 3)
        return l.group_by('customer_id', 'weekend', 'season', 'slot').agg(mean_kw=kw.mean(), **shares, n_days=kw.count())
    return l.group_by('customer_id', 'weekend', 'slot').agg(mean_kw=kw.mean())
def peaks(l):
    return (l.group_by('customer_id').agg(pl.struct('kw', 'ts').top_k_by('kw', 10).sort(descending=True).alias('p'), rank=pl.int_range(1, 11))
             .explode('p', 'rank').unnest('p'))
def cal(lf):
    ts = pl.col('ts')
    return lf.with_columns(month=ts.dt.month(), weekend=ts.dt.weekday() >= 6, slot=ts.dt.hour().cast(pl.Int32)*4+ts.dt.minute()//15)
if a.layout == 'wide':
    P = [f'P{i}' for i in range(1, 97)]
    w = pl.scan_parquet(f'{a.input}/wide/kw.parquet')
    curve = pl.concat_list(P)
    d = daily(w.select('customer_id', 'date', *([] if not a.curves else [curve.alias('curve')]), kwh=pl.sum_horizontal(P)*.25, max_kw=pl.max_horizontal(P), min_kw=pl.min_horizontal(P), mean_kw=pl.mean_horizontal(P)))
    slots = pl.lit(pl.Series([list(range(96))], dtype=pl.List(pl.Int32))).first()
    l = (w.select('customer_id', 'date', curve.alias('kw'), slot=pl.int_ranges(0, 96, dtype=pl.Int32)).explode('kw', 'slot')
          .with_columns(ts=pl.col('date').cast(pl.Datetime('ms'))+pl.duration(minutes=pl.col('slot')*15), month=pl.col('date').dt.month(), weekend=pl.col('date').dt.weekday() >= 6))
else:
    g = f'{a.input}/long/*.parquet' if a.layout == 'long' else f'{a.input}/daily/*/*.parquet'
    m = pl.scan_parquet(g, hive_partitioning=False).select('customer_id', 'ts', kw='kw_active')
    # both layouts are in ts order within a customer
    d = daily(m.group_by('customer_id', date=pl.col('ts').dt.date()).agg(*([] if not a.curves else [kw.sort_by('ts').alias('curve') if a.style == 'simple' else kw.alias('curve')]),
              kwh=kw.sum()*.25, max_kw=kw.max(), min_kw=kw.min(), mean_kw=kw.mean()))
    l = cal(m)
sinks = [sink(d, 'daily'), sink(typical(l), 'typical'), sink(monthly(l), 'monthly'), sink(peaks(l), 'peaks')]
pl.collect_all(sinks, engine='streaming')
