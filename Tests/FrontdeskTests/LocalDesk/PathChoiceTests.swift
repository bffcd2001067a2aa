import Foundation
import Testing

@testable import Frontdesk

@Suite struct PathChoiceTests {
  @Test func `A socket's path may have 107 bytes and not one more`() {
    let folder = "/" + String(repeating: "f", count: 94)
    #expect(DeskFolder.socketFits(folder: folder, name: "control.soc"))
    #expect(!DeskFolder.socketFits(folder: folder, name: "control.sock"))
  }

  @Test func `Bytes count, not characters`() {
    #expect(!DeskFolder.socketFits(folder: "/" + String(repeating: "桌", count: 40), name: "control.sock"))
  }

  @Test func `A socket goes elsewhere when its own folder's path is too long`() throws {
    #expect(try DeskFolder.socketFolder(preferring: "/short", socketName: "s") == "/short")
    let other = try DeskFolder.socketFolder(preferring: "/" + String(repeating: "f", count: 200), socketName: "s")
    defer { rmdir(other) }
    #expect(other.hasPrefix("/tmp/frontdesk-"))
    let mode = try FileManager.default.attributesOfItem(atPath: other)[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test func `One folder has one up`() throws {
    let parent = try DeskFolder.temporaryFolder(in: "/tmp")
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let held = try DeskFolder.take("\(parent)/desk")
    let failure = try #require(throws: CommandFailure.self) { _ = try DeskFolder.take("\(parent)/desk") }
    #expect(failure.problem.contains("process \(getpid())"))
    withExtendedLifetime(held) {}
  }

  @Test func `A secret never changes and is readable by its owner only`() throws {
    let parent = try DeskFolder.temporaryFolder(in: "/tmp")
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let folder = try DeskFolder.take("\(parent)/desk")
    let secret = try folder.secret("a")
    #expect(try folder.secret("a") == secret)
    #expect(try folder.secret("b") != secret)
    let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.secrets)/a")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `Samples are searched for above the program first`() {
    let places = SampleModel.candidates(program: "/p/.build/debug/frontdesk", workingFolder: "/w")
    #expect(places.first == "/p/.build/debug/Services/Classifier/Samples/concerns.csv")
    let checkout = places.firstIndex(of: "/p/Services/Classifier/Samples/concerns.csv")
    let working = places.firstIndex(of: "/w/Services/Classifier/Samples/concerns.csv")
    #expect(checkout != nil && working != nil && (checkout ?? 0) < (working ?? 0))
  }
}

@Suite struct PostgresBinariesTests {
  @Test func `The newest version is chosen numerically`() {
    #expect(PostgresBinaries.newest(of: ["15", "9.6", "9", "100", "16", "common"]) == "100")
  }

  @Test func `Versions that are too old are not chosen`() {
    #expect(PostgresBinaries.newest(of: ["9.6", "13", "14"]) == nil)
  }
}

@Suite struct PostmasterFileTests {
  static let text = "4711\n/desk/postgres/data\n1763800000\n5432\n/desk/postgres\n\n  12345  0\nready   \n"

  @Test func `Number and socket folder are read`() {
    let file = PostmasterFile(PostmasterFileTests.text)
    #expect(file?.processID == 4711)
    #expect(file?.socketFolder == "/desk/postgres")
  }

  @Test func `A file that is not yet complete has no socket folder`() {
    #expect(PostmasterFile("4711\n/desk/postgres/data\n")?.socketFolder == nil)
  }

  @Test(arguments: ["", "\n", "word\n", "0\n", "99999999999\n"])
  func `Anything else is not a pid file`(_ text: String) {
    #expect(PostmasterFile(text) == nil)
  }
}
