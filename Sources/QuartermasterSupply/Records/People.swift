public import QuartermasterCore

/// A person who works here, or a customer who logs in.
public struct User: StoredRecord {
  public static let className = "User"

  /// The id.
  public let id: String
  /// The name under which the person logs in.
  public let username: String
  /// The address for messages.
  public let email: String?
  /// What the person does: `manager`, `buyer`, `warehouse` or `customer`.
  public let role: String
  /// The postal address.
  public let address: String?

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    username = try record["username"]
    email = try record["email"]
    role = try record["role"]
    address = try record["address"]
  }
}

/// A message to a person.
public struct UserNotification: StoredRecord {
  public static let className = "Notification"

  /// The id.
  public let id: String
  /// Who is told.
  public let user: Reference<User>
  /// The title.
  public let title: String?
  /// The words.
  public let message: String
  /// Whether it was read.
  public let isRead: Bool
  /// The rule that sent it.
  public let rule: String?
  /// The row of the journal in which it was sent.
  public let firing: Int64?

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    user = try record["user"]
    title = try record["title"]
    message = try record["message"]
    isRead = try record["read"]
    rule = try record["rule"]
    firing = try record["firing"]
  }
}
