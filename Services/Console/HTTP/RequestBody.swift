import DeskCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// The fields of a small JSON object, read strictly: what is missing, of another kind or not known is told, all at once.
struct RequestBody {
  private enum Value: Decodable {
    case text(String)
    case flag(Bool)
    case number(Int)
    case null
    case objects([[String: String]])
    case other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else if let objects = try? container.decode([[String: String]].self) {
        self = .objects(objects)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .other
      }
    }
  }

  private var values: [String: Value]
  private var known: Set<String> = []
  private var errors: [HTTPProblem.FieldError] = []

  /// Why something is done, where the request brings a body that says it; one without a body says nothing.
  /// - Throws: `HTTPProblem` 413, 415, 400 or 422.
  static func reasonIfAny(in request: Request) async throws -> String? {
    if request.headers[.transferEncoding] == nil, (request.headers[.contentLength] ?? "0") == "0" { return nil }
    var body = try await RequestBody(request)
    let reason = body.wordsIfAny("reason", longest: ConsoleBounds.reasonCharacters)
    try body.finish()
    return reason
  }

  /// Collects and reads a request's body.
  /// - Throws: `HTTPProblem` 413, 415 or 400.
  init(_ request: Request) async throws {
    let type = (request.headers[.contentType] ?? "").lowercased().split(separator: ";").first.map(String.init) ?? ""
    guard type.filter({ !$0.isWhitespace }) == "application/json" else {
      throw HTTPProblem(
        .unsupportedMediaType, detail: "The body must be application/json.",
        errors: [
          .init(
            field: "Content-Type", value: type.isEmpty ? nil : type, detail: "The body's type is not taken.",
            remedy: "Send application/json.")
        ], headers: [.accept: "application/json"])
    }
    let bytes: ByteBuffer
    do {
      bytes = try await request.body.collect(upTo: ConsoleBounds.bodyBytes)
    } catch is NIOTooManyBytesError {
      throw HTTPProblem(
        .contentTooLarge, detail: "The body is larger than \(ConsoleBounds.bodyBytes) bytes.",
        errors: [
          .init(
            field: "", detail: "It is larger than \(ConsoleBounds.bodyBytes) bytes.",
            remedy: "Write at most \(ConsoleBounds.textCharacters) characters.")
        ])
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      // Nothing but the connection and its framing can fail here: the sender's end, not ours.
      throw Self.unreadable(
        "The body ended, or broke its framing, before it was whole.",
        "Send as many bytes as Content-Length says, or well-formed chunks.")
    }
    try self.init(bytes: Array(bytes.readableBytesView))
  }

  init(bytes: [UInt8]) throws {
    guard let values = try? JSONDecoder().decode([String: Value].self, from: Data(bytes)) else {
      throw Self.unreadable("The body is not one JSON object.", "Send one object in UTF-8, and nothing behind it.")
    }
    self.values = values
  }

  private static func unreadable(_ detail: String, _ remedy: String) -> HTTPProblem {
    HTTPProblem(
      .badRequest, type: "urn:frontdesk:malformed", detail: detail,
      errors: [.init(field: "", detail: detail, remedy: remedy)])
  }

  /// Words of a person: not blank, without NUL, at most `longest` characters long.
  mutating func words(_ name: String, longest: Int = ConsoleBounds.textCharacters) -> String {
    known.insert(name)
    guard case .text(let text)? = values[name] else {
      refuse(name, "The field must be a text.", "Write a JSON string.")
      return ""
    }
    if text.allSatisfy(\.isWhitespace) {
      refuse(name, "The text is blank.", "Write at least one visible character.")
    } else if text.unicodeScalars.count > longest {
      refuse(name, "The text is too long.", "Write at most \(longest) characters.")
    } else if text.unicodeScalars.contains("\0") {
      refuse(name, "The text holds the character U+0000.", "Leave it out.")
    }
    return text
  }

  /// The same where it may be left out.
  mutating func wordsIfAny(_ name: String, longest: Int) -> String? {
    known.insert(name)
    switch values[name] {
    case nil, .null?: return nil
    case _?: return words(name, longest: longest)
    }
  }

  /// Why something is done: a few words for the timeline.
  mutating func reason() -> String {
    words("reason", longest: ConsoleBounds.reasonCharacters)
  }

  /// A name of the policy, where there is one.
  mutating func key<Subject>(_ name: String) -> Key<Subject>? {
    guard let text = wordsIfAny(name, longest: ConsoleBounds.nameCharacters) else { return nil }
    return Key(text)
  }

  /// An identifier.
  mutating func identifier<Subject>(_ name: String) -> Identifier<Subject>? {
    guard let text = wordsIfAny(name, longest: ConsoleBounds.nameCharacters) else { return nil }
    guard let id = Identifier<Subject>(text) else {
      refuse(name, "The field is no identifier.", "Write a UUID of 36 characters.")
      return nil
    }
    return id
  }

  /// A moment after RFC 3339, where there is one.
  mutating func moment(_ name: String) -> Instant? {
    guard let text = wordsIfAny(name, longest: ConsoleBounds.nameCharacters) else { return nil }
    guard let date = try? Date(text, strategy: .iso8601) else {
      refuse(name, "The field is no moment.", "Write one such as 2026-03-02T09:30:00Z.")
      return nil
    }
    return Instant(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000))
  }

  /// One of a customer's standings.
  mutating func tier(_ name: String) -> CustomerTier {
    known.insert(name)
    guard case .text(let text)? = values[name], let tier = CustomerTier(rawValue: text) else {
      let words = CustomerTier.allCases.map(\.rawValue).joined(separator: ", ")
      refuse(name, "The field names no tier.", "Write one of \(words).")
      return .standard
    }
    return tier
  }

  /// References to files, as a JSON list with the names that incoming messages use; nil where there are none. The desk keeps addresses
  /// and never fetches them.
  mutating func attachments(_ name: String) -> String? {
    known.insert(name)
    let objects: [[String: String]]
    switch values[name] {
    case nil, .null?: return nil
    case .objects(let list)?: objects = list
    case _?:
      refuse(name, "The field must be a list of objects.", "Write [{\"url\": \"https://…\"}].")
      return nil
    }
    guard objects.count <= ConsoleBounds.attachments else {
      refuse(name, "There are too many.", "Send at most \(ConsoleBounds.attachments).")
      return nil
    }
    for (position, object) in objects.enumerated() {
      let url = object["url"].flatMap { URLComponents(string: $0) }
      let isAddress = ["http", "https"].contains(url?.scheme?.lowercased() ?? "") && url?.host?.isEmpty == false
      let isKnown = object.keys.allSatisfy { ["url", "media_type", "name"].contains($0) }
      if !isAddress || !isKnown || object.values.contains(where: { $0.utf8.count > ConsoleBounds.addressCharacters }) {
        refuse(
          "\(name)/\(position)", "It is no reference to a file.",
          "Write a url that begins with https://, and beside it at most media_type and name.")
      }
    }
    guard !objects.isEmpty else { return nil }
    return Detail.list(
      objects.map { object in
        .object(["url", "media_type", "name"].compactMap { key in object[key].map { .init(key, .text($0)) } })
      }
    ).json
  }

  /// A flag, false where it is left out.
  mutating func flag(_ name: String) -> Bool {
    known.insert(name)
    switch values[name] {
    case nil: return false
    case .flag(let flag)?: return flag
    case _?:
      refuse(name, "The field must be true or false.", "Write true or false, without quotes.")
      return false
    }
  }

  /// One of the presences.
  mutating func presence(_ name: String) -> Presence {
    known.insert(name)
    guard case .text(let text)? = values[name], let presence = Presence(rawValue: text) else {
      let words = Presence.allCases.map(\.rawValue).joined(separator: ", ")
      refuse(name, "The field names no presence.", "Write one of \(words).")
      return .offline
    }
    return presence
  }

  /// One of the priorities.
  mutating func priority(_ name: String) -> Priority {
    known.insert(name)
    guard case .text(let text)? = values[name], let priority = Priority(name: text) else {
      let words = Priority.allCases.map(\.name).joined(separator: ", ")
      refuse(name, "The field names no priority.", "Write one of \(words).")
      return .normal
    }
    return priority
  }

  /// Ends the reading.
  /// - Throws: `HTTPProblem` 422 with everything that was wrong.
  func finish() throws {
    let unknown = values.keys.filter { !known.contains($0) }.sorted().map { name in
      HTTPProblem.FieldError(
        field: "/" + name.prefix(64), detail: "The field is not known.",
        remedy: "Leave it out; known are \(known.sorted().joined(separator: ", ")).")
    }
    guard errors.isEmpty, unknown.isEmpty else {
      throw HTTPProblem(
        .unprocessableContent, type: "urn:frontdesk:invalid", detail: "The body cannot be accepted as it is.",
        errors: errors + unknown)
    }
  }

  private mutating func refuse(_ name: String, _ detail: String, _ remedy: String) {
    errors.append(.init(field: "/" + name, detail: detail, remedy: remedy))
  }
}
