/// The cookies of a request (RFC 6265, section 4.2).
enum RequestCookies {
  /// Returns the values of all cookies with a name, in order.
  /// - Parameter fields: the values of the `Cookie` header fields.
  static func values(named name: String, in fields: [String]) -> [String] {
    fields.flatMap { field in
      field.utf8.split(separator: UInt8(ascii: ";")).compactMap { pair -> String? in
        guard let text = String(pair) else { return nil }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].drop(while: { $0 == " " }).utf8.elementsEqual(name.utf8) else { return nil }
        return String(parts[1])
      }
    }
  }
}
