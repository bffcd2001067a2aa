import Testing

@testable import PostgreSQL

/// Transcripts: event, then the state that it must lead to.
@Suite struct ConnectionMachineTests {
  private typealias Machine = ConnectionMachine<String, String, Int>

  private static let lost = PostgresError(.connectionLost, "lost")

  /// A machine in each of the states, by its outline.
  private static let examples: [String] = [
    "new", "connecting with timer 1", "open", "open, script", "open, transaction 5", "open, asking with timer 9",
    "open, overtaken", "open, asked with timer 9", "open, worn", "closed: lost",
  ]

  private static func example(_ outline: String) -> Machine {
    var machine = Machine()
    if outline == "new" { return machine }
    _ = machine.begin("link", for: "caller", until: 1)
    if outline == "connecting with timer 1" { return machine }
    _ = machine.connected()
    switch outline {
    case "open, script": _ = machine.scriptBegan()
    case "open, transaction 5": _ = machine.transactionBegan(5)
    case "open, asking with timer 9": _ = machine.cancel { 9 }
    case "open, overtaken":
      _ = machine.cancel { 9 }
      _ = machine.stoppedRequestsEnded()
    case "open, asked with timer 9":
      _ = machine.cancel { 9 }
      machine.cancelSent()
    case "open, worn": machine.wear()
    case "closed: lost": _ = machine.close(lost)
    default: break
    }
    return machine
  }

  /// Each event, and the states that it leads to from each of the examples that allow it.
  private static let events: [(name: String, apply: @Sendable (inout Machine) -> Void, next: [String: String])] = [
    ("begin", { _ = $0.begin("link", for: "caller", until: 1) }, ["new": "connecting with timer 1"]),
    ("connected", { _ = $0.connected() }, ["connecting with timer 1": "open"]),
    (
      "scriptBegan", { _ = $0.scriptBegan() },
      [
        "open": "open, script", "open, transaction 5": "open, script, transaction 5",
        "open, worn": "open, script, worn",
        "open, asked with timer 9": "open, script, asked with timer 9",
      ]
    ),
    ("workEnded", { _ = $0.workEnded() }, ["open, script": "open"]),
    (
      "transactionBegan", { _ = $0.transactionBegan(6) },
      [
        "open": "open, transaction 6", "open, script": "open, script, transaction 6",
        "open, worn": "open, transaction 6, worn", "open, overtaken": "open, transaction 6, overtaken",
        "open, asking with timer 9": "open, transaction 6, asking with timer 9",
        "open, asked with timer 9": "open, transaction 6, asked with timer 9",
      ]
    ),
    ("transactionEnded", { _ = $0.transactionEnded(5) }, ["open, transaction 5": "open"]),
    ("another's transactionEnded", { _ = $0.transactionEnded(6) }, [:]),
    (
      "wear", { $0.wear() },
      [
        "open": "open, worn", "open, script": "open, script, worn", "open, transaction 5": "open, transaction 5, worn",
        "open, asking with timer 9": "open, asking with timer 9, worn", "open, overtaken": "open, overtaken, worn",
        "open, asked with timer 9": "open, asked with timer 9, worn",
      ]
    ),
    (
      "cancel", { _ = $0.cancel { 8 } },
      [
        "open": "open, asking with timer 8", "open, script": "open, script, asking with timer 8",
        "open, transaction 5": "open, transaction 5, asking with timer 8",
        "open, worn": "open, asking with timer 8, worn",
        // The grace time counts from the first time that the server was asked.
        "open, asked with timer 9": "open, asking with timer 9",
      ]
    ),
    (
      "cancelSent", { $0.cancelSent() },
      ["open, asking with timer 9": "open, asked with timer 9", "open, overtaken": "open"]
    ),
    (
      "stoppedRequestsEnded", { _ = $0.stoppedRequestsEnded() },
      ["open, asking with timer 9": "open, overtaken", "open, asked with timer 9": "open"]
    ),
    (
      "close", { _ = $0.close(PostgresError(.shutDown, "shut down")) },
      Dictionary(uniqueKeysWithValues: examples.dropLast().map { ($0, "closed: shut down") })
    ),
  ]

  @Test(arguments: examples)
  func everyEventLeadsToItsStateOrChangesNothing(_ outline: String) {
    #expect(Self.example(outline).outline == outline)
    for (name, apply, next) in Self.events {
      var machine = Self.example(outline)
      apply(&machine)
      #expect(machine.outline == next[outline] ?? outline, "\(name) in \(outline)")
    }
  }

  @Test func anAcceptedConnectionReturnsItsCallerAndTimerOnce() throws {
    var machine = Machine()
    #expect(machine.connected() == nil)
    #expect(machine.link == nil)
    #expect(machine.begin("link", for: "caller", until: 1) == true)
    #expect(machine.begin("other", for: "other", until: 2) == false)
    #expect(machine.link == "link")
    #expect(!machine.isOpen && !machine.maySend && !machine.isReusable)
    let accepted = machine.connected()
    let (caller, timer) = try #require(accepted)
    #expect(caller == "caller")
    #expect(timer == 1)
    #expect(machine.connected() == nil)
    #expect(machine.isOpen && machine.maySend && machine.isReusable)
    #expect(machine.link == "link")
  }

