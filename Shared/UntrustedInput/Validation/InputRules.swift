public import DeskCore
import Foundation

/// Why a value from outside is rejected, and what to send instead: two sentences. Neither quotes the value.
public struct InputFault: Error, Hashable, Sendable {
  public let detail: String
  public let remedy: String
  /// Whether the value may be echoed to its sender: an allowed value or a timestamp, never what people wrote.
  public let showsValue: Bool

  public init(_ detail: String, remedy: String, showsValue: Bool = false) {
    self.detail = detail
    self.remedy = remedy
    self.showsValue = showsValue
  }
}

/// The validation rules of values, the same for all entry points: HTTP at intake and console, ZeroMQ, the policy, the command line.
public enum InputRules {
  // MARK: Text

  /// Validates any text up to a number of characters, without U+0000, which PostgreSQL cannot store.
  public static func text(_ value: String, longest: Int, remedy: String = "Shorten it.") throws(InputFault) {
    // A character has one to four bytes, so most values need no counting.
    if value.utf8.count > longest {
      let count = value.unicodeScalars.count
      guard count <= longest else {
        throw InputFault("The value has \(count) characters; at most \(longest) are allowed.", remedy: remedy)
      }
    }
    guard !value.utf8.contains(0) else {
      throw InputFault("The value contains the character U+0000.", remedy: "Remove U+0000.")
    }
  }

  /// Validates a text that is also not blank.
  public static func words(_ value: String, longest: Int, remedy: String = "Shorten it.") throws(InputFault) {
    try text(value, longest: longest, remedy: remedy)
    guard !value.isBlank else {
      throw InputFault("The value is blank.", remedy: "Write at least one visible character.")
    }
  }

  /// Validates a name: text on one line, without control characters.
  public static func name(_ value: String, longest: Int = InputBounds.nameCharacters) throws(InputFault) {
    try words(value, longest: longest)
    try line(value)
  }

  private static func line(_ value: String) throws(InputFault) {
    let isLine = value.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
    guard isLine else {
      throw InputFault(
        "The value contains a control character or a line break.", remedy: "Remove control characters and line breaks.")
    }
  }

  /// Validates the channel's id of a customer.
  public static func customer(_ value: String) throws(InputFault) {
    try words(value, longest: InputBounds.customerCharacters)
  }

  // MARK: Keys

  /// Validates a name that the policy may give to a channel, a queue, an agent or a hook.
  public static func key<Subject>(_ value: Key<Subject>) throws(InputFault) {
    guard value.isWellFormed else {
      throw InputFault(
        "Not a name that a policy can declare.", remedy: "Use a-z, 0-9, '-', '_' and '.', at most 64 characters.")
    }
  }

  /// Validates an `Idempotency-Key`.
  public static func requestKey(_ value: String) throws(InputFault) {
    guard (1...InputBounds.requestKeyCharacters).contains(value.utf8.count), isVisibleASCII(value) else {
      throw InputFault(
        "It is empty, too long, or contains characters other than visible ASCII.",
        remedy: "Send 1 to \(InputBounds.requestKeyCharacters) visible ASCII characters, such as a UUID.")
    }
  }

  /// Returns the key of an `Authorization` header of the Bearer scheme (RFC 6750); nil for anything else.
  public static func bearerKey(authorization: String) -> String? {
    let parts = authorization.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer",
      InputBounds.bearerCharacters.contains(parts[1].utf8.count), isVisibleASCII(parts[1])
    else { return nil }
    return String(parts[1])
  }

  /// Whether an `Authorization` header has the scheme `Bearer` and anything after it.
  public static func isBearer(authorization: String) -> Bool {
    let parts = authorization.split(separator: " ", maxSplits: 1)
    return parts.count == 2 && parts[0].lowercased() == "bearer"
  }

  private static func isVisibleASCII(_ value: some StringProtocol) -> Bool {
    value.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
  }

  // MARK: Files by reference

  /// The fault of a URL that contains a user or a password.
  public static let credentialsInURL = InputFault(
    "The URL contains a user name or a password.",
    remedy: "Remove them; they would be visible to everyone who sees the URL.")

