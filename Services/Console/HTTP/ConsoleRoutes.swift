import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import PostgreSQL
import ServiceProcess
import Store
import UseCases

/// The HTTP interface: every row of `ConsoleEndpoint.table` becomes a route behind the same access check.
struct ConsoleRoutes: Sendable {
  /// An authorised request.
  struct Call {
    let bearer: APIKey
    /// The caller's session; nil for a caller with a key.
    var session: Session?
    let request: Request
    let parameters: Parameters
  }

  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let callers: CallerGuard
  let sessions: SessionDesk
  var desk: AgentDesk
  let hub: StreamHub
  let watch: WallboardHub
  let reports = ReportTurn()
  let searches = SearchTurns()
  /// Keys that decrypt contacts; nil if the console may show none.
  var contactKeys: ContactKeyFile?
  /// Sign-in by the company's identity provider; nil if the console offers none.
  var company: CompanySignIn?
  /// The replicas that some endpoints are answered from; nil if there are none.
  var reader: DeskReader?
  /// The replica that this request is answered from; nil for the primary.
  var replica: DeskReader.Source?

  /// Where an endpoint of `ConsoleEndpoint.fromReplicas` reads what it shows. Who may see it is read from `store`.
  var reading: DeskStore { replica?.store ?? store }

  /// All routes, behind the middleware that they rely on.
  func router(
    metrics registry: MetricsRegistry, limits: AddressLimitMiddleware.Limits = .init()
  ) -> Router<DeskRequestContext> {
    let router = Router.guarded(metrics: registry, limits: limits, bodyBytes: ConsoleBounds.policyBodyBytes)
    router.add(middleware: UnknownPageMiddleware(assets: .embedded))
    PageRoutes(assets: .embedded).add(to: router)
    router.serve(ConsoleOpenAPI.document) { endpoint, request, context in
      do {
        let response: Response
        if endpoint.isPublic {
          response = try await answerPublic(endpoint.name, request)
        } else {
          let caller = try await callers.caller(of: request.head, for: endpoint)
          await hub.noteRequest(with: caller.key)
          let call = Call(
            bearer: caller.key, session: caller.session, request: request, parameters: context.parameters)
          if let reader, endpoint.mayUseReplica { return try await answer(endpoint.name, call, from: reader) }
          response = try await answer(endpoint.name, call)
        }
        // Here and not where a repetition finds what it wants, so that no endpoint can forget it.
        if endpoint.method != .get { try await store.confirmReads() }
        return response
      } catch let error as PostgresError {
        // An unreachable database is not a fault of this request.
        guard let reason = error.reasonToRepeat else { throw error }
        throw HTTPProblem.retryLater(.serviceUnavailable, after: .seconds(1), detail: reason)
      } catch let error as WordSealError {
        throw ConsoleProblem.wordsAreSealed("\(error)")
      }
    }
    return router
  }

  /// Answers from a replica if one may, and says how old the data is.
  private func answer(
    _ name: ConsoleEndpoint.Name, _ call: Call, from reader: DeskReader
  ) async throws -> Response {
    try await reader.read { source in
      var routes = self
      if source.replica != nil { routes.replica = source }
      let age = source.replica?.age ?? .zero
      do {
        var response = try await routes.answer(name, call)
        DataAge.mark(&response, age, isOld: age >= reader.limits.notice)
        return response
      } catch let problem as HTTPProblem where problem.status == .notFound && source.replica != nil {
        throw DeskReader.Missing()
      }
    }
  }

