import Foundation
import ServiceSettings
import TestKit
import Testing

@Suite struct ServiceConfigurationTests {
  static let keys = [
    ConfigurationKey("database.url", isSecret: true, help: "Where the database is"),
    ConfigurationKey("database.pool-size", .integer(1...100), default: "8", help: "Connections"),
    ConfigurationKey("log.format", .choice(["json", "text"]), default: "json", help: "How records look"),
    ConfigurationKey("drain", .duration(.zero ... .seconds(60)), default: "25s", help: "Time to drain"),
    ConfigurationKey("body", .byteCount(1...(1 << 30)), default: "64KiB", help: "Largest body"),
    ConfigurationKey("supervised", .boolean, help: "Whether a supervisor holds the input"),
    ConfigurationKey("sample", .share, default: "1", help: "Which share is recorded"),
  ]

  private func load(
    _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil,
    keys: [ConfigurationKey] = keys
  ) throws -> ServiceConfiguration.Outcome {
    var arguments = arguments
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file.yaml")
    if let file {
      try file.write(toFile: path, atomically: true, encoding: .utf8)
      arguments += ["--config", path]
    }
    return try ServiceConfiguration.load(
      program: "router", summary: "Routes.", version: "1.2", keys: keys, arguments: arguments, environment: environment)
  }

  private func configuration(
    _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
  ) throws -> ServiceConfiguration {
    guard case .configuration(let configuration) = try load(arguments, environment: environment, file: file) else {
      throw CancellationError()
    }
    return configuration
  }

  private func mistakes(
    _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil,
    keys: [ConfigurationKey] = keys
  ) -> [ConfigurationError.Mistake] {
    do {
      _ = try load(arguments, environment: environment, file: file, keys: keys)
      return []
    } catch {
      return (error as? ConfigurationError)?.mistakes ?? []
    }
  }

  @Test func takesFlagBeforeEnvironmentBeforeFileBeforeDefault() throws {
    let file = "database:\n  pool-size: 3\nlog.format: text\ndrain: 1s\n"
    let environment = ["FRONTDESK_DATABASE_POOL_SIZE": "4", "FRONTDESK_DRAIN": "2s"]
    let read = try configuration(["--drain=3s"], environment: environment, file: file)
    #expect(read.duration("drain") == .seconds(3))
    #expect(read.integer("database.pool-size") == 4)
    #expect(read.string("log.format") == "text")
    #expect(read.byteCount("body") == 65536)
    #expect(read.optionalString("database.url") == nil)
    #expect(!read.bool("supervised"))
    #expect(read.share("sample") == 1)
  }

  @Test(arguments: [(["--supervised"], true), (["--supervised", "false"], false), (["--supervised=true"], true)])
  func aFlagWithoutAValueIsTrue(arguments: [String], expected: Bool) throws {
    #expect(try configuration(arguments).bool("supervised") == expected)
  }

  @Test(arguments: [("500ms", 0.5), ("5s", 5), ("1m", 60), ("0s", 0)]) func readsDurations(
    text: String, seconds: Double
  ) throws {
    #expect(try configuration(["--drain", text]).duration("drain") == .seconds(seconds))
  }

  @Test(arguments: [("0", 0), ("0.05", 0.05), ("1", 1)]) func readsShares(text: String, share: Double) throws {
    #expect(try configuration(["--sample", text]).share("sample") == share)
  }

  @Test(arguments: [
    ["--sample", "1.1"], ["--sample", "-0.1"], ["--sample", "nan"], ["--sample", "5%"], ["--drain", "5"],
    ["--drain", "2m"], ["--drain", "-1s"], ["--drain", ""], ["--database-pool-size", "0"],
    ["--database-pool-size", "many"], ["--log-format", "xml"], ["--body", "1MB"], ["--body", "0"],
    ["--body", "99999999999999999999GiB"], ["--supervised=maybe"], ["--drain"], ["--unknown", "x"], ["stray"],
    ["--config", "/no/such/file"],
  ])
  func refusesWithOneErrorThatHasARemedy(arguments: [String]) {
    let found = mistakes(arguments)
    #expect(found.count == 1)
    #expect(found.allSatisfy { !$0.place.isEmpty && !$0.problem.isEmpty && !$0.remedy.isEmpty })
  }

  @Test func reportsAllFileMistakesWithTheirLines() {
    let found = mistakes(file: "database:\n  pool-size: lots\n  size: 3\nlog: text\nnew: 1\nbody: [1]\n")
    #expect(found.count == 5)
    #expect(found.contains { $0.place.contains("line 2: database.pool-size") && $0.value == "lots" })
    #expect(found.contains { $0.place.contains("line 3: database.size") && $0.problem == "is unknown" })
    #expect(mistakes(file: "a: [").count == 1)
  }

  @Test func anotherEncodingOrAliasesAreRefusedWithTheirPosition() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file.yaml")
    try Data(Array("drain: 1s\nlog.format: ".utf8) + [0xCE, 0xC4]).write(to: URL(filePath: path))
    let found = mistakes(["--config", path])
    #expect(found.count == 1 && found[0].place == "\(path) line 2 column 13" && found[0].problem == "is not UTF-8")
    let chain = (1...30).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]"
    }
    let chained = mistakes(file: "a0: &a0 [x]\n" + chain.joined(separator: "\n"))
    #expect(chained.count == 1 && chained[0].problem.contains("'*'"))
  }

  @Test func requiredSettingsMustBeGiven() {
    let keys = [ConfigurationKey("url", isRequired: true, help: "Where")]
    #expect(mistakes(keys: keys).first?.remedy == "set --url, FRONTDESK_URL or url in the file")
  }

  @Test func neverShowsASecret() throws {
    let keys = [ConfigurationKey("pin", .integer(1...9), default: "7", isSecret: true, help: "A secret number")]
    #expect(!mistakes(["--pin", "hunter2"], keys: keys).description.contains("hunter2"))
    guard case .answer(let help) = try load(["--help"], keys: keys) else { throw CancellationError() }
    #expect(!help.contains("default 7"))
  }

  @Test func helpListsEveryKeyAndVersionPrintsTheVersion() throws {
    guard case .answer(let help) = try load(["--unknown", "--help"]),
      case .answer(let version) = try load(["--version"])
    else { throw CancellationError() }
    for key in Self.keys {
      #expect(help.contains(key.flag + " ") && help.contains(key.environmentName) && help.contains(key.help))
    }
    #expect(help.contains("default 25s"))
    #expect(version == "router 1.2\n")
  }
}
