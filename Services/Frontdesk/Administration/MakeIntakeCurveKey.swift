import ArgumentParser
import CommandLineTool
import Foundation
import ZeroMQ

/// Creates the CURVE key of intake's socket for channels. All intakes of a desk share one: behind one address, a channel cannot know which
/// of them it reaches, and it authenticates intake by this key alone.
struct MakeIntakeCurveKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "curve", abstract: "Create the CURVE key by which channels authenticate all intakes.",
    discussion: """
      The secret key is written to FILE, readable by its owner only, and the public key is printed; without FILE both \
      are printed once. Give every \
      intake the same file (--channel-secret-key-file).
      """)

  @Argument(help: "Output file for the secret key, 40 characters of Z85; an existing file is not overwritten.")
  var file: String?

  @Flag(name: .customLong("public"), help: "Create nothing: print the public key of the secret key in FILE.")
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
