import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Mistakes in what a rule does, and what is taken without a word.
@Suite struct RuleActionTests {
  @Test(arguments: [
    (
      "    - sett: order\n      reference: x",
      "rules.yaml:4:7: error: `sett` is not a verb; did you mean `set`? [rules/unknown-verb]"
    ),
    (
      "    - reference: x\n      set: order",
      "rules.yaml:4:7: error: `reference` is not a verb; verbs are set, create, ensure, delete, advance, notify, reject, signal, call, allocate, purchase, receive, release, ship [rules/unknown-verb]"
    ),
    (
      "    - when: true\n      set: order",
      "rules.yaml:5:7: error: the verb is the first key of an action; move `set:` before `when:` [rules/shape]"
    ),
    (
      "    - set: order",
      "rules.yaml:4:12: error: nothing is set; write a line `field: value` for each field [rules/action]"
    ),
    (
      "    - set: order.lines\n      shipped: 1",
      "rules.yaml:4:12: error: `set` needs one record, and `order.lines` is a list; write each: x in order.lines, and set: x [rules/type]"
    ),
    (
      "    - set: order.reference\n      shipped: 1",
      "rules.yaml:4:12: error: `set` needs a record; `order.reference` is a text [rules/type]"
    ),
    (
      "    - set: order\n      refrence: x",
      "rules.yaml:5:7: error: Order has no field `refrence`; did you mean `reference`? [rules/unknown-field]"
    ),
    (
      "    - set: order\n      createdAt: now",
      "rules.yaml:5:7: error: `createdAt` is kept by the engine and cannot be set [rules/read-only]"
    ),
    (
      "    - set: order\n      objectId: x",
      "rules.yaml:5:7: error: `objectId` is kept by the engine and cannot be set [rules/read-only]"
    ),
    (
      "    - set: order\n      totalAmount: 5",
      "rules.yaml:5:7: error: Order.totalAmount is rolled up from OrderLine; change those records [rules/read-only]"
    ),
    (
      "    - set: line\n      each: line in order.lines\n      amount: 5",
      "rules.yaml:6:7: error: OrderLine.amount is computed from other fields; set those [rules/read-only]"
    ),
    (
      "    - set: order\n      lines: (null)",
      "rules.yaml:5:7: error: `lines` is the relation back; set `order` of OrderLine [rules/read-only]"
    ),
    (
      "    - set: order\n      reference: x\n      fields: {reference: y}",
      "rules.yaml:6:16: error: `reference` is given twice; keep one [rules/duplicate]"
    ),
    (
      "    - create: Lgo\n      text: x",
      "rules.yaml:4:15: error: there is no class `Lgo`; did you mean `Log`? [rules/unknown-class]"
    ),
    (
      "    - create: Message\n      text: x",
      "rules.yaml:4:15: error: the engine alone writes Message, and no rule starts from it; react to what caused the message [rules/read-only]"
    ),
    (
      "    - create: Log\n      n: 5",
      "rules.yaml:4:7: warning: a Log needs `text`, and neither this action nor a before rule gives it; it will be refused [rules/missing-field]"
    ),
    (
      "    - ensure: Log\n      text: x",
      "rules.yaml:4:15: error: `ensure` needs `match:`; name the fields to find it by [rules/missing-key]"
    ),
    (
      "    - ensure: Log\n      match: {text: x}\n      text: y",
      "rules.yaml:6:7: error: `text` is in `match` already; a new record gets it from there [rules/duplicate]"
    ),
    (
      "    - advance: order",
      "rules.yaml:4:16: error: `advance` needs `to:`; name the status [rules/missing-key]"
    ),
    (
      "    - advance: order.customer\n      to: paid",
      "rules.yaml:4:16: error: Customer has no field with a `flow`; write `set` with the field [rules/action]"
    ),
    (
      "    - advance: order\n      to: ${order.status}",
      "rules.yaml:5:11: error: `to` takes a fixed word; `${...}` does not work here [rules/shape]"
    ),
    (
      "    - notify: mangers\n      message: x",
      "rules.yaml:4:15: error: `mangers` is not a group; did you mean `managers`? [rules/unknown-group]"
    ),
    (
      "    - notify: order.lines\n      message: x",
      "rules.yaml:4:15: error: `notify` needs one record, and `order.lines` is a list; write each: x in order.lines, and notify: x [rules/type]"
    ),
    (
      "    - notify: line.product.supplier\n      each: line in order.lines\n      message: x",
      "rules.yaml:4:15: error: Supplier has no `contact:` in the schema, so nobody can tell its records anything [rules/recipient]"
    ),
    (
      "    - notify: managers",
      "rules.yaml:4:15: error: `notify` needs `message:`; say what to tell [rules/missing-key]"
    ),
    (
      "    - notify: managers\n      message: order.reference + \"x\"",
      "rules.yaml:5:16: error: `message` takes words, and this is a formula; write `${order.reference + \"x\"}` for the value [rules/formula-in-text]"
    ),
    (
      "    - notify: managers\n      message: low ${order.reference",
      "rules.yaml:5:20: error: this `${` is never closed by a `}`; write `$${` for the two characters themselves [rules/hole]"
    ),
    (
      "    - notify: managers\n      message: low ${ }",
      "rules.yaml:5:20: error: there is no formula in this hole; write one, or `$${}` for the characters themselves [rules/hole]"
    ),
    (
      "    - notify: managers\n      message: lines ${order.lines}",
      "rules.yaml:5:24: error: `order.lines` is a list of OrderLine records and has no text; make texts of its elements with map(...) and join them [rules/type]"
    ),
    (
      "    - notify: managers\n      message: about ${order.reference}",
      "rules.yaml:5:22: warning: `order.reference` may be null, and then nothing is printed here; say with `?:` what is, or guard it in `when:` [rules/null-hole]"
    ),
    (
      "    - signal: close-day",
      "rules.yaml:4:15: error: the signal `close-day` needs `bin`, a Bin [rules/missing-key]"
    ),
    (
      "    - signal: tick\n      n: 4",
      "rules.yaml:5:7: error: the signal `tick` does not take `n` [rules/unknown-key]"
    ),
    (
      "    - call: print-labels\n      order: order",
      "rules.yaml:4:13: error: the schema declares no call `print-labels`; did you mean `print-label`? [rules/unknown-call]"
    ),
    (
      "    - call: print-label\n      order: order.reference",
      "rules.yaml:5:14: error: order needs an Order; `order.reference` is a text [rules/type]"
    ),
    (
      "    - purchase: order\n      quantity: 5",
      "rules.yaml:4:17: error: `purchase` needs a Product; `order` is an Order [rules/type]"
    ),
    (
      "    - purchase: line.product\n      each: line in order.lines",
      "rules.yaml:4:7: error: `purchase` needs `quantity`, a number [rules/missing-key]"
    ),
    (
      "    - purchase: line.product\n      each: line in order.lines\n      quantity: 5\n      quantty: 3",
      "rules.yaml:7:7: error: `purchase` does not take `quantty`; did you mean `quantity`? [rules/unknown-key]"
    ),
    (
      "    - delete: order\n      within: 1h",
      "rules.yaml:5:15: error: `within` needs `once`: the key that counts once in that time [rules/action]"
    ),
    (
      "    - delete: order\n      as: gone",
      "rules.yaml:5:11: error: `delete` gives no record that `as` could name [rules/action]"
    ),
    (
      "    - delete: order\n      when: [order.reference == null, order.promised == null]",
      "rules.yaml:5:13: error: the `when` of an action takes one formula; join them with `&&` [rules/shape]"
    ),
    (
      "    - delete: line\n      each: order.lines",
      "rules.yaml:5:13: error: `each` needs NAME in LIST, as in each: line in order.lines [rules/each]"
    ),
    (
      "    - delete: order\n      each: order in order.lines",
      "rules.yaml:5:13: error: `order` is already the name of something here; choose another name for `each` [rules/shadow]"
    ),
    (
      "    - delete: now\n      each: now in order.lines",
      "rules.yaml:5:13: error: `now` is already the name of something here; choose another name for `each` [rules/shadow]"
    ),
    (
      "    - delete: order\n      when: order.lines.exists(order, order.shipped > 0)",
      "rules.yaml:5:32: error: `order` is already the name of something here; choose another one [rules/shadow]"
    ),
    (
      "    - set: order\n      tags: [a, b]",
      "rules.yaml:5:13: error: YAML reads this as a list or a map of its own; put the formula in ( ), as in `tags: ([a, b])` [rules/shape]"
    ),
    (
      "    - set: order\n      promised: 2026-03-02",
      "rules.yaml:5:17: error: promised needs an instant such as 2026-03-02T09:00:00Z, or a formula; `2026-03-02` is none [rules/constant]"
    ),
    (
      "    - set: line\n      each: line in order.lines\n      price: 1.005",
      "rules.yaml:6:14: error: 1.005 has too many digits: price keeps 2 digits after the point [rules/constant]"
    ),
    (
      "    - set: line\n      each: line in order.lines\n      price: line.product.weight",
      "rules.yaml:6:14: error: price is money; `line.product.weight` is a double; write decimal(line.product.weight) to say you accept rounding [rules/type]"
    ),
    (
      "    - set: line\n      each: line in order.lines\n      quantity: 0",
      "rules.yaml:6:17: error: quantity may not be less than 1: the schema says so [rules/constant]"
    ),
    (
      "    - set: line.product\n      each: line in order.lines\n      sku: a text that is too long",
      "rules.yaml:6:12: error: this text has 23 characters; sku takes 20 at most [rules/constant]"
    ),
    (
      "    - set: order\n      customer: null",
      "rules.yaml:5:17: error: customer needs a Customer, not null [rules/nullable]"
    ),
    (
      "    - set: line\n      each: line in order.lines\n      product: line.order.reference",
      "rules.yaml:6:16: error: product needs a Product; `line.order.reference` is a text [rules/type]"
    ),
    (
      "    - set: line\n      each: line in order.lines\n      quantity: 2 *",
      "rules.yaml:6:20: error: expected a value, found the end [rules/syntax]"
    ),
  ])
  func `an action that is wrong`(actions: String, message: String) {
    #expect(said(actions) == [message])
  }

