import HTTPService
import HTTPTypes
import Store

/// One operation of the console, and who may call it. `table` is complete: routes are built from it, requests are authorised by it, and
/// `/openapi.json` describes it.
struct ConsoleEndpoint: Sendable {
  /// The operation's name.
  enum Name: String, Sendable, CaseIterable {
    case signIn, listProviders, startCompanySignIn, finishCompanySignIn, signOut, readCaller, listSessions, endSession,
      readDirectory
    case readMe, listMyTickets, setMyPresence, stream
    case listDrafts, listMyDrafts, keepDraft, deleteDraft, markTicketAsRead
    case listNotices, markNoticeAsRead
    case acceptOffer, declineOffer
    case search
    case listTickets, readTicket, readMessages, readContact, readTimeline, explainTicket, reply, addNote, resolve
    case label, transfer, answerMove, link, merge
    case listCallBacks, setCallBack
    case consult, listConsults, answerConsult, withdrawConsult
    case readCustomer, setCustomer, readHistory, joinCustomers, separateCustomers, listFollowUps, finishFollowUp
    case listHooks, enableHook, pauseHook
    case listFeedback, exportFeedback, listHotIssues
    case listCrises, readCrisis, openCrisis, checkCrisis, switchCrisisAnswer, setCrisisOwner, endCrisis
    case readReport, exportReport, drawReport
    case listInterceptions, readInterceptedText, reportInterceptions
    case listInspections, readInspection, scoreInspection, decideAppeal, listMyInspections, appealInspection
    case reportInspections, exportInspections
    case readHandling, exportHandling, readOccupancy, exportOccupancy, readTransfers, exportTransfers
    case readPath, exportPath, drawPath, readChange, exportChange
    case setPriority
    case listAgents, setPresence
    case listQueues, listServiceLevels, listWorkers, listLeases, readOverview, readPolicy
    case readTitles, readWallboard, readQueueFlow, watchWallboard, readViewers, attend
    case listIntents, readIntent, scaleWorkers, listDeadLetters, readDeadLetter, replayDeadLetters, listKeys, revokeKey
    case checkPolicy, tryPolicyExamples, tryPolicyOnTickets, applyPolicy, listPolicyVersions, readPolicyVersion
    case restorePolicy
    case promoteModel, revertModel, listAudit, verifyAudit
    case readForecast, exportForecast, drawForecast, readWaitErrors, readPlan, exportPlan, drawPlan
  }

  let name: Name
  let method: HTTPRequest.Method
  /// Parameters are in braces.
  let path: String
  let roles: Set<Role>
  let summary: String
  /// The schema of the request body; nil if there is none.
  var body: String?
  /// Whether the body may be left out.
  var bodyIsOptional = false
  /// The schema of the response; nil if it is not JSON.
  var answer: String?
  /// The media type of a response that is not JSON.
  var answerType = "text/csv"
  /// The parameters that are not in the path.
  var parameters: [OpenAPIParameter] = []
  /// The types of problems, in addition to those of access, path, query and body.
  var problems: Set<ProblemType> = []
  /// The statuses with which a page says why a navigation failed; empty if the endpoint is not a navigation.
  var failurePages: [HTTPResponse.Status] = []
  /// Whether callers need neither a key nor a session.
  var isPublic = false
  /// Whether what the endpoint returns may not exist, although the path has no parameter.
  var canBeMissing = false

  private static let people: Set<Role> = [.agent, .lead]
  private static let overseers: Set<Role> = [.lead, .operator, .auditor]
  private static let inspectors: Set<Role> = [.lead, .auditor]
  private static let everybody: Set<Role> = [.agent, .lead, .operator, .auditor]

  /// A step of a ticket's lifecycle.
  private static let step: Set<ProblemType> = [.ticketState, .concurrentChanges]

  /// The same of the ticket that its sender expects.
  private static let expectedStep = step.union([.ticketChanged])

  /// A change of a crisis case.
  private static let change: Set<ProblemType> = [.crisisEnded, .concurrentChanges]

  /// Where browsers begin a sign-in by the company's provider, and where the provider sends its answer.
  static let companyStartPath = "/v1/sign-in"
  static let companyAnswerPath = "/v1/sign-in/answer"

  static let table: [ConsoleEndpoint] = desk + operating + staffing

