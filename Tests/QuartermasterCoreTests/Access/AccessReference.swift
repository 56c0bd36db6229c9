import QuartermasterCEL

@testable import QuartermasterCore

/// What somebody may see of records, said as plainly as can be: what the engine is compared with.
struct AccessReference {
  let model: AccessModel
  let data: AccessData
  let principal: Principal

  func isGranted(_ whom: [AccessModel.Whom], _ name: String, _ id: String) -> Bool {
    whom.contains { whom in
      switch whom {
      case .everyone: return true
      case .signedIn: return principal.userID != nil
      case .role(let role): return principal.roles.contains(role)
      case .user(let user): return principal.userID == user
      case .own(let path):
        return principal.userID != nil && end(of: path, name, id) == principal.userID
      }
    }
  }

  /// The id at the end of a path of pointers.
  private func end(of path: [String], _ name: String, _ id: String) -> String? {
    var (name, id) = (name, id)
    for step in path {
      guard case .string(let next)? = data[name]?[id]?[step],
        case .pointer(let target, _)? = model[name].fields.first(where: { $0.name == step })?.kind
      else { return nil }
      (name, id) = (target, next)
    }
    return id
  }

  func mayRead(_ name: String, _ id: String) -> Bool {
    let item = model[name]
    guard let row = data[name]?[id],
      item.find.map({ isGranted($0, name, id) }) ?? model.allowsByDefault
    else { return false }
    guard item.hasList, case .map(let list)? = row["ACL"] else { return true }
    let keys = ["*"] + (principal.userID.map { [$0] } ?? []) + principal.roles.map { "role:" + $0 }
    return keys.contains { key in
      if case .map(let rights)? = list[key], case .bool(true)? = rights["read"] {
        true
      } else {
        false
      }
    }
  }

  /// Whether a field is hidden in a record; with no record, whether it is in all.
  func isHidden(_ field: String, _ name: String, _ id: String?) -> Bool {
    if field == "more", isHidden("m", name, id) { return true }
    guard let limit = model[name].hidden.first(where: { $0.name == field }) else { return false }
    guard let id else {
      let some = principal.userID != nil && limit.except.contains(where: \.isOwn)
      return !some && !isGranted(limit.except.filter { !$0.isOwn }, name, "")
    }
    return !isGranted(limit.except, name, id)
  }

  /// The records as they are for somebody: without those that he may not read, without what is hidden, and without
  /// pointers to what he may not read.
  var censored: AccessData {
    var seen: AccessData = [:]
    for (name, rows) in data {
      for (id, row) in rows where mayRead(name, id) {
        var left = row.filter { !isHidden($0.key, name, id) }
        for field in model[name].fields {
          guard case .pointer(let target, _) = field.kind,
            case .string(let other)? = left[field.name],
            !mayRead(target, other)
          else { continue }
          left[field.name] = nil
        }
        seen[name, default: [:]][id] = left
      }
    }
    return seen
  }
}
