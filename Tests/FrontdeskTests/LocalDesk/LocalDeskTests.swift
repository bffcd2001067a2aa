import Foundation
import Testing

@testable import CommandLineTool
@testable import DeskSupervisor

@Suite struct LocalDeskTests {
  static let desk = LocalDesk(
    postgres: "host='/a b/postgres' password='it''s'", postgresData: "/a b/postgres/data",
    postgresSocket: "/a b/postgres",
    ports: .init(intake: 8080, channel: 7200, console: 8081), intakeURL: "http://127.0.0.1:8080",
    channelEndpoint: "tcp://127.0.0.1:7200", channelServerKey: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
    consoleURL: "http://127.0.0.1:8081", keysFolder: "/a b/keys", model: "/a b/model/sample.model",
    controlSocket: "/a b/control.sock", supervisor: 12,
    processes: [
      .init(name: "router#1", processID: 13, operationsURL: "http://127.0.0.1:9"),
      .init(name: "postgres", processID: 14),
    ])

  @Test func aWrittenDescriptionIsReadBack() throws {
    #expect(try LocalDesk.decode(LocalDeskTests.desk.encoded(), path: "desk.json") == LocalDeskTests.desk)
  }

  @Test func aDeskAfterACleanExitIsReadBack() throws {
    var desk = LocalDeskTests.desk
    desk.supervisor = nil
    desk.processes = []
    #expect(try LocalDesk.decode(desk.encoded(), path: "desk.json") == desk)
  }

  @Test func theNamesInTheFileAreTheDocumentedOnes() throws {
    let object = try JSONSerialization.jsonObject(with: LocalDeskTests.desk.encoded()) as? [String: Any]
    #expect(
      Set(object?.keys.map(\.self) ?? []) == [
        "version", "postgres", "postgres_data", "postgres_socket", "ports", "intake_url", "channel_endpoint",
        "channel_server_key", "console_url", "keys_folder", "model", "control_socket", "supervisor", "processes",
      ])
  }

  @Test(arguments: ["", "{}", #"{"version":1}"#, "not JSON"])
  func aFileOfAnotherKindIsRefusedWithoutRepeatingIt(_ text: String) throws {
    let failure = try #require(throws: CommandFailure.self) {
      _ = try LocalDesk.decode(Data(text.utf8), path: "/folder/desk.json")
    }
    #expect(failure.problem == "/folder/desk.json has a format that this build does not know")
  }

  @Test func aFileOfALaterVersionIsRefused() throws {
    var desk = LocalDeskTests.desk
    desk.version += 1
    let bytes = try desk.encoded()
    #expect(throws: CommandFailure.self) { _ = try LocalDesk.decode(bytes, path: "desk.json") }
  }

  @Test func theFileIsReadableByItsOwnerOnlyAndReplacedAtomically() throws {
    let folder = try DeskFolder.temporaryFolder(in: "/tmp")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try LocalDeskTests.desk.write(folder: folder)
    try LocalDeskTests.desk.write(folder: folder)
    let mode = try FileManager.default.attributesOfItem(atPath: LocalDesk.path(in: folder))[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["desk.json"])
    #expect(try LocalDesk.read(folder: folder) == LocalDeskTests.desk)
  }
}
