/// A refused HTTP request, and the expected answer.
struct BadRequest: Sendable {
  /// Part of the customer's text in every request here: no answer and no log may repeat it.
  static let marker = "Quokkaphone7391"

  /// The service that it is sent to.
  enum Door: Sendable { case intake, console }

  /// The expected answer.
  enum Refusal: Sendable {
    /// Problem details that name the field and its remedy.
    case problem(Int, field: String)
    /// Problem details with a sentence about what does not exist.
    case nothingThere
    /// Bytes that are not HTTP: only the status, and the connection is closed.
    case noHTTP
  }

  let name: String
  let door: Door
  let bytes: [UInt8]
  let endsSending: Bool
  let refusal: Refusal

  /// Raw bytes.
  init(_ name: String, raw: String, door: Door = .intake) {
    self.init(name, raw: Array(raw.utf8), door: door)
  }

  init(_ name: String, raw: [UInt8], door: Door = .intake) {
    (self.name, self.door, bytes, endsSending, refusal) = (name, door, raw, false, .noHTTP)
  }

  /// A request with a generated head and a body. `fields` replace default ones of the same name; an empty one is omitted.
  init(
    _ name: String, _ door: Door, _ target: String, key: String, fields: [String: String] = [:], _ body: [UInt8] = [],
    endsSending: Bool = false, refusal: Refusal
  ) {
    var all = [
      "Host": "desk", "Authorization": "Bearer \(key)", "Content-Type": "application/json",
      "Content-Length": "\(body.count)",
    ]
    all.merge(fields) { $1 }
    let head = all.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }.sorted().joined()
    (self.name, self.door, self.endsSending, self.refusal) = (name, door, endsSending, refusal)
    bytes = Array("\(target) HTTP/1.1\r\n\(head)\r\n".utf8) + body
  }
}
