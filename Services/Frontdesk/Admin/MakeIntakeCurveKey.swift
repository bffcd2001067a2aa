import ArgumentParser
import Foundation
import ZeroMQ

/// Makes the CURVE key of intake's socket for channels. All intakes of a desk share one: behind one address, a channel cannot know which of
/// them it reaches, and it knows intake by this key alone.
struct MakeIntakeCurveKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "curve", abstract: "Make the CURVE key by which channels know intake, for all intakes to share.",
    discussion: """
      The secret key goes to FILE, for its owner only, and the public key is printed; without FILE both are printed, once. Give every \
      intake the same file (--channel-secret-key-file).
      """)

  @Argument(help: "Where the secret key goes, 40 characters of Z85; one that is there stays as it is.")
  var file: String?

  @Flag(name: .customLong("public"), help: "Make nothing: print the public key of the secret key in FILE.")
  var showsPublic = false

  func validate() throws {
    if showsPublic, file == nil { throw ValidationError("--public needs the FILE that holds the secret key") }
  }

  func run() throws {
    guard let file else {
      let pair = try CurveKeyPair.generate()
      Terminal.say("public \(pair.publicKey.z85)")
      Terminal.say("secret \(pair.secretKey.z85)")
      return
    }
    let pair = try showsPublic ? CurveKeyFile.read(file) : CurveKeyFile.make(file)
    Terminal.say("public \(pair.publicKey.z85)")
  }
}

/// A file with a CURVE secret key in Z85, for its owner only.
enum CurveKeyFile {
  /// Makes a key.
  /// - Throws: `CommandFailure` where the file exists already: channels that know its public key would be shut out.
  static func make(_ path: String) throws -> CurveKeyPair {
    let pair = try CurveKeyPair.generate()
    try PrivateFile.create(Data((pair.secretKey.z85 + "\n").utf8), path: path)
    return pair
  }

  /// Reads a key.
  /// - Throws: `CommandFailure` where there is none.
  static func read(_ path: String) throws -> CurveKeyPair {
    guard let text = try PrivateFile.secret(path: path) else {
      throw CommandFailure(
        "there is no file \(path) that can be read", remedy: "make it: `frontdesk keys curve \(path)`",
        status: .wrongCall)
    }
    guard let secret = CurveSecretKey(z85: text) else {
      throw CommandFailure(
        "\(path) holds no CURVE key", remedy: "name a file that `frontdesk keys curve FILE` made", status: .wrongCall)
    }
    return try CurveKeyPair(secretKey: secret)
  }
}
