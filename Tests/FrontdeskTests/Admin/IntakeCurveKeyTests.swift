import ArgumentParser
import Foundation
import TestKit
import Testing
import ZeroMQ

@testable import Administration
@testable import CommandLineTool
@testable import Frontdesk

@Suite("The CURVE key shared by intakes")
struct IntakeCurveKeyTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try body(folder.path)
  }

  @Test("is created once, readable by its owner only, and read back unchanged")
  func madeOnce() throws {
    try inFolder { folder in
      let made = try CurveKeyFile.make("\(folder)/key")
      #expect(try CurveKeyFile.read("\(folder)/key") == made)
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/key")
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(throws: CommandFailure.self) { try CurveKeyFile.make("\(folder)/key") }
      #expect(try CurveKeyFile.read("\(folder)/key") == made, "a second call does not change it")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["key"], "no draft is left")
    }
  }

  @Test("requires an existing file that contains a key", arguments: [nil, "", "short", "not a key\u{301}"])
  func noKey(text: String?) throws {
    try inFolder { folder in
      if let text { try Data(text.utf8).write(to: URL(filePath: "\(folder)/key")) }
      let failure = #expect(throws: CommandFailure.self) { try CurveKeyFile.read("\(folder)/key") }
      #expect(failure?.description.contains("\(folder)/key") == true)
    }
  }

  @Test("has a command")
  func command() throws {
    let command = try FrontdeskCommand.parseAsRoot(["keys", "curve", "/etc/frontdesk/channel-secret-key"])
    #expect((command as? MakeIntakeCurveKey)?.file == "/etc/frontdesk/channel-secret-key")
    #expect(throws: (any Error).self) { try FrontdeskCommand.parseAsRoot(["keys", "curve", "--public"]) }
  }
}
