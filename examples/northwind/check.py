#!/usr/bin/env python3
"""Works out from the CSV files alone what must become of every line, and compares: check.py CSV-FOLDER DATA-FILE [REPORT]."""
import csv, datetime as dt, json, sqlite3, sys
from decimal import Decimal, ROUND_HALF_UP

folder, data = sys.argv[1:3]
report = json.load(open(sys.argv[3])) if len(sys.argv) > 3 else None    # of quartermaster report --format json
read = lambda name: list(csv.DictReader(open(f"{folder}/{name}.csv", encoding="utf-8")))
cents = lambda number: number.quantize(Decimal("0.01"), ROUND_HALF_UP)
products = {r["ProductID"]: r for r in read("products")}
active = {p for p, r in products.items() if r["Discontinued"] == "0"}
lines = {}
for row in read("order_details"): lines.setdefault(row["OrderID"], []).append(row)

free = {p: int(r["UnitsInStock"]) for p, r in products.items()}       # in stock and promised to nobody
coming = {p: int(r["UnitsOnOrder"]) for p, r in products.items()}     # on order, drafts included
waiting, missing = {p: [] for p in products}, {}                      # back-ordered lines, oldest order first
drafts, approved, sent, bought = {}, [], [], []
refused, short, allocated, amounts = set(), set(), {}, {}
asked, at_once, paid, whole = {}, {}, 0, 0                            # units of accepted lines, and those filled at once
out_since, stock_outs, out_time, received, left, came_in = {}, {}, {}, {p: 0 for p in products}, [], []

def watch(p, now):                                                    # of a product that is sold: is anything free?
    if p not in active: return
    if free[p] <= 0 and p not in out_since: out_since[p] = now; stock_outs[p] = stock_outs.get(p, 0) + 1
    elif free[p] > 0 and p in out_since:
        out_time[p] = out_time.get(p, dt.timedelta()) + (now - out_since.pop(p))

def reorder(p):
    row = products[p]
    projected = free[p] + coming[p] - sum(missing[l] for l in waiting[p])
    if p in active and projected <= int(row["ReorderLevel"]):
        draft = drafts.setdefault(row["SupplierID"], {})
        more = int(row["ReorderLevel"]) + 40 - projected
        draft[p], coming[p] = draft.get(p, 0) + more, coming[p] + more

def total(draft):
    return sum(cents(Decimal(products[p]["UnitPrice"]) * Decimal("0.6") * q) for p, q in draft.items())

def send(supplier, draft, now):
    sent.append((now + dt.timedelta(days=7), supplier, draft, now)); bought.append(draft)
    left.append((supplier, draft))

def receive(supplier, now):
    for order in [o for o in sent if o[0] <= now and o[1] == supplier]:
        sent.remove(order)
        came_in.append((supplier, now - order[3]))
        for p, quantity in order[2].items():
            free[p] += quantity; coming[p] -= quantity; received[p] += quantity
            for line in waiting[p]:
                take = min(free[p], missing[line])
                free[p] -= take; allocated[line] += take; missing[line] -= take
            waiting[p] = [l for l in waiting[p] if missing[l]]
    for p in products: watch(p, now)

def pay(order, now):
    global paid, whole
    mine = []
    for row in lines[order["OrderID"]]:
        p, line = row["ProductID"], row["OrderID"] + "-" + row["ProductID"]
        if p not in active: refused.add(line); continue
        quantity = int(row["Quantity"])
        amounts[line] = cents(Decimal(row["UnitPrice"]) * (1 - Decimal(row["Discount"]))) * quantity
        allocated[line] = take = min(free[p], quantity)
        free[p] -= take
        missing[line] = quantity - take
        if missing[line]: short.add(line); waiting[p].append(line)
        asked[line], at_once[line] = quantity, take
        mine.append(line)
    for row in lines[order["OrderID"]]: reorder(row["ProductID"])
    paid += bool(mine); whole += bool(mine) and not any(missing[l] for l in mine)
    for row in lines[order["OrderID"]]: watch(row["ProductID"], now)

