"""The job in DataFusion."""
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
os.environ['TOKIO_WORKER_THREADS'] = str(a.threads)
from datafusion import SessionContext, SessionConfig
c = SessionContext(SessionConfig().with_target_partitions(a.threads).set('datafusion.execution.parquet.schema_force_view_types', 'true'))
def copy(sql, n): c.sql(f"COPY ({sql}) TO '{a.out}/{n}.parquet' STORED AS PARQUET OPTIONS ('format.compression' 'zstd(1)')").collect()
if a.layout == 'wide':
    P = ','.join(f'"P{i}"' for i in range(1, 97))
    c.register_parquet('w', f'{a.input}/wide/kw.parquet')
    c.sql(f"CREATE VIEW d0 AS SELECT customer_id, date, make_array({P}) AS curve FROM w").collect()
    c.sql("CREATE VIEW m AS SELECT customer_id, arrow_cast(arrow_cast(arrow_cast(date, 'Int32'), 'Int64') * 86400000 + slot * 900000, 'Timestamp(ms)') AS ts, kw FROM (SELECT customer_id, date, unnest(curve) AS kw, unnest(range(0,96)) AS slot FROM d0)").collect()
else:
    c.register_parquet('raw', f'{a.input}/{a.layout}')
    c.sql("CREATE VIEW m AS SELECT customer_id, ts, kw_active AS kw FROM raw").collect()
cv = '' if not a.curves else 'array_agg(kw ORDER BY ts) AS curve,'
if a.layout == 'wide' and a.curves:
    # the curve comes straight from the columns; the day's figures by group-by on the unpivoted rows, joined back
    copy("""SELECT customer_id, date, curve, s*0.25 AS kwh, mx AS max_kw, mn AS min_kw, av AS mean_kw, av/mx AS load_factor, mx-mn AS pv_diff FROM
       (SELECT d0.customer_id, d0.date, d0.curve, g.s, g.mx, g.mn, g.av FROM d0 JOIN
        (SELECT customer_id, date, sum(kw) s, max(kw) mx, min(kw) mn, avg(kw) av FROM (SELECT customer_id, date, unnest(curve) AS kw FROM d0) GROUP BY customer_id, date) g
        ON d0.customer_id=g.customer_id AND d0.date=g.date)""", 'daily')
else:
    copy(f"""SELECT customer_id, CAST(ts AS DATE) AS date, {cv} sum(kw)*0.25 AS kwh, max(kw) AS max_kw, min(kw) AS min_kw, avg(kw) AS mean_kw,
       avg(kw)/max(kw) AS load_factor, max(kw)-min(kw) AS pv_diff FROM m GROUP BY customer_id, CAST(ts AS DATE)""", 'daily')
shares = ''.join(f"percentile_cont({p/100}) WITHIN GROUP (ORDER BY kw) AS p{p}_kw, " for p in (10, 50, 90)) + 'count(kw) AS n_days,'
copy(f"""SELECT customer_id, date_part('dow', ts) IN (0,6) AS weekend, CAST(date_part('hour', ts)*4 + date_part('minute', ts)/15 AS INT) AS slot,
     {"CAST(date_part('month', ts) AS INT) % 12 / 3" if a.typical else '0'} AS season, {shares if a.typical else ''} avg(kw) AS mean_kw
     FROM m GROUP BY 1,2,3,4""", 'typical')
HOURP = """CASE WHEN (month IN (7,8) AND hh IN (11,15,16)) OR (month IN (1,12) AND hh IN (18,19)) THEN 0
 WHEN hh IN (9,10,11,17,18,19,20,21) THEN 1 WHEN hh < 8 THEN 3 ELSE 2 END"""
copy(f"""SELECT *, energy_cost+demand_charge AS total FROM (SELECT *, 1.30*kwh_sharp+1.05*kwh_peak+0.68*kwh_flat+0.32*kwh_valley AS energy_cost, 40*max_kw AS demand_charge FROM (
      SELECT customer_id, month, max(kw) AS max_kw, first_value(ts ORDER BY kw DESC NULLS LAST) AS max_ts,
      {','.join(f"coalesce(sum(kw) FILTER (WHERE period={k}),0)*0.25 AS kwh_{n}" for k,n in enumerate(['sharp','peak','flat','valley']))}
      FROM (SELECT *, {HOURP} AS period FROM (SELECT customer_id, ts, kw, date_part('month', ts) AS month, date_part('hour', ts) AS hh FROM m)) GROUP BY customer_id, month))""", 'monthly')
copy("""SELECT customer_id, rank, ts, kw FROM (SELECT customer_id, ts, kw, row_number() OVER (PARTITION BY customer_id ORDER BY kw DESC NULLS LAST) AS rank FROM m) WHERE rank <= 10""", 'peaks')
