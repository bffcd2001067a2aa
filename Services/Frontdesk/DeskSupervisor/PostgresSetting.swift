import ArgumentParser

/// A setting of the desk's own PostgreSQL, as on the command line of `up`: `shared_buffers=1GB`.
package struct PostgresSetting: Sendable, Equatable, ExpressibleByArgument {
  let name: String
  let value: String

  /// Nil when the text is not of this form. The server itself refuses a name or value that it does not know.
  package init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    let name = argument[..<equals]
    // `include` and the like are directives, not settings.
    guard !name.isEmpty, !name.hasPrefix("include"),
      name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 46 })
    else { return nil }
    self.name = String(name)
    value = String(argument[argument.index(after: equals)...])
  }

  /// Its line in `postgresql.conf`.
  var line: String { "\(name) = \(PostgresQuoting.setting(value))" }
}
