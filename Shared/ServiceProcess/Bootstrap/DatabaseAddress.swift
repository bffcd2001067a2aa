public import PostgreSQL
public import ServiceSettings

/// The address of a database in a service's settings.
public enum DatabaseAddress {
  /// Reads it, for connections that name the service.
  /// - Parameter key: whose value is set.
  /// - Throws: `ConfigurationError` for one that libpq cannot read, or that is reached over a network without `verify-full` where
  ///   `plain-postgres` does not allow it.
  public static func configuration(
    _ key: ConfigurationKey, of configuration: ServiceConfiguration, service: String
  ) throws -> PostgresConfiguration {
    var postgres: PostgresConfiguration
    do {
      postgres = try PostgresConfiguration(configuration.string(key.name))
    } catch {
      throw ConfigurationError(mistakes: [
        .init(
          place: key.name, problem: "is not connection information: \(error.message)",
          remedy: "write libpq keywords, such as host=… dbname=…, or a postgresql:// URL")
      ])
    }
    postgres.applicationName = "frontdesk-\(service)"
    guard postgres.isPrivate || configuration.bool(StandardKeys.plainPostgres.name) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: key.name, value: postgres.endpoint,
          problem: "is reached over a network without sslmode=verify-full",
          remedy:
            "omit sslmode and set sslrootcert, or pass \(StandardKeys.plainPostgres.flag) if the network is private"
        )
      ])
    }
    return postgres
  }
}
