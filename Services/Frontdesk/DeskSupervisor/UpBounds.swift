import DeskCore
import ServiceProcess
import Store

/// The bounds of `up`, in one place.
package enum UpBounds {
  /// Processes of one service.
  static let instancesOfService = ScalableService.counts
  /// The pauses before a dead process is restarted; random in part, so that processes that died together do not restart together.
  static let restartPause = ExponentialBackOff(from: .milliseconds(200), upTo: .seconds(15))
  /// A process that ran this long counts as healthy again: the next pause is the first one.
  static let steadyLife: Duration = .seconds(30)
  /// How long a service may drain before it is killed: a second more than its own limit.
  static let drain: Duration = ServiceRunner.defaultDeadline + .seconds(1)
  /// The interval of `/readyz` probes while a process starts, and when it is ready.
  static let startingProbePause: Duration = .milliseconds(100)
  static let readyProbePause: Duration = .seconds(1)
  package static let probeTimeout: Duration = .seconds(2)
  /// The number of consecutive failed `/livez` probes after which a process is replaced: 5 to 15 s, longer than it may stall without
  /// harm (a lease holds 4 s).
  static let hangFailures = 5
  /// How long a process may take to answer at `/livez` for the first time.
  static let startPatience: Duration = .seconds(60)
  /// Connections that the desk's PostgreSQL admits: those of all processes that can be asked for, of commands, and some to look inside.
  static let postgresConnections = 820
  /// How often PostgreSQL is checked and its log read.
  static let postgresWatchPause: Duration = .milliseconds(500)
  /// How long PostgreSQL may take to start (it may have to recover) and to stop (it writes a checkpoint).
  static let postgresStartSeconds = 120
  static let postgresStopSeconds = 60
  /// How long a start is retried while locks of a dead server exist, and the pause between two attempts.
  static let postgresLockPatience: Duration = .seconds(15)
  static let postgresLockPause: Duration = .milliseconds(500)
  /// PostgreSQL's own log is truncated beyond this; all of it is in the combined log.
  static let postgresLogBytes = 8 << 20
  /// The combined log: bytes per file, and the number of older files kept.
  static let logBytes = 16 << 20
  static let logFilesKept = 3
  /// Longer lines are split.
  static let logLineBytes = 16 << 10
  /// The output limit of a command run by `up`.
  static let commandOutputBytes = 64 << 10
  /// The size limit of a request or an answer on the control socket.
  static let controlLineBytes = 64 << 10
  static let controlTimeoutSeconds = 3
  /// The pause after a request could not be accepted.
  static let acceptPauseMicroseconds: UInt32 = 100_000
  /// The longest path of a Unix socket, without the terminating zero (`sockaddr_un`).
  static let socketPathBytes = 107
  /// How often the wanted numbers of processes are read, and how long a reading may take.
  static let capacityPause: Duration = .milliseconds(500)
  static let capacityTimeout: Duration = .seconds(2)
  /// How long `scale` waits.
  package static let scaleTimeout: Duration = .seconds(60)
  static let scalePause: Duration = .milliseconds(200)
}
