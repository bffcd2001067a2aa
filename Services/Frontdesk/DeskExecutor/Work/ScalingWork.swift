import CommandLineTool
import DeskCore
import DeskSupervisor
import Store

/// Chooses how many processes of a service run, as `frontdesk scale` does: a number, or that it follows the load. Where `up` runs the desk,
/// a number is waited for; elsewhere the platform's autoscaler follows what is chosen.
struct ScalingWork: IntentWork {
  private let service: ServiceKind
  /// Nil if the number follows the load.
  private let count: Int?
  private let label: String
  private let store: DeskStore
  private let configuration: ExecutorConfiguration

  init?(_ intent: Intent, _ store: DeskStore, _ configuration: ExecutorConfiguration) {
    let parameters = intent.parameters
    guard let service = parameters["service"]?.text.flatMap({ ScalableService(rawValue: $0) }),
      let kind = ServiceKind(rawValue: service.rawValue)
    else { return nil }
    if parameters["automatic"] == .flag(true) {
      guard ScalableService.elastic.contains(service) else { return nil }
      count = nil
    } else {
      guard let number: Int = parameters.number("count"), ScalableService.counts.contains(number) else { return nil }
      count = number
    }
    (self.service, self.configuration) = (kind, configuration)
    (label, self.store) = (intent.label, store)
  }

  func check() async throws -> IntentCheck {
    let before = try await store.fleet.livingInstances().count { $0.service == service.rawValue }
    return .ready(plan: [.init("before", .integer(Int64(before)))])
  }

  func act(plan: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    let choose = { try await store.capacity.choose(service.rawValue, count, by: label) }
    var facts: [JSONValue.Field] = [
      .init("service", .text(service.rawValue)), .init("before", plan["before"] ?? .null),
    ]
    guard let count else {
      try await choose()
      return IntentNote("left_to_load", facts)
    }
    facts.append(.init("count", .integer(Int64(count))))
    guard let desk = configuration.localDesk else {
      try await choose()
      return IntentNote("count_chosen", facts)
    }
    let outcome = try await Scaling(socket: desk.controlSocket, service: service, count: count).run(choosing: choose)
    return IntentNote(
      outcome.isReached ? "scaled" : "scaling", facts + [.init("processes", .text(outcome.summary))])
  }
}
