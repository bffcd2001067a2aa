internal import Crypto
public import DeskCore
internal import Foundation
public import Store

/// The keys that encrypt customers' contact data before it goes to PostgreSQL.
///
/// Each customer's contact is one AES-256-GCM box (NIST SP 800-38D) with a random nonce of 96 bits; channel and customer are
/// authenticated with it, so that a box cannot be moved to another customer. One key is good for 2^32 boxes, the standard's limit for
/// random nonces.
public struct ContactKeys: Sendable, Equatable {
  private struct Key: Sendable, Equatable {
    let name: String
    let secret: SymmetricKey
  }

  /// The length of a key, in bytes.
  private static let secretBytes = 32
  /// The maximum length of a key's name, in characters.
  private static let nameCharacters = 1...40

  /// At least one; the first encrypts.
  private let keys: [Key]

  /// Reads a key file: one key per line, its name and 32 bytes in Base64 separated by a space. Empty lines and those starting with `#` are
  /// ignored. The first key encrypts, all of them decrypt.
  /// - Throws: `ContactKeyMistake` that names the line; it reveals nothing of a key.
  public init(text: String) throws(ContactKeyMistake) {
    var keys: [Key] = []
    // By scalars: in Swift, CR LF is one character, which is not a line feed.
    for (index, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.properties.isWhitespace).map { String($0) }
      guard let name = words.first, name.utf8.first != UInt8(ascii: "#") else { continue }
      let place = index + 1
      guard words.count == 2 else {
        throw ContactKeyMistake(line: place, problem: "does not contain a name and a key", remedy: Self.remedy)
      }
      guard Self.nameCharacters.contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw ContactKeyMistake(
          line: place, problem: "has a name that is too long or not plain ASCII",
          remedy: "name it after its month, such as 2026-03")
      }
      guard !keys.contains(where: { $0.name == name }) else {
        throw ContactKeyMistake(line: place, problem: "repeats a name", remedy: "give every key a unique name")
      }
      guard let secret = Data(base64Encoded: words[1]), secret.count == Self.secretBytes else {
        throw ContactKeyMistake(
          line: place, problem: "does not contain 32 bytes in Base64 as the key", remedy: Self.remedy)
      }
      keys.append(Key(name: name, secret: SymmetricKey(data: secret)))
    }
    guard !keys.isEmpty else {
      throw ContactKeyMistake(line: 1, problem: "and the others contain no key", remedy: Self.remedy)
    }
    self.keys = keys
  }

  private static let remedy = "write lines as `frontdesk contacts key` prints them"

  /// Returns a line for a key file, with a new key.
  public static func freshLine(name: String) -> String {
    name + " " + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
  }

  /// The key that encrypts.
  public var sealing: String { keys[0].name }

  /// All keys, the encrypting one first.
  public var names: [String] { keys.map(\.name) }

  /// Encrypts a contact with the first key.
  /// - Parameter contact: any text.
  public func seal(_ contact: String, of customer: String, on channel: ChannelID) throws -> SealedContact {
    let box = try AES.GCM.seal(
      Data(contact.utf8), using: keys[0].secret, authenticating: Self.owner(customer, channel))
    // A nonce of 12 bytes always has a combined form.
    guard let combined = box.combined else { throw ContactSealError.unreadable }
    return SealedContact(key: keys[0].name, bytes: Array(combined))
  }

  /// Decrypts what was encrypted for that customer.
  /// - Throws: `ContactSealError`.
  public func open(_ sealed: SealedContact, of customer: String, on channel: ChannelID) throws(ContactSealError)
    -> String
  {
    guard let key = keys.first(where: { $0.name == sealed.key }) else { throw .unknownKey(sealed.key) }
    do {
      let box = try AES.GCM.SealedBox(combined: sealed.bytes)
      return String(
        decoding: try AES.GCM.open(box, using: key.secret, authenticating: Self.owner(customer, channel)), as: UTF8.self
      )
    } catch {
      throw .unreadable
    }
  }

  /// Channel names contain no line feed, so two owners never give the same bytes.
  private static func owner(_ customer: String, _ channel: ChannelID) -> Data {
    Data("\(channel.rawValue)\n\(customer)".utf8)
  }
}

/// Why a contact could not be decrypted.
public enum ContactSealError: Error, Equatable, CustomStringConvertible {
  /// The key file contains no key with that name.
  case unknownKey(String)
  /// The box was changed, or belongs to another customer or key.
  case unreadable

  public var description: String {
    switch self {
    case .unknownKey(let name): "the key file has no key \(name); restore it until everything has been re-encrypted"
    case .unreadable: "the contact cannot be decrypted: it was modified, or its key was replaced under the same name"
    }
  }
}

/// An error in a key file.
public struct ContactKeyMistake: Error, Equatable, CustomStringConvertible {
  /// From 1.
  public let line: Int
  public let problem: String
  public let remedy: String

  public var description: String { "line \(line) \(problem): \(remedy)" }
}
