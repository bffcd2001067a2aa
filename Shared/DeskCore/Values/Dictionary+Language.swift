extension Dictionary where Key == String {
  /// The entry for a message's language (`zh-Hans`, else `zh`); otherwise the first by name.
  func entry(forLanguage language: String) -> Value? {
    self[language] ?? self[String(language.prefix { $0 != "-" })] ?? self.min { $0.key < $1.key }?.value
  }
}