  @Test func `what is taken without a word`() {
    #expect(
      said(
        """
            - set: order
              reference: ${null}
              tags: (["a", "b"])
              promised: 2026-03-02T09:00:00Z
              orderDate: now + days(2)
            - set: order
              fields: {reference: plain words - with a dash}
            - set: line
              each: line in order.lines.filter(l, l.shipped == 0)
              when: line.quantity > 3
              price: 10
              quantity: line.quantity + 1
            - ensure: Log
              as: log
              match: {text: "for ${order.number}"}
            - set: log
              n: log.n + 1
            - notify: [managers, buyers, order.customer, boss@example.com]
              title: About ${order.number}
              message: costs $${4} ${order.totalAmount}
              by: [email, log]
              once: order.number
              within: 1d
            - call: print-label
              order: order
            - signal: tick
        """, trigger: "{created: Order}") == [])
  }

  @Test func `names that actions bind`() {
    #expect(
      said(
        """
            - create: Log
              as: log
              text: x
            - set: log
              n: 2
            - create: Log
              as: maybe
              when: order.reference != null
              text: x
            - set: maybe
              n: 3
            - create: Log
              each: line in order.lines
              as: each_log
              text: x
            - set: each_log
              n: 3
            - set: line
              shipped: 1
            - create: Log
              as: log
              text: x
        """) == [
          "rules.yaml:13:12: error: `maybe` may be null here; guard it: maybe != null && ... [rules/nullable]",
          "rules.yaml:19:12: error: `each_log` is not known here: with `each` it is known within each element only [rules/unknown-name]",
          "rules.yaml:21:12: error: `line` is not defined; did you mean `order.lines`? [rules/unknown-name]",
          "rules.yaml:24:11: error: `log` is already the name of something here; choose another name for `as` [rules/shadow]",
        ])
  }

  @Test func `the word null in a text field is pointed out`() {
    let warning =
      "`reference` takes words, and gets the word null; write `${null}` to clear it, or \"null\" in quotes "
      + "for the word [rules/formula-in-text]"
    #expect(
      said("    - set: order\n      reference: null\n") == ["rules.yaml:5:18: warning: " + warning])
    #expect(said("    - set: order\n      reference: ${null}\n") == [])
    #expect(said("    - set: order\n      reference: \"null\"\n") == [])
    #expect(said("    - set: order\n      reference: nullable\n") == [])
  }
}
