import HTTPTypes
import Store

/// One thing that can be asked of the console, and who may ask it. `table` is all there is: routes are made from it, requests are
/// let in by it, and `/openapi.json` describes it.
struct ConsoleEndpoint: Sendable {
  /// What is asked.
  enum Name: String, Sendable, CaseIterable {
    case readMe, listMyTickets, setMyPresence, stream
    case acceptOffer, declineOffer
    case readTicket, readMessages, readContact, readTimeline, explainTicket, reply, addNote, resolve
    case label, transfer, link, merge
    case readCustomer, setCustomer, listFollowUps, finishFollowUp
    case listHooks, enableHook, pauseHook
    case listFeedback, exportFeedback, listHotIssues
    case readReport, exportReport, drawReport
    case setPriority
    case listAgents, setPresence
    case listQueues, listServiceLevels, listWorkers, listLeases, readOverview, readPolicy
  }

  let name: Name
  let method: HTTPRequest.Method
  /// Parameters stand in braces.
  let path: String
  let roles: Set<Role>
  let summary: String
  /// The schema of the body, nil where none is taken.
  var body: String?
  /// Whether the body may be left out.
  var bodyIsOptional = false
  /// The schema of the answer; nil for what is no JSON.
  var answer: String?
  /// The type of an answer that is no JSON.
  var answerType = "text/csv"
  /// Parameters of the query, by their names among the description's own.
  var query: [String] = []

  private static let people: Set<Role> = [.agent, .lead]
  private static let overseers: Set<Role> = [.lead, .operator, .auditor]
  private static let everybody: Set<Role> = [.agent, .lead, .operator, .auditor]

