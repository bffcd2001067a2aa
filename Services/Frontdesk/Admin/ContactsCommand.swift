import ArgumentParser
import DeskCore
import ServiceKit
import Store

/// The keys of customers' contact data.
struct ContactsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contacts", abstract: "Change the keys that customers' contact data is sealed with.",
    discussion: """
      Names, telephone numbers and mail addresses that channels send as `contact` are sealed by intake and opened by the console only; \
      PostgreSQL and its backups hold no word of them. To change the key: put a fresh line at the end of the key file of every intake and \
      console; a second later, move it to the top; then run `reseal`, and take out the keys that it calls needless.
      """,
    subcommands: [FreshContactKey.self, ResealContacts.self])
}

/// Prints a line for a key file.
struct FreshContactKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Print a line with a fresh key for the key file.")

  @Option(help: "What the key is called; say, the month it was made in.")
  var name: String

  func validate() throws {
    do {
      _ = try ContactKeys(text: ContactKeys.freshLine(name: name))
    } catch {
      throw ValidationError("--name '\(name)' cannot stand in a key file; write plain ASCII without spaces")
    }
  }

  func run() { Terminal.say(ContactKeys.freshLine(name: name)) }
}

/// Seals all contacts under the newest key.
struct ResealContacts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reseal", abstract: "Seal every contact that lies under an older key under the first of the key file.")

  /// Contacts that are read and written at once.
  private static let page = 500

  @Option(help: "The key file of intake and console; default: that of the desk in the folder.")
  var keys: String?

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let path = try keys ?? DeskFolder.contactKeys(in: localFolder())
    let ring: ContactKeys
    do {
      ring = try ContactKeyFile(path: path).current
    } catch {
      throw CommandFailure("\(error)", status: .wrongCall)
    }
    try await desk.withStore { store in
      let resealed = try await ResealContacts.reseal(store, ring)
      Terminal.say("\(resealed) contacts sealed anew under \(ring.sealing)")
      let used = try await store.contactKeys()
      for (key, contacts) in used { Terminal.say("\(key): \(contacts) contacts") }
      for name in ring.names.dropFirst() where !used.contains(where: { $0.key == name }) {
        Terminal.say("\(name) seals nothing any more and may go from the key files")
      }
    }
  }

  private func localFolder() throws -> String {
    _ = try desk.localDesk()
    return desk.folderPath
  }

  /// - Returns: how many were exchanged.
  /// - Throws: `CommandFailure` when one cannot be opened; those before it stay sealed anew.
  static func reseal(_ store: DeskStore, _ ring: ContactKeys) async throws -> Int {
    var exchanged = 0
    while true {
      let page = try await store.contacts(notUnder: ring.sealing, limit: page)
      guard !page.isEmpty else { return exchanged }
      let pairs = try page.map { contact in
        do {
          let text = try ring.open(contact.sealed, of: contact.customer, on: contact.channel)
          return (old: contact, new: try ring.seal(text, of: contact.customer, on: contact.channel))
        } catch let error as ContactSealError {
          throw CommandFailure(
            "a contact of the channel \(contact.channel) under the key \(contact.sealed.key) cannot be sealed anew: \(error)"
          )
        }
      }
      exchanged += try await store.exchange(pairs)
    }
  }
}
