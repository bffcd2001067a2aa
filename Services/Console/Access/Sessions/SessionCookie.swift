import Crypto
import Foundation
import HTTPTypes
import SystemPrimitives

/// The secret of a session, and the cookie that carries it.
struct SessionCookie: Sendable, Equatable {
  /// 256 random bits in base64url (RFC 4648, section 5), without padding.
  let secret: String

  private static let randomBytes = 32
  /// Characters of a secret.
  static let secretLength = 43

  /// - Parameter isSecure: whether browsers reach the console by HTTPS. The prefix `__Host-` binds the cookie to the host (RFC 6265bis,
  ///   section 4.1.3.2), but browsers accept it by HTTPS only.
  static func name(isSecure: Bool) -> String { isSecure ? "__Host-frontdesk_session" : "frontdesk_session" }

  /// Generates a new secret.
  static func random() -> SessionCookie {
    var random = SystemRandom()
    let bytes = (0..<randomBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let text = Data(bytes).base64EncodedString().map { character -> Character in
      switch character {
      case "+": "-"
      case "/": "_"
      default: character
      }
    }
    return SessionCookie(secret: String(text.filter { $0 != "=" }))
  }

  /// Finds the cookie among those of a request; nil when it is missing or malformed. Of several, the first well-formed one counts.
  /// - Parameter fields: the values of the `Cookie` header fields.
  init?(in fields: [String], isSecure: Bool) {
    let found = RequestCookies.values(named: Self.name(isSecure: isSecure), in: fields).first {
      $0.utf8.count == Self.secretLength && $0.utf8.allSatisfy(Self.isOfSecret)
    }
    guard let found else { return nil }
    secret = found
  }

  private init(secret: String) {
    self.secret = secret
  }

  /// The digest that the database stores.
  var digest: [UInt8] { Self.digest(of: secret) }

  static func digest(of secret: String) -> [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }

  /// The value of `Set-Cookie` that gives it to a browser.
  /// - Parameter seconds: how long the browser keeps it.
  func setting(isSecure: Bool, seconds: Int) -> String {
    "\(Self.name(isSecure: isSecure))=\(secret); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
  }

  /// The value of `Set-Cookie` that makes a browser forget it.
  static func clearing(isSecure: Bool) -> String {
    "\(name(isSecure: isSecure))=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
  }

  private static func isOfSecret(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