  private func answer(_ name: ConsoleEndpoint.Name, _ call: Call) async throws -> Response {
    switch name {
    case .signIn, .listProviders, .startCompanySignIn, .finishCompanySignIn:
      try await answerPublic(name, call.request)
    case .signOut: try await signOut(call)
    case .readCaller: readCaller(call)
    case .listSessions: try await listSessions(call)
    case .endSession: try await endSession(call)
    case .readDirectory: try await directory()
    case .readMe: try await me(call)
    case .listMyTickets: try await myTickets(call)
    case .setMyPresence: try await setPresence(call, of: agent(call))
    case .stream: try await stream(call)
    case .listDrafts: try await drafts(call)
    case .listMyDrafts: try await myDrafts(call)
    case .keepDraft: try await keepDraft(call)
    case .deleteDraft: try await deleteDraft(call)
    case .markTicketAsRead: try await markTicketAsRead(call)
    case .listNotices: try await notices(call)
    case .markNoticeAsRead: try await markNoticeAsRead(call)
    case .acceptOffer: try await accept(call)
    case .declineOffer: try await decline(call)
    case .search: try await search(call)
    case .listTickets: try await listTickets(call)
    case .readTicket: try await ticket(call)
    case .readMessages: try await messages(call)
    case .readContact: try await contact(call)
    case .readTimeline: try await timeline(call)
    case .explainTicket: try await explanation(call)
    case .reply: try await reply(call)
    case .addNote: try await note(call)
    case .resolve: try await resolve(call)
    case .label: try await label(call)
    case .transfer: try await transfer(call)
    case .answerMove: try await answerMove(call)
    case .link: try await link(call)
    case .merge: try await merge(call)
    case .listCallBacks: try await callBacks(call)
    case .setCallBack: try await setCallBack(call)
    case .consult: try await consult(call)
    case .listConsults: try await consults(call)
    case .answerConsult: try await answerConsult(call)
    case .withdrawConsult: try await withdrawConsult(call)
    case .readCustomer: try await readCustomer(call)
    case .setCustomer: try await setCustomer(call)
    case .readHistory: try await history(call)
    case .joinCustomers: try await join(call)
    case .separateCustomers: try await separate(call)
    case .listFollowUps: try await followUps(call)
    case .finishFollowUp: try await finishFollowUp(call)
    case .listHooks: try await hooks()
    case .listFeedback: try await feedback()
    case .exportFeedback: try await feedbackTable()
    case .listHotIssues: try await hotIssues()
    case .listInterceptions: try await interceptions(call)
    case .readInterceptedText: try await interceptedText(call)
    case .reportInterceptions: try await interceptionReport(call)
    case .listInspections: try await inspections(call)
    case .readInspection: try await inspection(call)
    case .scoreInspection: try await scoreInspection(call)
    case .decideAppeal: try await decideAppeal(call)
    case .listMyInspections: try await myInspections(call)
    case .appealInspection: try await appealInspection(call)
    case .reportInspections: try await inspectionReport(call)
    case .exportInspections: try await inspectionTable(call)
    case .listCrises: try await crises(call)
    case .readCrisis: try await crisis(call)
    case .openCrisis: try await openCrisis(call)
    case .checkCrisis: try await checkCrisis(call)
    case .switchCrisisAnswer: try await switchCrisisAnswer(call)
    case .setCrisisOwner: try await setCrisisOwner(call)
    case .endCrisis: try await endCrisis(call)
    case .readReport: try await report(call)
    case .exportReport: try await reportTable(call)
    case .drawReport: try await reportPicture(call)
    case .readHandling: try await analysis(call, of: .handling)
    case .exportHandling: try await analysisTable(call, of: .handling)
    case .readOccupancy: try await analysis(call, of: .occupancy)
    case .exportOccupancy: try await analysisTable(call, of: .occupancy)
    case .readTransfers: try await analysis(call, of: .transfers)
    case .exportTransfers: try await analysisTable(call, of: .transfers)
    case .readPath: try await analysis(call, of: .path)
    case .exportPath: try await analysisTable(call, of: .path)
    case .readChange: try await analysis(call, of: .change)
    case .exportChange: try await analysisTable(call, of: .change)
    case .drawPath: try await pathPicture(call)
    case .enableHook: try await enableHook(call)
    case .pauseHook: try await pauseHook(call)
    case .setPriority: try await setPriority(call)
    case .listAgents: try await agents()
    case .setPresence: try await setPresenceOfAnother(call)
    case .listQueues: try await queues()
    case .listServiceLevels: try await serviceLevels()
    case .listWorkers: try await workers()
    case .listLeases: try await leases()
    case .readOverview: try await overview()
    case .readPolicy: try await newestPolicy()
    case .readTitles: try await titles()
    case .readWallboard: try await wallboard()
    case .readQueueFlow: try await queueFlow()
    case .watchWallboard: try await overseerStream(call)
    case .readViewers: try await viewers(call)
    case .attend: try await attend(call)
    case .listIntents: try await intents(call)
    case .readIntent: try await intent(call)
    case .scaleWorkers: try await scaleWorkers(call)
    case .listDeadLetters: try await deadLetters(call)
    case .readDeadLetter: try await deadLetter(call)
    case .replayDeadLetters: try await replayDeadLetters(call)
    case .listKeys: try await keys(call)
    case .revokeKey: try await revokeKey(call)
    case .checkPolicy: try await checkPolicy(call)
    case .tryPolicyExamples: try await tryExamples(call)
    case .tryPolicyOnTickets: try await tryOnTickets(call)
    case .applyPolicy: try await applyPolicy(call)
    case .listPolicyVersions: try await policyVersions(call)
    case .readPolicyVersion: try await policyVersion(call)
    case .restorePolicy: try await restorePolicy(call)
    case .promoteModel: try await promoteModel(call)
    case .revertModel: try await revertModel(call)
    case .listAudit: try await audit(call)
    case .verifyAudit: try await verifyAudit(call)
    case .readForecast: try await forecast(call)
    case .exportForecast: try await forecastTable(call)
    case .drawForecast: try await forecastPicture(call)
    case .readWaitErrors: try await waitErrors(call)
    case .readPlan: try await plan(call)
    case .exportPlan: try await planTable(call)
    case .drawPlan: try await planPicture(call)
    }
  }

  // MARK: What routes share

  /// The agent to whom the key belongs.
  func agent(_ call: Call) throws -> AgentID {
    guard let agent = call.bearer.agent else { throw HTTPProblem(.forbidden, detail: "This key is not an agent's.") }
    return agent
  }

  /// The identifier in the path. An invalid identifier is treated as not found.
  func identifier<Subject>(of what: String, _ call: Call) throws -> Identifier<Subject> {
    guard let id = Identifier<Subject>(try RequestPath.value("id", in: call.parameters)) else {
      throw ConsoleProblem.notFound(what)
    }
    return id
  }

  /// A policy name in the path. A name that no policy can declare is treated as not found.
  func key<Subject>(of what: String, as name: String = "id", _ call: Call) throws -> Key<Subject> {
    let key = Key<Subject>(try RequestPath.value(name, in: call.parameters))
    guard key.isWellFormed else { throw ConsoleProblem.notFound(what) }
    return key
  }

  static func json(_ body: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
    json(text: body.json, status: status)
  }

  static func json(text: String, status: HTTPResponse.Status = .ok) -> Response {
    answer(text, as: "application/json", status: status)
  }

  /// A table for spreadsheets.
  static func csv(_ text: String) -> Response { answer(text, as: "text/csv; charset=utf-8") }

  static func answer(_ text: String, as type: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  static func list<Element>(_ name: String, _ elements: [Element], _ shape: (Element) -> JSONValue) -> Response {
    json(.object([.init(name, .list(elements.map(shape)))]))
  }
}
