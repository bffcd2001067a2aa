internal import Foundation
public import Store
internal import SystemPrimitives

/// The keys that encrypt what people write.
public struct WordKeys: WordCipher, Equatable {
  /// The line of a key file that says that new words are stored as they are, while the keys below it still decrypt.
  public static let pause = "plain"

  private let ring: KeyRing

  /// Reads a key file; see `KeyRing`.
  public init(text: String) throws(KeyMistake) {
    ring = try KeyRing(text: text, printedBy: "frontdesk words key", pausedBy: Self.pause)
  }

  /// The names of all keys, the encrypting one first.
  public var names: [String] { ring.names }

  public var sealingKey: String? { ring.sealing }

  public func seal(_ text: String, at place: String) throws -> (key: String, box: String)? {
    try ring.seal(text, of: Data(place.utf8)).map { ($0.key, $0.box.base64EncodedString()) }
  }

  public func open(_ box: String, under key: String, at place: String) throws(WordSealError) -> String {
    guard let bytes = Data(base64Encoded: box) else { throw .unreadable }
    do throws(SealError) {
      return try ring.open(bytes, under: key, of: Data(place.utf8))
    } catch {
      switch error {
      case .unknownKey(let name): throw .unknownKey(name)
      case .unreadable: throw .unreadable
      }
    }
  }
}

/// The word keys that a process uses now. They are exchanged while it runs.
public final class WordVault: WordCipher {
  private let state: PthreadMutex<WordKeys>

  public init(_ keys: WordKeys) {
    state = PthreadMutex(keys)
  }

  /// The keys in use.
  public var keys: WordKeys { state.withLock { $0 } }

  /// Uses other keys from now on.
  public func adopt(_ keys: WordKeys) { state.withLock { $0 = keys } }

  public var sealingKey: String? { keys.sealingKey }

  public func seal(_ text: String, at place: String) throws -> (key: String, box: String)? {
    try keys.seal(text, at: place)
  }

  public func open(_ box: String, under key: String, at place: String) throws(WordSealError) -> String {
    try keys.open(box, under: key, at: place)
  }
}
