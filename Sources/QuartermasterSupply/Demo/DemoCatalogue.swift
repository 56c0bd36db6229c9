/// What the trader of the demo buys and sells, and from whom.
struct DemoCatalogue {
  /// A company that the trader buys from.
  struct Supplier {
    let id: String
    let name: String
    let leadDays: Int
    let minimumOrder: Int
  }

  /// A kind of goods in six sizes.
  struct Family {
    let name: String
    let category: String
    let supplier: Int
    let sizes: [String]
    /// The cost of the smallest size, in thousandths; each further size costs a quarter more.
    let cost: Int
    let pack: Int
    /// How many a customer takes.
    let quantity: ClosedRange<Int>
  }

  /// A product.
  struct Product {
    let id: String
    let name: String
    let family: Family
    /// In thousandths.
    let cost: Int
    /// How often it is sold beside the others.
    let weight: Int
    /// How many are sold on a day, on average.
    let perDay: Int
    let reorderPoint: Int
    let orderUpTo: Int
  }

  /// The companies.
  let suppliers: [Supplier] = [
    Supplier(id: "acme", name: "Acme Fasteners", leadDays: 3, minimumOrder: 50),
    Supplier(id: "bergmann", name: "Bergmann Schrauben", leadDays: 5, minimumOrder: 80),
    Supplier(id: "castello", name: "Castello Ferramenta", leadDays: 7, minimumOrder: 100),
    Supplier(id: "dubois", name: "Dubois Outillage", leadDays: 4, minimumOrder: 120),
    Supplier(id: "eriksson", name: "Eriksson Verktyg", leadDays: 6, minimumOrder: 150),
    Supplier(id: "fairlie", name: "Fairlie Paints", leadDays: 2, minimumOrder: 60),
    Supplier(id: "gruber", name: "Gruber Beschläge", leadDays: 5, minimumOrder: 90),
    Supplier(id: "hansa", name: "Hansa Klebstoffe", leadDays: 3, minimumOrder: 40),
    Supplier(id: "ibarra", name: "Ibarra Cerraduras", leadDays: 8, minimumOrder: 150),
    Supplier(id: "jansen", name: "Jansen Schuurpapier", leadDays: 4, minimumOrder: 30),
    Supplier(id: "kowalski", name: "Kowalski Elektro", leadDays: 5, minimumOrder: 70),
    Supplier(id: "lindqvist", name: "Lindqvist Garden", leadDays: 6, minimumOrder: 80),
  ]

  private static let metric = ["M4", "M5", "M6", "M8", "M10", "M12"]
  private static let lengths = ["20 mm", "30 mm", "40 mm", "50 mm", "60 mm", "80 mm"]
  private static let colours = ["white", "black", "grey", "red", "green", "blue"]

