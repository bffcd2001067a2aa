import Crypto
import Foundation

/// Signs deliveries according to Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`.
enum WebhookSignature {
  /// The value of `webhook-signature`: one signature for each secret, so that a receiver can rotate its secret.
  ///
  /// - Parameters:
  ///   - secrets: each `whsec_` and base64; others are skipped.
  ///   - timestamp: of the attempt, in seconds since 1970.
  /// - Returns: nil when there is no secret to sign with.
  static func header(secrets: [String], id: String, timestamp: Int64, body: [UInt8]) -> String? {
    let signed = Array("\(id).\(timestamp).".utf8) + body
    let signatures = secrets.compactMap(key).map { key in
      "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
    }
    return signatures.isEmpty ? nil : signatures.joined(separator: " ")
  }

  private static func key(_ secret: String) -> SymmetricKey? {
    let prefix = "whsec_"
    guard secret.hasPrefix(prefix), let bytes = Data(base64Encoded: String(secret.dropFirst(prefix.count))) else {
      return nil
    }
    return SymmetricKey(data: bytes)
  }
}
