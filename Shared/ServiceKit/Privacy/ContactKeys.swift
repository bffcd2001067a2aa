internal import Crypto
public import DeskCore
internal import Foundation
public import Store

/// The keys that customers' contact data is sealed with, before it goes to PostgreSQL.
///
/// Each customer's contact is one AES-256-GCM box (NIST SP 800-38D) with a random nonce of 96 bits; channel and customer are
/// authenticated with it, so that a box cannot be put to another customer. One key is good for 2^32 boxes, as the standard bounds
/// random nonces.
public struct ContactKeys: Sendable, Equatable {
  private struct Key: Sendable, Equatable {
    let name: String
    let secret: SymmetricKey
  }

  /// Of a key, in bytes.
  private static let secretBytes = 32
  /// Characters of a key's name.
  private static let nameCharacters = 1...40

  /// At least one; the first seals.
  private let keys: [Key]

  /// Reads a key file: one key a line, its name and 32 bytes in Base64 with a space between. Empty lines and those that begin with `#` say
  /// nothing. The first key seals, all of them open.
  /// - Throws: `ContactKeyMistake` that names the line; nothing of a key is told.
  public init(text: String) throws(ContactKeyMistake) {
    var keys: [Key] = []
    // By scalars: to Swift, CR and LF are one character that is no line feed.
    for (index, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.properties.isWhitespace).map { String($0) }
      guard let name = words.first, name.utf8.first != UInt8(ascii: "#") else { continue }
      let place = index + 1
      guard words.count == 2 else {
        throw ContactKeyMistake(line: place, problem: "does not hold a name and a key", remedy: Self.remedy)
      }
      guard Self.nameCharacters.contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw ContactKeyMistake(
          line: place, problem: "has a name that is too long or not plain ASCII", remedy: "name it after its month")
      }
      guard !keys.contains(where: { $0.name == name }) else {
        throw ContactKeyMistake(line: place, problem: "repeats a name", remedy: "give every key a name of its own")
      }
      guard let secret = Data(base64Encoded: words[1]), secret.count == Self.secretBytes else {
        throw ContactKeyMistake(line: place, problem: "has no 32 bytes in Base64 for a key", remedy: Self.remedy)
      }
      keys.append(Key(name: name, secret: SymmetricKey(data: secret)))
    }
    guard !keys.isEmpty else {
      throw ContactKeyMistake(line: 1, problem: "and the others hold no key", remedy: Self.remedy)
    }
    self.keys = keys
  }

  private static let remedy = "write lines as `frontdesk contacts key` prints them"

  /// A line for a key file, with a fresh key.
  public static func freshLine(name: String) -> String {
    name + " " + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
  }

  /// The key that seals.
  public var sealing: String { keys[0].name }

  /// All keys, the sealing one first.
  public var names: [String] { keys.map(\.name) }

  /// Seals a contact under the first key.
  /// - Parameter contact: any text.
  public func seal(_ contact: String, of customer: String, on channel: ChannelID) throws -> SealedContact {
    let box = try AES.GCM.seal(
      Data(contact.utf8), using: keys[0].secret, authenticating: Self.owner(customer, channel))
    // A nonce of 12 bytes always has a combined form.
    guard let combined = box.combined else { throw ContactSealError.unreadable }
    return SealedContact(key: keys[0].name, bytes: Array(combined))
  }

  /// Opens what was sealed for that customer.
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

  /// No channel's name holds a line feed, so two owners never give the same bytes.
  private static func owner(_ customer: String, _ channel: ChannelID) -> Data {
    Data("\(channel.rawValue)\n\(customer)".utf8)
  }
}

/// Why a contact could not be opened.
public enum ContactSealError: Error, Equatable, CustomStringConvertible {
  /// The key file holds no key of that name.
  case unknownKey(String)
  /// The box was changed, or belongs to another customer or key.
  case unreadable

  public var description: String {
    switch self {
    case .unknownKey(let name): "the key file holds no key \(name); put it back until everything is sealed anew"
    case .unreadable: "the sealed contact does not open: it was changed, or its key was exchanged under the same name"
    }
  }
}

/// What is wrong with a key file.
public struct ContactKeyMistake: Error, Equatable, CustomStringConvertible {
  /// From 1.
  public let line: Int
  public let problem: String
  public let remedy: String

  public var description: String { "line \(line) \(problem): \(remedy)" }
}
