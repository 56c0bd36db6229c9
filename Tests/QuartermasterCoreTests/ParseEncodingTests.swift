import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let shop = """
  classes:
    Supplier:
      name: String
    Thing:
      text: {type: String}
      count: {type: Integer}
      weight: {type: Number}
      price: {type: Decimal, scale: 2}
      active: {type: Boolean}
      due: {type: Date}
      lead: {type: Duration}
      place: {type: GeoPoint}
      supplier: {type: Supplier}
      tags: {type: Array, of: String}
      any: {type: Array}
      extra: {type: Object}
      items: {type: Array, of: {note: String, price: {type: Decimal, scale: 3}, from: Supplier}}
  """

private func field(_ name: String) throws -> FieldDefinition {
  try schema(shop).field("Thing." + name)
}

private func decoded(_ name: String, _ json: String) throws -> Value {
  let update = try field(name).update(json: JSONReader.read(json), class: "Thing")
  guard case .set(let value) = update else { throw CancellationError() }
  return value
}

@Test(arguments: [
  ("text", #""NO""#, #""NO""#),
  ("count", "-5", "-5"),
  ("count", "null", "null"),
  ("weight", "5", "5.0"),
  ("weight", "1e3", "1000.0"),
  ("price", "12.5", "12.50"),
  ("price", #""12.50""#, "12.50"),
  ("price", "12.500", "12.50"),
  ("price", "-3", "-3.00"),
  ("active", "true", "true"),
  ("due", #"{"__type":"Date","iso":"2026-03-02T10:00:00.250+01:00"}"#, "2026-03-02T09:00:00.25Z"),
  ("lead", "5400000", "90m"),
  ("lead", #""3d""#, "3d"),
  (
    "place", #"{"__type":"GeoPoint","latitude":48.5,"longitude":2}"#,
    #"{"latitude": 48.5, "longitude": 2.0}"#
  ),
  ("supplier", #"{"__type":"Pointer","className":"Supplier","objectId":"s1"}"#, #""s1""#),
  ("supplier", #"{"__type":"Object","className":"Supplier","objectId":"s1","name":"x"}"#, #""s1""#),
  ("tags", #"["a","b"]"#, #"["a", "b"]"#),
  ("any", #"[1,2.5,"x",null,{"a":[true]}]"#, #"[1, 2.5, "x", null, {"a": [true]}]"#),
  ("any", #"[{"__type":"Date","iso":"2026-03-02T09:00:00.000Z"}]"#, "[2026-03-02T09:00:00Z]"),
  (
    "items", #"[{"price":1.5,"from":{"__type":"Pointer","className":"Supplier","objectId":"s1"}}]"#,
    #"[{"price": 1.500, "from": "s1"}]"#
  ),
])
func `JSON becomes what the field stores`(_ name: String, _ json: String, _ expected: String) throws
{
  let value = try decoded(name, json)
  #expect(value.description == expected)
  // And back again.
  let type = try field(name).type
  let again = try type.value(json: type.json(value), at: "x")
  #expect(Value.equal(again, value))
}

@Test(arguments: [
  ("text", "5", "Thing.text needs a text, not a number"),
  ("count", "5.5", "Thing.count needs a whole number, not 5.5"),
  ("count", #""5""#, "Thing.count needs a whole number, not a text"),
  ("count", "9223372036854775808", "overflows"),
  ("weight", "1e999", "overflows"),
  ("weight", "true", "needs a number, not true or false"),
  ("price", "1.234", "Thing.price has 2 places"),
  ("price", #""1,5""#, "Thing.price needs a number with at most 2 digits"),
  ("price", "true", "not true or false"),
  ("price", "92233720368547758.08", "overflows"),
  ("active", "1", "needs true or false"),
  ("due", #""2026-03-02T09:00:00Z""#, #"write {"__type": "Date""#),
  ("due", #"{"__type":"Date","iso":"yesterday"}"#, #"not "yesterday""#),
  (
    "lead", #""3 days""#, #"Thing.lead needs a length of time such as 15m, 24h or 3d, not "3 days""#
  ),
  ("lead", "1.5", "not 1.5"),
  ("place", #"{"latitude":91,"longitude":0}"#, "latitude from -90 to 90, not 91"),
  ("place", #"{"latitude":1}"#, "needs a longitude"),
  ("place", #"{"__type":"Date","latitude":1,"longitude":0}"#, "not a Date"),
  ("supplier", #""s1""#, #"write {"__type": "Pointer", "className": "Supplier""#),
  (
    "supplier", #"{"__type":"Pointer","className":"Thing","objectId":"s1"}"#,
    "needs a record of Supplier, not a pointer to Thing"
  ),
  ("tags", #"["a",1]"#, "Thing.tags[1] needs a text, not a number"),
  ("tags", #""a""#, "needs a list, not a text"),
  (
    "items", #"[{"nte":"x"}]"#,
    "Thing.items[0] has no member nte (note, price, from); did you mean note?"
  ),
  ("items", #"[{"price":1.2345}]"#, "Thing.items[0].price has 3 places"),
  ("extra", "[]", "needs a map, not a list"),
  (
    "count", #"{"__op":"Incremnt","amount":1}"#,
    "there is no operator Incremnt; did you mean Increment?"
  ),
  ("count", #"{"__op":"Increment","amount":"1"}"#, "needs a numeric amount"),
  ("count", #"{"__op":"Increment","amount":1.5}"#, "needs a whole number, not 1.5"),
  (
    "text", #"{"__op":"Increment","amount":1}"#,
    "Increment needs a number, and Thing.text is a String"
  ),
  ("count", #"{"__op":"Add","objects":[1]}"#, "Add needs an Array"),
  ("tags", #"{"__op":"Add","objects":1}"#, "needs `objects`, a list"),
  ("tags", #"{"__op":"Add"}"#, "needs `objects`, a list"),
])
func `JSON of the wrong type is refused`(_ name: String, _ json: String, _ expected: String) throws
{
  #expect {
    try field(name).update(json: JSONReader.read(json), class: "Thing")
  } throws: { error in
    guard let refusal = error as? Refusal else { return false }
    if !refusal.message.contains(expected) { Issue.record("\(refusal.message)") }
    return refusal.reason == .schema
  }
}

@Test(arguments: [
  ("count", "5", #"{"__op":"Increment","amount":-7}"#, "-2"),
  ("count", "null", #"{"__op":"Increment","amount":3}"#, "3"),
  ("weight", "1.5", #"{"__op":"Increment","amount":1}"#, "2.5"),
  ("price", "0.10", #"{"__op":"Increment","amount":0.2}"#, "0.30"),
  ("price", "null", #"{"__op":"Increment","amount":1}"#, "1.00"),
  ("tags", #"["a"]"#, #"{"__op":"Add","objects":["a","b"]}"#, #"["a", "a", "b"]"#),
  ("tags", #"["a"]"#, #"{"__op":"AddUnique","objects":["b","a","b"]}"#, #"["a", "b"]"#),
  ("tags", #"["a","b","a"]"#, #"{"__op":"Remove","objects":["a"]}"#, #"["b"]"#),
  ("tags", "null", #"{"__op":"Remove","objects":["a"]}"#, "[]"),
  ("tags", "null", #"{"__op":"AddUnique","objects":["a"]}"#, #"["a"]"#),
  (
    "any", #"[{"a":1}]"#, #"{"__op":"AddUnique","objects":[{"a":1},{"a":2}]}"#,
    #"[{"a": 1}, {"a": 2}]"#
  ),
  ("text", #""x""#, #"{"__op":"Delete"}"#, "null"),
  ("text", #""x""#, #"{"__op":"SetOnInsert","amount":"y"}"#, #""x""#),
  ("text", "null", #"{"__op":"SetOnInsert","amount":"y"}"#, #""y""#),
])
func `operators change the stored value`(
  _ name: String, _ current: String, _ operation: String, _ expected: String
) throws {
  let field = try field(name)
  let before = try field.type.value(json: JSONReader.read(current), at: "x")
  let update = try field.update(json: JSONReader.read(operation), class: "Thing")
  #expect(try update.apply(to: before, field, class: "Thing").description == expected)
}

@Test func `an increment that overflows is refused`() throws {
  let count = try field("count")
  #expect(throws: Refusal.self) {
    try FieldUpdate.increment(.int(1)).apply(to: .int(.max), count, class: "Thing")
  }
  let price = try field("price")
  let most = Value.decimal(ExactDecimal(coefficient: Int128(Int64.max), scale: 2))
  let cent = Value.decimal(ExactDecimal(coefficient: 1, scale: 2))
  #expect(throws: Refusal.self) {
    try FieldUpdate.increment(cent).apply(to: most, price, class: "Thing")
  }
}

@Test func `values of any type have JSON for output`() {
  let type = RecordType(name: "Order", index: 0, variable: "order")
  #expect(
    JSONWriter.text(JSONValue(.record(Record(type: type, id: "o1"))))
      == #"{"__type":"Pointer","className":"Order","objectId":"o1"}"#)
  #expect(
    JSONWriter.text(JSONValue(.timestamp(Timestamp(milliseconds: 0))))
      == #"{"__type":"Date","iso":"1970-01-01T00:00:00.000Z"}"#)
  #expect(JSONWriter.text(JSONValue(.double(2))) == "2")
  #expect(JSONWriter.text(JSONValue(.double(.nan))) == #""NaN""#)
  #expect(JSONWriter.text(JSONValue(.uint(.max))) == "18446744073709551615")
}
