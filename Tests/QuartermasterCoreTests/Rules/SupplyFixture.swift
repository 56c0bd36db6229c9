/// The supply domain as rule tests need it: the classes of the flagship schema and the verbs of the domain, declared
/// as those of a host.
enum SupplyFixture {
  static let schema = """
    domain: supply
    classes:
      User:
        username: {type: String, required: true, unique: true}
        email: {type: String}
        role: {type: String, default: clerk, in: [clerk, manager, buyer]}
      Supplier:
        name: {type: String, required: true}
        contactEmail: {type: String}
        leadTime: {type: Duration, default: 7d}
        currency: {type: String, default: EUR}
        minimumOrder: {type: Decimal, scale: 2, default: 0}
        active: {type: Boolean, default: true}
      Product:
        sku: {type: String, required: true, unique: true, maxLength: 20}
        name: {type: String, required: true}
        category: {type: String}
        supplier: {type: Supplier, required: true}
        price: {type: Decimal, scale: 2, min: 0, default: 0}
        cost: {type: Decimal, scale: 4, min: 0}
        weight: {type: Number, default: 0}
        packSize: {type: Integer, min: 1, default: 1}
        active: {type: Boolean, default: true}
        reorderPoint: {type: Integer, default: 0}
        orderUpTo: {type: Integer, default: 0}
        onHand: {sum: inventory.quantity}
        reserved: {sum: inventory.reserved}
        onOrder: {sum: purchaseLines.open}
        backordered: {sum: orderLines.backordered}
        projected: {computed: product.onHand + product.onOrder - product.reserved - product.backordered}
      SupplierProduct:
        supplier: {type: Supplier, required: true, inverse: products}
        product: {type: Product, required: true, inverse: suppliers}
        price: {type: Decimal, scale: 4, required: true}
        preferred: {type: Boolean, default: false}
      Bin:
        code: {type: String, required: true, unique: true}
        location: {type: String}
        capacity: {type: Integer, required: true}
        currentLoad: {sum: contents.quantity}
      Inventory:
        product: {type: Product, required: true, inverse: inventory}
        bin: {type: Bin, inverse: contents}
        quantity: {type: Integer, default: 0}
        reserved: {type: Integer, default: 0}
        threshold: {type: Integer, default: 0}
        counted: {type: Integer}
        available: {computed: inventory.quantity - inventory.reserved}
        unique: [[product, bin]]
      Customer:
        name: {type: String, required: true}
        email: {type: String}
        user: {type: User}
        contact: {user: user, email: email}
      Order:
        number: {type: String, unique: true, sequence: "SO-%05d"}
        reference: {type: String}
        customer: {type: Customer, required: true, inverse: orders}
        orderDate: {type: Date}
        promised: {type: Date}
        tags: {type: Array, of: String}
        totalAmount: {sum: lines.amount}
        status:
          type: String
          default: pending
          flow:
            pending: [paid, held, cancelled]
            held: [paid, cancelled]
            paid: [allocated, backordered, cancelled]
            backordered: [allocated, cancelled]
            allocated: [shipped, cancelled]
            shipped: [delivered]
            delivered: []
            cancelled: []
      OrderLine:
        order: {type: Order, required: true, inverse: lines, onDelete: cascade}
        product: {type: Product, required: true, inverse: orderLines}
        quantity: {type: Integer, required: true, min: 1}
        price: {type: Decimal, scale: 2, default: 0}
        allocated: {type: Integer, default: 0}
        backordered: {type: Integer, default: 0}
        shipped: {type: Integer, default: 0}
        amount: {computed: orderLine.price * orderLine.quantity}
      PurchaseOrder:
        number: {type: String, unique: true, sequence: "PO-%05d"}
        supplier: {type: Supplier, required: true, inverse: orders}
        destination: {type: String}
        expectedAt: {type: Date}
        totalAmount: {sum: lines.amount}
        status:
          type: String
          default: draft
          flow:
            draft: [approved, sent, cancelled]
            approved: [sent, cancelled]
            sent: [partial, received, cancelled]
            partial: [received]
            received: []
            cancelled: []
      PurchaseOrderLine:
        order: {type: PurchaseOrder, required: true, inverse: lines, onDelete: cascade}
        product: {type: Product, required: true, inverse: purchaseLines}
        quantity: {type: Integer, required: true, min: 1}
        received: {type: Integer, default: 0}
        open: {type: Integer, default: 0}
        price: {type: Decimal, scale: 4, default: 0}
        amount: {computed: purchaseOrderLine.price * purchaseOrderLine.quantity}
      Shipment:
        order: {type: Order, required: true, inverse: shipments}
        carrier: {type: String}
        status: {type: String, default: packed, in: [packed, shipped, out-for-delivery, delivered]}
      Log:
        text: {type: String, required: true}
        n: {type: Integer, default: 0}
    signals:
      close-day: {bin: Bin}
      tick: {}
    verbs:
      purchase:
        target: Product
        arguments:
          quantity: Integer
          from: {type: Supplier, required: false}
          destination: {type: String, required: false}
        result: PurchaseOrderLine
        directions: {PurchaseOrderLine.quantity: up, PurchaseOrderLine.open: up}
      receive:
        target: [PurchaseOrder, PurchaseOrderLine]
        arguments: {quantity: {type: Integer, required: false}}
        directions: {PurchaseOrderLine.received: up, PurchaseOrderLine.open: down, Inventory.quantity: up}
      allocate:
        target: [Order, OrderLine]
        directions: {OrderLine.allocated: up, OrderLine.backordered: down, Inventory.reserved: up}
      release:
        target: [Order, OrderLine]
        directions: {OrderLine.allocated: down, OrderLine.backordered: down, Inventory.reserved: down}
      ship:
        target: Order
        result: Shipment
        directions: {Inventory.quantity: down, Inventory.reserved: down, OrderLine.shipped: up}
    functions:
      rate: {arguments: {from: String, to: String}, result: {type: Decimal, scale: 6}}
    calls:
      print-label: {arguments: {order: Order, copies: {type: Integer, required: false}}}
    """

