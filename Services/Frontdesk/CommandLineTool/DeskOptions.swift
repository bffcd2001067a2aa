package import ArgumentParser
import Foundation
import PostgreSQL
import Sealing
import ServiceSettings
package import Store

/// Selects the desk that a command applies to: the one that `up` runs in a folder, or any desk by its database.
package struct DeskOptions: ParsableArguments {
  @Option(help: "The folder of a desk created by `frontdesk up` (FRONTDESK_FOLDER; default: .frontdesk).")
  package var folder: String?

  @Option(
    help:
      "The database of any desk, as libpq keywords or a postgresql:// URL (FRONTDESK_POSTGRES). Overrides the folder.")
  package var postgres: String?

  package init() {}

  /// The absolute path of the named or default folder.
  package var folderPath: String {
    let named = folder ?? DeskOptions.environment("FRONTDESK_FOLDER") ?? ".frontdesk"
    return URL(fileURLWithPath: named).standardizedFileURL.path
  }

  /// Returns the desk in the folder, as its `up` last described it.
  /// - Throws: `CommandFailure` when there is none.
  package func localDesk() throws -> LocalDesk {
    do {
      return try LocalDesk.read(folder: folderPath)
    } catch let failure as CommandFailure where databaseNamed != nil {
      throw CommandFailure(
        "\(failure.problem), and the database alone is not enough here",
        remedy: "name the folder of a desk of `frontdesk up` with --folder", status: failure.status)
    }
  }

  /// Returns the desk in the folder, for something that only its `up` has described.
  /// - Parameter elsewhere: the remedy for a desk that was named by its database and is run by something else.
  /// - Throws: `CommandFailure` when there is none, or a database was named: the folder may be another desk's.
  package func localDesk(elsewhere: String) throws -> LocalDesk {
    guard databaseNamed == nil else {
      throw CommandFailure(
        "the desk was named by its database, and no folder of `frontdesk up` describes it", remedy: elsewhere,
        status: .wrongCall)
    }
    return try localDesk()
  }

  /// Returns the desk in the folder, or nil where a database was named instead or there is no desk.
  package func localDeskIfAny() -> LocalDesk? {
    databaseNamed == nil ? try? localDesk() : nil
  }

  /// The folder, unless a database was named: its files may then be another desk's.
  package var folderPathIfLocal: String? { databaseNamed == nil ? folderPath : nil }

  /// Returns the connection string of the desk's database.
  /// - Throws: `CommandFailure` when neither a database nor a folder with a desk was named.
  package func connectionInformation() throws -> String {
    try databaseNamed ?? localDesk().postgres
  }

  /// Runs `body` with the desk's store and closes its connections afterwards.
  ///
  /// - Parameters:
  ///   - connections: the maximum number of database connections.
  ///   - requestTimeout: the maximum duration of one statement; nil means the default of 30 s.
  ///   - wordKeys: where the word keys are from; nil: those of the desk in the folder if it has any, else those of the environment.
  /// - Throws: `CommandFailure`, or what `body` throws.
  package func withStore<Result>(
    connections: Int = 2, requestTimeout: Duration? = nil, wordKeys: WordKeyPlace? = nil,
    _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    try await DeskConnection.withStore(
      connectionInformation(), connections: connections, requestTimeout: requestTimeout,
      wordKeys: wordKeys ?? defaultWordKeys, body)
  }

  /// The word keys of the desk in the folder, or of the environment.
  package var defaultWordKeys: WordKeyPlace { localWordKeys.map { .file($0, flag: nil) } ?? .environment }

  /// The word keys of the desk in a folder, which its services use if the file exists.
  package static func wordKeys(in folder: String) -> String { "\(folder)/secrets/word-keys" }

  private var localWordKeys: String? {
    guard databaseNamed == nil else { return nil }
    let path = DeskOptions.wordKeys(in: folderPath)
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// Runs `body` with the replica that was named, or with the desk's own store where none was, or it may not be read from.
  ///
  /// What `body` does must be harmless when it is done twice: where the replica fails, it runs again with the desk's store.
  /// - Parameter body: reads only.
  /// - Throws: `CommandFailure`, or what `body` throws of the desk's store.
  package func withReader<Result>(
    _ replica: ReplicaOptions, requestTimeout: Duration? = nil, _ body: (DeskReader.Source) async throws -> Result
  ) async throws -> Result {
    // The environment's replica is one of the environment's database.
    let named =
      replica.postgresReader ?? (databaseNamed == nil ? nil : DeskOptions.environment(ReplicaOptions.variable))
    return try await withStore(requestTimeout: requestTimeout) { store in
      try await DeskConnection.withReplica(named, of: store, requestTimeout: requestTimeout, body)
    }
  }

  /// A folder on the command line takes precedence over the environment.
  private var databaseNamed: String? {
    if let postgres { return postgres }
    return folder == nil ? DeskOptions.environment("FRONTDESK_POSTGRES") : nil
  }

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// Connects to a desk's database for the duration of a command.
package enum DeskConnection {
  /// Runs `body` with a store; see `DeskOptions.withStore`.
  /// - Parameters:
  ///   - actor: who acts, for the audit; nil for this machine's user. Characters that an option cannot hold are left out.
  ///   - isPlainAllowed: whether the network to the database is private.
  ///   - wordKeys: where the word keys are from. If they cannot be read, everything that needs no words can be done all the same.
  package static func withStore<Result>(
    _ connectionInformation: String, connections: Int = 2, requestTimeout: Duration? = nil, actor: String? = nil,
    isPlainAllowed: Bool = DeskConnection.isPlainAllowed, wordKeys: WordKeyPlace = .environment,
    _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    let configuration = try DeskConnection.configuration(
      connectionInformation, actor: plain(actor ?? "command:" + NSUserName()), isPlainAllowed: isPlainAllowed,
      requestTimeout)
    let words = WordCodec(await wordKeys.cipher())
    let pool = PostgresPool(
      DeskStore.configure(configuration), limits: PostgresPoolLimits(connectionsMaximum: connections))
    do {
      let result = try await body(DeskStore(pool: pool, words: words))
      await pool.shutdown()
      return result
    } catch {
      await pool.shutdown()
      throw explained(error, configuration)
    }
  }

  /// Whether the environment says that the network to the database is private.
  package static var isPlainAllowed: Bool { ProcessInfo.processInfo.environment["FRONTDESK_PLAIN_POSTGRES"] == "true" }

  /// A name, as far as an option can hold it.
  private static func plain(_ name: String) -> String {
    let kept = name.unicodeScalars.filter {
      $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.:/".unicodeScalars.contains($0))
    }
    return String(String.UnicodeScalarView(kept))
  }

  /// The connections of commands, with the actor for the audit in addition to the database role.
  static func configuration(
    _ text: String, actor: String, isPlainAllowed: Bool, _ requestTimeout: Duration?
  ) throws -> PostgresConfiguration {
    do {
      var configuration = try PostgresConfiguration(text)
      configuration.applicationName = "frontdesk-command"
      configuration["options"] = [configuration["options"], "-c frontdesk.actor=\(actor)"].compactMap(\.self)
        .joined(separator: " ")
      if let requestTimeout {
        configuration.requestTimeout = requestTimeout
        configuration.statementTimeout = requestTimeout * 2
      }
      guard configuration.isPrivate || isPlainAllowed else {
        throw CommandFailure(
          "the database (\(configuration.endpoint)) is reached over the network without sslmode=verify-full",
          remedy:
            "remove sslmode and set sslrootcert, or set FRONTDESK_PLAIN_POSTGRES=true where the network is private",
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
    if let error = error as? WordSealError {
      return CommandFailure(
        "\(error)",
        remedy: "name the key file of the services in FRONTDESK_WORD_KEYS, or the desk's folder with --folder",
        status: .wrongCall)
    }
    guard let error = error as? PostgresError else { return error }
    switch error.code {
    case .connectionFailed, .poolTimedOut:
      return CommandFailure(
        "the database (\(configuration.endpoint)) cannot be reached: \(error)",
        remedy:
          "check that it is running: `frontdesk up` stops its database when it exits; a cluster may be electing a primary"
      )
    default:
      // An undefined table or schema: the database was never migrated.
      guard error.sqlState == "42P01" || error.sqlState == "3F000" else { return error }
      return CommandFailure("the database has no desk schema yet: \(error)", remedy: "run `frontdesk migrate`")
    }
  }
}
