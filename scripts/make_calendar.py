"""Writes calendars/cn.csv from the PyPI package chinesecalendar (MIT): run by hand when a new
year is published, e.g. `pip install chinesecalendar==1.11.0 && python scripts/make_calendar.py`.

A break's days are all `holiday`, in-lieu days included; a weekend that is worked is `makeup_workday`."""
import datetime as d
import pathlib
from importlib.metadata import version

from chinese_calendar.constants import Holiday, holidays, in_lieu_days, workdays

package = f"PyPI chinesecalendar {version('chinesecalendar')} (MIT), from the State Council's yearly notice"
names = {h.value: (h.chinese, h.value) for h in Holiday}


def name(value):
    chinese, english = names.get(value, (value, value))
    return f"{chinese} {english}"


rows = []
for day, value in holidays.items():
    rows.append((day, "holiday", name(value)))
for day, value in in_lieu_days.items():
    if day not in holidays:
        rows.append((day, "holiday", name(value) + " (in lieu)"))
for day, value in workdays.items():
    rows.append((day, "makeup_workday", name(value)))
rows.sort()
out = pathlib.Path(__file__).resolve().parent.parent / "calendars" / "cn.csv"
with out.open("w", encoding="utf-8", newline="\n") as f:
    f.write(f"# {package}\n")
    f.write("date,kind,name,source\n")
    for day, kind, label in rows:
        notice = f"notice for {day.year}"
        f.write(f"{day},{kind},{label},{notice}\n")
print(len(rows), "days,", rows[0][0], "to", rows[-1][0])