  static let rules = """
    - rule: reorder-low-stock
      description: Top stock up to its order-up-to level when what we have and expect falls to the reorder point
      trigger:
        saved: Product
        becomes: product.active && product.projected <= product.reorderPoint
      action:
        - purchase: product
          quantity: product.orderUpTo - product.projected
        - notify: managers
          message: "Low stock: ${product.name} (${product.onHand} left)"

    - rule: nightly-reorder
      description: Catches what the edge missed; adds nothing where an order is open
      trigger:
        every: day
        at: "02:00"
      action:
        - purchase: product
          each: product in Product.filter(p, p.active && p.projected <= p.reorderPoint)
          quantity: product.orderUpTo - product.projected

    - rule: send-purchase-orders
      description: Orders collect lines all day and leave at four; a large one needs a person
      trigger:
        every: weekday
        at: "16:00"
      action:
        - advance: draft
          each: draft in PurchaseOrder.filter(p, p.status == "draft" && p.totalAmount >= p.supplier.minimumOrder && p.totalAmount < 5000.00)
          to: sent

    - rule: receive-goods
      trigger:
        changed: PurchaseOrder
        becomes: purchaseOrder.status == "received"
      action:
        - receive: purchaseOrder

    - rule: allocate-when-paid
      trigger:
        saved: Order
        becomes: order.status == "paid"
      action:
        - allocate: order
        - advance: order
          when: order.lines.all(l, l.allocated >= l.quantity)
          to: allocated

    - rule: backorder-when-short
      trigger:
        saved: Order
        becomes: order.status == "paid"
      follows: allocate-when-paid
      when: order.lines.exists(l, l.allocated < l.quantity)
      action:
        - set: line
          each: line in order.lines.filter(l, l.allocated < l.quantity)
          backordered: line.quantity - line.allocated
        - advance: order
          to: backordered
        - notify: order.customer
          message: Part of order ${order.number} is on its way later, we are waiting for stock.

    - rule: fill-backorders
      trigger:
        changed: Inventory.quantity
      when: new.quantity > old.quantity
      action:
        - allocate: line
          each: line in OrderLine.filter(l, l.product == inventory.product && l.backordered > 0).sortBy(l, l.order.createdAt)

    - rule: backorder-filled
      trigger:
        changed: OrderLine.allocated
      when:
        - orderLine.order.status == "backordered"
        - orderLine.order.lines.all(l, l.allocated >= l.quantity)
      action:
        - advance: orderLine.order
          to: allocated

    - rule: finish-order
      trigger:
        changed: Shipment
        becomes: shipment.status == "delivered"
      when:
        - shipment.order.shipments.all(s, s.status == "delivered")
        - shipment.order.lines.all(l, l.shipped >= l.quantity)
      action:
        - advance: shipment.order
          to: delivered

    - rule: chase-pending-order
      trigger:
        saved: Order
        becomes: order.status == "pending"
        for: 24h
        repeat: 24h
      action:
        - notify: managers
          message: Order ${order.number} is still pending.

    - rule: refuse-overfull-bin
      trigger:
        changed: Bin.currentLoad
      when:
        - bin.currentLoad > bin.capacity
        - new.currentLoad > old.currentLoad
      action:
        - reject: Bin ${bin.code} holds ${bin.capacity}, this would make it ${bin.currentLoad}.

    - rule: supplier-price-jump
      trigger:
        changed: SupplierProduct.price
      when: math.abs(new.price - old.price) > old.price * 0.10
      action:
        - notify: buyers
          message: ${supplierProduct.supplier.name} changed ${supplierProduct.product.name} from ${old.price} to ${new.price}.

    - rule: morning-digest
      trigger:
        every: day
        at: "08:00"
        zone: Europe/Paris
      let:
        low: Product.filter(p, p.active && p.onHand <= p.reorderPoint).sortBy(p, p.name)
      when: low.size() > 0
      action:
        - notify: managers
          title: ${low.size()} products are low
          message: |
            ${low.map(p, p.name + " " + string(p.onHand)).join("\\n")}

    - rule: release-on-cancel
      trigger:
        changed: Order
        becomes: order.status == "cancelled"
      action:
        - release: order
        - notify: order.customer
          message: Order ${order.number} is cancelled. Nothing will be shipped.

    - rule: refuse-duplicate-order
      phase: before
      trigger:
        created: Order
      when:
        - order.reference != null && order.customer != null
        - Order.exists(o, o.customer == order.customer && o.reference == order.reference && o.status != "cancelled" && o.createdAt > now - days(1))
      action:
        - reject: We already have order ${order.reference} from ${order.customer.name} today.

    - rule: shipment-news
      trigger:
        changed: Shipment.status
      when: shipment.status in ["shipped", "out-for-delivery", "delivered"]
      action:
        - notify: shipment.order.customer
          message: Order ${shipment.order.number} is now ${shipment.status}.
    """
}
