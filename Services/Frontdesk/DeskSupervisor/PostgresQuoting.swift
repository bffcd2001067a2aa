/// Quotes texts for PostgreSQL by Unicode scalars: a quote followed by a combining mark is still a quote to PostgreSQL.
enum PostgresQuoting {
  /// A value of a connection string (libpq, "Keyword/Value Connection Strings").
  static func keyword(_ text: String) -> String { "'" + escaped(text, ["'": "\\'", "\\": "\\\\"]) + "'" }

  /// A setting that lists folders: each name in double quotes, the whole list in single quotes (`postgresql.conf`).
  static func folderSetting(_ folder: String) -> String {
    let name = "\"" + escaped(folder, ["\"": "\"\""]) + "\""
    return setting(name)
  }

  /// The value of a setting in `postgresql.conf`.
  static func setting(_ value: String) -> String {
    "'" + escaped(value, ["'": "''", "\\": "\\\\", "\n": "\\n", "\r": "\\r"]) + "'"
  }

  private static func escaped(_ text: String, _ escapes: [Unicode.Scalar: String]) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if let escape = escapes[scalar] { result += escape } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }
}
