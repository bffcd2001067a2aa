package import ArgumentParser
import CommandLineTool
import DeskCore
import Sealing
import Store

/// Manages the keys of what people write, and how it is stored.
package struct WordsCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "words", abstract: "Encrypt what people write in the database, and rotate its keys.",
    discussion: """
      Messages, replies, notes, drafts, attributes and answers are encrypted by services with a file of word keys (--word-keys), and \
      stored as they are without one. To begin: give the file to every service, then run `reseal`. To rotate the key: append a new line to \
      every file; ten seconds later, move it to the top; then run `reseal`, and remove the keys that it reports as unused. To end: put the \
      line `plain` at the top of every file, run `reseal`, and remove the files. A lost key is lost text.
      """,
    subcommands: [FreshKey.self, WordStatus.self, ResealWords.self])
}

/// Shows how words are stored.
struct WordStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Count what is encrypted with which key, and what is stored as it is.")

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    try await desk.withStore(requestTimeout: .seconds(120)) { store in
      for key in try await store.wordKeys.keys() {
        Terminal.say("key \(key.name), in use since \(RFC3339.text(key.since))")
      }
      for table in WordTable.allCases {
        let tally = try await WordWalk(store).count(table)
        Terminal.say("\(table.rawValue): \(WordWalk.texts(tally))")
      }
    }
  }
}

/// Stores all words as the key file says.
struct ResealWords: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reseal",
    abstract: "Store all words as the key file says: encrypted with its first key, or as they are.",
    discussion: """
      Runs in batches while the services run. It can be stopped at any time and repeated: what is already stored as the file says is left as it is.
      """)

  @Option(help: "The key file of the services; default: the one of the desk in the folder, or FRONTDESK_WORD_KEYS.")
  var keys: String?

  @Option(help: "A key that is lost for good: what is encrypted with it becomes empty. Can be repeated.")
  var discard: [String] = []

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    try await desk.withStore(requestTimeout: .seconds(120), wordKeys: keys) { store in
      guard let cipher = store.words.cipher else {
        throw CommandFailure(
          "there are no word keys", remedy: "name the key file of the services with --keys", status: .wrongCall)
      }
      try await store.wordKeys.register(cipher)
      let walk = WordWalk(store)
      var all = WordTally()
      for table in WordTable.allCases {
        let tally = try await walk.reseal(table, discarding: discard)
        Terminal.say("\(table.rawValue): \(tally.rows) read, \(tally.changed) rewritten")
        all.add(tally)
      }
      let used = try await walk.forgetUnusedKeys()
      for (key, texts) in used { Terminal.say("\(key): \(texts) texts") }
      if let reason = all.reason, let example = all.example {
        throw CommandFailure(
          "\(all.unreadable) rows cannot be read, such as \(example): \(reason)",
          remedy: "restore the key, or give up what it encrypts with --discard")
      }
      let others = Set(used.map(\.key))
      for name in walk.otherKeys where !others.contains(name) {
        Terminal.say("\(name) is no longer used and can be removed from the key files")
      }
    }
  }
}
