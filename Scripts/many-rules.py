#!/usr/bin/env python3
"""Writes a project with many rules, to measure how long `check` and the start of `apply` take.

    Scripts/many-rules.py DIR [RULES]        # 10,000 rules unless told otherwise
    time quartermaster check DIR             # under 5 s of user CPU in a release build
    time quartermaster apply -C DIR DIR/one.jsonl   # the second time: under 2 s, the rules are published already

The rules are of ten kinds over five classes and differ in class, fields and constants; a hundred to a file.
"""
import os
import sys

SCHEMA = """domain: many
classes:
  User:
    name: {type: String, required: true}
    role: {type: String, in: [manager, buyer], default: buyer}
    email: {type: String}
    contact: {email: email}
  Supplier:
    name: {type: String, required: true}
    region: {type: String, default: none}
  Product:
    name: {type: String, required: true}
    supplier: {type: Supplier, required: true, inverse: products}
    category: {type: String, default: none}
    zone: {type: String, default: none}
    price: {type: Decimal, scale: 2, min: 0, default: 0}
    reorderPoint: {type: Integer, min: 0, default: 0}
    note: {type: String}
    flagged: {type: Boolean, default: false}
    level: {type: Integer, default: 0}
    onHand: {sum: inventory.quantity}
    index: [[category], [zone]]
  Inventory:
    product: {type: Product, required: true, inverse: inventory}
    bin: {type: String, default: none}
    quantity: {type: Integer, min: 0, default: 0}
    checked: {type: Boolean, default: false}
    index: [[bin]]
  Order:
    product: {type: Product, required: true, inverse: orders}
    channel: {type: String, default: none}
    quantity: {type: Integer, min: 0, default: 0}
    priority: {type: Integer, default: 0}
    status:
      type: String
      default: pending
      flow: {pending: [paid, cancelled], paid: [shipped, cancelled], shipped: [], cancelled: []}
    index: [[channel, status]]
"""

SETTINGS = """groups:
  managers: User.filter(u, u.role == "manager")
  buyers: User.filter(u, u.role == "buyer")
"""

KINDS = [
    """- rule: low-{n}
  description: Stock of category {n} is low
  trigger:
    changed: Product
    becomes: product.category == "c{n}" && product.onHand <= product.reorderPoint + {k}
  action:
    - notify: managers
      message: Low ${{product.name}} (${{product.onHand}} left)
""",
    """- rule: dear-{n}
  trigger:
    saved: Product.price
  when:
    - product.category == "c{n}"
    - product.price > {k}.50
  action:
    - set: product
      note: dear in {n}
""",
    """- rule: bin-{n}
  trigger:
    changed: Inventory.quantity
  when:
    - inventory.bin == "b{n}"
    - new.quantity > old.quantity + {k}
  action:
    - notify: buyers
      message: Bin b{n} holds ${{inventory.quantity}} of ${{inventory.product.name}}
""",
    """- rule: order-{n}
  trigger:
    saved: Order
    becomes: order.status == "paid" && order.channel == "h{n}"
  when: order.quantity > {k}
  action:
    - set: order
      priority: {k}
""",
    """- rule: refuse-{n}
  phase: before
  trigger:
    created: Order
  when:
    - order.channel == "h{n}"
    - order.quantity > {k}000
  action:
    - reject: Channel h{n} takes at most {k}000 at a time.
""",
    """- rule: zone-{n}
  trigger:
    changed: Product.zone
  when: product.zone == "z{n}" && product.orders.exists(o, o.status == "pending" && o.quantity > {k})
  action:
    - set: product
      flagged: true
""",
    """- rule: pending-{n}
  trigger:
    saved: Order
    becomes: order.status == "pending" && order.channel == "h{n}"
    for: {k}h
  action:
    - notify: managers
      message: An order of h{n} is still pending.
""",
    """- rule: region-{n}
  trigger:
    changed: Supplier.region
  when: supplier.region == "r{n}"
  action:
    - set: product
      each: product in supplier.products
      level: {k}
""",
    """- rule: sweep-{n}
  trigger:
    every: day
    at: "{hour:02d}:{minute:02d}"
  action:
    - notify: buyers
      each: product in Product.filter(p, p.category == "c{n}" && p.onHand < {k})
      message: ${{product.name}} is short.
""",
    """- rule: empty-{n}
  trigger:
    changed: Inventory
    becomes: inventory.bin == "b{n}" && inventory.quantity == 0
  action:
    - set: inventory
      checked: true
""",
]

PER_FILE = 100


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 10_000
    os.makedirs(os.path.join(folder, "rules"), exist_ok=True)

    def write(name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    write("schema.yaml", SCHEMA)
    write("quartermaster.yaml", SETTINGS)
    write("one.jsonl", '{"op":"create","class":"Supplier","id":"acme","fields":{"name":"Acme"}}\n')
    for start in range(0, count, PER_FILE):
        rules = []
        for number in range(start, min(start + PER_FILE, count)):
            rules.append(
                KINDS[number % len(KINDS)].format(
                    n=number, k=1 + number % 97, hour=number % 24, minute=number % 60
                )
            )
        write(f"rules/rules-{start // PER_FILE:04d}.yaml", "\n".join(rules))


main()