  /// An absolute http or https URL (RFC 3986): visible ASCII without quotes, angle brackets, backquotes and backslashes; no user and
  /// no password; a host that is a name, an IPv4 or a bracketed IPv6 address; optionally a port from 1 to 65535.
  public static func webAddress(
    _ value: String, longest: Int = InputBounds.addressCharacters
  ) throws(InputFault) {
    try text(value, longest: longest)
    guard let authority = authority(of: value), authority.contains("@") || isHostAndPort(authority) else {
      throw InputFault(
        "Not an absolute http or https URL.",
        remedy: "Send a URL such as https://files.example.com/1.png, percent-encoded.")
    }
    guard !authority.contains("@") else { throw credentialsInURL }
  }

  /// Validates the part between the scheme and the path.
  private static func authority(of value: String) -> Substring? {
    guard isVisibleASCII(value), !value.utf8.contains(where: { #""<>`\"#.utf8.contains($0) }),
      let colon = value.firstIndex(of: ":"), ["http", "https"].contains(value[..<colon].lowercased()),
      value[colon...].hasPrefix("://")
    else { return nil }
    return value[colon...].dropFirst(3).prefix { !"/?#".contains($0) }
  }

  private static func isHostAndPort(_ authority: Substring) -> Bool {
    if authority.first == "[" {
      guard let bracket = authority.firstIndex(of: "]") else { return false }
      let rest = authority[authority.index(after: bracket)...]
      return isIPv6(authority[..<bracket].dropFirst()) && (rest.isEmpty || isPort(rest))
    }
    let host = authority.prefix { $0 != ":" }
    return isHost(host) && (host.endIndex == authority.endIndex || isPort(authority[host.endIndex...]))
  }

  private static func isIPv6(_ text: Substring) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, String(text), &address) == 1
  }

  /// Validates a name of letters, digits, hyphens and underscores between dots. An IPv4 address is one too.
  private static func isHost(_ text: Substring) -> Bool {
    let name = text.hasSuffix(".") ? text.dropLast() : text
    return name.utf8.count <= InputBounds.hostCharacters
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        (1...InputBounds.hostLabelCharacters).contains(label.utf8.count)
          && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
      }
  }

  /// `:8443`.
  private static func isPort(_ text: Substring) -> Bool {
    let digits = text.dropFirst()
    return text.first == ":" && (1...5).contains(digits.utf8.count) && digits.utf8.allSatisfy { isDigit($0) }
      && Int(digits).map { (1...65_535).contains($0) } ?? false
  }

  /// Validates `type/subtype` (RFC 6838, section 4.2), followed by parameters (RFC 9110, section 5.6.6).
  public static func mediaType(_ value: String) throws(InputFault) {
    try text(value, longest: InputBounds.mediaTypeCharacters)
    guard isMediaType(value) else {
      throw InputFault("Not a media type.", remedy: "Send a type such as image/png or text/plain; charset=utf-8.")
    }
  }

  private static func isMediaType(_ value: String) -> Bool {
    var rest = Substring(value).utf8
    func token(_ isPart: (UInt8) -> Bool) -> Bool {
      let part = rest.prefix(while: isPart)
      rest = rest[part.endIndex...]
      return !part.isEmpty
    }
    func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }
    func quoted() -> Bool {
      while let byte = rest.popFirst(), (0x20..<0x7F).contains(byte) {
        if byte == UInt8(ascii: "\"") { return true }
        if byte == UInt8(ascii: "\\") {
          guard let escaped = rest.popFirst(), (0x20..<0x7F).contains(escaped) else { return false }
        }
      }
      return false
    }
    func isName(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "!#$&-^_.+".utf8.contains(byte) }
    func isToken(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte) }
    guard let first = rest.first, isAlphanumeric(first), token(isName), take("/"),
      let second = rest.first, isAlphanumeric(second), token(isName)
    else { return false }
    while !rest.isEmpty {
      rest = rest.drop { $0 == 0x20 }
      guard take(";") else { return false }
      rest = rest.drop { $0 == 0x20 }
      // A trailing semicolon is allowed.
      if rest.isEmpty || rest.first == UInt8(ascii: ";") { continue }
      guard token(isToken), take("="), take("\"") ? quoted() : token(isToken) else { return false }
    }
    return true
  }

  /// Validates the name of an attachment, as given by its sender.
  public static func attachmentName(_ value: String) throws(InputFault) {
    try name(value, longest: InputBounds.attachmentNameCharacters)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
