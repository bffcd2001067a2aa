public import DeskCore
internal import Foundation
public import Sealing
public import Store

/// The keys that encrypt customers' contact data, and the texts of intercepted replies, before they go to PostgreSQL.
///
/// Each customer's contact is one box of a `KeyRing`; channel and customer are authenticated with it, so that a box cannot be moved to
/// another customer.
public struct ContactKeys: Sendable, Equatable {
  private let ring: KeyRing

  /// Reads a key file; see `KeyRing`.
  /// - Throws: `KeyMistake` that names the line; it reveals nothing of a key.
  public init(text: String) throws(KeyMistake) {
    ring = try KeyRing(text: text, printedBy: "frontdesk contacts key")
  }

  /// Returns a line for a key file, with a new key.
  public static func freshLine(name: String) -> String { KeyRing.freshLine(name: name) }

  /// The key that encrypts.
  public var sealing: String { ring.names[0] }

  /// All keys, the encrypting one first.
  public var names: [String] { ring.names }

  /// Encrypts a contact with the first key.
  /// - Parameter contact: any text.
  public func seal(_ contact: String, of customer: String, on channel: ChannelID) throws -> SealedContact {
    try seal(contact, authenticating: Self.owner(customer, channel))
  }

  /// Encrypts the text of an intercepted reply with the first key.
  public func seal(_ text: String, of interception: InterceptionID) throws -> SealedContact {
    try seal(text, authenticating: Self.owner(interception))
  }

  /// Decrypts what was encrypted for that interception.
  /// - Throws: `ContactSealError`.
  public func open(_ sealed: SealedContact, of interception: InterceptionID) throws(ContactSealError) -> String {
    try open(sealed, authenticating: Self.owner(interception))
  }

  /// Decrypts what was encrypted for that customer.
  /// - Throws: `ContactSealError`.
  public func open(_ sealed: SealedContact, of customer: String, on channel: ChannelID) throws(ContactSealError)
    -> String
  {
    try open(sealed, authenticating: Self.owner(customer, channel))
  }

  private func seal(_ text: String, authenticating owner: Data) throws -> SealedContact {
    // A ring that was read without a word for a pause always encrypts.
    guard let (key, box) = try ring.seal(text, of: owner) else { throw ContactSealError.unreadable }
    return SealedContact(key: key, bytes: Array(box))
  }

  private func open(_ sealed: SealedContact, authenticating owner: Data) throws(ContactSealError) -> String {
    do throws(SealError) {
      return try ring.open(sealed.bytes, under: sealed.key, of: owner)
    } catch {
      switch error {
      case .unknownKey(let name): throw .unknownKey(name)
      case .unreadable: throw .unreadable
      }
    }
  }

  /// Channel names contain no line feed, so two owners never give the same bytes.
  private static func owner(_ customer: String, _ channel: ChannelID) -> Data {
    Data("\(channel.rawValue)\n\(customer)".utf8)
  }

  /// No channel has an empty name, so this differs from every customer's.
  private static func owner(_ interception: InterceptionID) -> Data {
    Data("\ninterception\n\(interception)".utf8)
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
