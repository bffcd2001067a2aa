import Foundation
import Language
import ModelTraining

/// The encoder pack that a desk of `up` uses.
package struct EncoderChoice: Sendable {
  /// Absolute.
  let path: String
  /// Identifies the pack, in hexadecimal digits.
  let fingerprint: String

  /// Reads the pack named on the command line, or else in the environment.
  ///
  /// - Returns: nil if none was named.
  /// - Throws: `CommandFailure` where it is not a pack.
  init?(named: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    guard let named = named ?? environment["FRONTDESK_ENCODER"], !named.isEmpty else { return nil }
    path = URL(fileURLWithPath: named).path
    fingerprint = try ModelMaker.explaining { [path] in
      String(try EncoderPack.readEncoder(path: path).fingerprint, radix: 16)
    }
  }
}
