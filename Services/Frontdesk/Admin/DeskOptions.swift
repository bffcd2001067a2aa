import ArgumentParser
import Foundation
import PostgreSQL
import Store

/// Which desk a command is about: the one that `up` runs in a folder, or any desk by its database.
struct DeskOptions: ParsableArguments {
  @Option(help: "The folder of a desk made by `frontdesk up` (FRONTDESK_FOLDER; default: .frontdesk).")
  var folder: String?

  @Option(
    help:
      "The database of any desk, as libpq's keywords or a postgresql:// URL (FRONTDESK_POSTGRES). Ignores the folder.")
  var postgres: String?

  /// The absolute path of the folder that was named, or of the one that is taken by default.
  var folderPath: String {
    let named = folder ?? DeskOptions.environment("FRONTDESK_FOLDER") ?? ".frontdesk"
    return URL(fileURLWithPath: named).standardizedFileURL.path
  }

  /// The desk in the folder, as its `up` described it last.
  /// - Throws: `CommandFailure` when there is none.
  func localDesk() throws -> LocalDesk {
    try LocalDesk.read(folder: folderPath)
  }

  /// The desk in the folder, or nil where a database was named instead or no desk is there.
  func localDeskIfAny() -> LocalDesk? {
    databaseNamed == nil ? try? localDesk() : nil
  }

  /// How to reach the desk's database.
  /// - Throws: `CommandFailure` when neither a database nor a folder with a desk was named.
  func connectionInformation() throws -> String {
    try databaseNamed ?? localDesk().postgres
  }

  /// Lends the store of the desk; its connections are closed afterwards.
  ///
  /// - Parameters:
  ///   - connections: to the database, at most.
  ///   - requestTimeout: how long one statement may take; nil takes the default of 30 s.
  /// - Throws: `CommandFailure`, or what `body` throws.
  func withStore<Result>(
    connections: Int = 2, requestTimeout: Duration? = nil, _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    try await DeskConnection.withStore(
      connectionInformation(), connections: connections, requestTimeout: requestTimeout, body)
  }

  /// A folder on the command line is meant, whatever the environment says.
  private var databaseNamed: String? {
    if let postgres { return postgres }
    return folder == nil ? DeskOptions.environment("FRONTDESK_POSTGRES") : nil
  }

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// Connecting to a desk's database for the length of a command.
enum DeskConnection {
  /// Lends a store; see `DeskOptions.withStore`.
  static func withStore<Result>(
    _ connectionInformation: String, connections: Int = 2, requestTimeout: Duration? = nil,
    _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    var configuration = try DeskConnection.configuration(connectionInformation)
    if let requestTimeout {
      configuration.requestTimeout = requestTimeout
      configuration.statementTimeout = requestTimeout * 2
    }
    let pool = PostgresPool(
      DeskStore.configure(configuration), limits: PostgresPoolLimits(connectionsMaximum: connections))
    do {
      let result = try await body(DeskStore(pool: pool))
      await pool.shutdown()
      return result
    } catch {
      await pool.shutdown()
      throw explained(error, configuration)
    }
  }

  /// What the audit calls us, besides the database's role: the user of this machine, as far as it can be written in an option.
  private static var actor: String {
    let name = NSUserName().unicodeScalars.filter {
      $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
    }
    return "command:" + String(String.UnicodeScalarView(name))
  }

  private static func configuration(_ text: String) throws -> PostgresConfiguration {
    do {
      var configuration = try PostgresConfiguration(text)
      configuration.applicationName = "frontdesk-command"
      configuration["options"] = [configuration["options"], "-c frontdesk.actor=\(actor)"].compactMap(\.self)
        .joined(separator: " ")
      guard configuration.isPrivate || ProcessInfo.processInfo.environment["FRONTDESK_PLAIN_POSTGRES"] == "true" else {
        throw CommandFailure(
          "the database (\(configuration.endpoint)) is reached over a network without sslmode=verify-full",
          remedy:
            "leave sslmode out and name sslrootcert, or set FRONTDESK_PLAIN_POSTGRES=true where the network is private",
          status: .wrongCall)
      }
      return configuration
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(
        "\(error)", remedy: "write it like `host=… dbname=… user=…` or postgresql://user@host/name", status: .wrongCall)
    }
  }

  private static func explained(_ error: any Error, _ configuration: PostgresConfiguration) -> any Error {
    guard let error = error as? PostgresError else { return error }
    switch error.code {
    case .connectionFailed, .poolTimedOut:
      return CommandFailure(
        "the database (\(configuration.endpoint)) cannot be reached: \(error)",
        remedy: "see that the desk runs: `frontdesk up` keeps its database only while it runs itself")
    default:
      // An undefined table or schema: nobody has migrated.
      guard error.sqlState == "42P01" || error.sqlState == "3F000" else { return error }
      return CommandFailure("the database holds no desk yet: \(error)", remedy: "run `frontdesk migrate`")
    }
  }
}
