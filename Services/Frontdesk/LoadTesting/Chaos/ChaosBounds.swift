import NIOCore

/// The named bounds of a chaos run.
enum ChaosBounds {
  /// Faults of one run.
  static let faults = 1...10_000
  /// Messages per second of all clients together.
  static let messagesPerSecond = 1.0...2000.0
  /// Messages per request of a client.
  static let clientBatch = 5
  /// Concurrent requests of one client: enough to sustain its rate while those lost in a fault time out.
  static let clientConnections = 64
  /// How long a client retries for an acknowledgement; how long the repetitions of one fault may take in total.
  static let clientPatience = "600s"
  static let repetitionPatience = "60s"
  /// The longest run for which clients have messages, so that they end even if they are never stopped.
  static let clientTime: Duration = .seconds(4 * 3600)
  /// Agents working meanwhile, and their handling time.
  static let agents = 12
  static let agentHandleTime = "400ms"

  /// The initial number of processes of services that may run more than once.
  static let routers = 2
  static let classifiers = 2
  static let watchers = 2
  static let notifiers = 2
  /// The range of random numbers for choosing one of a service's processes; divisible by all small numbers.
  static let instancesDrawn = 12

  // MARK: Faults

  /// How long a process is paused: longer than a lease holds (4 s) and than a missing heartbeat is tolerated (3 s).
  static let pauseMilliseconds = 4_600...6_000
  /// The duration of all temporary faults.
  static let outageMilliseconds = 1_000...2_500
  /// The alternating stop and run times of a slow worker.
  static let slowWorkerStill: Duration = .milliseconds(150)
  static let slowWorkerRunning: Duration = .milliseconds(50)
  /// How often links are searched for and cut.
  static let cutInterval: Duration = .milliseconds(50)
  /// How long one process may take to come back in a rolling restart.
  static let restartTime: Duration = .seconds(30)
  /// How often a schema step that does not get its lock is retried.
  static let upgradeAttempts = 5
  /// Clients that send the same messages concurrently.
  static let repeatingClients = 3
  /// Characters of a very long message: the most that intake accepts.
  static let longMessage = 20_000
  /// The disk that fills up: MiB in addition to the run's messages, and messages that certainly fit in one MiB.
  static let smallDiskSpare = 64
  static let messagesPerMegabyte = 500

  // MARK: Hostile clients

  /// Connections that one task opens in sequence, and how long the kernel may take for one.
  static let rudeConnectionsAtOnce = 64
  static let rudeConnectTimeout: TimeAmount = .seconds(2)
  /// Connections that send and never read, and the requests that each sends at once: the answers exceed a socket's buffers.
  static let deafConnections = 50
  static let deafRequests = 2_000
  /// Connections of a flood: more than one address may have, and all that a service accepts.
  static let floodConnections = 4_200
  /// Requests with unfinished bodies, and the size each announces: nearly the most that intake accepts.
  static let unfinishedRequests = 100
  static let unfinishedBytes = (4 << 20) - 1
  /// ZeroMQ messages of many frames.
  static let framedMessages = 4
  static let framesOfOne = 60
  static let frameBytes = 1 << 20
  static let framesPatience: Duration = .seconds(5)
  /// Wrong keys per second from one address: many times the allowed rate.
  static let wrongKeysPerSecond = 40
  /// Concurrent requests of one flooding key, and the messages of each.
  static let floodingRequests = 8
  static let floodBatch = 200
  /// Messages of one customer: more than an agent's view of a ticket had room for.
  static let bigTicketMessages = 600
  static let bigTicketBatch = 50
  /// Locked ticket rows.
  static let lockedRows: Int32 = 20
  /// Messages sent together with one whose row is missing.
  static let neighbours = 19
  /// Agents' streams that are not read.
  static let stalledStreams = 16
  /// How long our own message may take to be decided before a fault can use it.
  static let decisionPatience: Duration = .seconds(20)

  /// How long the desk may take to work as usual under a fault that must not affect it.
  static let workingPatience: Duration = .seconds(20)
  /// The age that a count of the whole desk may reach when it works: its longest pause, and a little for counting.
  static let gaugeAge: Duration = .seconds(70)

  /// The maximum average duration of a fault, including its recovery.
  static let secondsPerFault = 10.0

  // MARK: Recovery

  /// How often recovery is checked.
  static let lookInterval: Duration = .milliseconds(50)
  /// How long recovery from a fault may take.
  static let recoveryLimit: Duration = .seconds(60)
  /// The number of consecutive faults without recovery after which the run ends: the desk is broken.
  static let unrecoveredInARow = 2
  /// How long everything acknowledged may take to be decided at the very end.
  static let settleLimit: Duration = .seconds(120)
  /// How often a ledger check is attempted, and the pause between two attempts.
  static let ledgerTries = 5
  static let ledgerPause: Duration = .seconds(1)
  /// The period before a fault whose messages are checked as well, because they were in flight.
  static let lookBack: Duration = .seconds(30)
  /// Resident memory of one process of a service, in MiB, beyond which it counts as unbounded.
  static let memoryLimit = 256
  /// The maximum number of findings listed.
  static let findingsShown = 40
  /// The maximum connections of one proxy.
  static let relayedConnections = 512
  /// Pieces of data that are on the way in one direction of a slow connection, before no more are read.
  static let piecesUnderWay = 1024
}
