internal import Crypto
public import Foundation

/// The keys of a key file, each with its name.
///
/// A text is encrypted as one AES-256-GCM box (NIST SP 800-38D) with a random nonce of 96 bits; what it belongs to is authenticated with it
/// so that a box cannot be moved. One key is good for 2^32 boxes, the standard's limit for random nonces.
public struct KeyRing: Sendable, Equatable {
  private struct Key: Sendable, Equatable {
    let name: String
    let secret: SymmetricKey
  }

  /// The length of a key, in bytes.
  private static let secretBytes = 32
  /// The length of a key's name, in characters.
  private static let nameCharacters = 1...40

  private let keys: [Key]
  /// Whether the first key encrypts.
  private let isSealing: Bool

  /// Reads a key file: one key per line, its name and 32 bytes in Base64 separated by a space. Empty lines and those starting with `#` are
  /// ignored. The first key encrypts, all of them decrypt.
  /// - Parameters:
  ///   - command: the command that prints such lines, for error texts.
  ///   - pause: a line with this word alone, before the keys, says that nothing is encrypted any more; nil if a file cannot say so.
  /// - Throws: `KeyMistake` that names the line; it reveals nothing of a key.
  public init(text: String, printedBy command: String, pausedBy pause: String? = nil) throws(KeyMistake) {
    let remedy = "write lines as `\(command)` prints them"
    var keys: [Key] = []
    var isSealing = true
    // By scalars: in Swift, CR LF is one character, which is not a line feed.
    for (index, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.properties.isWhitespace).map { String($0) }
      guard let name = words.first, name.utf8.first != UInt8(ascii: "#") else { continue }
      let place = index + 1
      if words == [pause], keys.isEmpty {
        isSealing = false
        continue
      }
      guard words.count == 2 else {
        throw KeyMistake(line: place, problem: "does not contain a name and a key", remedy: remedy)
      }
      guard Self.mayBeNamed(name), name != pause else {
        throw KeyMistake(
          line: place, problem: "has a name that is too long, not plain ASCII or a word of the file's own",
          remedy: "name it after its month, such as 2026-03")
      }
      guard !keys.contains(where: { $0.name == name }) else {
        throw KeyMistake(line: place, problem: "repeats a name", remedy: "give every key a unique name")
      }
      guard let secret = Data(base64Encoded: words[1]), secret.count == Self.secretBytes else {
        throw KeyMistake(line: place, problem: "does not contain 32 bytes in Base64 as the key", remedy: remedy)
      }
      keys.append(Key(name: name, secret: SymmetricKey(data: secret)))
    }
    guard !keys.isEmpty else {
      throw KeyMistake(line: 1, problem: "and the others contain no key", remedy: remedy)
    }
    self.keys = keys
    self.isSealing = isSealing
  }

  /// Whether a key of a file can have this name: plain ASCII without spaces, not the start of a comment.
  public static func mayBeNamed(_ name: String) -> Bool {
    nameCharacters.contains(name.utf8.count) && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !name.hasPrefix("#")
  }

  /// Returns a line for a key file, with a new key.
  public static func freshLine(name: String) -> String {
    name + " " + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
  }

  /// The name of the key that encrypts; nil if none does.
  public var sealing: String? { isSealing ? keys[0].name : nil }

  /// The names of all keys, the encrypting one first.
  public var names: [String] { keys.map(\.name) }

  /// Encrypts a text with the first key.
  /// - Parameter owner: what it belongs to, which must be the same when it is decrypted.
  /// - Returns: the key's name and the box; nil if no key encrypts.
  public func seal(_ text: String, of owner: Data) throws -> (key: String, box: Data)? {
    guard isSealing else { return nil }
    let box = try AES.GCM.seal(Data(text.utf8), using: keys[0].secret, authenticating: owner)
    // A nonce of 12 bytes always has a combined form.
    guard let combined = box.combined else { throw SealError.unreadable }
    return (key: keys[0].name, box: combined)
  }

  /// Decrypts what was encrypted for that owner.
  public func open(_ box: some DataProtocol, under name: String, of owner: Data) throws(SealError) -> String {
    guard let key = keys.first(where: { $0.name == name }) else { throw .unknownKey(name) }
    do {
      let box = try AES.GCM.SealedBox(combined: box)
      let plain = try AES.GCM.open(box, using: key.secret, authenticating: owner)
      if let text = String(validating: plain, as: UTF8.self) { return text }
    } catch {
      throw .unreadable
    }
    throw .unreadable
  }
}

/// Why a box could not be decrypted.
public enum SealError: Error, Equatable {
  /// The keys contain none with that name.
  case unknownKey(String)
  /// The box was changed, or belongs to another owner or key.
  case unreadable
}

/// An error in a key file.
public struct KeyMistake: Error, Equatable, CustomStringConvertible {
  /// From 1.
  public let line: Int
  public let problem: String
  public let remedy: String

  public var description: String { "line \(line) \(problem): \(remedy)" }
}
