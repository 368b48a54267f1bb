"""The job in DuckDB: "simple" asks for each table on its own, "tuned" gathers each day once."""
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
import duckdb
c = duckdb.connect()
c.execute(f"SET threads={a.threads}; SET memory_limit='18GB'; SET temp_directory='{a.out}/tmp'; SET preserve_insertion_order=false")
W = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
HOURP = """CASE WHEN (month IN (7,8) AND hh IN (11,15,16)) OR (month IN (1,12) AND hh IN (18,19)) THEN 0
 WHEN hh IN (9,10,11,17,18,19,20,21) THEN 1 WHEN hh < 8 THEN 3 ELSE 2 END"""
src = {'long': f"SELECT customer_id, ts, kw_active AS kw FROM read_parquet('{a.input}/long/*.parquet')",
       'daily': f"SELECT customer_id, ts, kw_active AS kw FROM read_parquet('{a.input}/daily/*/*.parquet', hive_partitioning=false)"}
def copy(sql, f): c.execute(f"COPY ({sql}) TO '{a.out}/{f}.parquet' {W}")
curve = '' if not a.curves else 'curve,'
def typical(of):
    """The typical days of a relation of customer_id, weekend, month, slot and kw."""
    if not a.typical:
        return f"SELECT customer_id, weekend, slot, avg(kw) AS mean_kw FROM ({of}) GROUP BY ALL"
    return f"""SELECT * EXCLUDE p, p[1] AS p10_kw, p[2] AS p50_kw, p[3] AS p90_kw FROM (SELECT customer_id, weekend, month % 12 // 3 AS season, slot,
          avg(kw) AS mean_kw, quantile_cont(kw, [0.1, 0.5, 0.9]) AS p, count(kw) AS n_days FROM ({of}) GROUP BY ALL)"""
if a.layout == 'wide':
    P = ','.join(f'P{i}' for i in range(1, 97))
    c.execute(f"CREATE VIEW wide AS SELECT customer_id, date, [{P}] AS curve FROM read_parquet('{a.input}/wide/kw.parquet')")
    cal = "CREATE TABLE tou AS SELECT month, slot::INT AS slot, (%s) AS period FROM (SELECT m::INT AS month, s AS slot, (s//4)::INT AS hh FROM range(1,13) t(m), range(0,96) u(s))" % HOURP
    c.execute("""CREATE VIEW long AS SELECT customer_id, date, unnest(curve) AS kw, unnest(range(0,96))::INT AS slot FROM wide""")
    if a.style == 'simple':
        src['wide'] = "SELECT customer_id, date::TIMESTAMP + to_minutes(slot*15) AS ts, kw FROM long"
if a.style == 'simple':
    # each output is its own query over a view of the files: what an analyst writes first
    c.execute(f"CREATE VIEW m AS {src[a.layout]}")
    cv = '' if not a.curves else 'list(kw ORDER BY ts) AS curve,'
    copy(f"""SELECT customer_id, ts::DATE AS date, {cv} sum(kw)*0.25 AS kwh, max(kw) AS max_kw, min(kw) AS min_kw, avg(kw) AS mean_kw,
          avg(kw)/max(kw) AS load_factor, max(kw)-min(kw) AS pv_diff FROM m GROUP BY ALL""", 'daily')
    copy(typical("SELECT customer_id, isodow(ts) >= 6 AS weekend, month(ts) AS month, (hour(ts)*4 + minute(ts)//15)::INT AS slot, kw FROM m"), 'typical')
    copy(f"""SELECT *, 1.30*kwh_sharp+1.05*kwh_peak+0.68*kwh_flat+0.32*kwh_valley AS energy_cost, 40*max_kw AS demand_charge, energy_cost+demand_charge AS total FROM (
          SELECT customer_id, month, max(kw) AS max_kw, arg_max(ts, kw) AS max_ts,
          {','.join(f"coalesce(sum(kw) FILTER (period={k}),0)*0.25 AS kwh_{n}" for k,n in enumerate(['sharp','peak','flat','valley']))}
          FROM (SELECT *, {HOURP} AS period FROM (SELECT customer_id, ts, kw, month(ts) AS month, hour(ts) AS hh FROM m)) GROUP BY customer_id, month)""", 'monthly')
    copy("""SELECT customer_id, r AS rank, p.ts AS ts, p.kw AS kw FROM (SELECT customer_id, unnest(l) AS p, unnest(range(1,11)) AS r FROM (
          SELECT customer_id, arg_max({'ts':ts,'kw':kw}, kw, 10) AS l FROM m GROUP BY customer_id))""", 'peaks')
else:
    # one scan -> a per-day table with the curve, everything else derived from it
    if a.layout == 'wide':
        c.execute("CREATE TEMP TABLE d AS SELECT customer_id, date, curve FROM wide")
    else:
        # the files are in the order of ts within a customer, but only ORDER BY guarantees it
        c.execute(f"CREATE TEMP TABLE d AS SELECT customer_id, ts::DATE AS date, list(kw ORDER BY ts) AS curve FROM ({src[a.layout]}) GROUP BY ALL")
    copy(f"""SELECT customer_id, date, {curve} s*0.25 AS kwh, mx AS max_kw, mn AS min_kw, av AS mean_kw, av/mx AS load_factor, mx-mn AS pv_diff
         FROM (SELECT *, list_sum(curve) AS s, list_max(curve) AS mx, list_min(curve) AS mn, list_avg(curve) AS av FROM d)""", 'daily')
    c.execute("CREATE TEMP VIEW l AS SELECT customer_id, date, unnest(curve) AS kw, unnest(range(0,96))::INT AS slot FROM d")
    copy(typical("SELECT customer_id, isodow(date) >= 6 AS weekend, month(date) AS month, slot, kw FROM l"), 'typical')
    copy(f"""SELECT *, 1.30*kwh_sharp+1.05*kwh_peak+0.68*kwh_flat+0.32*kwh_valley AS energy_cost, 40*max_kw AS demand_charge, energy_cost+demand_charge AS total FROM (
          SELECT customer_id, month, max(kw) AS max_kw, arg_max(date::TIMESTAMP + to_minutes(slot*15), kw) AS max_ts,
          {','.join(f"coalesce(sum(kw) FILTER (period={k}),0)*0.25 AS kwh_{n}" for k,n in enumerate(['sharp','peak','flat','valley']))}
          FROM (SELECT *, {HOURP} AS period FROM (SELECT customer_id, date, slot, kw, month(date) AS month, slot//4 AS hh FROM l)) GROUP BY customer_id, month)""", 'monthly')
    copy("""SELECT customer_id, r AS rank, p.date::TIMESTAMP + to_minutes(p.slot*15) AS ts, p.kw AS kw FROM (SELECT customer_id, unnest(t) AS p, unnest(range(1,11)) AS r FROM (
          SELECT customer_id, arg_max({'date':date,'slot':slot,'kw':kw}, kw, 10) AS t FROM l GROUP BY customer_id))""", 'peaks')
