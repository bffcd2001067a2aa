import DeskCore
import Store

/// The customers' channel: it repeats a request under the same key until it has an answer.
final class ChannelProcess: SimulatedProcess {
  override func begin() {
    for message in world.plan.messages { after(message.at) { [unowned self] in send(message) } }
  }

  private func send(_ message: RunPlan.Message) {
    let intakes = world.processes(.intake)
    let intake = intakes[Int.random(in: 0..<intakes.count, using: &random)].node
    var isOver = false
    func repeatSoon() {
      guard !isOver else { return }
      isOver = true
      after(.milliseconds(Int64.random(in: 200...1_000, using: &random))) { [unowned self] in send(message) }
    }
    func settle(_ answer: CommitMachine.Answer) {
      guard !isOver else { return }
      guard case .outcomes(let outcomes) = answer, let outcome = outcomes.first else { return repeatSoon() }
      switch outcome {
      case .accepted(let acceptance), .duplicate(let acceptance):
        isOver = true
        let isStored = world.database.tables.messages[acceptance.message] != nil
        world.customers.acknowledged(message.number, acceptance, isStored: isStored)
        note("message \(message.number) of customer \(message.customer) is acknowledged")
      case .conflict, .refused, .duplicateOfDropped:
        isOver = true
        note("BUG: message \(message.number) is refused: \(outcome)")
      case .unavailable, .heldUp, .overloaded: repeatSoon()
      }
    }
    after(FaultSimulationBounds.answerTimeout) { repeatSoon() }
    let me = node
    world.send(.request, from: me, to: intake) { [unowned self] process in
      guard let process = process as? IntakeProcess, process.hasBegun else { return }
      process.submit(message) { [unowned self] answer in
        world.send(.request, from: intake, to: me) { _ in settle(answer) }
      }
    }
  }
}

/// What the customers know.
final class Customers {
  /// The messages that were acknowledged, by number.
  private(set) var acknowledged: [Int: Acceptance] = [:]
  /// Those that PostgreSQL did not have at that moment.
  private(set) var lost: [Int] = []
  private let messages: [RunPlan.Message]

  init(_ messages: [RunPlan.Message]) { self.messages = messages }

  func acknowledged(_ number: Int, _ acceptance: Acceptance, isStored: Bool) {
    acknowledged[number] = acceptance
    if !isStored { lost.append(number) }
  }

  /// The messages that were not acknowledged.
  var waiting: [Int] { messages.map(\.number).filter { acknowledged[$0] == nil } }
}
