import Foundation
import Testing

@testable import CommandLineTool
@testable import DeskSupervisor

@Suite struct PathChoiceTests {
  @Test func aSocketsPathMayHave107BytesAndNotOneMore() {
    let folder = "/" + String(repeating: "f", count: 94)
    #expect(DeskFolder.socketFits(folder: folder, name: "control.soc"))
    #expect(!DeskFolder.socketFits(folder: folder, name: "control.sock"))
  }

  @Test func bytesCountNotCharacters() {
    #expect(!DeskFolder.socketFits(folder: "/" + String(repeating: "桌", count: 40), name: "control.sock"))
  }

  @Test func aSocketGoesElsewhereWhenItsOwnFoldersPathIsTooLong() throws {
    #expect(try DeskFolder.socketFolder(preferring: "/short", socketName: "s") == "/short")
    let other = try DeskFolder.socketFolder(preferring: "/" + String(repeating: "f", count: 200), socketName: "s")
    defer { rmdir(other) }
    #expect(other.hasPrefix("/tmp/frontdesk-"))
    let mode = try FileManager.default.attributesOfItem(atPath: other)[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test func oneFolderHasOneUp() throws {
    let parent = try DeskFolder.temporaryFolder(in: "/tmp")
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let held = try DeskFolder.take("\(parent)/desk")
    let failure = try #require(throws: CommandFailure.self) { _ = try DeskFolder.take("\(parent)/desk") }
    #expect(failure.problem.contains("process \(getpid())"))
    withExtendedLifetime(held) {}
  }

  @Test func aSecretNeverChangesAndIsReadableByItsOwnerOnly() throws {
    let parent = try DeskFolder.temporaryFolder(in: "/tmp")
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let folder = try DeskFolder.take("\(parent)/desk")
    let secret = try folder.secret("a")
    #expect(try folder.secret("a") == secret)
    #expect(try folder.secret("b") != secret)
    let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.secrets)/a")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func samplesAreSearchedForAboveTheProgramFirst() {
    let places = SampleModel.candidates(program: "/p/.build/debug/frontdesk", workingFolder: "/w")
    #expect(places.first == "/p/.build/debug/Services/Classifier/Samples/concerns.csv")
    let checkout = places.firstIndex(of: "/p/Services/Classifier/Samples/concerns.csv")
    let working = places.firstIndex(of: "/w/Services/Classifier/Samples/concerns.csv")
    #expect(checkout != nil && working != nil && (checkout ?? 0) < (working ?? 0))
  }
}

@Suite struct PostgresBinariesTests {
  @Test func theNewestVersionIsChosenNumerically() {
    #expect(PostgresBinaries.newest(of: ["15", "9.6", "9", "100", "16", "common"]) == "100")
  }

  @Test func versionsThatAreTooOldAreNotChosen() {
    #expect(PostgresBinaries.newest(of: ["9.6", "13", "14"]) == nil)
  }
}

@Suite struct PostmasterFileTests {
  static let text = "4711\n/desk/postgres/data\n1763800000\n5432\n/desk/postgres\n\n  12345  0\nready   \n"

  @Test func numberAndSocketFolderAreRead() {
    let file = PostmasterFile(PostmasterFileTests.text)
    #expect(file?.processID == 4711)
    #expect(file?.socketFolder == "/desk/postgres")
  }

  @Test func aFileThatIsNotYetCompleteHasNoSocketFolder() {
    #expect(PostmasterFile("4711\n/desk/postgres/data\n")?.socketFolder == nil)
  }

  @Test(arguments: ["", "\n", "word\n", "0\n", "99999999999\n"])
  func anythingElseIsNotAPidFile(_ text: String) {
    #expect(PostmasterFile(text) == nil)
  }
}
