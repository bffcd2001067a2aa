import Testing

@testable import CommandLineTool
@testable import DeskSupervisor

@Suite struct LineSplitterTests {
  @Test func chunksAreJoinedIntoLinesAtLineEnds() {
    var splitter = LineSplitter()
    #expect(splitter.lines(adding: "one\ntw".utf8) == ["one"])
    #expect(splitter.lines(adding: "o\r\n\nthree".utf8) == ["two", ""])
    #expect(splitter.lastLine() == "three")
    #expect(splitter.lastLine() == nil)
  }

  @Test func aCharacterSplitBetweenTwoChunksIsReassembled() {
    var splitter = LineSplitter()
    let bytes = Array("桌\n".utf8)
    #expect(splitter.lines(adding: bytes[..<1]).isEmpty)
    #expect(splitter.lines(adding: bytes[1...]) == ["桌"])
  }

  @Test func anEndlessLineUsesBoundedMemory() {
    var splitter = LineSplitter(limit: 4)
    #expect(splitter.lines(adding: "123456789\n".utf8) == ["1234", "5678", "9"])
  }
}

@Suite struct ServiceSurroundingsTests {
  private let surroundings = ServiceEnvironment(
    postgres: "host=/s", ownersPostgres: "host=/o", folder: "/f", ports: .init(intake: 1, channel: 2, console: 3),
    model: "/m", encoder: "/e",
    secondLookPercent: 40, channelSecretKey: "secret", contactKeys: "/keys", linksAreBlocked: false,
    programs: "/programs")

  @Test func onlyIntakeGetsTheChannelsSecretKeyAndOnlyClassifiersTheModel() throws {
    for kind in ServiceKind.allCases {
      let variables = surroundings.environment(of: kind, operationsPort: 9, path: "/bin")
      #expect(variables["FRONTDESK_CHANNEL_SECRET_KEY"] == .some(kind == .intake ? "secret" : nil))
      #expect(variables["FRONTDESK_MODEL"] == .some(kind == .classifier ? "/m" : nil))
      #expect(variables["FRONTDESK_CONTACT_KEYS"] == .some([.intake, .console].contains(kind) ? "/keys" : nil))
      #expect(variables["FRONTDESK_ENCODER"] == .some(kind == .classifier ? "/e" : nil))
      #expect(variables["FRONTDESK_SECOND_LOOK_PERCENT"] == (kind == .classifier ? .some("40") : .none))
      #expect(variables["FRONTDESK_POSTGRES"] == (kind == .executor ? "host=/o" : "host=/s"))
      #expect(variables["FRONTDESK_FOLDER"] == .some(kind == .executor ? "/f" : nil))
      #expect(variables["FRONTDESK_SUPERVISED"] == "true")
      #expect(variables["PATH"] == "/programs:/bin")
    }
  }

  @Test func intakeAndConsoleListenAtTheDescribedAddresses() {
    #expect(
      surroundings.environment(of: .intake, operationsPort: 9, path: nil)["FRONTDESK_HTTP_LISTEN"] == "127.0.0.1:1")
    #expect(
      surroundings.environment(of: .console, operationsPort: 9, path: nil)["FRONTDESK_HTTP_LISTEN"] == "127.0.0.1:3")
    #expect(
      surroundings.environment(of: .intake, operationsPort: 9, path: nil)["FRONTDESK_CHANNEL_LISTEN"]
        == "tcp://127.0.0.1:2")
  }

  @Test func aConfigurationOfAnotherDeskDoesNotLeakIn() {
    let variables = surroundings.environment(of: .router, operationsPort: 9, path: nil)
    for name in [
      "FRONTDESK_CONFIG", "FRONTDESK_HTTP_LISTEN", "FRONTDESK_CHANNEL_LISTEN", "FRONTDESK_CHANNEL_ADVERTISE",
      "FRONTDESK_CHANNEL_SECRET_KEY_FILE",
    ] {
      #expect(variables[name] == .some(nil), "\(name)")
    }
  }
}