start, end = dt.datetime(1996, 7, 1), dt.datetime(1998, 5, 6)
opening = {}
for p, quantity in coming.items():
    if quantity: opening.setdefault(products[p]["SupplierID"], {})[p] = quantity
for supplier, draft in opening.items(): send(supplier, draft, start + dt.timedelta(hours=6))
for p in products: reorder(p); watch(p, start + dt.timedelta(hours=7))
orders = read("orders")
for day in (start + dt.timedelta(days=n) for n in range((end - start).days + 1)):
    for supplier in {r["SupplierID"] for r in products.values()}:     # eight o'clock: lorries
        if day.isoweekday() == int(supplier) % 5 + 1: receive(supplier, day + dt.timedelta(hours=8))
    if day.weekday() < 5:                                             # nine: large drafts are approved
        for s in [s for s, d in drafts.items() if total(d) >= 5000]: approved.append((s, drafts.pop(s)))
    today = [o for o in orders if o["OrderDate"].startswith(f"{day:%Y-%m-%d}")]
    for order in sorted(today, key=lambda o: int(o["OrderID"]) % 60):
        pay(order, day + dt.timedelta(hours=9, minutes=int(order["OrderID"]) % 60))
    if day.weekday() < 5 and day < end:                               # four: what may leave does
        leaving = [(s, d) for s, d in drafts.items() if total(d) < 5000]
        for supplier, draft in leaving + approved: send(supplier, draft, day + dt.timedelta(hours=16))
        drafts, approved = {s: d for s, d in drafts.items() if total(d) >= 5000}, []

db, failures = sqlite3.connect(f"file:{data}?mode=ro", uri=True), 0
query = lambda sql: db.execute(sql).fetchall()
def same(what, expected, found):
    global failures
    shown = lambda v: len(v) if isinstance(v, (dict, list, set)) else v
    failures += expected != found
    verdict, more = ("ok", "") if expected == found else ("WRONG", f", expected {shown(expected)}")
    if more and isinstance(found, dict):
        more += f"; other for {sorted(k for k in expected | found if expected.get(k) != found.get(k))[:5]}"
    print(f"{verdict:6}{what}: {shown(found)}{more}")

ever, negative = set(), 0
for (body,) in query("SELECT body FROM _journal"):
    for cls, key, kind, _, fields, *_ in json.loads(body).get("changes", []):
        after = {f: v[1] if kind == "~" else v for f, v in fields.items()} if kind != "-" else {}
        if cls == "OrderLine" and (after.get("backordered") or 0) > 0: ever.add(key)
        negative += cls == "Inventory" and min(after.get("quantity") or 0, after.get("reserved") or 0) < 0
all_lines = {r["OrderID"] + "-" + r["ProductID"] for rows in lines.values() for r in rows}
stored = {r[0]: r[1:] for r in query('SELECT objectId, allocated, backordered, quantity, amount FROM OrderLine')}
same("lines refused", refused, all_lines - set(stored))
same("lines back-ordered at some time", short, ever)
same("lines still back-ordered", {l for l in missing if missing[l]}, {l for l, r in stored.items() if r[1]})
same("lines filled", {l for l in missing if not missing[l]}, {l for l, r in stored.items() if r[0] == r[2]})
same("units allocated by line", allocated, {l: r[0] for l, r in stored.items()})
same("amounts by line", amounts, {l: Decimal(r[3]) / 100 for l, r in stored.items()})
same("units on order by product", coming, {r[0][1:]: r[1] for r in query("SELECT objectId, onOrder FROM Product")})
same("purchase orders sent", len(bought), query("SELECT count(*) FROM PurchaseOrder WHERE status IN ('sent', 'partial', 'received')")[0][0])
units = lambda orders: sorted((f"p{p}", q) for order in orders for p, q in order.items())
same("products on purchase orders, with quantities", units(bought + list(drafts.values()) + [d for _, d in approved]),
     sorted(query("SELECT product, quantity FROM PurchaseOrderLine")))
same("suppliers with two drafts", 0, len(query("SELECT 1 FROM PurchaseOrder WHERE status = 'draft' GROUP BY supplier HAVING count(*) > 1")))
same("orders with a product twice", 0, len(query('SELECT 1 FROM PurchaseOrderLine GROUP BY "order", product HAVING count(*) > 1')))
same("discontinued products bought", 0, len(query(
    "SELECT 1 FROM PurchaseOrderLine l JOIN Product p ON p.objectId = l.product WHERE NOT p.active")))
