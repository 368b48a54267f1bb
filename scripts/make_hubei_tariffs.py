#!/usr/bin/env python3
"""Writes tariffs/cn-hubei-2026-01-*.toml from a JSON transcript of the published price table.

usage: make_hubei_tariffs.py hubei_2026_01.json tariffs/

The JSON has `common_components`, `tou_windows` and `rows` as the State Grid Hubei agency-purchase
price table for 2026-01 prints them. The time-of-use float is the printed band price less the printed
flat price; where the printed components do not add up to the printed flat price, the difference is a
component of its own, so that the sum is what customers are billed.
"""

import json
import pathlib
import sys
from decimal import Decimal

BANDS = [("尖峰", "sharp"), ("高峰", "peak"), ("平段", "flat"), ("低谷", "valley")]
VOLTAGES = {
    "<1kV": ("below-1kv", "to_kv = 1.0"),
    "1-10(20)kV": ("1-10kv", "above_kv = 1.0, to_kv = 20.0"),
    "35kV": ("35kv", "above_kv = 20.0, to_kv = 35.0"),
    "110kV": ("110kv", "above_kv = 35.0, to_kv = 110.0"),
    ">=220kV": ("220kv", "above_kv = 110.0"),
}
SOURCE = (
    "State Grid Hubei agency-purchase price table (代理购电工商业用户电价表) for 2026-01, "
    "https://xgszsj.xiaogan.gov.cn/tzxg/tzcb/202601/t20260108_568308.shtml; windows of 鄂发改价管〔2024〕77号; "
    "as transcribed in a public repository"
)


def components(row, common, period):
    total = Decimal(str(row[period]))
    parts = [("代理购电价格", common["agent_purchase"]), ("上网环节线损费用", common["line_loss"]),
             ("电度输配电价", row["transmission_energy"]), ("系统运行费用", common["system_operation"]),
             ("政府性基金及附加", common["government_fund"])]
    parts = [(name, Decimal(str(price))) for name, price in parts]
    flat = Decimal(str(row["flat"]))
    off = flat - sum(p for _, p in parts)
    if total != flat:
        parts.insert(1, ("分时浮动", total - flat))
    if off:
        parts.append(("与公布价之差", off))
    assert sum(p for _, p in parts) == total
    lines = []
    for name, price in parts:
        fund = ", fund = true" if name == "政府性基金及附加" else ""
        lines.append(f'  {{ name = "{name}", price = {price.normalize():f}{fund} }},')
    return "\n".join(lines)


def tariff(doc, row):
    slug, volt = VOLTAGES[row["voltage"]]
    two = row["structure"] == "two_part"
    ident = f'cn-hubei-2026-01-{row["structure"].replace("_", "-")}-{slug}'
    kind = "两部制" if two else "单一制"
    out = [f'id = "{ident}"', f'name = "湖北 工商业 {kind} {row["voltage"]} 2026年1月"', 'region = "湖北"',
           f'user_class = "工商业用电（{kind}）"', f"voltage = {{ {volt} }}", 'market_status = ["agency"]',
           'currency = "CNY"', f'source = "{SOURCE}"', 'verified = "second_hand"',
           f'effective_from = "{doc["valid"][0]}"', f'effective_to = "{doc["valid"][1]}"', 'calendar = "cn"']
    for name, period in BANDS:
        out += ["", "[[band]]", f'name = "{name}"', f'period = "{period}"', "components = [",
                components(row, doc["common_components"], period), "]"]
    for windows in doc["tou_windows"]:
        out += ["", "[[schedule]]", f'months = {windows["months"]}', "", "[schedule.windows]"]
        for name, period in BANDS:
            spans = ", ".join(f'"{a}-{b}"' for a, b in windows[period])
            out.append(f"{name} = [{spans}]".replace(name, f'"{name}"', 1))
    if two:
        out += ["", "# over_contract_rule is not stated by the price table, so contract mode is not billed.",
                "[demand]", 'name = "需量电费"', f'price = {row["demand_cny_per_kw_month"]}', "window_minutes = 15",
                "floor_share = 0.4", "", "[capacity]", 'name = "容量电费"',
                f'price = {row["capacity_cny_per_kva_month"]}', "",
                "# 发改价格〔2023〕526号: demand price × 0.90 in months of at least 260 kWh per kVA.",
                "[rebate]", "kwh_per_kva = 260.0", "factor = 0.9"]
    out += ["", "# 〔83〕水电财字215号.", "[power_factor]", 'name = "功率因数调整电费"', 'table = "CN-1983"',
            'base = ["energy", "demand", "capacity"]', "digits = 2", 'quadrants = "lag+lead"', ""]
    return ident, "\n".join(out)


def main():
    doc = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
    for row in doc["rows"]:
        ident, text = tariff(doc, row)
        (pathlib.Path(sys.argv[2]) / f"{ident}.toml").write_text(text, "utf-8")


main()
