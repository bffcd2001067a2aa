package import ArgumentParser
import CommandLineTool
import DeskCore
import DeskSupervisor
import Store
import UseCases

/// Manages the keys of customers' contact data.
package struct ContactsCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "contacts", abstract: "Rotate the keys that customers' contact data is encrypted with.",
    discussion: """
      Names, telephone numbers and mail addresses that channels send as `contact` are encrypted by intake and decrypted only by the \
      console; PostgreSQL and its backups hold no plain text of them. To rotate the key: append a new line to the key file of every intake \
      and console; a second later, move it to the top; then run `reseal`, and remove the keys that it reports as unused.
      """,
    subcommands: [FreshKey.self, ResealContacts.self])
}

/// Re-encrypts all contacts with the newest key.
struct ResealContacts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reseal", abstract: "Re-encrypt contacts that use an older key with the key file's first key.")

  /// Contacts per batch.
  private static let page = 500

  @Option(help: "The key file of intake and console; default: the one of the desk in the folder.")
  var keys: String?

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let path = try keys ?? DeskFolder.contactKeys(in: localFolder())
    let ring: ContactKeys
    do {
      ring = try ContactKeyFile(path: path, flag: keys == nil ? nil : "--keys").current
    } catch {
      throw CommandFailure("\(error)", status: .wrongCall)
    }
    try await desk.withStore { store in
      let resealed = try await ResealContacts.reseal(store, ring)
      Terminal.say("\(resealed) contacts re-encrypted with \(ring.sealing)")
      let used = try await store.privacy.contactKeys()
      for (key, contacts) in used { Terminal.say("\(key): \(contacts) contacts and intercepted replies") }
      for name in ring.names.dropFirst() where !used.contains(where: { $0.key == name }) {
        Terminal.say("\(name) is no longer used and can be removed from the key files")
      }
    }
  }

  private func localFolder() throws -> String {
    _ = try desk.localDesk(elsewhere: "name the key file of intake and console: --keys FILE")
    return desk.folderPath
  }

  /// - Returns: the number of contacts re-encrypted.
  /// - Throws: `CommandFailure` when one cannot be decrypted; those before it stay re-encrypted.
  static func reseal(_ store: DeskStore, _ ring: ContactKeys) async throws -> Int {
    var exchanged = 0
    while true {
      let page = try await store.privacy.contacts(notUnder: ring.sealing, limit: page)
      guard !page.isEmpty else { return exchanged }
      let pairs = try page.map { contact in
        do {
          let text = try ring.open(contact.sealed, of: contact.customer, on: contact.channel)
          return (old: contact, new: try ring.seal(text, of: contact.customer, on: contact.channel))
        } catch let error as ContactSealError {
          throw CommandFailure(
            "a contact of the channel \(contact.channel) with the key \(contact.sealed.key) cannot be re-encrypted: \(error)"
          )
        }
      }
      exchanged += try await store.privacy.exchange(pairs)
    }
  }
}