  static let table: [ConsoleEndpoint] = [
    .init(
      name: .readMe, method: .get, path: "/v1/agents/me", roles: people,
      summary: "The agent's presence, load and capacity.", answer: "Agent"),
    .init(
      name: .listMyTickets, method: .get, path: "/v1/agents/me/tickets", roles: people,
      summary: "The tickets that the agent has or is asked for.", answer: "Tickets"),
    .init(
      name: .setMyPresence, method: .put, path: "/v1/agents/me/presence", roles: people,
      summary: "Says whether the agent is at the desk.", body: "Presence", answer: "Agent"),
    .init(
      name: .stream, method: .get, path: "/v1/agents/me/stream", roles: people,
      summary: "Offers and news of the agent's tickets as server-sent events: offer, offer_ended, ticket.",
      answerType: "text/event-stream"),
    .init(
      name: .acceptOffer, method: .post, path: "/v1/offers/{id}/accept", roles: people,
      summary: "Takes an offer. Taking it again is answered in the same way.", body: "ReasonIfAny",
      bodyIsOptional: true,
      answer: "Ticket"),
    .init(
      name: .declineOffer, method: .post, path: "/v1/offers/{id}/decline", roles: people,
      summary: "Turns an offer down.", body: "ReasonIfAny", bodyIsOptional: true, answer: "Ticket"),
    .init(
      name: .readTicket, method: .get, path: "/v1/tickets/{id}", roles: everybody,
      summary: "A ticket with its labels, clocks and the newest page of its conversation.", answer: "Ticket"),
    .init(
      name: .readMessages, method: .get, path: "/v1/tickets/{id}/messages", roles: everybody,
      summary: "A page of a ticket's conversation, from its end; `next` leads to the page before.", answer: "Messages",
      query: ["Before", "Limit"]),
    .init(
      name: .readContact, method: .get, path: "/v1/tickets/{id}/contact", roles: people,
      summary: "How the ticket's customer can be reached, where they said so. Who looked is noted in the audit.",
      answer: "Contact"),
    .init(
      name: .readTimeline, method: .get, path: "/v1/tickets/{id}/timeline", roles: everybody,
      summary: "What happened to a ticket, and why: a page from its end; `next` leads to the page before.",
      answer: "Timeline", query: ["Before", "Limit"]),
    .init(
      name: .explainTicket, method: .get, path: "/v1/tickets/{id}/explanation", roles: everybody,
      summary:
        "The router's decisions about a ticket, made again: which rules and agents lost, why, and what would have changed it.",
      answer: "Explanation", query: ["Before", "Limit"]),
    .init(
      name: .reply, method: .post, path: "/v1/tickets/{id}/replies", roles: people,
      summary: "Answers the customer. An Idempotency-Key makes a repetition harmless.", body: "Reply",
      answer: "Written"),
    .init(
      name: .addNote, method: .post, path: "/v1/tickets/{id}/notes", roles: people,
      summary: "Adds a note that the customer does not see.", body: "Note", answer: "Written"),
    .init(
      name: .resolve, method: .post, path: "/v1/tickets/{id}/resolve", roles: people, summary: "Settles a ticket.",
      body: "ReasonIfAny", bodyIsOptional: true, answer: "Ticket"),
    .init(
      name: .label, method: .post, path: "/v1/tickets/{id}/label", roles: people,
      summary:
        "Says what a ticket is about. The rules send it on from triage; a wrong label is put right on any ticket.",
      body: "Label", answer: "Ticket"),
    .init(
      name: .transfer, method: .post, path: "/v1/tickets/{id}/transfer", roles: people,
      summary: "Hands a ticket to a queue, or puts it before an agent. Leads may take it out of another's hands.",
      body: "Transfer", answer: "Ticket"),
    .init(
      name: .link, method: .post, path: "/v1/tickets/{id}/links", roles: people,
      summary: "Says that another ticket belongs with this one.", body: "Link", answer: "Ticket"),
    .init(
      name: .merge, method: .post, path: "/v1/tickets/{id}/merge", roles: people,
      summary:
        "Makes a ticket part of another of the same customer, which is answered. The first one ends. Leads may merge across customers.",
      body: "Merge",
      answer: "Ticket"),
    .init(
      name: .readCustomer, method: .get, path: "/v1/customers/{channel}/{customer}", roles: everybody,
      summary:
        "A customer's standing and dedicated agent; agents see those who have or had a ticket that they may see.",
      answer: "Customer"),
    .init(
      name: .setCustomer, method: .put, path: "/v1/customers/{channel}/{customer}", roles: [.lead, .operator],
      summary: "Sets a customer's standing and dedicated agent, for tickets from now on.", body: "CustomerStanding",
      answer: "Customer"),
    .init(
      name: .listFollowUps, method: .get, path: "/v1/follow-ups", roles: overseers,
      summary: "Tickets with a low rating that a lead must look at; with ?done=true those that are done.",
      answer: "FollowUps", query: ["Done"]),
    .init(
      name: .finishFollowUp, method: .post, path: "/v1/follow-ups/{id}/done", roles: [.lead, .operator],
      summary: "Says what came of a follow-up. Doing it again changes nothing.", body: "Outcome", answer: "FollowUp"),
    .init(
      name: .listFeedback, method: .get, path: "/v1/feedback", roles: overseers,
      summary: "What customers wish for and what breaks, grouped by likeness, with counts and trend.",
      answer: "Feedback"),
    .init(
      name: .exportFeedback, method: .get, path: "/v1/feedback.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180)."),
    .init(
      name: .listHotIssues, method: .get, path: "/v1/hot-issues", roles: overseers,
      summary: "Kinds of questions that came far more often than foretold, newest first.", answer: "HotIssues"),
    .init(
      name: .readReport, method: .get, path: "/v1/reports/{by}", roles: overseers,
      summary:
        "What became of the tickets of some days: volume, waits, promises kept, resolved, reopened, self-service, ratings, repeats.",
      answer: "Report", query: ["From", "To", "Zone"]),
    .init(
      name: .exportReport, method: .get, path: "/v1/reports/{by}/table.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180).", query: ["From", "To", "Zone"]),
    .init(
      name: .drawReport, method: .get, path: "/v1/reports/{by}/picture.svg", roles: overseers,
      summary: "The same as a picture.", answerType: "image/svg+xml", query: ["From", "To", "Zone", "Language"]),
    .init(
      name: .listHooks, method: .get, path: "/v1/hooks", roles: overseers,
      summary: "The outgoing hooks, and whether deliveries to them are made, paused, held or fail.", answer: "Hooks"),
    .init(
      name: .enableHook, method: .post, path: "/v1/hooks/{id}/enable", roles: [.operator],
      summary: "Resumes deliveries to a hook that was paused, and makes due what it is owed.", body: "Reason",
      answer: "Hook"),
    .init(
      name: .pauseHook, method: .post, path: "/v1/hooks/{id}/pause", roles: [.operator],
      summary: "Pauses deliveries to a hook. What it is owed is kept.", body: "Reason", answer: "Hook"),
    .init(
      name: .setPriority, method: .post, path: "/v1/tickets/{id}/priority", roles: [.lead, .operator],
      summary: "Gives a ticket another priority, and with it what that priority is promised. Time used stays used.",
      body: "PriorityChange", answer: "Ticket"),
    .init(
      name: .listAgents, method: .get, path: "/v1/agents", roles: overseers,
      summary: "Every agent's presence, load and capacity.", answer: "Agents"),
    .init(
      name: .setPresence, method: .post, path: "/v1/agents/{id}/presence", roles: [.lead, .operator],
      summary: "Says for an agent whether they are at the desk.", body: "Presence", answer: "Agent"),
    .init(
      name: .listQueues, method: .get, path: "/v1/queues", roles: overseers,
      summary: "Every queue: what waits, what is late.", answer: "Queues"),
    .init(
      name: .listServiceLevels, method: .get, path: "/v1/service-levels", roles: overseers,
      summary: "How promises are kept, warned of and broken, by queue and clock.", answer: "ServiceLevels"),
    .init(
      name: .listWorkers, method: .get, path: "/v1/workers", roles: overseers, summary: "The processes that live.",
      answer: "Workers"),
    .init(
      name: .listLeases, method: .get, path: "/v1/leases", roles: overseers, summary: "Who leads and who owns what.",
      answer: "Leases"),
    .init(
      name: .readOverview, method: .get, path: "/v1/overview", roles: overseers,
      summary: "The whole desk in a few numbers.", answer: "Overview"),
    .init(
      name: .readPolicy, method: .get, path: "/v1/policy", roles: overseers, summary: "The policy that holds.",
      answer: "Policy"),
  ]
}
