// The programs of Docs/embedding.md and Docs/accounts.md: what is shown there is compiled and run here.
import Quartermaster

let engine = try writing()
try refusing(engine)
try importing(engine, [("bolts", 16), ("nuts", 5)])
try reading(engine)
try await observing(engine)
try waiting(engine)
try engine.close()
try signingIn()
