/// The kinds of faults.
enum FaultKind: String, CaseIterable, Sendable, Codable {
  /// One process of a service ends without warning (SIGKILL).
  case kill
  /// One process of a service is paused longer than any lease holds, and then continues.
  case pause
  /// PostgreSQL stops at once, without a checkpoint.
  case databaseStop = "database-stop"
  /// PostgreSQL ends every connection of the desk.
  case databaseTerminateAll = "database-terminate-all"
  /// PostgreSQL ends some connections of the desk.
  case databaseTerminateSome = "database-terminate-some"
  /// The same messages are sent several times, concurrently and later, over both transports.
  case duplicates
  /// Routers or classifiers are added and removed.
  case scale
  /// All processes of a service are stopped gracefully, one after another, as in the rollout of a new build.
  case restart
  /// A newer build's schema step is applied, and then all processes are replaced, one after another.
  case schemaUpgrade = "schema-upgrade"
  /// Connections between services are cut repeatedly.
  case linksCut = "links-cut"
  /// Connections to PostgreSQL are cut, and new ones refused.
  case databaseCut = "database-cut"
  /// Connections to PostgreSQL are delayed.
  case databaseDelay = "database-delay"
  /// Connections of clients to intake are cut, and new ones refused.
  case clientsCut = "clients-cut"
  /// Connections of clients to intake are delayed.
  case clientsDelay = "clients-delay"
  /// A worker runs a quarter of the time.
  case slowWorker = "slow-worker"
  /// Messages that are very long or full of unusual characters, and invalid requests.
  case poison
  /// A hook's endpoint accepts deliveries and does not answer.
  case hookHang = "hook-hang"
  /// A hook's endpoint fails.
  case hookFail = "hook-fail"
  /// A hook's endpoint redirects deliveries.
  case hookRedirect = "hook-redirect"
  /// The services' clocks jump forward or back and stay there for a while.
  case clockJump = "clock-jump"
  /// The disk is full for new messages.
  case diskFull = "disk-full"
  /// An idempotency key whose message row is missing is sent again, among new messages.
  case poisonRow = "poison-row"
  /// A ticket's row holds a value that no build can read.
  case unreadableTicket = "unreadable-ticket"
  /// Ticket rows are locked by another session.
  case lockedTickets = "locked-tickets"
  /// Connections pipeline requests and read no answer.
  case deafClients = "deaf-clients"
  /// One address opens as many connections as it gets.
  case connectionFlood = "connection-flood"
  /// Requests whose bodies never end.
  case unfinishedBodies = "unfinished-bodies"
  /// ZeroMQ messages of many large frames.
  case manyFrames = "many-frames"
  /// Wrong keys, one after the other, from the address shared by all clients.
  case wrongKeys = "wrong-keys"
  /// One channel's key sends as much as it can.
  case keyFlood = "key-flood"
  /// One ticket gets more messages than anyone can read.
  case bigTicket = "big-ticket"
  /// One of the counts behind the gauges fails.
  case gaugeFailing = "gauge-failing"
  /// All workers of a link are paused, and continue.
  case linkStall = "link-stall"
  /// Agents' streams are opened and not read.
  case stalledReaders = "stalled-readers"

  /// The relative frequency: the most common failures are injected most often.
  var weight: Int {
    switch self {
    case .kill: 4
    case .databaseStop, .pause: 2
    default: 1
    }
  }
}