  @Test func closingReturnsWhatTheStateHeldAndKeepsTheFirstError() throws {
    var connecting = Self.example("connecting with timer 1")
    let closed = connecting.close(Self.lost)
    let ended = try #require(closed)
    #expect(ended.timer == 1)
    guard case .connecting(_, "caller", _) = ended else {
      Issue.record("the caller of connect() was dropped")
      return
    }
    #expect(connecting.close(PostgresError(.shutDown, "later")) == nil)
    #expect(connecting.refusal(inside: nil)?.code == .connectionLost)
    #expect(connecting.link == nil)
    var asked = Self.example("open, asked with timer 9")
    #expect(asked.close(Self.lost)?.timer == 9)
    var overtaken = Self.example("open, overtaken")
    #expect(overtaken.close(Self.lost)?.timer == nil)
  }

  @Test func requestsAreRefusedOutsideTheirTransactionAndWhileNotOpen() {
    #expect(Machine().refusal(inside: nil)?.code == .misuse)
    #expect(Self.example("connecting with timer 1").refusal(inside: nil)?.code == .misuse)
    #expect(Self.example("closed: lost").refusal(inside: 5)?.code == .connectionLost)
    let machine = Self.example("open, transaction 5")
    #expect(machine.refusal(inside: nil) == nil)
    #expect(machine.refusal(inside: 5) == nil)
    #expect(machine.refusal(inside: 4)?.message == "the transaction is over")
    #expect(Self.example("open").refusal(inside: 5)?.message == "the transaction is over")
  }

  @Test(arguments: examples)
  func sendingAndReuseDependOnTheState(_ outline: String) {
    let machine = Self.example(outline)
    let sending: Set = ["open", "open, transaction 5", "open, asked with timer 9", "open, worn"]
    #expect(machine.maySend == sending.contains(outline))
    // Whether a script is still in flight is the connection's own check.
    #expect(machine.isReusable == ["open", "open, script"].contains(outline))
    #expect(machine.isCancelling == ["open, asking with timer 9", "open, asked with timer 9"].contains(outline))
    #expect(machine.transaction == (outline == "open, transaction 5" ? 5 : nil))
  }

  @Test func aCancellationTakesItsWholeCourse() {
    var machine = Self.example("open")
    var timersStarted = 0
    func grace() -> Int {
      timersStarted += 1
      return timersStarted
    }
    #expect(machine.cancel(grace: grace) == true)
    #expect(machine.cancel(grace: grace) == false, "the server is being asked already")
    #expect(!machine.maySend)
    machine.cancelSent()
    #expect(machine.maySend)
    #expect(machine.cancel(grace: grace) == true, "the server is asked again: it may not have begun")
    #expect(timersStarted == 1)
    machine.cancelSent()
    #expect(machine.stoppedRequestsEnded() == 1)
    #expect(machine.stoppedRequestsEnded() == nil)
    #expect(machine.isReusable)
    // The request ends before the thread that asks for its cancellation.
    #expect(machine.cancel(grace: grace) == true)
    #expect(machine.stoppedRequestsEnded() == 2)
    #expect(!machine.maySend && !machine.isReusable)
    #expect(machine.cancel(grace: grace) == false)
    machine.cancelSent()
    #expect(machine.maySend && machine.isReusable)
    #expect(timersStarted == 2)
  }

  @Test func aScriptLetsNothingElseBeSentUntilItEnds() {
    var machine = Self.example("open")
    #expect(machine.scriptBegan() == true)
    #expect(machine.scriptBegan() == false)
    #expect(!machine.maySend)
    #expect(machine.workEnded() == true)
    #expect(machine.workEnded() == false, "an ordinary request does not leave the pipeline")
    #expect(machine.maySend)
  }
}

extension ConnectionMachine where Timer == Int {
  /// The state in a line.
  fileprivate var outline: String {
    switch state {
    case .new: return "new"
    case .connecting(_, _, let timer): return "connecting with timer \(timer)"
    case .closed(let error): return "closed: \(error.message)"
    case .open(_, let session):
      var parts = ["open"]
      if case .script = session.work { parts.append("script") }
      if let transaction = session.transaction { parts.append("transaction \(transaction)") }
      switch session.cancellation {
      case .none: break
      case .asking(let grace): parts.append("asking with timer \(grace)")
      case .overtaken: parts.append("overtaken")
      case .asked(let grace): parts.append("asked with timer \(grace)")
      }
      if session.isWorn { parts.append("worn") }
      return parts.joined(separator: ", ")
    }
  }
}
