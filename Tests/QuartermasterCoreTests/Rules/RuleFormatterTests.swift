import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What formatting makes of a file, line by line.
@Suite struct RuleFormatterTests {
  private func formatted(
    _ text: String, schema: Schema? = SupplyFixture.loadedSchema
  ) throws -> String {
    let formatter = RuleFormatter(schema: schema)
    let once = try formatter.format(SourceFile(name: "rules.yaml", text: text))
    let twice = try formatter.format(SourceFile(name: "rules.yaml", text: once))
    #expect(twice == once)
    return once
  }

  @Test func `levels stand in by two blanks and rules apart by a line`() throws {
    let text = """


      - rule:   a
        trigger:
            saved:   Order
        action:
        - notify: managers
          message: "Low: ${order.number}"
        - notify:   managers
          message:   'It''s late'
      - rule: b


        trigger: { saved: Order,becomes: order.held }
        action:
            -   set: order
                held:    false
      """
    #expect(
      try formatted(text) == """
        - rule: a
          trigger:
            saved: Order
          action:
            - notify: managers
              message: "Low: ${order.number}"
            - notify: managers
              message: 'It''s late'

        - rule: b

          trigger: {saved: Order, becomes: order.held}
          action:
            - set: order
              held: false

        """)
  }

  @Test func `comments stay with their neighbours`() throws {
    let text = """
      # The file.

      # The rule.
      - rule: a # its name
        trigger:   # what wakes it
            # before the first key
            saved: Order
            # behind the last key
        # before the actions
        action:
          # before the first action
          - notify: managers     # who
            message: hello #1
          # behind the last action
        # behind the last key of the rule

      #not far
      - rule: b
        trigger: {saved: Order}
      # far out
        action: {set: order, held: false}
      # the end
      """
    #expect(
      try formatted(text) == """
        # The file.

        # The rule.
        - rule: a # its name
          trigger:   # what wakes it
            # before the first key
            saved: Order
            # behind the last key
          # before the actions
          action:
            # before the first action
            - notify: managers     # who
              message: hello #1
            # behind the last action
          # behind the last key of the rule

        #not far
        - rule: b
          trigger: {saved: Order}
          # far out
          action: {set: order, held: false}
        # the end

        """)
  }

  @Test func `formulas get their spaces where they are certain to be formulas`() throws {
    let text = """
      - rule: a
        trigger:
          saved: Order
          becomes: order.held&&( order.totalAmount>-1.50 )
        let: {big: "order.lines.exists( l,l.quantity>=10 )"}
        when:
          - ${ big }
          - order.held?true:false
          - '[1,2].exists(x,x== -1)'
        action:
          - set: order
            reference: ${ order.number }-x
            held: ${!order.held}
          - create: OrderLine
            quantity: ${1+2}
            order: order
          - notify: managers
            message: "${order.lines.size( )} lines: ${order.number}"
      """
    let found = try formatted(text)
    #expect(
      found == """
        - rule: a
          trigger:
            saved: Order
            becomes: order.held && (order.totalAmount > -1.50)
          let: {big: "order.lines.exists(l, l.quantity >= 10)"}
          when:
            - big
            - order.held?true:false
            - '[1, 2].exists(x, x == -1)'
          action:
            - set: order
              reference: ${order.number}-x
              held: ${!order.held}
            - create: OrderLine
              quantity: 1 + 2
              order: order
            - notify: managers
              message: "${order.lines.size()} lines: ${order.number}"

        """)
  }

  @Test func `without a schema fields stay as they are`() throws {
    let text = """
      - rule: a
        trigger: {saved: Order}
        when: ${order.held}
        action:
          - set: order
            held: ${!order.held}

      """
    #expect(
      try formatted(text, schema: nil)
        == text.replacing("when: ${order.held}", with: "when: order.held"))
  }

  @Test func `texts of several lines keep their lines`() throws {
    let text = """
      - rule: a
        trigger: {saved: Order}
        when: |
              order.held
                && order.totalAmount>3
        let:
          big:
              order.totalAmount>3 &&
                order.held
        action:
        - notify: managers
          title: >-
            one

            two
          message: |+
              three
                four


        - notify: managers
          message: "five
             six"
      - test: t
        given:
          Product:
              bolt: {name: M8 bolt,
                     price: 3,
                }
      """
    #expect(
      try formatted(text)
        == """
        - rule: a
          trigger: {saved: Order}
          when: |
            order.held
              && order.totalAmount>3
          let:
            big:
              order.totalAmount>3 &&
              order.held
          action:
            - notify: managers
              title: >-
                one

                two
              message: |+
                three
                  four


            - notify: managers
              message: "five
                six"

        - test: t
          given:
            Product:
              bolt: {name: M8 bolt,
                   price: 3,
              }

        """)
  }

  @Test func `line ends of Windows and blanks at the end go`() throws {
    #expect(
      try formatted("- rule: a  \r\n  trigger: {saved: Order}\t \r\n\r\n\r\n# end  \r\n\r\n")
        == "- rule: a\n  trigger: {saved: Order}\n\n# end\n")
    #expect(try formatted("") == "")
    #expect(try formatted("\n\n# only\n\n\n\n# this\n\n") == "# only\n\n# this\n")
  }

  @Test func `what cannot be read is not touched`() {
    for text in ["- rule: a\n  message: Low stock: bolts\n", "rule: a\n", "words\n", "- a: *x\n"] {
      #expect(throws: DiagnosticList.self) {
        _ = try RuleFormatter(schema: nil).format(SourceFile(name: "r.yaml", text: text))
      }
    }
  }

  @Test(arguments: [
    ("a.?b.orValue( 1 )", "a.?b.orValue(1)"), ("a[?0 ]", "a[?0]"),
    ("{ 'a':1,?b : c}", "{'a': 1, ?b: c}"),
    ("x in[1,2]", "x in [1, 2]"), ("-a- -b", "-a - -b"), ("! ( a||b )", "!(a || b)"),
    ("a?b:c?d:e", "a ? b : c ? d : e"), ("{a?b:c:d}", "{a ? b : c: d}"),
    ("a . `in` . b", "a.`in`.b"),
    ("f (x) [0] . g ( )", "f(x)[0].g()"), ("a==.b", "a == .b"), ("r'\\d'+\"x\"", "r'\\d' + \"x\""),
  ])
  func `spaces of formulas`(written: String, spaced: String) {
    #expect(CELEnvironment.everything.spaced(written) == spaced)
    #expect(CELEnvironment.everything.spaced(spaced) == spaced)
  }

  @Test(arguments: ["a +", "a // b", "a\n+ b", "“a”"])
  func `other formulas are left`(text: String) {
    #expect(CELEnvironment.everything.spaced(text) == nil)
  }
}
