import ArgumentParser

/// A setting of the desk's own PostgreSQL, as on the command line of `up`: `shared_buffers=1GB`.
package struct PostgresSetting: Sendable, Equatable, ExpressibleByArgument {
  let name: String
  let value: String

  /// Where the server is, who may reach it, and that what it acknowledges is on disk: these cannot be chosen.
  private static let fixed: Set = [
    "fsync", "full_page_writes", "listen_addresses", "password_encryption", "port", "synchronous_commit",
    "unix_socket_directories", "unix_socket_permissions",
  ]

  /// Nil when the text is not of this form, or the setting is fixed. The server itself refuses a name or value that it does not know.
  package init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    let name = String(argument[..<equals])
    // `include` and the like are directives, not settings.
    guard !name.isEmpty, !name.hasPrefix("include"), !Self.fixed.contains(name),
      name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 46 })
    else { return nil }
    self.name = name
    value = String(argument[argument.index(after: equals)...])
  }

  /// Its line in `postgresql.conf`.
  var line: String { "\(name) = \(PostgresQuoting.setting(value))" }
}