  private static let desk: [ConsoleEndpoint] = [
    .init(
      name: .signIn, method: .post, path: "/v1/sessions", roles: [],
      summary: "Opens a session with the secret of a sign-in link, which is used up. The session's cookie is set.",
      body: "SignIn", answer: "Caller", problems: [.unauthorised, .forbidden], isPublic: true),
    .init(
      name: .listProviders, method: .get, path: "/v1/sign-in/providers", roles: [],
      summary: "The identity providers by which people can sign in.", answer: "Providers", isPublic: true),
    .init(
      name: .startCompanySignIn, method: .get, path: companyStartPath, roles: [],
      summary:
        "Sends a browser to an identity provider (OpenID Connect, authorization code flow with PKCE). A failure is a page.",
      answerType: "text/html", parameters: [.provider, .returnPage, .pageLanguage],
      failurePages: [.notFound, .badGateway, .serviceUnavailable], isPublic: true),
    .init(
      name: .finishCompanySignIn, method: .get, path: companyAnswerPath, roles: [],
      summary:
        "Where an identity provider sends its answer: opens a session, whose cookie is set, and goes to a page. A failure is a page.",
      answerType: "text/html", parameters: [.code, .state, .issuer, .providerError],
      failurePages: [.badRequest, .forbidden, .notFound, .badGateway, .serviceUnavailable], isPublic: true),
    .init(
      name: .signOut, method: .delete, path: "/v1/session", roles: everybody,
      summary: "Ends the caller's session. A caller with a key has none.", answer: "Done"),
    .init(
      name: .readCaller, method: .get, path: "/v1/me", roles: everybody,
      summary: "Who the caller is: role, agent, session, and the server's time.", answer: "Caller"),
    .init(
      name: .listSessions, method: .get, path: "/v1/sessions", roles: everybody,
      summary: "The open sessions: the caller's own, or everybody's for an operator.", answer: "Sessions"),
    .init(
      name: .endSession, method: .delete, path: "/v1/sessions/{id}", roles: everybody,
      summary: "Ends a session: one of the caller's own, or anyone's for an operator.", answer: "Done"),
    .init(
      name: .readDirectory, method: .get, path: "/v1/directory", roles: everybody,
      summary:
        "To whom tickets can be transferred and how they can be labelled: queues, agents with their presence, categories.",
      answer: "Directory"),
    .init(
      name: .readMe, method: .get, path: "/v1/agents/me", roles: people,
      summary: "The agent's presence, load and capacity.", answer: "Agent", canBeMissing: true),
    .init(
      name: .listMyTickets, method: .get, path: "/v1/agents/me/tickets", roles: people,
      summary:
        "The tickets that are assigned or offered to the agent, each with its last message, what the agent has not read, and what is due next.",
      answer: "Tickets"),
    .init(
      name: .markTicketAsRead, method: .put, path: "/v1/tickets/{id}/read", roles: people,
      summary: "Moves the agent's read mark to a message. It never moves backwards.", body: "ReadMark",
      answer: "ReadState"),
    .init(
      name: .listMyDrafts, method: .get, path: "/v1/agents/me/drafts", roles: people,
      summary: "What the agent is writing, on all tickets, newest first.", answer: "Drafts"),
    .init(
      name: .listDrafts, method: .get, path: "/v1/tickets/{id}/drafts", roles: people,
      summary:
        "What agents are writing on a ticket, newest first. Only the writer gets the text, also when the ticket went to somebody else.",
      answer: "Drafts"),
    .init(
      name: .keepDraft, method: .put, path: "/v1/tickets/{id}/drafts/{kind}", roles: people,
      summary:
        "Stores what the agent is writing, in place of the text that `replaces` names. Its new key is the Idempotency-Key under which to send it; sending it deletes the draft.",
      body: "DraftText", answer: "Draft", problems: [.draftChanged, .ticketState]),
    .init(
      name: .deleteDraft, method: .delete, path: "/v1/tickets/{id}/drafts/{kind}", roles: people,
      summary: "Deletes a draft. A repetition changes nothing.", answer: "Done", parameters: [.draftKey],
      problems: [.draftChanged]),
    .init(
      name: .setMyPresence, method: .put, path: "/v1/agents/me/presence", roles: people,
      summary: "Sets the agent's presence.", body: "Presence", answer: "Agent", canBeMissing: true),
    .init(
      name: .stream, method: .get, path: "/v1/agents/me/stream", roles: people,
      summary:
        "Offers, changes of the agent's tickets, notices and consults as server-sent events: offer, offer_ended, ticket, notice, consult; availability, whether the database answers.",
      answerType: "text/event-stream"),
    .init(
      name: .listNotices, method: .get, path: "/v1/notices", roles: people,
      summary:
        "Notices to the agent and to all with the key's role, newest first: escalations, breached SLA targets, low ratings, hot issues, stuck queues, failed deliveries, call-backs. `next` gives the next page.",
      answer: "Notices", parameters: [.beforeNotice, .limit]),
    .init(
      name: .markNoticeAsRead, method: .post, path: "/v1/notices/{id}/read", roles: people,
      summary: "Marks a notice as read by the agent. A repetition changes nothing.", answer: "Notice"),
    .init(
      name: .acceptOffer, method: .post, path: "/v1/offers/{id}/accept", roles: people,
      summary: "Accepts an offer. Accepting it again gets the same response.", body: "ReasonIfAny",
      bodyIsOptional: true,
      answer: "Ticket", problems: step.union([.offerClosed])),
    .init(
      name: .declineOffer, method: .post, path: "/v1/offers/{id}/decline", roles: people,
      summary: "Declines an offer.", body: "ReasonIfAny", bodyIsOptional: true, answer: "Ticket",
      problems: step.union([.offerClosed])),
    .init(
      name: .listTickets, method: .get, path: "/v1/tickets", roles: everybody,
      summary:
        "Live tickets that match all filters, newest first: an agent's own and those of their queues, for others all. A page can be short, or empty, while `next` is not null.",
      answer: "TicketPage", parameters: OpenAPIParameter.ticketFilters + [.cursor, .limit], problems: [.tooManyRows]),
    .init(
      name: .search, method: .get, path: "/v1/search", roles: everybody,
      summary:
        "Tickets, live and ended, with a message that matches, those with the newest such message first, and customers by name: an agent's own tickets and those of their queues, for others all. What was written a few seconds ago may be missing. A page can be short, or empty, while `next` is not null.",
      answer: "SearchResults", parameters: OpenAPIParameter.search, problems: [.tooManyRows]),
    .init(
      name: .readTicket, method: .get, path: "/v1/tickets/{id}", roles: everybody,
      summary:
        "A ticket with its labels, clocks and the newest page of its conversation. Its ETag is for `If-Match`: it changes with the state, holder, queue, priority and messages.",
      answer: "Ticket"),
    .init(
      name: .readMessages, method: .get, path: "/v1/tickets/{id}/messages", roles: everybody,
      summary: "A page of a ticket's conversation, from its end; `next` gives the previous page.", answer: "Messages",
      parameters: [.before, .limit]),
    .init(
      name: .readContact, method: .get, path: "/v1/tickets/{id}/contact", roles: people,
      summary: "How the ticket's customer can be reached, if known. Every access is recorded in the audit log.",
      answer: "Contact", problems: [.contactSealed]),
    .init(
      name: .readTimeline, method: .get, path: "/v1/tickets/{id}/timeline", roles: everybody,
      summary: "What happened to a ticket, and why: a page from its end; `next` gives the previous page.",
      answer: "Timeline", parameters: [.before, .limit]),
    .init(
      name: .explainTicket, method: .get, path: "/v1/tickets/{id}/explanation", roles: everybody,
      summary:
        "The router's decisions on a ticket, replayed: which rules and agents lost, why, and what would have changed it.",
      answer: "Explanation", parameters: [.before, .limit]),
    .init(
      name: .reply, method: .post, path: "/v1/tickets/{id}/replies", roles: people,
      summary:
        "Answers the customer, unless a reply rule of the policy refuses it. An Idempotency-Key makes retries safe.",
      body: "Reply", answer: "Written", parameters: [.messageKey, .acceptLanguage, .ifMatch],
      problems: expectedStep.union([.replyBlocked, .replyUnacknowledged])),
    .init(
      name: .addNote, method: .post, path: "/v1/tickets/{id}/notes", roles: people,
      summary: "Adds a note that the customer does not see.", body: "Note", answer: "Written",
      parameters: [.messageKey, .ifMatch], problems: expectedStep),
    .init(
      name: .resolve, method: .post, path: "/v1/tickets/{id}/resolve", roles: people, summary: "Settles a ticket.",
      body: "ReasonIfAny", bodyIsOptional: true, answer: "Ticket", parameters: [.ifMatch], problems: expectedStep),
    .init(
      name: .label, method: .post, path: "/v1/tickets/{id}/label", roles: people,
      summary:
        "Sets a ticket's label. The rules then route it out of triage; a wrong label can be corrected on any ticket.",
      body: "Label", answer: "Ticket", problems: step),
    .init(
      name: .transfer, method: .post, path: "/v1/tickets/{id}/transfer", roles: people,
      summary: "Transfers a ticket to a queue or offers it to an agent. Leads may transfer other agents' tickets.",
      body: "Transfer", answer: "Ticket", parameters: [.ifMatch], problems: expectedStep.union([.agentUnavailable])),
    .init(
      name: .answerMove, method: .post, path: "/v1/tickets/{id}/move", roles: people,
      summary: "Accepts or declines the move that the rules suggest since the customer's newest message.",
      body: "MoveAnswer", answer: "Ticket", parameters: [.ifMatch], problems: expectedStep),
    .init(
      name: .link, method: .post, path: "/v1/tickets/{id}/links", roles: people,
      summary: "Links another ticket to this one.", body: "Link", answer: "Ticket", problems: step),
    .init(
      name: .merge, method: .post, path: "/v1/tickets/{id}/merge", roles: people,
      summary:
        "Merges a ticket into another of the same customer, which is then answered. The first one ends. Leads may merge across customers.",
      body: "Merge",
      answer: "Ticket", parameters: [.ifMatch], problems: expectedStep.union([.otherCustomer])),
    .init(
      name: .listCallBacks, method: .get, path: "/v1/callbacks", roles: everybody,
      summary:
        "Call-backs that were promised, those due first first: an agent's own and those of their queues, for others all. Without `state` and `finished` those that are not finished. A page can be short while `next` is not null.",
      answer: "CallBacks", parameters: OpenAPIParameter.callBackFilters + [.cursor, .limit]),
    .init(
      name: .setCallBack, method: .put, path: "/v1/tickets/{id}/callbacks/{number}", roles: people,
      summary:
        "Promises a call-back, under the number after the ticket's newest one, or moves, hands over or finishes the newest one. A repetition changes nothing.",
      body: "CallBackChange", answer: "Ticket", problems: step),
    .init(
      name: .consult, method: .post, path: "/v1/tickets/{id}/consults", roles: people,
      summary:
        "Asks an agent, or a product line's interface people, about a ticket, which stays where it is. While the consult is open they may read the conversation. An Idempotency-Key makes retries safe.",
      body: "ConsultQuestion", answer: "Consult", parameters: [.messageKey],
      problems: step.union([.consultClosed])),
    .init(
      name: .listConsults, method: .get, path: "/v1/consults", roles: people,
      summary:
        "Consults that were put to the agent, or that the agent asked, newest first; `next` gives the page before.",
      answer: "Consults", parameters: [.asked, .consultState, .before, .limit]),
    .init(
      name: .answerConsult, method: .post, path: "/v1/consults/{id}/answer", roles: people,
      summary:
        "Answers a consult that was put to the agent: an internal note on the ticket, which the customer does not see. A repetition changes nothing.",
      body: "Note", answer: "Consult", problems: step.union([.consultClosed])),
    .init(
      name: .withdrawConsult, method: .post, path: "/v1/consults/{id}/withdraw", roles: people,
      summary:
        "Withdraws a consult: by who asked, who has the ticket, or a lead. A repetition changes nothing.",
      answer: "Consult", problems: step.union([.consultClosed])),
    .init(
      name: .readCustomer, method: .get, path: "/v1/customers/{channel}/{customer}", roles: everybody,
      summary:
        "A customer's tier and dedicated agent; agents see only customers with a ticket that they may see.",
      answer: "Customer"),
    .init(
      name: .setCustomer, method: .put, path: "/v1/customers/{channel}/{customer}", roles: [.lead, .operator],
      summary: "Sets a customer's tier and dedicated agent, for new tickets.", body: "CustomerSettings",
      answer: "Customer"),
    .init(
      name: .readHistory, method: .get, path: "/v1/customers/{channel}/{customer}/history", roles: everybody,
      summary: "The tickets of a customer's person on all channels, newest first; `next` gives the page before.",
      answer: "History", parameters: [.before, .limit]),
    .init(
      name: .joinCustomers, method: .post, path: "/v1/customers/{channel}/{customer}/join", roles: people,
      summary: "Makes two customers one person, with one standing and history. Agents must be allowed to see both.",
      body: "Join", answer: "Customer"),
    .init(
      name: .separateCustomers, method: .post, path: "/v1/customers/{channel}/{customer}/separate", roles: people,
      summary: "Undoes a join, which restores what was before. A repetition changes nothing.", body: "Separation",
      answer: "Customer"),
    .init(
      name: .listFollowUps, method: .get, path: "/v1/follow-ups", roles: overseers,
      summary: "Tickets with a low rating that a lead must review; with ?done=true those already reviewed.",
      answer: "FollowUps", parameters: [.done]),
    .init(
      name: .finishFollowUp, method: .post, path: "/v1/follow-ups/{id}/done", roles: [.lead, .operator],
      summary: "Records a follow-up's outcome. A repetition changes nothing.", body: "Outcome", answer: "FollowUp"),
    .init(
      name: .listFeedback, method: .get, path: "/v1/feedback", roles: overseers,
      summary: "Customers' feature requests and defect reports, grouped by similarity, with counts and trend.",
      answer: "Feedback"),
    .init(
      name: .exportFeedback, method: .get, path: "/v1/feedback.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180)."),
    .init(
      name: .listHotIssues, method: .get, path: "/v1/hot-issues", roles: overseers,
      summary: "Kinds of questions that arrived far more often than predicted, newest first.", answer: "HotIssues"),
    .init(
      name: .listCrises, method: .get, path: "/v1/crises", roles: overseers,
      summary: "Crisis cases, newest first; `next` gives the previous page.", answer: "Crises",
      parameters: [.before, .limit]),
    .init(
      name: .readCrisis, method: .get, path: "/v1/crises/{id}", roles: overseers,
      summary: "A crisis case with its checklist, prepared answers and figures.", answer: "Crisis"),
    .init(
      name: .openCrisis, method: .post, path: "/v1/crises", roles: [.lead, .operator],
      summary: "Opens a crisis case. If one of the same cause is open, returns that one.", body: "CrisisOpening",
      answer: "Crisis", problems: [.concurrentChanges]),
    .init(
      name: .checkCrisis, method: .post, path: "/v1/crises/{id}/checklist", roles: [.lead, .operator],
      summary: "Ticks a point of a case's checklist, or opens it again.", body: "CrisisCheck", answer: "Crisis",
      problems: change),
    .init(
      name: .switchCrisisAnswer, method: .post, path: "/v1/crises/{id}/answers", roles: [.lead, .operator],
      summary: "Switches a prepared answer on or off, for all customers who ask from now on.", body: "CrisisAnswer",
      answer: "Crisis", problems: change),
    .init(
      name: .setCrisisOwner, method: .post, path: "/v1/crises/{id}/owner", roles: [.lead, .operator],
      summary: "Makes an agent responsible for a case.", body: "CrisisOwner", answer: "Crisis", problems: change),
    .init(
      name: .endCrisis, method: .post, path: "/v1/crises/{id}/end", roles: [.lead, .operator],
      summary: "Ends a case with a summary. Its prepared answers are no longer sent.", body: "Reason",
      answer: "Crisis", problems: change),
    .init(
      name: .readReport, method: .get, path: "/v1/reports/{by}", roles: overseers,
      summary:
        "Ticket outcomes by day range: volume, waits, SLA targets met, resolved, reopened, self-service, ratings, repeats.",
      answer: "Report", parameters: [.from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .exportReport, method: .get, path: "/v1/reports/{by}/table.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180).", parameters: [.from, .to, .zone],
      problems: [.tooManyRows]),
    .init(
      name: .drawReport, method: .get, path: "/v1/reports/{by}/picture.svg", roles: overseers,
      summary: "The same as a chart.", answerType: "image/svg+xml", parameters: [.from, .to, .zone, .language],
      problems: [.tooManyRows]),
    .init(
      name: .listInterceptions, method: .get, path: "/v1/interceptions", roles: inspectors,
      summary: "Replies in which a reply rule of the policy found a term, newest first; `next` gives the earlier page.",
      answer: "Interceptions", parameters: [.before, .limit]),
    .init(
      name: .readInterceptedText, method: .get, path: "/v1/interceptions/{id}/text", roles: inspectors,
      summary: "The text of an intercepted reply, if it was kept. Every access is recorded in the audit log.",
      answer: "InterceptedText", problems: [.contactSealed]),
    .init(
      name: .reportInterceptions, method: .get, path: "/v1/interceptions/report", roles: inspectors,
      summary: "Interceptions by day range, counted by agent, queue, rule and term, most frequent first.",
      answer: "InterceptionReport", parameters: [.from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .listInspections, method: .get, path: "/v1/inspections", roles: inspectors,
      summary: "Inspections of agents' work on ended tickets, newest first; `next` gives the earlier page.",
      answer: "Inspections", parameters: [.inspectionState, .before, .limit]),
    .init(
      name: .readInspection, method: .get, path: "/v1/inspections/{id}", roles: inspectors,
      summary: "An inspection, with the form in force while it waits for an inspector.", answer: "Inspection"),
    .init(
      name: .scoreInspection, method: .post, path: "/v1/inspections/{id}/score", roles: [.lead],
      summary: "Scores every criterion. Whoever replied on the ticket cannot do it. A repetition changes nothing.",
      body: "InspectionScore", answer: "Inspection",
      problems: [.inspectionState, .ownInspection, .concurrentChanges]),
    .init(
      name: .decideAppeal, method: .post, path: "/v1/inspections/{id}/decision", roles: [.lead],
      summary: "Decides on an agent's appeal: the result is upheld, or replaced by other scores.",
      body: "AppealDecision", answer: "Inspection", problems: [.inspectionState, .ownInspection, .concurrentChanges]),
    .init(
      name: .listMyInspections, method: .get, path: "/v1/agents/me/inspections", roles: people,
      summary: "The results of inspections of the agent's own work, newest first; `next` gives the earlier page.",
      answer: "InspectionResults", parameters: [.acceptLanguage, .before, .limit]),
    .init(
      name: .appealInspection, method: .post, path: "/v1/inspections/{id}/appeal", roles: people,
      summary: "Appeals against the result of an inspection of the agent's own work, once and within a time.",
      body: "Appeal", answer: "InspectionResult", parameters: [.acceptLanguage],
      problems: [.inspectionState, .concurrentChanges]),
    .init(
      name: .reportInspections, method: .get, path: "/v1/inspection-report", roles: inspectors,
      summary: "Inspections and intercepted replies of the tickets opened on a range of days.",
      answer: "InspectionReport", parameters: [.inspectionGrouping, .from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .exportInspections, method: .get, path: "/v1/inspection-report.csv", roles: inspectors,
      summary: "The same as a table for spreadsheets (RFC 4180).",
      parameters: [.inspectionGrouping, .from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .readHandling, method: .get, path: "/v1/analysis/handling", roles: overseers,
      summary: "How long agents worked on the tickets of a range of days: handle and pending times, transfers, losses.",
      answer: "Analysis", parameters: [.from, .to, .zone, .groupedBy], problems: [.tooManyRows]),
    .init(
      name: .exportHandling, method: .get, path: "/v1/analysis/handling/table.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180).", parameters: [.from, .to, .zone, .groupedBy],
      problems: [.tooManyRows]),
    .init(
      name: .readOccupancy, method: .get, path: "/v1/analysis/occupancy", roles: overseers,
      summary: "The share of their available capacity that agents used, over at most 31 days.",
      answer: "Analysis", parameters: [.from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .exportOccupancy, method: .get, path: "/v1/analysis/occupancy/table.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180).", parameters: [.from, .to, .zone],
      problems: [.tooManyRows]),
    .init(
      name: .readTransfers, method: .get, path: "/v1/analysis/transfers", roles: overseers,
      summary: "Tickets that people transferred, from queue to queue and from agent to agent.",
      answer: "Analysis", parameters: [.from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .exportTransfers, method: .get, path: "/v1/analysis/transfers/table.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180).", parameters: [.from, .to, .zone],
      problems: [.tooManyRows]),
    .init(
      name: .readPath, method: .get, path: "/v1/analysis/path", roles: overseers,
      summary: "The path of service by channel, label, queue, agents and end, with times and losses at each step.",
      answer: "Analysis", parameters: [.from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .exportPath, method: .get, path: "/v1/analysis/path/table.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180).", parameters: [.from, .to, .zone],
      problems: [.tooManyRows]),
    .init(
      name: .drawPath, method: .get, path: "/v1/analysis/path/picture.svg", roles: overseers,
      summary: "The same as a layered flow chart.", answerType: "image/svg+xml",
      parameters: [.from, .to, .zone, .language], problems: [.tooManyRows]),
    .init(
      name: .readChange, method: .get, path: "/v1/analysis/change", roles: overseers,
      summary: "What contributed how much to the change of a figure against the same weekdays before, with intervals.",
      answer: "Analysis", parameters: [.from, .to, .zone, .figure], problems: [.tooManyRows]),
    .init(
      name: .exportChange, method: .get, path: "/v1/analysis/change/table.csv", roles: overseers,
      summary: "The same as a table for spreadsheets (RFC 4180).", parameters: [.from, .to, .zone, .figure],
      problems: [.tooManyRows]),
    .init(
      name: .listHooks, method: .get, path: "/v1/hooks", roles: overseers,
      summary: "The outgoing hooks, and whether their deliveries are active, paused, held or failing.", answer: "Hooks"),
    .init(
      name: .enableHook, method: .post, path: "/v1/hooks/{id}/enable", roles: [.operator],
      summary: "Resumes deliveries to a paused hook; pending ones become due.", body: "Reason",
      answer: "Hook"),
    .init(
      name: .pauseHook, method: .post, path: "/v1/hooks/{id}/pause", roles: [.operator],
      summary: "Pauses deliveries to a hook. Pending ones are kept.", body: "Reason", answer: "Hook"),
    .init(
      name: .setPriority, method: .post, path: "/v1/tickets/{id}/priority", roles: [.lead, .operator],
      summary: "Changes a ticket's priority, and with it the SLA targets. Time already used still counts.",
      body: "PriorityChange", answer: "Ticket", parameters: [.ifMatch], problems: expectedStep),
    .init(
      name: .listAgents, method: .get, path: "/v1/agents", roles: overseers,
      summary: "Every agent's presence, load and capacity.", answer: "Agents"),
    .init(
      name: .setPresence, method: .post, path: "/v1/agents/{id}/presence", roles: [.lead, .operator],
      summary: "Sets another agent's presence.", body: "Presence", answer: "Agent"),
    .init(
      name: .listQueues, method: .get, path: "/v1/queues", roles: overseers,
      summary: "Every queue: waiting and late tickets.", answer: "Queues"),
    .init(
      name: .listServiceLevels, method: .get, path: "/v1/service-levels", roles: overseers,
      summary: "SLA targets met, warned and breached, by queue and clock.", answer: "ServiceLevels"),
    .init(
      name: .listWorkers, method: .get, path: "/v1/workers", roles: overseers,
      summary: "The live processes, how many of each service are wanted and why, and planned peaks.", answer: "Workers"),
    .init(
      name: .listLeases, method: .get, path: "/v1/leases", roles: overseers, summary: "The leases and their holders.",
      answer: "Leases"),
    .init(
      name: .readOverview, method: .get, path: "/v1/overview", roles: overseers,
      summary: "Summary figures of the whole system.", answer: "Overview"),
    .init(
      name: .readPolicy, method: .get, path: "/v1/policy", roles: overseers, summary: "The policy in force.",
      answer: "Policy", canBeMissing: true),
    .init(
      name: .readTitles, method: .get, path: "/v1/policy/titles", roles: everybody,
      summary:
        "The titles of the policy in force by name and language: queues, skills, categories, teams, agents, channels, product lines.",
      answer: "Titles"),
    .init(
      name: .readWallboard, method: .get, path: "/v1/wallboard", roles: overseers,
      summary:
        "Every queue of the policy with its figures and agents, what needs attention, hot issues and crisis cases. Shared by all who ask within two seconds.",
      answer: "Wallboard"),
    .init(
      name: .readQueueFlow, method: .get, path: "/v1/queues/flow", roles: overseers,
      summary:
        "Messages of customers and agents' replies of the last four hours, by queue and interval of ten minutes.",
      answer: "QueueFlow"),
    .init(
      name: .watchWallboard, method: .get, path: "/v1/wallboard/stream", roles: overseers,
      summary:
        "Changes as server-sent events with the server's time: wallboard (fetch it again), presence, assignment.",
      answerType: "text/event-stream"),
    .init(
      name: .readViewers, method: .get, path: "/v1/tickets/{id}/viewers", roles: everybody,
      summary: "Who has a ticket open, except the caller.", answer: "Viewers"),
    .init(
      name: .attend, method: .put, path: "/v1/tickets/{id}/viewers", roles: people,
      summary:
        "Says for twenty seconds that the caller looks at a ticket or writes on it, and returns the others who have it open.",
      body: "Attendance", answer: "Viewers"),
  ]
}