  private static let families: [Family] = [
    Family(
      name: "Hex bolt", category: "fasteners", supplier: 0, sizes: metric, cost: 90, pack: 50,
      quantity: 10...60),
    Family(
      name: "Hex nut", category: "fasteners", supplier: 0, sizes: metric, cost: 30, pack: 100,
      quantity: 10...80),
    Family(
      name: "Washer", category: "fasteners", supplier: 0, sizes: metric, cost: 20, pack: 100,
      quantity: 10...80),
    Family(
      name: "Wood screw", category: "fasteners", supplier: 1, sizes: lengths, cost: 50, pack: 100,
      quantity: 10...90),
    Family(
      name: "Drywall screw", category: "fasteners", supplier: 1, sizes: lengths, cost: 40,
      pack: 200, quantity: 20...120),
    Family(
      name: "Wall plug", category: "fasteners", supplier: 1,
      sizes: ["5 mm", "6 mm", "8 mm", "10 mm", "12 mm", "14 mm"], cost: 60, pack: 50,
      quantity: 10...50),
    Family(
      name: "Butt hinge", category: "fittings", supplier: 6, sizes: lengths, cost: 1_150, pack: 10,
      quantity: 2...8),
    Family(
      name: "Shelf bracket", category: "fittings", supplier: 6,
      sizes: ["100 mm", "150 mm", "200 mm", "250 mm", "300 mm", "400 mm"], cost: 1_900, pack: 4,
      quantity: 2...8),
    Family(
      name: "Door handle", category: "fittings", supplier: 2,
      sizes: ["Ada", "Bea", "Cora", "Dora", "Elsa", "Flora"], cost: 7_400, pack: 2,
      quantity: 1...4),
    Family(
      name: "Padlock", category: "locks", supplier: 8, sizes: lengths, cost: 4_200, pack: 6,
      quantity: 1...3),
    Family(
      name: "Cylinder lock", category: "locks", supplier: 8,
      sizes: ["30/30", "30/35", "35/35", "35/40", "40/40", "40/45"], cost: 8_800, pack: 1,
      quantity: 1...3),
    Family(
      name: "Twist drill", category: "tools", supplier: 3,
      sizes: ["3 mm", "4 mm", "5 mm", "6 mm", "8 mm", "10 mm"], cost: 950, pack: 10,
      quantity: 1...5),
    Family(
      name: "Saw blade", category: "tools", supplier: 3,
      sizes: ["160 mm", "184 mm", "190 mm", "210 mm", "250 mm", "300 mm"], cost: 9_600, pack: 1,
      quantity: 1...2),
    Family(
      name: "Screwdriver", category: "tools", supplier: 4,
      sizes: ["PH1", "PH2", "PZ1", "PZ2", "TX20", "TX25"], cost: 2_300, pack: 12, quantity: 1...3),
    Family(
      name: "Wall paint 5 l", category: "paint", supplier: 5, sizes: colours, cost: 11_500, pack: 4,
      quantity: 1...4),
    Family(
      name: "Spray paint", category: "paint", supplier: 5, sizes: colours, cost: 2_800, pack: 6,
      quantity: 1...6),
    Family(
      name: "Wood glue", category: "glue", supplier: 7,
      sizes: ["75 g", "120 g", "250 g", "500 g", "750 g", "1 kg"], cost: 1_700, pack: 12,
      quantity: 1...4),
    Family(
      name: "Sandpaper", category: "abrasives", supplier: 9,
      sizes: ["P60", "P80", "P120", "P180", "P240", "P400"], cost: 300, pack: 50,
      quantity: 5...25),
    Family(
      name: "LED lamp", category: "electrical", supplier: 10,
      sizes: ["3 W", "5 W", "7 W", "9 W", "12 W", "15 W"], cost: 1_400, pack: 10, quantity: 1...8),
    Family(
      name: "Garden hose", category: "garden", supplier: 11,
      sizes: ["10 m", "15 m", "20 m", "25 m", "30 m", "50 m"], cost: 6_900, pack: 2,
      quantity: 1...2),
  ]

  /// The products, six of each family.
  let products: [Product]

  /// How many lines a day has, on average, by which stock levels are chosen.
  private static let linesPerDay = 50

  init(_ random: inout DemoRandom) {
    var drafts: [(family: Family, size: Int, weight: Int)] = []
    for family in Self.families {
      for size in family.sizes.indices { drafts.append((family, size, random.number(2...20))) }
    }
    let allWeights = drafts.reduce(0) { $0 + $1.weight }
    var products: [Product] = []
    for (number, draft) in drafts.enumerated() {
      let family = draft.family
      var cost = family.cost
      for _ in 0..<draft.size { cost += cost / 4 }
      let typical = (family.quantity.lowerBound + family.quantity.upperBound) / 2
      let perDay = max(1, Self.linesPerDay * draft.weight * typical / allWeights)
      let lead = suppliers[family.supplier].leadDays
      let reorderPoint = perDay * (lead + 3) + family.quantity.upperBound
      products.append(
        Product(
          id: "p\(100 + number)", name: "\(family.name) \(family.sizes[draft.size])",
          family: family, cost: cost, weight: draft.weight, perDay: perDay,
          reorderPoint: reorderPoint, orderUpTo: reorderPoint + perDay * 10 + family.pack))
    }
    self.products = products
  }
}
