import Crypto
import Foundation

/// Names that stand for others within one recording: a keyed hash, with a random key that exists only while it is written. So two
/// recordings have nothing in common by which they could be joined, and nobody can try names out.
struct Pseudonyms: Sendable {
  /// What is named. Equal names of different kinds have different pseudonyms.
  enum Kind: String, Sendable {
    case agent, customer, ticket
    case productLine = "product-line"
  }

  private let key = SymmetricKey(size: .bits256)

  /// The pseudonym: the kind and 16 hexadecimal digits.
  /// - Parameter parts: what names it; their bounds count.
  func name(_ kind: Kind, _ parts: String...) -> String {
    var code = HMAC<SHA256>(key: key)
    for part in [kind.rawValue] + parts {
      code.update(data: Data("\(part.utf8.count):".utf8))
      code.update(data: Data(part.utf8))
    }
    let digits = code.finalize().prefix(8).map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }
    return "\(kind.rawValue)-" + digits.joined()
  }
}
