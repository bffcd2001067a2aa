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
      let walk = WordWalk(store)
      for key in try await store.wordKeys.keys() {
        Terminal.say("key \(key.name), in use since \(RFC3339.text(key.since))")
      }
      for table in WordTable.allCases {
        let tally = try await walk.count(table)
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

  /// How long services may take to read a changed key file, and how often they are asked.
  private static let takeOverTime: Duration = .seconds(20)
  private static let takeOverPause: Duration = .milliseconds(250)

  @Option(help: "The key file of the services; default: the one of the desk in the folder, or FRONTDESK_WORD_KEYS.")
  var keys: String?

  @Option(
    help:
      "A key that is lost for good: what is encrypted with it becomes empty, which is recorded in the audit. Can be repeated."
  )
  var discard: [String] = []

  @Flag(help: "Discard without confirmation.")
  var yes = false

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let place = keys.map { WordKeyPlace.file($0, flag: "--keys") } ?? desk.defaultWordKeys
    guard let vault = try await place.vault() else {
      throw CommandFailure(
        "there are no word keys", remedy: "name the key file of the services with --keys", status: .wrongCall)
    }
    try await desk.withStore(requestTimeout: .seconds(120), wordKeys: place) { store in
      let walk = WordWalk(store, vault.keys)
      // While a key is lost, no service takes another one over: that is what discarding ends.
      if discard.isEmpty {
        try await checkThatServicesHaveTheKey(vault.keys, store)
      } else {
        try await checkLoss(walk, vault.keys, store)
      }
      try await store.wordKeys.register(vault)
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

  /// A key that no service has would make all of them unable to read what is stored.
  private func checkThatServicesHaveTheKey(_ keys: WordKeys, _ store: DeskStore) async throws {
    guard let key = keys.sealingKey else { return }
    let deadline = ContinuousClock.now + Self.takeOverTime
    var isAnnounced = false
    while try await !store.wordKeys.keys().contains(where: { $0.name == key }) {
      if try await store.fleet.livingInstances().isEmpty { return }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure(
          "no running service encrypts with the key \(key). Nothing was changed.",
          remedy: "give its key file to every service first; they take it over within ten seconds", status: .wrongCall)
      }
      if !isAnnounced { Terminal.say("waiting until a service has taken over the key \(key)") }
      isAnnounced = true
      try await Task.sleep(for: Self.takeOverPause)
    }
  }

  /// Only keys that are lost indeed are discarded, and only when someone has seen how many texts that empties.
  private func checkLoss(_ walk: WordWalk, _ keys: WordKeys, _ store: DeskStore) async throws {
    let lost = try await store.wordKeys.lost(to: keys)
    for name in discard where !lost.contains(name) {
      let problem =
        keys.names.contains(name)
        ? "the key file contains it, so what it encrypts can be read"
        : "nothing of this desk is encrypted with such a key"
      throw CommandFailure(
        "--discard '\(name)': \(problem)",
        remedy: lost.isEmpty
          ? "leave it out: no key is lost" : "the keys that are lost: \(lost.joined(separator: ", "))",
        status: .wrongCall)
    }
    let tally = try await walk.countAll()
    let texts = discard.reduce(0) { $0 + (tally.texts[$1] ?? 0) }
    let question = "\(texts) texts that are encrypted with \(discard.joined(separator: ", ")) become empty for good."
    guard yes || Terminal.canAsk && Terminal.confirm(question) else {
      throw CommandFailure(question + " Nothing was changed.", remedy: "repeat it with --yes", status: .wrongCall)
    }
    for name in discard {
      try await store.audit.note(
        "words.discarded", of: name, detail: .object([.init("texts", .integer(Int64(tally.texts[name] ?? 0)))]))
    }
  }
}
