/// What can be done to a desk.
enum FaultKind: String, CaseIterable, Sendable, Codable {
  /// One process of a service ends without warning (SIGKILL).
  case kill
  /// One process of a service stands still longer than any lease holds, and then goes on as if nothing had been.
  case pause
  /// PostgreSQL stops at once, without a checkpoint.
  case databaseStop = "database-stop"
  /// PostgreSQL ends every connection of the desk.
  case databaseTerminateAll = "database-terminate-all"
  /// PostgreSQL ends some connections of the desk.
  case databaseTerminateSome = "database-terminate-some"
  /// The same messages come several times, at once and later, by both ways.
  case duplicates
  /// Routers or classifiers come and go.
  case scale
  /// All processes of a service are ended in good order, one after another, as a new build is rolled out.
  case restart
  /// A newer build's schema comes, and then all processes are replaced, one after another.
  case schemaUpgrade = "schema-upgrade"
  /// Connections between services are cut again and again.
  case linksCut = "links-cut"
  /// Connections to PostgreSQL are cut, and new ones refused.
  case databaseCut = "database-cut"
  /// Connections to PostgreSQL answer late.
  case databaseDelay = "database-delay"
  /// Connections of clients to intake are cut, and new ones refused.
  case clientsCut = "clients-cut"
  /// Connections of clients to intake answer late.
  case clientsDelay = "clients-delay"
  /// A worker runs a quarter of the time.
  case slowWorker = "slow-worker"
  /// Messages that are very long or full of odd characters, and requests that are none.
  case poison
  /// A hook's endpoint accepts deliveries and does not answer.
  case hookHang = "hook-hang"
  /// A hook's endpoint fails.
  case hookFail = "hook-fail"
  /// A hook's endpoint sends deliveries elsewhere.
  case hookRedirect = "hook-redirect"
  /// The services' clocks jump forth or back and stay there for a while.
  case clockJump = "clock-jump"
  /// There is no room on the disk for new messages.
  case diskFull = "disk-full"
  /// An idempotency key whose message's row is gone comes again, among messages that are new.
  case poisonRow = "poison-row"
  /// A ticket's row holds what no build can read.
  case unreadableTicket = "unreadable-ticket"
  /// Rows of tickets are locked by somebody else.
  case lockedTickets = "locked-tickets"
  /// Connections send one request after the other and read no answer.
  case deafClients = "deaf-clients"
  /// One address opens as many connections as it gets.
  case connectionFlood = "connection-flood"
  /// Requests whose bodies never come to an end.
  case unfinishedBodies = "unfinished-bodies"
  /// ZeroMQ messages of many large frames.
  case manyFrames = "many-frames"
  /// Wrong keys, one after the other, from everybody's address.
  case wrongKeys = "wrong-keys"
  /// One channel's key hands in as much as it can.
  case keyFlood = "key-flood"
  /// One ticket gets more messages than anybody can look at.
  case bigTicket = "big-ticket"
  /// One of the counts behind the gauges cannot be made.
  case gaugeFailing = "gauge-failing"
  /// All workers of a link stand still, and go on.
  case linkStall = "link-stall"
  /// Agents' streams are opened and not read.
  case stalledReaders = "stalled-readers"

  /// How often it comes beside the others: what breaks desks most often is tried most often.
  var weight: Int {
    switch self {
    case .kill: 4
    case .databaseStop, .pause: 2
    default: 1
    }
  }
}
