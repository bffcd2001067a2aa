import DeskCore

/// A JSON document as a tree. Numbers keep their spelling, so that nothing is rounded before it is read.
public enum JSONDocument: Equatable, Sendable {
  /// One named value of an object.
  public struct Member: Equatable, Sendable {
    /// Empty if it cannot be read.
    public let name: String
    /// Why the name cannot be read; nil when it can.
    public let nameError: JSONError?
    public let value: JSONDocument

    public init(name: String, value: JSONDocument) {
      self.name = name
      self.nameError = nil
      self.value = value
    }

    init(nameError: JSONError, value: JSONDocument) {
      self.name = ""
      self.nameError = nameError
      self.value = value
    }

    public static func == (left: Self, right: Self) -> Bool {
      left.name.hasSameBytes(as: right.name) && left.nameError == right.nameError && left.value == right.value
    }
  }

  case null
  case flag(Bool)
  case number(String)
  case text(String)
  /// A string that cannot be read, or a number that is too long. Only `JSONScanner.read` returns it; `scan` rejects the document.
  case damaged(JSONError)
  case list([JSONDocument])
  case object([Member])

  /// The kind of value, for error messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .flag: "a boolean"
    case .number: "a number"
    case .text: "a string"
    case .damaged: "a value that cannot be read"
    case .list: "an array"
    case .object: "an object"
    }
  }
}

/// Why bytes are not an acceptable JSON document. Contains offsets, never content.
public struct JSONError: Error, Equatable, Sendable {
  public enum Reason: Equatable, Sendable {
    case empty
    case invalidUTF8
    case truncated
    case unexpectedByte
    case trailingBytes
    case controlCharacter
    case badEscape
    case loneSurrogate
    case badNumber
    case tooDeep
    case tooManyValues
  }

  public let reason: Reason
  /// The number of bytes before the error.
  public let offset: Int

  public init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// A message for the sender.
  public var detail: String {
    switch reason {
    case .empty: "There is no JSON value."
    case .invalidUTF8: "The byte at offset \(offset) is not valid UTF-8."
    case .truncated: "The JSON text ends in the middle of a value, at offset \(offset)."
    case .unexpectedByte: "The byte at offset \(offset) is unexpected in JSON."
    case .trailingBytes: "There is data after the JSON value, at offset \(offset)."
    case .controlCharacter: "The string has an unescaped control character at offset \(offset)."
    case .badEscape: "The escape at offset \(offset) is not a JSON escape."
    case .loneSurrogate: "The escape at offset \(offset) is an unpaired surrogate."
    case .badNumber: "The number at offset \(offset) is not a valid JSON number."
    case .tooDeep: "The value at offset \(offset) is nested deeper than \(JSONLimits.depth) levels."
    case .tooManyValues: "The document has more than \(JSONLimits.values) values."
    }
  }

  /// The remedy.
  public var remedy: String {
    switch reason {
    case .empty: "Send one object, an array of objects, or one object per line."
    case .invalidUTF8: "Encode the body as UTF-8."
    case .truncated: "Send the whole document; check the Content-Length."
    case .unexpectedByte, .trailingBytes, .badNumber: "Write the body with a JSON library (RFC 8259)."
    case .controlCharacter: "Escape it, for instance as \\n."
    case .badEscape: "Use the escapes of RFC 8259."
    case .loneSurrogate: "Write the character itself, or both halves of the pair."
    case .tooDeep, .tooManyValues: "Send flat messages, and fewer at once."
    }
  }
}