for order, line in ("Order", "OrderLine"), ("PurchaseOrder", "PurchaseOrderLine"):
    same(f"records of {order} whose total is not the sum of its lines", 0, len(query(
        f'''SELECT 1 FROM "{order}" o WHERE totalAmount <>
            (SELECT coalesce(sum(amount), 0) FROM "{line}" WHERE "order" = o.objectId)''')))
same("times that stock was negative", 0, negative)
if report:                                                            # from 1996-07-01 to the end of 1998-05-06
    stop = end + dt.timedelta(days=1)
    for p in list(out_since): out_time[p] = out_time.get(p, dt.timedelta()) + (stop - out_since[p])
    days = (stop - start) / dt.timedelta(days=1)
    summary, rows = report["summary"], {r["product"][1:]: r for r in report["products"]}
    suppliers = {r["supplier"][1:]: r for r in report["suppliers"]}
    near = lambda number, digits: None if number is None else round(number, digits)
    for title, found, expected in (
        ("orders accepted", "orders", paid), ("orders filled at once", "filledOrders", whole),
        ("lines of accepted orders", "lines", len(asked)), ("lines filled at once", "filledLines", len(asked) - len(short)),
        ("units asked for", "units", sum(asked.values())), ("units filled at once", "filledUnits", sum(at_once.values())),
        ("lines waiting at the end", "waitingLines", sum(1 for l in missing if missing[l])),
        ("units waiting at the end", "waitingUnits", sum(missing.values())),
        ("stock-outs", "stockOuts", sum(stock_outs.values())), ("purchase orders that left", "purchaseOrders", len(left))):
        same(f"report: {title}", expected, summary[found])
    same("report: line fill rate", round((len(asked) - len(short)) / len(asked), 4), summary["lineFillRate"])
    total_out = sum((t for t in out_time.values()), dt.timedelta())
    same("report: days out of stock", round(total_out / dt.timedelta(days=1), 2), round(summary["stockOutDays"], 2))
    same("report: stock-outs by product", {p: n for p, n in stock_outs.items()}, {p: r["stockOuts"] for p, r in rows.items() if r["stockOuts"]})
    same("report: days out by product", {p: round(t / dt.timedelta(days=1), 2) for p, t in out_time.items()},
         {p: round(r["stockOutDays"], 2) for p, r in rows.items() if r["stockOutDays"]})
    demand = {p: 0 for p in products}
    for line, quantity in asked.items(): demand[line.split("-")[1]] += quantity
    same("report: units asked for by product", demand, {p: r["units"] for p, r in rows.items()})
    shipped = dict(query("SELECT substr(product, 2), sum(shipped) FROM OrderLine GROUP BY product"))
    on_hand = {p: int(r["UnitsInStock"]) + received[p] - shipped.get(p, 0) for p, r in products.items()}
    same("report: on hand by product", on_hand, {p: r["onHand"] for p, r in rows.items()})
    same("report: days of stock by product", {p: near(on_hand[p] * days / demand[p], 1) if demand[p] else None for p in products},
         {p: near(r["daysOfStock"], 1) for p, r in rows.items()})
    spend = {}
    for supplier, draft in left:
        spend.setdefault(supplier, [0, 0, 0, Decimal(0)])
        for place, more in enumerate((1, len(draft), sum(draft.values()), total(draft))): spend[supplier][place] += more
    same("report: orders, lines, units and spend by supplier", spend,
         {s: [r["orders"], r["lines"], r["units"], Decimal(r["spend"])] for s, r in suppliers.items() if r["orders"]})
    away = {}
    for supplier, span in came_in: away.setdefault(supplier, []).append(span / dt.timedelta(days=1))
    same("report: days away by supplier", {s: round(sum(d) / len(d), 1) for s, d in away.items()},
         {s: round(r["leadDays"], 1) for s, r in suppliers.items() if r["received"]})
sys.exit(failures > 0)
