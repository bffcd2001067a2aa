/// Encrypts what people write before it goes to PostgreSQL, and decrypts it afterwards. The store itself knows no cryptography.
public protocol WordCipher: Sendable {
  /// The name of the key that encrypts new words; nil if they are stored as they are, and only older ones are decrypted.
  var sealingKey: String? { get }

  /// Encrypts a text.
  /// - Parameter place: authenticated with it.
  /// - Returns: the key's name, 1 to 40 printable ASCII characters without a space, and the box in Base64; nil without a sealing key.
  func seal(_ text: String, at place: String) throws -> (key: String, box: String)?

  /// Decrypts a box that was encrypted for that place.
  /// - Throws: `WordSealError`.
  func open(_ box: String, under key: String, at place: String) throws(WordSealError) -> String
}

/// Why words cannot be read.
public enum WordSealError: Error, Hashable, CustomStringConvertible {
  /// This process has no keys at all.
  case noKeys(String)
  /// This process cannot read its keys; why.
  case unusableKeys(String)
  /// The key file has no key of that name.
  case unknownKey(String)
  /// The box was changed, or belongs to another row, column or key.
  case unreadable

  public var description: String {
    switch self {
    case .noKeys(let key):
      "words are encrypted with the key \(key), and this process has no word keys (--word-keys, FRONTDESK_WORD_KEYS)"
    case .unusableKeys(let problem): "words are encrypted, and the word keys cannot be used: \(problem)"
    case .unknownKey(let key): "words are encrypted with the key \(key), which the word keys do not contain"
    case .unreadable:
      "encrypted words cannot be decrypted: they were modified or moved, or their key was replaced under the same name"
    }
  }
}
