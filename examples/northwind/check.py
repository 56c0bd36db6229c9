#!/usr/bin/env python3
"""Works out from the CSV files alone what must become of every line, and compares: check.py CSV-FOLDER DATA-FILE."""
import csv, datetime as dt, json, sqlite3, sys
from decimal import Decimal, ROUND_HALF_UP

folder, data = sys.argv[1:3]
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
    sent.append((now + dt.timedelta(days=7), supplier, draft)); bought.append(draft)

def receive(supplier, now):
    for order in [o for o in sent if o[0] <= now and o[1] == supplier]:
        sent.remove(order)
        for p, quantity in order[2].items():
            free[p] += quantity; coming[p] -= quantity
            for line in waiting[p]:
                take = min(free[p], missing[line])
                free[p] -= take; allocated[line] += take; missing[line] -= take
            waiting[p] = [l for l in waiting[p] if missing[l]]

def pay(order):
    for row in lines[order["OrderID"]]:
        p, line = row["ProductID"], row["OrderID"] + "-" + row["ProductID"]
        if p not in active: refused.add(line); continue
        quantity = int(row["Quantity"])
        amounts[line] = cents(Decimal(row["UnitPrice"]) * (1 - Decimal(row["Discount"]))) * quantity
        allocated[line] = take = min(free[p], quantity)
        free[p] -= take
        missing[line] = quantity - take
        if missing[line]: short.add(line); waiting[p].append(line)
    for row in lines[order["OrderID"]]: reorder(row["ProductID"])

start, end = dt.datetime(1996, 7, 1), dt.datetime(1998, 5, 6)
opening = {}
for p, quantity in coming.items():
    if quantity: opening.setdefault(products[p]["SupplierID"], {})[p] = quantity
for supplier, draft in opening.items(): send(supplier, draft, start + dt.timedelta(hours=6))
for p in products: reorder(p)
orders = read("orders")
for day in (start + dt.timedelta(days=n) for n in range((end - start).days + 1)):
    for supplier in {r["SupplierID"] for r in products.values()}:     # eight o'clock: lorries
        if day.isoweekday() == int(supplier) % 5 + 1: receive(supplier, day + dt.timedelta(hours=8))
    if day.weekday() < 5:                                             # nine: large drafts are approved
        for s in [s for s, d in drafts.items() if total(d) >= 5000]: approved.append((s, drafts.pop(s)))
    today = [o for o in orders if o["OrderDate"].startswith(f"{day:%Y-%m-%d}")]
    for order in sorted(today, key=lambda o: int(o["OrderID"]) % 60): pay(order)
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
sys.exit(failures > 0)
