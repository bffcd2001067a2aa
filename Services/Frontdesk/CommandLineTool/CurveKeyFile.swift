import Foundation
package import ZeroMQ

/// A file with a CURVE secret key in Z85, for its owner only.
package enum CurveKeyFile {
  /// Creates a key.
  /// - Throws: `CommandFailure` where the file exists already: channels that know its public key would be locked out.
  package static func make(_ path: String) throws -> CurveKeyPair {
    let pair = try CurveKeyPair.generate()
    try PrivateFile.create(Data((pair.secretKey.z85 + "\n").utf8), path: path)
    return pair
  }

  /// Reads a key.
  /// - Throws: `CommandFailure` where there is none.
  package static func read(_ path: String) throws -> CurveKeyPair {
    guard let text = try PrivateFile.secret(path: path) else {
      throw CommandFailure(
        "there is no readable file \(path)", remedy: "create it: `frontdesk keys curve \(path)`",
        status: .wrongCall)
    }
    guard let secret = CurveSecretKey(z85: text) else {
      throw CommandFailure(
        "\(path) holds no CURVE key", remedy: "name a file made by `frontdesk keys curve FILE`", status: .wrongCall)
    }
    return try CurveKeyPair(secretKey: secret)
  }
}
