import QuartermasterCEL
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// Accounts and permissions meet in the roles of a user.
@Suite struct PermissionTests {
  @Test func `a role counts wherever it was given, as long as it was not taken`() throws {
    let shop = try AccountShop()
    let policy = try AccessPolicy.load(
      SourceFile(
        name: "access.yaml",
        text: """
          default: deny
          roles: {field: role, names: [manager, buyer, customer, night shift]}
          classes:
            Note: {read: night shift}
            Order: {read: manager}
          """), schema: shop.schema
    ).policy
    let engine = try shop.open(access: policy)
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse", role: "manager")
    func notes() throws -> String {
      let principal = try #require(try engine.principal(of: ann.id))
      #expect(principal == (try accounts.principal(of: ann.id)))
      return try engine.as(principal).read { db in try db.query("Note.size()").description }
    }
    #expect(try notes() == "0")
    try accounts.grant("night shift", to: ann.id)
    #expect(try engine.principal(of: ann.id)?.roles == ["manager", "night shift"])
    #expect(try notes() == "1")
    try accounts.take("night shift", from: ann.id)
    #expect(try notes() == "0")
    try engine.close()
  }
}
