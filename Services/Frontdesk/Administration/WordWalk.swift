import CommandLineTool
import Sealing
import Store

/// Walks over all words of a desk, page by page, and says how far it is.
struct WordWalk {
  /// Pages between two lines about the progress.
  private static let pagesPerLine = 500

  private let store: DeskStore
  private let keys: WordKeys?

  /// - Parameter keys: the key file's; nil to count only.
  init(_ store: DeskStore, _ keys: WordKeys? = nil) {
    self.store = store
    self.keys = keys
  }

  /// The keys of the key file that do not encrypt.
  var otherKeys: [String] { keys.map { keys in keys.names.filter { $0 != keys.sealingKey } } ?? [] }

  /// Counts how all words are stored.
  func countAll() async throws -> WordTally {
    var all = WordTally()
    for table in WordTable.allCases { all.add(try await count(table)) }
    return all
  }

  /// Counts how the words of a table are stored.
  func count(_ table: WordTable) async throws -> WordTally {
    try await walk(table) { try await store.wordKeys.count(after: $0) }
  }

  /// Stores the words of a table as the keys say.
  func reseal(_ table: WordTable, discarding lost: [String]) async throws -> WordTally {
    try await walk(table) { try await store.wordKeys.reseal(after: $0, discarding: lost) }
  }

  /// Counts everything, and makes the desk forget the keys that nothing is encrypted with. A service that still encrypts with one of them
  /// records it again.
  /// - Returns: the texts by key.
  func forgetUnusedKeys() async throws -> [(key: String, texts: Int)] {
    let all = try await countAll()
    let used = all.texts.compactMap { key, texts in key.map { (key: $0, texts: texts) } }.sorted { $0.key < $1.key }
    let sealing = keys?.sealingKey
    let unused = try await store.wordKeys.keys().map(\.name).filter { name in
      name != sealing && !used.contains { $0.key == name }
    }
    try await store.wordKeys.forget(unused)
    return used
  }

  /// The texts of a tally, in words.
  static func texts(_ tally: WordTally) -> String {
    let parts = tally.texts.sorted { ($0.key ?? "") < ($1.key ?? "") }.map { key, texts in
      key.map { "\(texts) with \($0)" } ?? "\(texts) as they are"
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }

  private func walk(
    _ table: WordTable, _ page: (WordCursor) async throws -> (tally: WordTally, next: WordCursor?)
  ) async throws -> WordTally {
    var all = WordTally()
    var cursor: WordCursor? = WordCursor(before: table)
    var pages = 0
    while let place = cursor {
      let (tally, next) = try await page(place)
      all.add(tally)
      cursor = next
      pages += 1
      if pages.isMultiple(of: Self.pagesPerLine) { Terminal.say("\(table.rawValue): \(all.rows) rows so far") }
    }
    return all
  }
}
