import CZeroMQ

/// A public CURVE key: 32 bytes, written as 40 characters of Z85.
public struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Accepts exactly 32 bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Z85.keyBytes else { return nil }
    self.bytes = Array(bytes)
  }

  /// Accepts exactly 40 characters of Z85.
  public init?(z85: String) {
    guard let bytes = Z85.decodeKey(z85) else { return nil }
    self.bytes = bytes
  }

  /// The key as 40 characters of Z85.
  public var z85: String { Z85.encodeKey(bytes) }

  /// The key as 40 characters of Z85.
  public var description: String { z85 }
}

/// A secret CURVE key: 32 bytes. It is never shown in descriptions or dumps.
public struct CurveSecretKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Accepts exactly 32 bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Z85.keyBytes else { return nil }
    self.bytes = Array(bytes)
  }

  /// Accepts exactly 40 characters of Z85.
  public init?(z85: String) {
    guard let bytes = Z85.decodeKey(z85) else { return nil }
    self.bytes = bytes
  }

  /// The key as 40 characters of Z85, for a key file.
  public var z85: String { Z85.encodeKey(bytes) }

  /// The corresponding public key.
  public func publicKey() throws(ZeroMQError) -> CurvePublicKey {
    var text = [CChar](repeating: 0, count: Z85.keyCharacters + 1)
    guard zmq_curve_public(&text, z85) == 0, let key = CurvePublicKey(z85: Z85.string(text)) else {
      throw .last("derive a public key")
    }
    return key
  }

  /// A fixed text instead of the key.
  public var description: String { "<secret key>" }

  /// A fixed text instead of the key.
  public var debugDescription: String { description }

  /// Hides the key from `dump`.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A CURVE identity: the secret key and its public key.
public struct CurveKeyPair: Hashable, Sendable {
  /// The public key, known to others.
  public let publicKey: CurvePublicKey

  /// The secret key, which stays in the process.
  public let secretKey: CurveSecretKey

  /// Creates the pair for a secret key.
  public init(secretKey: CurveSecretKey) throws(ZeroMQError) {
    self.secretKey = secretKey
    publicKey = try secretKey.publicKey()
  }

  private init(publicKey: CurvePublicKey, secretKey: CurveSecretKey) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// Generates a random pair. Throws when libzmq was built without CURVE.
  public static func generate() throws(ZeroMQError) -> CurveKeyPair {
    var publicText = [CChar](repeating: 0, count: Z85.keyCharacters + 1)
    var secretText = [CChar](repeating: 0, count: Z85.keyCharacters + 1)
    guard zmq_curve_keypair(&publicText, &secretText) == 0,
      let publicKey = CurvePublicKey(z85: Z85.string(publicText)),
      let secretKey = CurveSecretKey(z85: Z85.string(secretText))
    else { throw .last("create a key pair") }
    return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
  }
}

/// ZeroMQ's text form of keys (RFC 32).
enum Z85 {
  static let keyBytes = 32
  static let keyCharacters = 40

  static func encodeKey(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: keyCharacters + 1)
    zmq_z85_encode(&text, bytes, bytes.count)
    return string(text)
  }

  static func decodeKey(_ text: String) -> [UInt8]? {
    guard text.utf8.count == keyCharacters, !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: keyBytes)
    guard zmq_z85_decode(&bytes, text) != nil else { return nil }
    return bytes
  }

  static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
