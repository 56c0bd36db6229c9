import QuartermasterCore
import Testing

@testable import QuartermasterAccess

struct PasswordHashTests {
  @Test
  func `the vectors of RFC 7914`() throws {
    // Section 12: N = 1024, r = 8, p = 16; N = 16384, r = 8, p = 1.
    let vectors: [(String, String, Int, Int, String)] = [
      (
        "password", "NaCl", 10, 16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
          + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
      )
    ]
    for (password, salt, logN, p, wanted) in vectors {
      // The salt of the RFC is shorter than what is kept.
      let made = try Scrypt.derived(
        Array(password.utf8), salt: Array(salt.utf8), 64,
        try PasswordCost(logN: logN, blockSize: 8, parallelism: p))
      let text = made.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(text == wanted)
    }
  }
}
