package import Foundation

/// A desk that `up` runs on this machine, as `up` describes it in `desk.json` for the other commands.
///
/// The file is readable by its owner only, because it holds the password of the database. It is replaced atomically, so a
/// reader never sees a partial file.
package struct LocalDesk: Codable, Sendable, Equatable {
  /// A running process of the desk.
  package struct Process: Codable, Sendable, Equatable {
    /// `router#2`.
    package var name: String
    package var processID: Int32
    /// Where `/readyz` and `/metrics` are; nil for PostgreSQL.
    package var operationsURL: String?

    package init(name: String, processID: Int32, operationsURL: String? = nil) {
      self.name = name
      self.processID = processID
      self.operationsURL = operationsURL
    }

    enum CodingKeys: String, CodingKey {
      case name
      case processID = "process_id"
      case operationsURL = "operations_url"
    }
  }

  /// Ports that are reused at the next start, so that clients' addresses stay valid.
  package struct Ports: Codable, Sendable, Equatable {
    package var intake: Int
    package var channel: Int
    package var console: Int

    package init(intake: Int, channel: Int, console: Int) {
      self.intake = intake
      self.channel = channel
      self.console = console
    }
  }

  /// The version of the file format.
  static let formatVersion = 1
  static let fileName = "desk.json"

  package var version = LocalDesk.formatVersion
  /// The connection string of the database for the role `desk`, with its password.
  package var postgres: String
  /// PostgreSQL's data folder; outside the desk's folder where the user `postgres` has no access to that.
  package var postgresData: String
  /// The folder of PostgreSQL's Unix socket.
  package var postgresSocket: String
  package var ports: Ports
  /// Intake's HTTP interface, such as `http://127.0.0.1:8080`.
  package var intakeURL: String
  /// Intake's ZeroMQ interface for channels, such as `tcp://127.0.0.1:7200`.
  package var channelEndpoint: String
  /// Its CURVE public key, 40 characters of Z85.
  package var channelServerKey: String
  /// The console's HTTP interface.
  package var consoleURL: String
  /// The folder of the demo keys; see `KeyFiles`.
  package var keysFolder: String
  /// The model used by the classifiers.
  package var model: String
  /// The Unix socket that `scale` connects to.
  package var controlSocket: String
  /// The process id of `up`; nil after a clean exit.
  package var supervisor: Int32?
  /// The running processes; empty after a clean exit of `up`.
  package var processes: [Process]

  package init(
    version: Int = LocalDesk.formatVersion, postgres: String, postgresData: String, postgresSocket: String,
    ports: Ports, intakeURL: String, channelEndpoint: String, channelServerKey: String, consoleURL: String,
    keysFolder: String, model: String, controlSocket: String, supervisor: Int32? = nil, processes: [Process]
  ) {
    self.version = version
    self.postgres = postgres
    self.postgresData = postgresData
    self.postgresSocket = postgresSocket
    self.ports = ports
    self.intakeURL = intakeURL
    self.channelEndpoint = channelEndpoint
    self.channelServerKey = channelServerKey
    self.consoleURL = consoleURL
    self.keysFolder = keysFolder
    self.model = model
    self.controlSocket = controlSocket
    self.supervisor = supervisor
    self.processes = processes
  }

  enum CodingKeys: String, CodingKey {
    case version, postgres, ports, model, supervisor, processes
    case postgresData = "postgres_data"
    case postgresSocket = "postgres_socket"
    case intakeURL = "intake_url"
    case channelEndpoint = "channel_endpoint"
    case channelServerKey = "channel_server_key"
    case consoleURL = "console_url"
    case keysFolder = "keys_folder"
    case controlSocket = "control_socket"
  }

  /// The demo keys.
  package var keys: KeyFiles { KeyFiles(folder: keysFolder) }
}

// MARK: - The file

extension LocalDesk {
  /// Reads the description of the desk in a folder.
  /// - Throws: `CommandFailure` when there is none, or one that this build does not understand.
  package static func read(folder: String) throws -> LocalDesk {
    let path = path(in: folder)
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(
        "no desk is in \(folder)",
        remedy: "start one with `frontdesk up`, or name a folder with --folder or a database with --postgres")
    }
    return try decode(bytes, path: path)
  }

  package static func decode(_ bytes: Data, path: String) throws -> LocalDesk {
    do {
      let desk = try JSONDecoder().decode(LocalDesk.self, from: bytes)
      if desk.version == formatVersion { return desk }
    } catch {
      // The decoder's error text may contain a password.
    }
    throw CommandFailure(
      "\(path) has a format that this build does not know",
      remedy: "stop that desk and start it again with this build's `frontdesk up`")
  }

  /// Replaces the file.
  package func write(folder: String) throws {
    try PrivateFile.write(encoded(), path: LocalDesk.path(in: folder))
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  package static func path(in folder: String) -> String { "\(folder)/\(fileName)" }
}
