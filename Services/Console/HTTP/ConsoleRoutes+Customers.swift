import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store
import UntrustedInput
import UseCases

// Customers, their feedback, and the outgoing hooks.

extension ConsoleRoutes {
  /// The customer in the path, by intake's rules for customers, on a channel of the policy.
  func customer(_ call: Call) throws -> (channel: ChannelID, name: String) {
    let channel: ChannelID = try key(of: "channel", as: "channel", call)
    let name = try RequestPath.value("customer", in: call.parameters)
    do throws(InputFault) {
      try InputRules.customer(name)
    } catch {
      throw HTTPProblem(
        .unprocessableContent, type: .invalidRequest, detail: "The path does not name a customer.",
        errors: [.init(field: "customer", detail: error.detail, remedy: error.remedy)])
    }
    guard let policy = policy.current else { throw TicketProblem.noPolicy }
    guard policy.channels[channel] != nil else { throw ConsoleProblem.notFound("channel") }
    return (channel, name)
  }

  /// An agent sees the tier of customers with a ticket that the agent may see, now or earlier, and of no one else.
  func readCustomer(_ call: Call) async throws -> Response {
    let (channel, name) = try customer(call)
    try await requireSight(of: Correspondent(name, on: channel), call)
    return try await answer(Correspondent(name, on: channel))
  }

  /// An agent sees customers with a ticket that the agent may see, now or earlier, and no others.
  func requireSight(of customer: Correspondent, _ call: Call) async throws {
    guard call.bearer.role == .agent else { return }
    let traces = try await store.privacy.traces(of: customer.customer, on: customer.channel)
    guard traces.contains(where: { sees(call.bearer, $0) }) else { throw ConsoleProblem.notFound("customer") }
  }

  /// A customer's record with the person.
  func answer(_ customer: Correspondent) async throws -> Response {
    let record = try await store.privacy.customer(customer.customer, of: customer.channel)
    return Self.json(ConsoleJSON.customer(record, person: try await store.privacy.person(of: customer)))
  }

  /// A tier change is recorded with the customer next to the audit chain, where an erasure finds it: the audit log itself stores no names.
  func setCustomer(_ call: Call) async throws -> Response {
    let (channel, name) = try customer(call)
    var body = try await JSONBody(call)
    let tier = body.tier("tier")
    let agent: AgentID? = body.key("dedicated_agent")
    let reason = body.reason()
    try body.finish()
    guard let policy = policy.current else { throw TicketProblem.noPolicy }
    if let agent, policy.agents[agent] == nil {
      throw ConsoleProblem.unknown("agent", field: "dedicated_agent", agent.rawValue)
    }
    try await store.privacy.setCustomer(name, of: channel, tier: tier, dedicatedAgent: agent)
    try await store.audit.note(
      "customer.set", of: channel.rawValue,
      detail: noting(
        call, reason,
        [
          .init("tier", .text(tier.rawValue)), .init("dedicated_agent", agent.map { .text($0.rawValue) } ?? .null),
          .init("customer", .text(name)),
        ]))
    return try await answer(Correspondent(name, on: channel))
  }

  // MARK: Follow-ups

  func followUps(_ call: Call) async throws -> Response {
    var query = RequestQuery(call.request.uri, known: ["done"])
    let done = Bool(query["done"] ?? "false")
    if done == nil { query.refuse("done", "Not a boolean.", remedy: "Send true or false.") }
    guard let done, query.errors.isEmpty else { throw query.problem("The query cannot be read.") }
    return Self.list(
      "follow_ups", try await store.learning.followUps(done: done, limit: ConsoleBounds.rowsPerList),
      ConsoleJSON.followUp)
  }

  func finishFollowUp(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "follow-up", call)
    var body = try await JSONBody(call)
    let outcome = body.words("outcome", longest: ConsoleBounds.reasonCharacters)
    try body.finish()
    let name = call.bearer.agent?.rawValue ?? call.bearer.label
    guard let followUp = try await store.learning.finishFollowUp(of: id, by: name, outcome: outcome) else {
      throw ConsoleProblem.notFound("follow-up")
    }
    try await store.audit.note("follow_up.done", of: id.description, detail: noting(call, outcome, []))
    return Self.json(ConsoleJSON.followUp(followUp))
  }

  // MARK: Hooks

  func hooks() async throws -> Response {
    guard let policy = policy.current else { throw TicketProblem.noPolicy }
    let states = Dictionary(uniqueKeysWithValues: try await store.hooks.hookStates().map { ($0.hook, $0) })
    return Self.list("hooks", policy.hooks.values.sorted { $0.id < $1.id }) { hook in
      ConsoleJSON.hook(hook, states[hook.id] ?? HookState(hook: hook.id))
    }
  }

  /// The database records the change itself; who made it, and why, is recorded here.
  func enableHook(_ call: Call) async throws -> Response {
    let (hook, reason) = try await hookAndReason(call)
    if try await store.hooks.resumeHook(hook.id, reason: reason) {
      try await store.audit.note("hook.enabled_by", of: hook.id.rawValue, detail: noting(call, reason, []))
      _ = try await store.hooks.hastenAll(hook.id, perSecond: ConsoleBounds.resumedDeliveriesPerSecond)
    }
    return try await answer(hook)
  }

  func pauseHook(_ call: Call) async throws -> Response {
    let (hook, reason) = try await hookAndReason(call)
    if try await store.hooks.pauseHook(hook.id, reason: reason, noticed: true) {
      try await store.audit.note("hook.paused_by", of: hook.id.rawValue, detail: noting(call, reason, []))
    }
    return try await answer(hook)
  }

  private func hookAndReason(_ call: Call) async throws -> (hook: Hook, reason: String) {
    let id: HookID = try key(of: "hook", call)
    var body = try await JSONBody(call)
    let reason = body.reason()
    try body.finish()
    guard let hook = policy.current?.hooks[id] else { throw ConsoleProblem.notFound("hook") }
    return (hook, reason)
  }

  private func answer(_ hook: Hook) async throws -> Response {
    let state = try await store.hooks.hookStates().first { $0.hook == hook.id }
    return Self.json(ConsoleJSON.hook(hook, state ?? HookState(hook: hook.id)))
  }

  /// The audit entry of a request.
  func noting(_ call: Call, _ reason: String?, _ fields: [JSONValue.Field]) -> JSONValue {
    .object(
      [
        .init("key", .text(call.bearer.id.description)), .init("role", .text(call.bearer.role.rawValue)),
        .init("agent", call.bearer.agent.map { .text($0.rawValue) } ?? .null),
      ] + (reason.map { [.init("reason", .text($0))] } ?? []) + fields)
  }
}
