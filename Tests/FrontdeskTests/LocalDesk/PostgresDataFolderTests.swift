import CommandLineTool
import Foundation
import TestKit
import Testing

@testable import DeskSupervisor

@Suite struct PostgresDataFolderTests {
  private let home: TemporaryFolder
  private let folder: PostgresDataFolder

  init() throws {
    home = try TemporaryFolder()
    folder = PostgresDataFolder(home: home.path)
  }

  private func write(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
  }

  private var content: [String]? { try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

  @Test func aMissingOrEmptyFolderIsMarkedUntilInitdbHasFinished() throws {
    for isThere in [false, true] {
      if isThere { try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true) }
      #expect(folder.isMissing)
      try folder.begin()
      #expect(FileManager.default.fileExists(atPath: folder.marker) && content == nil)
      try write("PG_VERSION")
      #expect(folder.isMissing, "initdb writes PG_VERSION first")
      try folder.finish()
      #expect(!folder.isMissing && !FileManager.default.fileExists(atPath: folder.marker))
      #expect(content == ["PG_VERSION"])
      try FileManager.default.removeItem(atPath: folder.path)
    }
  }

  @Test(arguments: [["base"], ["PG_VERSION", "base"]])
  func whatAnInterruptedInitdbLeftIsRemoved(_ names: [String]) throws {
    try folder.begin()
    for name in names { try write(name) }
    // The next start.
    #expect(folder.isMissing)
    try folder.begin()
    #expect(content == nil && FileManager.default.fileExists(atPath: folder.marker))
  }

  @Test func otherContentIsRefusedAndNotTouched() throws {
    try write("letters.txt")
    #expect(folder.isMissing)
    let failure = try #require(throws: CommandFailure.self) { try folder.begin() }
    #expect(failure.problem.hasPrefix("\(folder.path) is not empty") && failure.remedy?.contains("move it") == true)
    #expect(content == ["letters.txt"])
    #expect(!FileManager.default.fileExists(atPath: folder.marker), "a later start must not take it for its own")
  }

  @Test func aServerIsNotStartedOnOtherContent() async throws {
    let server = try await LocalPostgres(folder: DeskFolder.take("\(home.path)/desk"))
    defer {
      server.removeSocketFolder()
      // Where root runs the desk, it may be outside the temporary folder.
      try? FileManager.default.removeItem(atPath: server.home)
    }
    try FileManager.default.createDirectory(atPath: server.data, withIntermediateDirectories: true)
    let letters = "\(server.data)/letters.txt"
    try Data("x".utf8).write(to: URL(filePath: letters))
    let failure = try await #require(throws: CommandFailure.self) { try await server.start() }
    #expect(failure.problem.contains(server.data))
    #expect(FileManager.default.fileExists(atPath: letters) && !server.isRunning)
  }
}
